"""Every address of the product, walked by those who have no business there.

A new address must be entered here: who may open it, and which row of the world its number is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.enums import AbsenceKind, Role
from agents.models import Absence, AbsenceRequest, Agent, Invitation, Membership, ShiftPattern
from booking.enums import Status
from booking.models import Appointment, WaitingEntry
from communes.enums import ClosureReason
from communes.models import Closure, Commune
from kiosk.models import HelpCall, Screen
from notifications.enums import Channel, Kind
from notifications.models import Message
from planning.models import ExternalCalendar
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_resident,
    make_service,
    make_shift,
    make_site,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

DESK, HELPER, MANAGER = Role.DESK, Role.HELPER, Role.MANAGER
ALL = frozenset(Role)
OFFICE = frozenset({DESK, MANAGER})


@dataclass(frozen=True)
class Page:
    """Who may open it; `row`: whose number stands in its address; `args`: words that stand there."""

    roles: frozenset[Role]
    row: str = ""
    args: tuple[str, ...] = ()


PAGES = {
    "home": Page(ALL),
    "logout": Page(ALL),
    "password-change": Page(ALL),
    "account": Page(ALL),
    "switch-commune": Page(ALL),
    "team": Page(ALL),
    "team-month": Page(ALL),
    "shift-new": Page(frozenset({MANAGER})),
    "shift-edit": Page(frozenset({MANAGER}), "shift"),
    "shift-move": Page(frozenset({MANAGER}), "shift"),
    "replacements": Page(OFFICE),
    "feeds": Page(ALL),
    "feed-own": Page(frozenset({HELPER})),
    "feed-site": Page(OFFICE, "site"),
    "calendar-add": Page(frozenset({HELPER})),
    "calendar-forget": Page(frozenset({HELPER}), "calendar"),
    "patterns": Page(ALL),
    "pattern-new": Page(frozenset({MANAGER})),
    "pattern-edit": Page(frozenset({MANAGER}), "pattern"),
    "patterns-publish": Page(frozenset({MANAGER})),
    "week-copy": Page(frozenset({MANAGER})),
    "team-undo": Page(frozenset({MANAGER})),
    "shift-delete": Page(frozenset({MANAGER}), "shift"),
    "absence-new": Page(frozenset({MANAGER})),
    "absence-delete": Page(frozenset({MANAGER}), "absence"),
    "my-absences": Page(frozenset({HELPER, MANAGER})),
    "absence-ask": Page(frozenset({HELPER})),
    "absence-answer": Page(frozenset({MANAGER}), "request"),
    "absence-withdraw": Page(frozenset({HELPER}), "request"),
    "accounts": Page(frozenset({MANAGER})),
    "account-new": Page(frozenset({MANAGER})),
    "account-edit": Page(frozenset({MANAGER}), "membership"),
    "account-password": Page(frozenset({MANAGER}), "membership"),
    "account-leave": Page(frozenset({MANAGER}), "membership"),
    "other-sessions": Page(ALL),
    "invitation-new": Page(frozenset({MANAGER})),
    "invitation-withdraw": Page(frozenset({MANAGER}), "invitation"),
    "sick-today": Page(frozenset({MANAGER}), "helper"),
    "places": Page(ALL),
    "cabin-order": Page(OFFICE, "cabin"),
    "hours-edit": Page(frozenset({MANAGER}), "site"),
    "hours-preview": Page(frozenset({MANAGER})),
    "closure-new": Page(frozenset({MANAGER}), "site"),
    "replacements-notice": Page(OFFICE),
    "absence-impact": Page(frozenset({MANAGER})),
    "request-impact": Page(frozenset({MANAGER}), "request"),
    "shift-impact": Page(frozenset({MANAGER}), "shift"),
    "closure-impact": Page(frozenset({MANAGER}), "site"),
    "hours-impact": Page(frozenset({MANAGER}), "site"),
    "cabin-impact": Page(OFFICE, "cabin"),
    "closure-lift": Page(frozenset({MANAGER}), "closure"),
    "commune-edit": Page(frozenset({MANAGER})),
    "services": Page(ALL),
    "service-edit": Page(frozenset({MANAGER}), "service"),
    "desk": Page(ALL),
    "desk-search": Page(ALL),
    "desk-hold": Page(ALL),
    "desk-confirm": Page(ALL),
    "desk-next-free": Page(ALL),
    "desk-move": Page(ALL, "appointment"),
    "appointment": Page(ALL, "appointment"),
    "slip": Page(ALL, "appointment"),
    "appointment-cancel": Page(ALL, "appointment"),
    "appointment-restore": Page(ALL, "appointment"),
    "appointment-confirm": Page(ALL, "appointment"),
    "appointment-check-in": Page(ALL, "appointment"),
    "appointment-undo-check-in": Page(ALL, "appointment"),
    "appointment-undo-start": Page(ALL, "appointment"),
    "appointment-end": Page(ALL, "appointment"),
    "appointment-undo-end": Page(ALL, "appointment"),
    "appointment-came": Page(ALL, "appointment"),
    "appointment-undo-came": Page(ALL, "appointment"),
    "appointment-no-show": Page(ALL, "appointment"),
    "appointment-undo-no-show": Page(ALL, "appointment"),
    "resident-create": Page(ALL),
    "resident": Page(OFFICE, "resident"),
    "resident-duplicates": Page(OFFICE, "resident"),
    "resident-merge": Page(OFFICE, "resident"),
    "today": Page(OFFICE),
    "today-list": Page(OFFICE),
    "place": Page(OFFICE),
    "place-search": Page(OFFICE),
    "place-new": Page(OFFICE),
    "place-begin": Page(OFFICE),
    "helper-late": Page(OFFICE),
    "helper-here": Page(OFFICE),
    "waiting-list": Page(OFFICE),
    "waiting-join": Page(OFFICE),
    "waiting-accept": Page(OFFICE, "waiting"),
    "waiting-decline": Page(OFFICE, "waiting"),
    "waiting-leave": Page(OFFICE, "waiting"),
    "my-day": Page(frozenset({HELPER})),
    "my-week": Page(frozenset({HELPER})),
    "my-day-worker": Page(frozenset({HELPER})),
    "my-day-late": Page(frozenset({HELPER})),
    "my-day-here": Page(frozenset({HELPER})),
    "my-day-note": Page(frozenset({HELPER}), "appointment"),
    "my-day-check-in": Page(frozenset({HELPER}), "appointment"),
    "my-day-undo-check-in": Page(frozenset({HELPER}), "appointment"),
    "my-day-start": Page(frozenset({HELPER}), "appointment"),
    "my-day-undo-start": Page(frozenset({HELPER}), "appointment"),
    "my-day-extend": Page(frozenset({HELPER}), "appointment"),
    "my-day-end": Page(frozenset({HELPER}), "appointment"),
    "my-day-undo-end": Page(frozenset({HELPER}), "appointment"),
    "my-day-no-show": Page(frozenset({HELPER}), "appointment"),
    "my-day-undo-no-show": Page(frozenset({HELPER}), "appointment"),
    "my-day-follow-up": Page(frozenset({HELPER}), "appointment"),
    "screens": Page(OFFICE),
    "screen-edit": Page(OFFICE, "screen"),
    "screen-revoke": Page(OFFICE, "screen"),
    "help-calls": Page(ALL),
    "help-call-answer": Page(ALL, "help_call"),
    "message-preview": Page(ALL),
    "appointment-messages": Page(ALL, "appointment"),
    "resident-messages": Page(OFFICE, "resident"),
    "message-settings": Page(frozenset({MANAGER})),
    "sender-check": Page(frozenset({MANAGER})),
    "message-texts": Page(frozenset({MANAGER})),
    "message-text": Page(frozenset({MANAGER}), args=("confirmation", "fr")),
    "message-text-reset": Page(frozenset({MANAGER}), args=("confirmation", "fr")),
    "delivery-rates": Page(frozenset({MANAGER})),
    "provider-alarm": Page(frozenset({MANAGER})),
    "call-list": Page(OFFICE),
    "call-list-count": Page(OFFICE),
    "call-outcome": Page(OFFICE, "message"),
    "simulator": Page(ALL),
    "simulator-reply": Page(ALL),
    "simulator-call": Page(ALL, "message"),
    "simulator-dial": Page(ALL),
    "sites-stream": Page(ALL),
    "sites-state": Page(ALL),
}
"""Pages of agents."""

OPEN = {
    "login": "where one logs in",
    "password-forgotten": "where one asks for a new password; says nothing about anyone",
    "password-reset-confirm": "a link in a mail is its own key",
    "address-confirm": "a link in a mail is its own key",
    "invitation": "a link that was sent is its own key",
    "calendar": "a feed has a secret address",
    "health": "for the supervision of the machine",
    **dict.fromkeys(
        (
            "screen",
            "screen-pairing",
            "screen-board",
            "screen-stream",
            "screen-arrival",
            "screen-arrival-confirm",
            "screen-arrival-number",
            "screen-arrival-undo",
            "screen-arrivals",
            "screen-help",
            "screen-help-end",
            "screen-walk-in",
            "screen-walk-in-service",
            "screen-walk-in-book",
            "screen-text-number",
            "screen-session-end",
            "screen-session-extend",
            "screen-face",
            "screen-languages",
            "screen-worker",
            "screen-manifest",
        ),
        "a screen shows its own token",
    ),
}
"""Addresses without a login, and why."""

WITHOUT_CSRF = dict.fromkeys(
    (
        "twilio-status",
        "twilio-inbound-text",
        "twilio-call",
        "twilio-call-key",
        "twilio-call-end",
        "twilio-call-status",
        "twilio-inbound-call",
        "twilio-inbound-key",
        "twilio-inbound-answer",
        "twilio-inbound-end",
        "twilio-inbound-desk",
    ),
    "signed by the provider",
)
"""Addresses that take a POST from machines, and how they know who calls."""

STREAMS = {"sites-stream", "screen-stream"}
"""They give back their database connection, which is that of the test: tests/kiosk has theirs."""

SECRETS = ("Zébulonne", "Quatrevingt", "Xénophonte", "Introuvable", "Démarche cachée", "39980099")
"""What the world below holds, and nobody else may read."""


@dataclass
class World:
    commune: Commune
    rows: dict[str, Any]

    def address(self, name: str) -> str:
        page = PAGES.get(name)
        row = self.rows[page.row] if page and page.row else self.rows["service"]
        if page and page.args:
            return reverse(name, args=page.args)
        pattern = PATTERNS[name]
        return reverse(name, args=[row.pk] * len(pattern.pattern.converters))


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    """All addresses but those of the API, which has its own tests (tests/api) and its own keys."""
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            yield each
        elif each.namespace != "api":
            yield from patterns(each)


PATTERNS = {str(each.name): each for each in patterns(get_resolver()) if each.name}
WALKED = sorted(name for name in PATTERNS if name in PAGES)


@pytest.fixture
def world() -> World:
    commune = make_commune()
    site = make_site(commune, name="Maison Introuvable", short_name="Introuvable")
    cabin = make_cabin(site)
    service = make_service(commune, name="Démarche cachée")
    helper = make_agent(commune, Role.HELPER, first_name="Xénophonte", skills=[service])
    resident = make_resident(commune, "+33639980099", first_name="Zébulonne", last_name="Quatrevingt")
    closure = Closure.objects.create(
        site=site, starts_at=at(9, day=27), ends_at=at(12, day=27), reason=ClosureReason.EVENT
    )
    absence = Absence.objects.create(
        agent=helper,
        commune=commune,
        starts_at=at(9, day=26),
        ends_at=at(12, day=26),
        kind=AbsenceKind.SICK,
    )
    screen = Screen.objects.create(
        site=site, cabin=cabin, name="Écran", token_hash="0" * 64, paired_at=TUESDAY
    )
    return World(
        commune,
        {
            "site": site,
            "cabin": cabin,
            "service": service,
            "helper": helper,
            "resident": resident,
            "closure": closure,
            "absence": absence,
            "screen": screen,
            "shift": make_shift(helper, site, at(9), at(12)),
            "appointment": make_appointment(cabin, service, at(10, 30), helper=helper, resident=resident),
            "waiting": WaitingEntry.objects.create(
                commune=commune,
                resident=resident,
                service=service,
                until_on=date(2026, 12, 24),
                joined_at=TUESDAY,
            ),
            "membership": Membership.objects.get(agent=helper),
            "invitation": Invitation.objects.create(
                commune=commune, is_helper=True, token_hash="1" * 64, expires_at=at(9, day=30)
            ),
            "calendar": ExternalCalendar.objects.create(agent=helper, created_at=TUESDAY),
            "request": AbsenceRequest.objects.create(
                agent=helper,
                commune=commune,
                starts_at=at(0, day=28),
                ends_at=at(0, day=29),
                asked_at=TUESDAY,
            ),
            "pattern": ShiftPattern.objects.create(
                agent=helper,
                site=site,
                weekdays=[4],
                starts=time(9),
                ends=time(12),
                anchor_on=TUESDAY.date(),
                from_on=TUESDAY.date(),
            ),
            "message": Message.objects.create(
                commune=commune,
                resident=resident,
                cause="event:1",
                recipient=f"resident:{resident.pk}",
                kind=Kind.REMINDER,
                channel=Channel.DESK,
                text="Zébulonne Quatrevingt",
                due_at=TUESDAY,
                expires_at=at(10, day=25),
                created_at=TUESDAY,
            ),
            "help_call": HelpCall.objects.create(commune=commune, site=site, cabin=cabin, called_at=TUESDAY),
        },
    )


def told(response: Any) -> str:
    return response.content.decode(errors="replace")


def both(client: Client, address: str) -> Iterator[Any]:
    for method in (client.get, client.post):
        yield method(address)


def test_every_address_is_entered_here() -> None:
    unknown = {
        name for name in PATTERNS if name not in PAGES and name not in OPEN and name not in WITHOUT_CSRF
    }
    assert not unknown, "say in tests/test_access.py who may open these"
    nameless = [str(each.pattern) for each in patterns(get_resolver()) if not each.name]
    assert nameless == ["^api/v1/(?P<rest>.*)$"]


def test_only_what_is_listed_opens_without_a_login() -> None:
    found = {name for name, each in PATTERNS.items() if not getattr(each.callback, "login_required", True)}
    assert found <= OPEN.keys() | WITHOUT_CSRF.keys()


def test_only_what_is_listed_takes_a_post_from_a_machine() -> None:
    found = {name for name, each in PATTERNS.items() if getattr(each.callback, "csrf_exempt", False)}
    assert found <= WITHOUT_CSRF.keys()


WITHOUT_STREAMS = [name for name in WALKED if name not in STREAMS]


@contextmanager
def left_as_it_was() -> Iterator[None]:
    """What is done to the world inside is taken back: the next address finds all of it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def logged_in(agent: Agent, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(agent)
    return client


def test_a_stranger_is_sent_to_the_login(client: Client, world: World, subtests: pytest.Subtests) -> None:
    for name in WALKED:
        with subtests.test(name), left_as_it_was():
            for response in both(client, world.address(name)):
                assert response.status_code == 302
                assert response["Location"].startswith("/connexion/?next=")


def test_what_is_open_tells_a_stranger_nothing(
    client: Client, world: World, subtests: pytest.Subtests
) -> None:
    for name in sorted(PATTERNS.keys() & (OPEN.keys() | WITHOUT_CSRF.keys()) - STREAMS):
        with subtests.test(name), left_as_it_was():
            for response in both(client, world.address(name)):
                assert response.status_code < 500 or name == "health"
                assert not [secret for secret in SECRETS if secret in told(response)]


def test_an_agent_of_another_commune_finds_nothing(
    world: World, charlie: Agent, subtests: pytest.Subtests
) -> None:
    for name in WITHOUT_STREAMS:
        with subtests.test(name), left_as_it_was():
            for response in both(logged_in(charlie), world.address(name)):
                if PAGES[name].row:
                    assert response.status_code in {404, 405}
                assert not [secret for secret in SECRETS if secret in told(response)]
            assert unchanged(world)


def test_a_call_that_the_provider_has_not_signed_is_refused(
    client: Client, world: World, subtests: pytest.Subtests
) -> None:
    for name in sorted(WITHOUT_CSRF.keys() & PATTERNS.keys()):
        with subtests.test(name), left_as_it_was():
            assert client.post(world.address(name)).status_code in {403, 404}
            assert unchanged(world)


def unchanged(world: World) -> bool:
    """Every row is still there, and the visit still stands."""
    return all(type(row).objects.filter(pk=row.pk).exists() for row in world.rows.values()) and (
        Appointment.objects.get(pk=world.rows["appointment"].pk).status == Status.BOOKED
    )


@pytest.mark.parametrize("role", sorted(Role))
def test_each_role_opens_its_own_pages_only(world: World, role: Role, subtests: pytest.Subtests) -> None:
    agent = someone(world, role)
    for name in WITHOUT_STREAMS:
        with subtests.test(name), left_as_it_was():
            got, posted = both(logged_in(agent), world.address(name))
            if role in PAGES[name].roles:
                # A 404 would be a page that needs a question in its address.
                assert got.status_code in {200, 204, 302, 405} or name in NEEDS_A_QUESTION
            else:
                assert got.status_code in {404, 405}
                assert posted.status_code in {404, 405}
                assert unchanged(world)


NEEDS_A_QUESTION = {"message-preview", "waiting-join"}


def someone(world: World, role: Role) -> Agent:
    """An agent with this role alone; as a helper, the one whose visit it is."""
    if role == Role.HELPER:
        helper: Agent = world.rows["helper"]
        return helper
    return make_agent(world.commune, role)


DESK_WORK = {"desk-move", "appointment-messages"}
"""What a helper who books for a resident at hand may do with any appointment of the commune."""


def test_a_helper_does_not_reach_the_visits_of_a_colleague(world: World, subtests: pytest.Subtests) -> None:
    colleague = make_agent(world.commune, Role.HELPER)
    for name in WALKED:
        page = PAGES[name]
        if page.row != "appointment" or HELPER not in page.roles or name in DESK_WORK:
            continue
        with subtests.test(name), left_as_it_was():
            for response in both(logged_in(colleague), world.address(name)):
                assert response.status_code in {404, 405}
            assert unchanged(world)


def test_nothing_is_changed_by_a_form_from_another_site(world: World, subtests: pytest.Subtests) -> None:
    agent = make_agent(world.commune, *Role)
    for name in WALKED:
        with subtests.test(name), left_as_it_was():
            client = logged_in(agent, enforce_csrf_checks=True)
            assert client.post(world.address(name)).status_code == 403
            assert unchanged(world)


def test_an_agent_without_a_commune_sees_no_page(world: World, subtests: pytest.Subtests) -> None:
    helper = world.rows["helper"]
    Membership.objects.filter(agent=helper).delete()
    of_others = [secret for secret in SECRETS if secret != helper.first_name]
    for name in WITHOUT_STREAMS:
        if PAGES[name].row:
            continue
        with subtests.test(name), left_as_it_was():
            for response in both(logged_in(helper), world.address(name)):
                assert response.status_code in {200, 302, 403, 404, 405}
                assert not [secret for secret in of_others if secret in told(response)]


# ---- junk ------------------------------------------------------------------------------------------------

FIELDS = """
    agent back cabin code commune day duplicate ends first_name first_on follow_up from helper hold in_order
    keep kind language last_name last_on minutes month move name next note noted number on
    opening_hours outcome page party_size phone phones q reason resident resident_id seen service site slot
    start starts text until week
""".split()  # noqa: SIM905 one word each, easier to read so

junk = st.one_of(
    st.sampled_from(
        [
            "",
            "0",
            "1",
            "-1",
            "9" * 30,
            "1e5",
            "nan",
            "\x00",
            "é" * 300,
            "x" * 5000,
            "[]",
            "{}",
            "null",
            "' OR 1=1 --",
            "<script>alert(1)</script>",
            "2026-11-24",
            "9999-12-31",
            "0001-01-01",
            "25:99",
            "1@2026-11-24T10:00Z",
            "1@9999-12-31T23:59Z",
            "1@0001-01-01T00:00+14:00",
            "c9999999999999999999",
            "06 39 98 12 34",
            "12,13",
            "../../etc",
            "%00",
        ]
    ),
    st.text(max_size=20),
)
queries = st.dictionaries(st.sampled_from(FIELDS), junk, max_size=4)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from([name for name in WITHOUT_STREAMS if name != "logout"]),
    sent=queries,
    as_post=st.booleans(),
)
def test_junk_never_breaks_a_page(world: World, name: str, sent: dict[str, str], as_post: bool) -> None:
    client = Client()
    Membership.objects.filter(agent=world.rows["helper"]).update(is_desk=True, is_manager=True)
    client.force_login(world.rows["helper"])
    address = world.address(name)
    response = client.post(address, sent) if as_post else client.get(address, sent)
    assert response.status_code < 500
