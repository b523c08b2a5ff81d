"""A resident about whom everything is kept that can be kept, and the people beside them.

Each free text and each number has a mark of its own, so that a search of every table finds where it went.
`Everything.marks` are those of the resident, `others` those of people whom nobody but themselves may be
shown. What stands in the database in the end was made by actions wherever one does it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from agents.models import Agent
from booking import actions
from booking.actions import BookingRequest, PhoneInput, WaitingRequest
from booking.enums import ActorKind, AskedBy, EventKind, Language, Outcome, PhoneOwner, Reason
from booking.log import Actor
from booking.models import (
    Appointment,
    AppointmentEvent,
    Resident,
    WaitingEntry,
    WaitingOffer,
)
from communes.models import Cabin, Commune, Service, Site
from core.edits import Edit
from core.looked import Shown
from core.roles import Role
from kiosk.models import Press, Screen
from notifications import actions as notices
from notifications.actions.erasures import leave_to_provider
from notifications.enums import (
    Channel,
    MessageKind,
    State,
    StopReason,
)
from notifications.models import InboundMessage, Message, NextLook, ProviderErasure
from planning.models import HelperNews, NewsKind
from privacy import actions as rights
from privacy.enums import CameBy, Refusal, Right
from privacy.models import Consultation
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
from tests.privacy.everything_sent import Carrier, write_answer, write_calls, write_message, write_messages
from tests.privacy.marks import Marks

LAST_YEAR = datetime(2025, 12, 9, 10, 0, tzinfo=TUESDAY.tzinfo)
"""A Tuesday of the year before; the first visits."""
SPRING = datetime(2026, 4, 14, 10, 0, tzinfo=TUESDAY.tzinfo)
LAST_WEEK = at(10, day=17)


@dataclass
class Everything:
    """`resident` is the record that was kept; `twins` were merged into it, one of them through the other."""

    carrier: Carrier | None = None
    mine: Marks = field(default_factory=lambda: Marks("zyx", 4300))
    theirs: Marks = field(default_factory=lambda: Marks("wvu", 7700))
    commune: Commune = field(init=False)
    site: Site = field(init=False)
    cabin: Cabin = field(init=False)
    service: Service = field(init=False)
    medical: Service = field(init=False)
    desk: Agent = field(init=False)
    helper: Agent = field(init=False)
    manager: Agent = field(init=False)
    neighbour: Resident = field(init=False)
    """Has one number with the resident, and an appointment that was theirs before."""
    resident: Resident = field(init=False)
    twins: list[Resident] = field(init=False)
    visits: list[Appointment] = field(init=False, default_factory=list)
    coming: Appointment = field(init=False)
    given_away: Appointment = field(init=False)
    given_to_them: Appointment = field(init=False)
    given_at: datetime = field(init=False, default=at(9, 30))
    shared_number: str = field(init=False)
    serial: Iterator[int] = field(init=False, default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        _place(self)
        _people(self)
        for n, each in enumerate((self.resident, *self.twins)):
            _past_of(self, each, n)
        _merge(self)
        _present_of(self)
        _requests_of(self)
        _shown_of(self)

    @property
    def marks(self) -> list[str]:
        return list(dict.fromkeys(self.mine.made))

    @property
    def others(self) -> list[str]:
        return list(dict.fromkeys(self.theirs.made))

    @property
    def records(self) -> list[int]:
        """The ids of the record and of those merged into it."""
        return [self.resident.pk, *(each.pk for each in self.twins)]


# ---- the place and the people ---------------------------------------------------------------------------


def _place(here: Everything) -> None:
    here.commune = make_commune()
    here.site = make_site(here.commune)
    here.cabin = make_cabin(here.site)
    here.service = make_service(here.commune, name="CAF")
    here.medical = make_service(here.commune, name="Téléconsultation", is_medical=True)
    names: dict[str, Any] = {"last_name": here.theirs.word("agent")}
    here.desk = make_agent(here.commune, Role.DESK, first_name="Alice", **names)
    here.manager = make_agent(here.commune, Role.MANAGER, first_name="Dana", **names)
    skills = [here.service, here.medical]
    here.helper = make_agent(here.commune, Role.HELPER, first_name="Bob", skills=skills, **names)
    for day in (24, 25, 26):
        make_shift(here.helper, here.site, at(9, day=day), at(12, day=day))
        make_shift(here.helper, here.site, at(14, day=day), at(17, day=day))


def _people(here: Everything) -> None:
    mine = here.mine
    here.shared_number = mine.mobile()
    here.resident = actions.record_newcomer(
        actions.NewResident(
            here.commune,
            mine.word("first"),
            mine.word("last"),
            [
                PhoneInput(mine.mobile()),
                PhoneInput(mine.landline(), owner=PhoneOwner.FAMILY, owner_detail=mine.word("daughter")),
                PhoneInput(here.shared_number, owner=PhoneOwner.NEIGHBOUR),
            ],
            {
                "email": f"{mine.word('mail')}@example.org",
                "postal_address": f"1, rue {mine.word('street')}",
                "birth_year": 1950,
                "languages": [Language.ARABIC],
                "needs": ["wheelchair"],
                "contact_name": mine.word("contact"),
                "contact_relation": mine.word("relation"),
                "contact_phone": mine.mobile(),
                "contact_is_told": True,
            },
            once="the form",
        ),
        now=LAST_YEAR,
    )
    here.twins = [
        actions.create_resident(
            commune=here.commune,
            first_name=mine.word(f"twin{n}"),
            last_name=mine.word(f"name{n}"),
            phones=[PhoneInput(mine.mobile())],
            now=LAST_YEAR + timedelta(days=n),
        )
        for n in (1, 2)
    ]
    theirs = here.theirs
    here.neighbour = make_resident(
        here.commune,
        here.shared_number,
        theirs.mobile(),
        first_name=theirs.word("neighbour"),
        last_name=theirs.word("beside"),
        contact_name=theirs.word("contact"),
    )


# ---- what happened to each record before the merge --------------------------------------------------------


def _past_of(here: Everything, who: Resident, n: int) -> None:
    """A visit of last year, one of this spring, a missed and a cancelled one; messages, answers, calls."""
    number = who.phones.order_by("pk").values_list("number", flat=True)[0]
    visits = [
        _visit(here, who, LAST_YEAR + timedelta(days=n), here.service),
        _visit(here, who, SPRING + timedelta(days=n), here.medical),
        _visit(here, who, LAST_WEEK + timedelta(hours=n), here.service),
        _cancelled(here, who, SPRING + timedelta(days=n, hours=2)),
        _missed(here, who, LAST_WEEK + timedelta(days=1, hours=n)),
    ]
    here.visits += visits
    write_messages(here, who, number, visits[0], at=LAST_YEAR + timedelta(days=n))
    write_calls(here, who, number, visits[0], at=LAST_WEEK + timedelta(days=2, hours=n))
    _waiting(here, who, visits[2], now=LAST_WEEK)
    notices.suppress(commune=here.commune, number=number, reason=StopReason.REPLY, now=LAST_WEEK)
    notices.note_consent(said_by=who, number=number, by=here.desk, now=LAST_WEEK + timedelta(hours=n))


def _visit(here: Everything, who: Resident, start: datetime, service: Service) -> Appointment:
    made = _booked(here, who, start, service, helper=here.helper)
    by = Actor.agent(here.helper)
    actions.check_in(appointment=made, by=Actor.resident(), now=start - timedelta(minutes=2))
    actions.start_session(appointment=made, by=by, now=start)
    actions.end_session(
        appointment=made,
        outcome="" if service.is_medical else Outcome.PARTLY,
        by=by,
        now=start + timedelta(minutes=30),
    )
    if not service.is_medical:
        values = {"themes": ["email"], "autonomy": "autonome"}
        actions.note_visit(appointment=made, values=values, by=by, now=start + timedelta(minutes=31))
    return made


def _cancelled(here: Everything, who: Resident, start: datetime) -> Appointment:
    made = _booked(here, who, start, here.service)
    actions.cancel(
        appointment=made,
        reason=Reason.CANNOT_COME,
        asked_by=AskedBy.RELATIVE,
        by=Actor.agent(here.desk),
        now=start - timedelta(days=1),
    )
    return made


def _missed(here: Everything, who: Resident, start: datetime) -> Appointment:
    made = _booked(here, who, start, here.service)
    actions.mark_no_show(appointment=made, by=Actor.agent(here.desk), now=start + timedelta(minutes=20))
    return made


def _booked(
    here: Everything, who: Resident | None, start: datetime, service: Service, **fields: Any
) -> Appointment:
    """Booked a week before, with a note that was written later."""
    begun = start - timedelta(days=7)
    made = make_appointment(here.cabin, service, start, resident=who, created_at=begun, **fields)
    AppointmentEvent.objects.create(
        appointment=made, kind=EventKind.BOOKED, at=begun, actor=ActorKind.AGENT, agent=here.desk
    )
    marks = here.theirs if who == here.neighbour else here.mine
    actions.edit(
        appointment=made,
        note=marks.word("note"),
        by=Actor.agent(here.desk),
        now=begun + timedelta(hours=1),
    )
    return made


def _waiting(here: Everything, who: Resident, offered: Appointment, now: datetime) -> WaitingEntry:
    wish = WaitingRequest(
        resident=who,
        service=here.service,
        with_helper=False,
        sites=[here.site],
        half_days=[0, 3],
        until_on=at(0, day=28).date(),
    )
    entry = actions.join_waiting_list(request=wish, now=now)
    WaitingOffer.objects.create(entry=entry, appointment=offered, made_at=now)
    return entry


# ---- the merge, and what came after it --------------------------------------------------------------------


def _merge(here: Everything) -> None:
    """The second twin into the first, and that one into the record: what was the second's is twice moved."""
    first, second = here.twins
    by = Actor.agent(here.desk)
    for keep, duplicate in ((first, second), (here.resident, first)):
        actions.merge_residents(keep=keep, duplicate=duplicate, by=by, now=at(9))
    for each in (here.resident, *here.twins):
        each.refresh_from_db()


def _present_of(here: Everything) -> None:
    who, mine = here.resident, here.mine
    request = BookingRequest(
        service=here.service, site=here.site, start=at(14, 30), with_helper=True, resident=who
    )
    here.coming = actions.book(request=request, by=Actor.agent(here.desk), now=at(9, 5))
    actions.edit(appointment=here.coming, note=mine.word("note"), by=Actor.agent(here.desk), now=at(9, 6))
    actions.confirm(appointment=here.coming, by=Actor.resident(), now=at(9, 7))
    Appointment.objects.filter(pk=here.coming.pk).update(follow_up_of=here.visits[2])
    NextLook.objects.get_or_create(appointment=here.coming, defaults={"at": at(12)})
    screen = Screen.objects.create(
        site=here.site, cabin=here.cabin, name="Écran", token_hash="-", paired_at=LAST_YEAR
    )
    Press.objects.create(screen=screen, key="-", at=at(9, 50), appointment=here.coming)
    news = {"appointment": here.coming.pk, "was": None, "starts_at": here.coming.starts_at.isoformat()}
    HelperNews.objects.create(
        agent=here.helper, commune=here.commune, kind=NewsKind.VISIT, detail=news, at=at(9, 5)
    )
    number = who.phones.order_by("pk")[0].number
    notices.suppress(commune=here.commune, number=number, reason=StopReason.DESK, now=at(9, 10))
    write_message(here, at(9, 11), Channel.SMS, State.SENT, recipient=number, kind=MessageKind.ANSWER)
    write_answer(here, number, at(9, 11))
    owed = write_message(here, at(9, 12), Channel.SMS, State.SENT, recipient=number)
    leave_to_provider(Message.objects.filter(pk=owed.pk), InboundMessage.objects.none())
    if here.carrier is None:  # nobody is there to be asked
        ProviderErasure.objects.create(commune=here.commune, provider_id=owed.provider_id)
    was = {"postal_address": who.postal_address}
    wanted = {"postal_address": f"2, rue {mine.word('street')}"}
    actions.edit_resident(resident=who, wanted=wanted, edit=Edit(was, here.desk, at(9, 20)))
    who.refresh_from_db()
    _given(here)


def _given(here: Everything) -> None:
    """One appointment was the neighbour's before, one is now; a message about each says who it is for."""
    by = Actor.agent(here.desk)
    here.given_to_them = _booked(here, here.neighbour, at(9, day=25), here.service)
    here.given_away = _booked(here, here.resident, at(11, day=25), here.service)
    write_message(
        here,
        at(9, 25),
        Channel.SMS,
        State.SENT,
        marks=here.theirs,
        resident=here.neighbour,
        appointment=here.given_to_them,
        recipient=here.neighbour.phones.order_by("-pk")[0].number,
    )
    write_message(
        here,
        at(9, 26),
        Channel.SMS,
        State.SENT,
        resident=here.resident,
        appointment=here.given_away,
        recipient=here.resident.phones.order_by("pk")[0].number,
    )
    actions.give_to(appointment=here.given_to_them, resident=here.resident, by=by, now=here.given_at)
    actions.give_to(appointment=here.given_away, resident=here.neighbour, by=by, now=at(9, 31))
    for made, marks in ((here.given_to_them, here.mine), (here.given_away, here.theirs)):
        Appointment.objects.filter(pk=made.pk).update(note=marks.word("note"))
        made.refresh_from_db()
    for each in here.visits:
        each.refresh_from_db()


def _requests_of(here: Everything) -> None:
    of: dict[str, Any] = {
        "commune": here.commune,
        "resident": here.resident,
        "by": here.desk,
        "now": at(9, 40),
    }
    asked: dict[str, Any] = {"came_by": CameBy.LETTER, "asked_on": at(0, day=2).date()}
    rights.open_request(right=Right.ACCESS, **asked, **of)
    refused = rights.open_request(right=Right.ERASURE, **asked, **of)
    rights.refuse_request(request=refused, why=Refusal.LAW, by=here.manager, now=at(9, 41))
    rights.answered_now(right=Right.CORRECTION, came_by=CameBy.DESK, proof={"fields": 1}, **of)


def _shown_of(here: Everything) -> None:
    of = {"commune": here.commune, "agent": here.desk, "resident": here.resident}
    Consultation.objects.create(**of, kind=Shown.RECORD, at=at(9, 43), stretch_at=at(9, 40))
