"""Nothing that screens, providers and other systems send breaks an address of theirs."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.api.site import api
from kiosk.models import Screen
from kiosk.requests import COOKIE
from notifications.providers.seven import conf as seven_conf
from notifications.providers.seven.webhooks import signature as seven_signature
from notifications.providers.twilio import conf as twilio_conf
from tests.addresses import PATTERNS, STREAMS, WITHOUT_CSRF, World, make_world
from tests.api.caller import ROOT, Caller, make_key
from tests.factories import TUESDAY
from tests.junk import bodies, junk, scalars, values
from tests.notifications.conftest import SENDER
from tests.notifications.fake_twilio import TOKEN
from tests.notifications.fake_twilio import signature as twilio_signature
from tests.test_junk import SCREENS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

some = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def world() -> World:
    world = make_world()
    world.commune.sender = SENDER
    world.commune.save()
    return world


# ---- screens ---------------------------------------------------------------------------------------


@pytest.fixture
def screen(world: World) -> Client:
    token = Screen.new_token()
    Screen.objects.filter(pk=world.rows["screen"].pk).update(token_hash=Screen.hash(token))
    client = Client()
    client.cookies[COOKIE] = token
    return client


FIELDS = ["who", "number", "undo", "booking", "phone", "start", "with", "face", "lang", "back", "code"]


@some
@given(
    name=st.sampled_from(sorted(SCREENS - STREAMS)),
    sent=st.dictionaries(st.sampled_from(FIELDS), junk, max_size=4),
    as_post=st.booleans(),
)
def test_junk_never_breaks_a_page_of_a_screen(
    world: World, screen: Client, name: str, sent: dict[str, str], as_post: bool
) -> None:
    address = world.address(name)
    response = screen.post(address, sent) if as_post else screen.get(address, sent)
    assert response.status_code < 500


arrivals = st.lists(
    st.one_of(
        scalars,
        st.dictionaries(st.sampled_from(["key", "who", "number", "at", "undone"]), values),
        st.fixed_dictionaries({"key": scalars, "at": scalars}, optional={"number": scalars, "who": scalars}),
        st.fixed_dictionaries({"key": scalars, "at": st.just(TUESDAY.timestamp() * 1000), "number": scalars}),
    ),
    max_size=3,
)


@some
@given(body=st.one_of(bodies, arrivals.map(json.dumps)), as_form=st.booleans())
def test_junk_never_breaks_the_arrivals_that_a_screen_kept(screen: Client, body: str, as_form: bool) -> None:
    kind = "multipart/form-data; boundary=x" if as_form else "application/json"
    assert screen.post(reverse("screen-arrivals"), body, content_type=kind).status_code < 500


# ---- providers -------------------------------------------------------------------------------------

BASE = "https://permanence.example"
TWILIO_FIELDS = """
    AnsweredBy Body CallSid CallStatus DialCallStatus Digits ErrorCode From MessageSid MessageStatus
    OptOutType SipResponseCode To
""".split()  # noqa: SIM905 one word each, easier to read so
IN_ADDRESS = ["dit", "etape", "fois"]
meant = st.fixed_dictionaries(
    {"To": st.just(SENDER), "From": st.one_of(junk, st.just("+33639980099"))},
    optional=dict.fromkeys(
        sorted({*TWILIO_FIELDS} - {"To", "From"}),
        st.one_of(junk, st.sampled_from(["failed", "delivered", "1"])),
    ),
)


@some
@given(
    name=st.sampled_from(sorted(name for name in WITHOUT_CSRF if name.startswith("twilio"))),
    sent=st.one_of(meant, st.dictionaries(st.sampled_from(TWILIO_FIELDS), junk, max_size=5)),
    asked=st.dictionaries(st.sampled_from(IN_ADDRESS), junk, max_size=1),
)
def test_junk_never_breaks_a_webhook_of_twilio(
    world: World,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    sent: dict[str, str],
    asked: dict[str, str],
) -> None:
    settings.PUBLIC_BASE_URL = BASE
    monkeypatch.setattr(twilio_conf, "AUTH_TOKEN", TOKEN)
    address = reverse(
        name, args=[world.rows["message"].pk] * len(PATTERNS[name].pattern.converters), query=asked
    )
    headers = {"X-Twilio-Signature": twilio_signature(BASE + address, sent)}
    response = Client().post(address, sent, headers=headers)
    assert response.status_code < 500
    assert "%00" in address or response.status_code != 403, "signed, and read"


event = st.fixed_dictionaries(
    {
        "webhook_event": st.sampled_from(["dlr", "sms_mo"]),
        "data": st.dictionaries(
            st.sampled_from(["status", "msg_id", "foreign_id", "system", "sender", "id", "text"]),
            st.one_of(values, st.sampled_from([SENDER, "+33639980099", "DELIVERED", "SM1"])),
        ),
    }
)


@some
@given(
    name=st.sampled_from(["seven-status", "seven-inbound-text"]),
    body=st.one_of(bodies, event.map(json.dumps), values.map(json.dumps)),
    nonce=st.integers(),
)
def test_junk_never_breaks_a_webhook_of_seven(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch, name: str, body: str, nonce: int
) -> None:
    settings.PUBLIC_BASE_URL = BASE
    monkeypatch.setattr(seven_conf, "SIGNING_KEY", "secret")
    address, stamp = reverse(name), str(int(TUESDAY.timestamp()))
    signed = seven_signature(
        "secret", stamp=stamp, nonce=str(nonce), method="POST", url=BASE + address, body=body.encode()
    )
    headers = {"X-Timestamp": stamp, "X-Nonce": str(nonce), "X-Signature": signed}
    answer = Client().post(address, body.encode(), content_type="application/json", headers=headers)
    assert answer.status_code < 500 or answer.status_code == 503, "503: seven is to ask again"


# ---- other systems ---------------------------------------------------------------------------------

OPERATIONS = [
    (method, path) for path, methods in api.get_openapi_schema()["paths"].items() for method in methods
]
ASKED = ["service", "site", "from", "weeks", "days", "party_size", "with_helper", "moving"]
asked_body = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(
            ["service", "site", "start", "with_helper", "party_size", "note", "resident", "allow_overlap"],
            values,
        ),
        "resident": st.dictionaries(st.sampled_from(["first_name", "last_name", "phone", "email"]), values),
    },
)


@some
@given(
    operation=st.sampled_from(OPERATIONS),
    asked=st.dictionaries(st.sampled_from(ASKED), junk, max_size=3),
    body=st.one_of(bodies, asked_body.map(json.dumps), values.map(json.dumps)),
    kind=st.sampled_from(["application/json", "multipart/form-data; boundary=x", "text/plain"]),
    word=st.one_of(junk, st.sampled_from(["123456%00", "%00"])),
)
def test_junk_never_breaks_the_api(
    world: World, operation: tuple[str, str], asked: dict[str, str], body: str, kind: str, word: str
) -> None:
    cache.clear()
    caller = Caller(make_key(world.commune))
    method, path = operation
    path = path.replace("{id}", str(world.rows["appointment"].pk)).replace("{number}", word or "0")
    if method == "get":
        response = caller.get(path.removeprefix(ROOT), **asked)
    else:
        response = caller.client.post(path, body.encode(), content_type=kind, headers=caller.headers)
    assert response.status_code < 500
