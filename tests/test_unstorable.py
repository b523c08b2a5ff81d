"""What no database stores, and what is too large or too deep, is refused: nothing answers 500."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.models import Appointment
from communes.models import Cabin, Commune, Service, Site
from kiosk.models import Screen
from kiosk.requests import COOKIE
from notifications.models import InboundMessage
from notifications.providers.twilio import conf
from tests.api.caller import Caller, booking, make_key, problem
from tests.factories import TUESDAY
from tests.notifications.fake_twilio import TOKEN, signature

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

BASE = "https://permanence.example"
LINE = "+33199000010"


@pytest.fixture
def caller(commune: Commune, site: Site, cabin: Cabin) -> Caller:
    cache.clear()
    return Caller(make_key(commune))


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the log's own handler writes."""
    (handler,) = [each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler]
    lines = io.StringIO()
    before = handler.setStream(lines)
    yield lines
    handler.setStream(before)


# ---- the character with the code zero ----------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["/invitation/a%00b/", "/agendas/a%00b.ics", "/static/a%00b.css", "/%00", "/connexion/?next=%00"],
)
def test_an_address_with_nul_is_refused(client: Client, db: None, address: str) -> None:
    assert client.get(address).status_code == 400


def test_a_session_cookie_with_nul_is_refused(client: Client, db: None) -> None:
    client.cookies["sessionid"] = "a\0" * 16
    assert client.get("/").status_code == 400


def test_a_form_with_nul_changes_nothing_and_is_answered_with_a_page(client: Client, alice: Agent) -> None:
    client.force_login(alice)
    response = client.post(reverse("account"), {"first_name": "A\0"})
    assert response.status_code == 400
    assert "Rien n’est modifié" in response.content.decode()
    alice.refresh_from_db()
    assert alice.first_name == "Alice"


@pytest.mark.parametrize(
    "send",
    [
        lambda client: client.get("/%00"),
        lambda client: client.get("/connexion/?next=%00"),
        lambda client: client.get("/static/a%00b.css"),
        lambda client: client.post("/connexion/", {"username": "A\0"}),
        lambda client: client.post("/connexion/", b"--", content_type="multipart/form-data; boundary="),
        lambda client: client.post("/connexion/", b"x", content_type="multipart/form-data; boundary=\xe9"),
        lambda client: client.post("/connexion/", {f"f{n}": "" for n in range(2000)}),
    ],
    ids=["path", "query", "file", "field", "no boundary", "bad boundary", "many fields"],
)
def test_what_is_refused_is_one_line_of_the_log_without_a_traceback(send: Any, written: io.StringIO) -> None:
    client = Client(enforce_csrf_checks=False, raise_request_exception=False)
    assert send(client).status_code == 400
    lines = written.getvalue().splitlines()
    assert len(lines) == 1, lines
    assert " WARNING " in lines[0] or " ERROR " in lines[0]


@pytest.mark.parametrize("path", ["/appointments/by-number/12345%00", "/%00", "/sites?x=%00"])
def test_an_address_of_the_api_with_nul_is_refused_in_its_own_shape(caller: Caller, path: str) -> None:
    assert problem(caller.get(path)) == (400, "malformed")


# ---- too large -----------------------------------------------------------------------------------------


def test_a_body_of_more_than_a_mebibyte_is_too_large_for_the_api(
    caller: Caller, service: Service, site: Site
) -> None:
    body = booking(service, site, note="x" * 1024 * 1024)
    assert problem(caller.post("/appointments", body)) == (413, "too_large")
    assert not Appointment.objects.exists()


# ---- screens ---------------------------------------------------------------------------------------------


@pytest.fixture
def screen(site: Site) -> Client:
    token, client = Screen.new_token(), Client()
    Screen.objects.create(site=site, name="Borne", token_hash=Screen.hash(token), paired_at=TUESDAY)
    client.cookies[COOKIE] = token
    return client


def tell(screen: Client, body: Any) -> Any:
    raw = body if isinstance(body, str) else json.dumps(body)
    return screen.post(reverse("screen-arrivals"), raw, content_type="application/json")


@pytest.mark.parametrize("at", [1e20, -1e20, 1e300, float("inf"), float("nan"), 10**30])
def test_an_arrival_at_an_instant_that_no_clock_shows_is_dropped(screen: Client, at: float) -> None:
    response = tell(screen, [{"key": "k", "at": at, "number": "123456"}])
    assert (response.status_code, response.json()) == (200, {"k": "unreadable"})


@pytest.mark.parametrize("number", ["12345\0", "12345\ud83d", "x" * 5000], ids=["nul", "half", "long"])
def test_an_arrival_with_a_number_that_is_none_is_not_known(screen: Client, number: str) -> None:
    response = tell(screen, [{"key": "k", "at": TUESDAY.timestamp() * 1000, "number": number}])
    assert (response.status_code, response.json()) == (200, {"k": "appointment_number_unknown"})


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000], ids=["lists", "objects"])
def test_arrivals_nested_without_end_are_refused(screen: Client, body: str) -> None:
    assert tell(screen, body).status_code == 422


# ---- providers -------------------------------------------------------------------------------------------


@pytest.fixture
def line(commune: Commune, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUBLIC_BASE_URL = BASE
    monkeypatch.setattr(conf, "AUTH_TOKEN", TOKEN)
    commune.sender = LINE
    commune.save()


def call(name: str, **sent: str) -> int:
    address = reverse(name)
    headers = {"X-Twilio-Signature": signature(BASE + address, sent)}
    return Client().post(address, sent, headers=headers).status_code


@pytest.mark.usefixtures("line")
def test_a_long_name_of_a_call_or_a_message_is_kept_as_far_as_it_fits() -> None:
    assert call("twilio-inbound-call", To=LINE, From="+33639980099", CallSid="C" * 5000) == 200
    assert call("twilio-inbound-text", To=LINE, From="+33639980099", MessageSid="S" * 5000, Body="?") == 200
    assert {each.provider_id for each in InboundMessage.objects.all()} == {"C" * 64, "S" * 64}


@pytest.mark.usefixtures("line")
def test_who_calls_from_an_internet_phone_is_taken_as_hidden() -> None:
    sip = "sip:quelquun@telephone.example"
    assert call("twilio-inbound-call", To=LINE, From=sip, CallSid="CA1") == 200
    assert InboundMessage.objects.get().sender == ""


@pytest.mark.usefixtures("line")
def test_a_text_message_with_nul_is_read_without_it() -> None:
    assert (
        call("twilio-inbound-text", To=LINE, From="+33639980099\0", MessageSid="S\0M1", Body="S\0TOP") == 200
    )
    text = InboundMessage.objects.get()
    assert (text.provider_id, text.sender, text.text) == ("SM1", "+33639980099", "STOP")
