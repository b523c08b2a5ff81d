"""Every address of the pages, who may open it, and a commune with a row for each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from agents.enums import AbsenceKind
from agents.models import Absence, AbsenceRequest, Invitation, Membership, ShiftPattern
from booking.enums import ActorKind, ResidentChangeKind
from booking.models import ResidentChange, WaitingEntry
from communes.enums import ClosureReason, IncidentKind, SetupChangeKind
from communes.models import Closure, Commune, SetupChange
from core.edits import record_name
from core.roles import Role
from kiosk.enums import CommandKind
from kiosk.models import HelpCall, Screen, ScreenCommand
from notifications.enums import Channel, MessageKind
from notifications.models import CallResult, Message
from planning.models import ExternalCalendar
from privacy.enums import CameBy, RequestState, Right
from privacy.models import ConsultationAlarm, PurgeRun, RightsRequest
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_fault,
    make_resident,
    make_service,
    make_shift,
    make_site,
)

DESK, HELPER, MANAGER = Role.DESK, Role.HELPER, Role.MANAGER
TECHNICIAN, ELECTED = Role.TECHNICIAN, Role.ELECTED
ALL = frozenset({DESK, HELPER, MANAGER})
EVERYBODY = frozenset(Role)
OFFICE = frozenset({DESK, MANAGER})
MACHINES = OFFICE | {TECHNICIAN}
WORKING = ALL | {TECHNICIAN}


@dataclass(frozen=True)
class Page:
    """Who may open it; `row`: whose number stands in its address; `args`: words that stand there."""

    roles: frozenset[Role]
    row: str = ""
    args: tuple[str, ...] = ()


PAGES = {
    "home": Page(EVERYBODY),
    "logout": Page(EVERYBODY),
    "password-change": Page(EVERYBODY),
    "account": Page(EVERYBODY),
    "switch-commune": Page(EVERYBODY),
    "team": Page(ALL),
    "team-search": Page(ALL),
    "team-month": Page(ALL),
    "shift-new": Page(frozenset({MANAGER})),
    "shift-edit": Page(frozenset({MANAGER}), "shift"),
    "shift-move": Page(frozenset({MANAGER}), "shift"),
    "shift-exchange": Page(frozenset({MANAGER}), "shift"),
    "replacements": Page(OFFICE),
    "feeds": Page(ALL),
    "feed-own": Page(frozenset({HELPER})),
    "feed-site": Page(OFFICE, "site"),
    "calendar-add": Page(frozenset({HELPER})),
    "calendar-forget": Page(frozenset({HELPER}), "calendar"),
    "patterns": Page(ALL),
    "usual-week": Page(frozenset({MANAGER}), "helper"),
    "patterns-publish": Page(frozenset({MANAGER})),
    "helpers-needed": Page(frozenset({MANAGER}), "site"),
    "publication-undo": Page(frozenset({MANAGER})),
    "week-as-usual": Page(frozenset({MANAGER})),
    "my-news": Page(ALL),
    "my-news-read": Page(ALL),
    "account-news": Page(ALL),
    "account-phone": Page(frozenset({MANAGER, TECHNICIAN})),
    "account-digest": Page(frozenset({TECHNICIAN})),
    "account-sound": Page(ALL),
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
    "account-stay": Page(frozenset({MANAGER}), "membership"),
    "other-sessions": Page(EVERYBODY),
    "invitation-new": Page(frozenset({MANAGER})),
    "invitation-withdraw": Page(frozenset({MANAGER}), "invitation"),
    "invitation-link": Page(frozenset({MANAGER}), "invitation"),
    "sick-today": Page(frozenset({MANAGER}), "helper"),
    "places": Page(ALL),
    "cabin-order": Page(OFFICE, "cabin"),
    "places-import": Page(frozenset({MANAGER})),
    "places-import-confirm": Page(frozenset({MANAGER})),
    "site-new": Page(frozenset({MANAGER})),
    "site-edit": Page(frozenset({MANAGER}), "site"),
    "site-retire": Page(frozenset({MANAGER}), "site"),
    "site-move": Page(frozenset({MANAGER}), "site"),
    "site-log": Page(frozenset({MANAGER}), "site"),
    "services-log": Page(frozenset({MANAGER})),
    "cabin-new": Page(frozenset({MANAGER}), "site"),
    "cabin-services": Page(frozenset({MANAGER})),
    "cabin-edit": Page(frozenset({MANAGER}), "cabin"),
    "cabin-retire": Page(frozenset({MANAGER}), "cabin"),
    "cabin-move": Page(frozenset({MANAGER}), "cabin"),
    "site-retire-impact": Page(frozenset({MANAGER}), "site"),
    "cabin-retire-impact": Page(frozenset({MANAGER}), "cabin"),
    "hours-edit": Page(frozenset({MANAGER}), "site"),
    "hours-preview": Page(frozenset({MANAGER})),
    "access-edit": Page(frozenset({MANAGER}), "site"),
    "closure-new": Page(frozenset({MANAGER}), "site"),
    "replacements-notice": Page(OFFICE),
    "absence-impact": Page(frozenset({MANAGER})),
    "request-impact": Page(frozenset({MANAGER}), "request"),
    "shift-impact": Page(frozenset({MANAGER}), "shift"),
    "closure-impact": Page(frozenset({MANAGER}), "site"),
    "hours-impact": Page(frozenset({MANAGER}), "site"),
    "cabin-impact": Page(OFFICE, "cabin"),
    "closure-lift": Page(frozenset({MANAGER}), "closure"),
    "settings": Page(frozenset({MANAGER})),
    "commune-edit": Page(frozenset({MANAGER})),
    "booking-settings": Page(frozenset({MANAGER})),
    "screen-settings": Page(frozenset({MANAGER})),
    "paper": Page(frozenset({MANAGER}), args=("affiche",)),
    "data-settings": Page(frozenset({MANAGER})),
    "open-data-settings": Page(frozenset({MANAGER})),
    "settings-log": Page(frozenset({MANAGER})),
    "settings-undo": Page(frozenset({MANAGER}), "setup_change"),
    "services": Page(ALL),
    "service-edit": Page(frozenset({MANAGER}), "service"),
    "service-helpers": Page(frozenset({MANAGER}), "service"),
    "service-where": Page(frozenset({MANAGER}), "service"),
    "service-waiting": Page(frozenset({MANAGER}), "service"),
    "service-catalogue": Page(frozenset({MANAGER})),
    "service-new": Page(frozenset({MANAGER})),
    "service-news": Page(frozenset({MANAGER}), "service"),
    "service-state": Page(frozenset({MANAGER}), "service"),
    "service-order": Page(frozenset({MANAGER}), "service"),
    "service-delete": Page(frozenset({MANAGER}), "service"),
    "desk": Page(ALL),
    "desk-search": Page(ALL),
    "desk-hold": Page(ALL),
    "desk-unmet": Page(ALL),
    "desk-unmet-undo": Page(ALL),
    "desk-other": Page(ALL),
    "desk-confirm": Page(ALL),
    "desk-weeks": Page(ALL),
    "desk-next-free": Page(ALL),
    "desk-move": Page(ALL, "appointment"),
    "appointment": Page(ALL, "appointment"),
    "slip": Page(ALL, "appointment"),
    "appointment-give": Page(ALL, "appointment"),
    "appointment-give-search": Page(ALL, "appointment"),
    "appointment-give-new": Page(ALL, "appointment"),
    "appointment-give-to": Page(ALL, "appointment"),
    "appointment-change": Page(ALL, "appointment"),
    "appointment-cancel": Page(ALL, "appointment"),
    "appointment-cancel-now": Page(ALL, "appointment"),
    "appointment-grace": Page(ALL, "appointment"),
    "appointment-restore": Page(ALL, "appointment"),
    "appointment-confirm": Page(ALL, "appointment"),
    "appointment-check-in": Page(ALL, "appointment"),
    "appointment-undo-check-in": Page(ALL, "appointment"),
    "appointment-extend": Page(ALL, "appointment"),
    "appointment-undo-start": Page(ALL, "appointment"),
    "appointment-end": Page(ALL, "appointment"),
    "appointment-undo-end": Page(ALL, "appointment"),
    "appointment-came": Page(ALL, "appointment"),
    "appointment-undo-came": Page(ALL, "appointment"),
    "visit-note": Page(ALL, "appointment"),
    "appointment-no-show": Page(ALL, "appointment"),
    "appointment-undo-no-show": Page(ALL, "appointment"),
    "resident-create": Page(ALL),
    "number-owners": Page(ALL),
    "resident": Page(OFFICE, "resident"),
    "consultations": Page(frozenset({MANAGER})),
    "consultations-csv": Page(frozenset({MANAGER})),
    "consultation-alarms": Page(frozenset({MANAGER})),
    "consultation-alarm-seen": Page(frozenset({MANAGER}), "consultation_alarm"),
    "my-consultations": Page(ALL),
    "resident-duplicates": Page(OFFICE, "resident"),
    "resident-merge": Page(OFFICE, "resident"),
    "resident-undo": Page(OFFICE, "resident_change"),
    "today": Page(OFFICE),
    "today-list": Page(OFFICE),
    "place": Page(OFFICE),
    "place-search": Page(OFFICE),
    "place-new": Page(OFFICE),
    "place-hold": Page(OFFICE),
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
    "my-day-worker": Page(WORKING),
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
    "screens": Page(MACHINES),
    "screen-add": Page(MACHINES),
    "screen-edit": Page(MACHINES, "screen"),
    "screen-revoke": Page(MACHINES, "screen"),
    "screen-state": Page(MACHINES, "screen"),
    "screen-outages": Page(MACHINES, "screen"),
    "screen-identify": Page(MACHINES, "screen"),
    "screen-reload": Page(MACHINES, "screen"),
    "screen-sound": Page(MACHINES, "screen"),
    "screen-message": Page(MACHINES, "screen"),
    "screen-replace": Page(MACHINES, "screen"),
    "screen-take-back": Page(MACHINES, "screen_command"),
    "screens-reload": Page(MACHINES),
    "figures-needs": Page(frozenset({MANAGER})),
    "my-activities": Page(frozenset({HELPER})),
    "my-activities-csv": Page(frozenset({HELPER})),
    "figures": Page(frozenset({MANAGER})),
    "figures-csv": Page(frozenset({MANAGER})),
    "figures-xlsx": Page(frozenset({MANAGER})),
    "figures-activities": Page(frozenset({MANAGER})),
    "publication": Page(frozenset({MANAGER, ELECTED})),
    "publication-report": Page(frozenset({MANAGER, ELECTED})),
    "faults": Page(WORKING),
    "fault-new": Page(WORKING),
    "fault-history": Page(WORKING),
    "cabin-faults": Page(WORKING, "cabin"),
    "fault": Page(WORKING, "fault"),
    "fault-take": Page(WORKING, "fault"),
    "fault-confirm": Page(WORKING, "fault"),
    "fault-end": Page(WORKING, "fault"),
    "fault-close": Page(WORKING, "fault"),
    "fault-answer": Page(WORKING, "fault"),
    "fault-rings": Page(frozenset({TECHNICIAN})),
    "help-calls": Page(ALL),
    "help-call-answer": Page(ALL, "help_call"),
    "waiting-answer": Page(ALL, "appointment"),
    "appointment-messages": Page(ALL, "appointment"),
    "resident-stops": Page(ALL, "resident"),
    "resident-consent": Page(OFFICE, "resident"),
    "resident-messages": Page(OFFICE, "resident"),
    "resident-rights": Page(OFFICE, "resident"),
    "resident-consents": Page(OFFICE, "resident"),
    "retention": Page(frozenset({MANAGER})),
    "purge-anyway": Page(frozenset({MANAGER}), "purge_run"),
    "retention-residents": Page(frozenset({MANAGER})),
    "resident-erase": Page(frozenset({MANAGER}), "resident"),
    "resident-erased": Page(frozenset({MANAGER}), "erasure"),
    "resident-limitation": Page(OFFICE, "resident"),
    "resident-limitation-lift": Page(OFFICE, "resident"),
    "resident-held": Page(OFFICE, "resident"),
    "resident-held-file": Page(OFFICE, "resident"),
    "resident-held-given": Page(OFFICE, "resident"),
    "rights-requests": Page(frozenset({MANAGER})),
    "privacy-count": Page(frozenset({MANAGER})),
    "rights-requests-count": Page(frozenset({MANAGER})),
    "rights-requests-csv": Page(frozenset({MANAGER})),
    "rights-request-new": Page(OFFICE),
    "rights-request-find": Page(OFFICE),
    "rights-request-close": Page(frozenset({MANAGER}), "erasure"),
    "rights-request-refuse": Page(frozenset({MANAGER}), "erasure"),
    "rights-request-extend": Page(frozenset({MANAGER}), "erasure"),
    "rights-request-reopen": Page(frozenset({MANAGER}), "erasure"),
    "message-settings": Page(frozenset({MANAGER})),
    "message-trial": Page(frozenset({MANAGER})),
    "message-trial-state": Page(frozenset({MANAGER})),
    "opening": Page(frozenset({MANAGER})),
    "sender-check": Page(frozenset({MANAGER})),
    "message-texts": Page(frozenset({MANAGER})),
    "message-text": Page(frozenset({MANAGER}), args=("confirmation", "fr")),
    "message-text-reset": Page(frozenset({MANAGER}), args=("confirmation", "fr")),
    "delivery-rates": Page(frozenset({MANAGER})),
    "message-log": Page(OFFICE),
    "provider-alarm": Page(ALL),
    "call-list": Page(OFFICE),
    "call-list-count": Page(OFFICE),
    "call-outcome": Page(OFFICE, "message"),
    "call-claim": Page(OFFICE, "message"),
    "call-release": Page(OFFICE, "message"),
    "call-cancel": Page(OFFICE, "appointment"),
    "call-undo": Page(OFFICE, "call_result"),
    "simulator": Page(ALL),
    "simulator-reply": Page(ALL),
    "simulator-call": Page(ALL, "message"),
    "simulator-dial": Page(ALL),
    "sites-stream": Page(WORKING),
    "sites-state": Page(WORKING),
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
    "public-notice": "the notice for residents, as it hangs in the cabins",
    "open-data-schema": "describes the file of the next address",
    "open-data": "open to everybody where the mairie has decided so; holds nothing but published sums",
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
            "screen-turn",
            "screen-arrivals",
            "screen-help",
            "screen-help-end",
            "screen-fault",
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
        "seven-status",
        "seven-inbound-text",
        "twilio-status",
        "twilio-inbound-text",
        "twilio-call",
        "twilio-call-heard",
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


def make_world() -> World:
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
            "screen_command": ScreenCommand.objects.create(
                screen=screen, kind=CommandKind.MESSAGE, text="Travaux", asked_at=TUESDAY
            ),
            "shift": make_shift(helper, site, at(9), at(12)),
            "appointment": make_appointment(cabin, service, at(10, 30), helper=helper, resident=resident),
            "purge_run": PurgeRun.objects.create(
                commune=commune, night=TUESDAY.date(), began_at=TUESDAY, alive_at=TUESDAY
            ),
            "erasure": RightsRequest.objects.create(
                commune=commune,
                right=Right.ERASURE,
                came_by=CameBy.DESK,
                asked_on=TUESDAY.date(),
                due_on=TUESDAY.date(),
                state=RequestState.DONE,
                opened_at=TUESDAY,
                closed_at=TUESDAY,
            ),
            "waiting": WaitingEntry.objects.create(
                commune=commune,
                resident=resident,
                service=service,
                until_on=date(2026, 12, 24),
                joined_at=TUESDAY,
            ),
            "resident_change": ResidentChange.objects.create(
                resident=resident,
                kind=ResidentChangeKind.CHANGED,
                at=TUESDAY,
                actor=ActorKind.AGENT,
                agent=helper,
                values={"last_name": ["Quatrevingts", "Quatrevingt"]},
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
                kind=MessageKind.REMINDER,
                channel=Channel.DESK,
                text="Zébulonne Quatrevingt",
                due_at=TUESDAY,
                expires_at=at(10, day=25),
                created_at=TUESDAY,
            ),
            "call_result": CallResult.objects.create(
                commune=commune, resident=resident, outcome="told", at=TUESDAY, before={"lines": []}
            ),
            "fault": make_fault(cabin, IncidentKind.SCANNER, TUESDAY),
            "setup_change": SetupChange.objects.create(
                commune=commune,
                record=record_name(commune),
                name=commune.name,
                kind=SetupChangeKind.CHANGED,
                values={"walk_ins": [False, True]},
                at=TUESDAY,
            ),
            "consultation_alarm": ConsultationAlarm.objects.create(
                commune=commune, agent=helper, at=TUESDAY, kind="opened", people=41
            ),
            "help_call": HelpCall.objects.create(commune=commune, site=site, cabin=cabin, called_at=TUESDAY),
        },
    )


WITHOUT_STREAMS = [name for name in WALKED if name not in STREAMS]
