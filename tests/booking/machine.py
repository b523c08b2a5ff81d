"""The actions on one small commune in any order, and what must hold after each step."""

from collections import Counter
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agents.models import Absence, Agent, Shift
from booking import actions
from booking.actions.counting import key_of
from booking.actions.request import turnaround
from booking.contacts import contact_of, contacts_of
from booking.enums import LIVE, AskedBy, EventKind, Outcome, Reason, Status, WhyEmpty
from booking.errors import NotOffered, SlotTaken
from booking.free.slots import find_slots
from booking.models import Appointment, AppointmentEvent, ContactKey, VisitContact, VisitRecord
from booking.records import COUNTED, rebuilt
from communes.actions import declare_closure, restore_cabin, set_out_of_service
from communes.enums import ClosureReason, Equipment, HelperPolicy
from communes.models import Cabin, Closure, Service, Site
from core.errors import PermanenceError
from tests.booking.towns import SYSTEM, Town
from tests.factories import at, make_cabin, make_resident, make_service, make_site

DAYS = (24, 25)
TIMES = [
    at(hour, minute, day=day) for day in DAYS for hour in (9, 10, 11, 14, 15, 16) for minute in (0, 20, 45)
]
NOTES: tuple[dict[str, Any], ...] = (
    {},
    {"themes": ["email", "logement"], "equipment_used": ["ordinateur"]},
    {"autonomy": "autonome", "orientation": ["autre"]},
    {"themes": []},
)
NEVER_COMPARED = ("id", "created_at")

starts = st.sampled_from(TIMES)
either = st.booleans()
nth = st.integers(0, 30)

VERBS: dict[str, dict[str, Any]] = {
    "cancel": {},
    "restore": {},
    "confirm": {},
    "check_in": {},
    "undo_check_in": {},
    "start_session": {},
    "start_alone": {"without_helper": True},
    "undo_start": {},
    "end_session": {"outcome": Outcome.SOLVED},
    "undo_end": {},
    "mark_no_show": {},
    "undo_no_show": {},
    "release_hold": {},
    "book_hold": {"resident": None},
    "extend": {"minutes": 15},
    "cancel_with_grace": {"reason": Reason.CANNOT_COME, "asked_by": AskedBy.RESIDENT},
}

CANCEL = ("cancel", "cancel_with_grace", "cancel_with_grace")
FITTING = {
    Status.HELD: ("book_hold", "book_hold", "release_hold"),
    Status.BOOKED: ("check_in", "start_session", "start_alone", "mark_no_show", *CANCEL, "confirm"),
    Status.ARRIVED: ("start_session", "start_alone", "undo_check_in", "mark_no_show", *CANCEL),
    Status.IN_SESSION: ("end_session", "end_session", "extend", "undo_start"),
    Status.DONE: ("undo_end",),
    Status.NO_SHOW: ("undo_no_show", "check_in"),
    Status.CANCELLING: ("restore", "cancel", "check_in"),
    Status.CANCELLED: ("restore",),
}
"""What people mostly do to an appointment in a state: other verbs are refused without a second look."""


def told_of(record: VisitRecord) -> dict[str, Any]:
    """All of a record but its random id and its key."""
    return {
        field.attname: getattr(record, field.attname)
        for field in VisitRecord._meta.concrete_fields
        if field.name not in ("id", "key")
    }


def contact_told(row: VisitContact) -> tuple[Any, ...]:
    return row.key, row.year, row.month_on, row.site_ref, row.dimension, row.code, row.contact


class Actions(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    @initialize()
    def open_the_town(self) -> None:
        self.now = at(8)
        self.town = town = Town()
        self.rare = make_service(town.commune, duration_min=30, turnaround_min=5)
        self.video = make_service(
            town.commune, duration_min=20, equipment_needed=[Equipment.VIDEO], helper_policy=HelperPolicy.NONE
        )
        self.services = [town.service, self.rare, self.video]
        town.add_helper(town.service, self.rare)
        town.add_cabin(equipment=[Equipment.SCREEN])
        self.there = make_site(town.commune)
        make_cabin(self.there)
        town.add_helper(self.rare, site=self.there)
        self.residents = [make_resident(town.commune), None]
        for start in (at(9), at(10), at(11), at(14), at(15)):
            town.book(start, with_helper=start.hour % 2 == 0, now=self.now)

    # ---- what happens ----------------------------------------------------------------------------

    @rule(
        n=nth,
        service=nth,
        with_helper=either,
        by_name=either,
        hold=either,
    )
    def what_is_offered_can_be_booked(self, n, service, with_helper, by_name, hold) -> None:
        service = self.services[service % 3]
        helper = self.helpers()[n % 3] if by_name and with_helper else None
        found = find_slots(
            commune=self.town.commune,
            service=service,
            with_helper=with_helper,
            helper_id=helper.pk if helper else None,
            start=date(2026, 11, 24),
            end=date(2026, 11, 26),
            now=self.now,
        )
        assert found.offers.unsettled == 0  # nothing here is too hard to settle
        offers = list(found.offers)
        if not offers:
            return
        offer = offers[n % len(offers)]
        site = next(site for site in found.sites if site.pk == offer.site_id)
        request = actions.BookingRequest(
            service=service,
            site=site,
            start=offer.start,
            with_helper=with_helper,
            helper=helper,
            resident=None if hold else self.residents[n % 2],
            beside=True,
        )
        with self.watched():
            made = (actions.hold if hold else actions.book)(request=request, by=SYSTEM, now=self.now)
        assert (made.starts_at, made.ends_at, made.blocked_until) == (
            offer.start,
            offer.end,
            offer.blocked_until,
        )

    @rule(start=starts, service=nth, with_helper=either, there=either)
    def what_is_refused_is_impossible(self, start, service, with_helper, there) -> None:
        service = self.services[service % 3]
        site = self.there if there else self.town.site
        attended = with_helper and service != self.video
        could = self.could_be(site, service, start, attended)
        with self.watched():
            request = actions.BookingRequest(service=service, site=site, start=start, with_helper=with_helper)
            made, refusal = self.tried(actions.book, request=request)
        if made is not None:
            assert could or self.was_exchanged(made)
            return
        assert not could
        if isinstance(refusal, SlotTaken):
            others = [(offer.site_id, offer.start) for offer in refusal.details["alternatives"]]
            assert (site.pk, start) not in others
        else:
            assert isinstance(refusal, NotOffered)
            assert refusal.details["why"] in list(WhyEmpty)

    @rule(n=nth, start=starts, there=either)
    def move(self, n, start, there) -> None:
        appointment = self.some(n)
        if appointment is None:
            return
        self.attempt(
            actions.reschedule, appointment, site=self.there if there else self.town.site, start=start
        )

    @rule(
        n=nth,
        service=st.none() | nth,
        helper=st.none() | st.sampled_from(["0", "1"]) | nth,
        length=st.none() | st.sampled_from([5, 20, 45, 70, 120]),
        party=st.none() | st.integers(1, 6),
    )
    def change_without_moving(self, n, service, helper, length, party) -> None:
        appointment = self.some(n)
        if appointment is None:
            return
        asked = {
            "service": None if service is None else self.services[service % 3].pk,
            "helper": f"c{self.helpers()[helper % 3].pk}" if isinstance(helper, int) else helper,
            "length": length,
            "party": party,
        }
        wanted = {name: value for name, value in asked.items() if value is not None}
        before = appointment.starts_at, appointment.site_id
        self.attempt(actions.alter, appointment, wanted=wanted, beside=True)
        assert (appointment.starts_at, appointment.site_id) == before

    @rule(n=nth, m=nth, with_helper=st.none() | either)
    def a_move_that_is_offered_can_be_made(self, n, m, with_helper) -> None:
        """Exchanges first: there are few of them, and they touch the most rows."""
        movable = Appointment.objects.filter(status__in=(Status.BOOKED, Status.ARRIVED)).order_by("pk")
        if not movable:
            return
        appointment = movable[n % len(movable)]
        helped = appointment.with_helper if with_helper is None else with_helper
        chosen = appointment.helper_id if with_helper is None and appointment.helper_chosen else None
        found = find_slots(
            commune=self.town.commune,
            service=appointment.service,
            with_helper=helped,
            helper_id=chosen,
            duration_min=appointment.duration_min,
            start=date(2026, 11, 24),
            end=date(2026, 11, 26),
            moving=appointment,
            now=self.now,
        )
        offers = [each for each in found.offers if each.via_exchange] or list(found.offers)
        if not offers:
            return
        offer = offers[m % len(offers)]
        site = next(site for site in found.sites if site.pk == offer.site_id)
        with self.watched():
            actions.reschedule(
                appointment=appointment,
                site=site,
                start=offer.start,
                with_helper=with_helper,
                beside=True,
                by=SYSTEM,
                now=self.now,
            )
        assert (appointment.starts_at, appointment.ends_at) == (offer.start, offer.end)

    @rule(n=nth, verb=st.sampled_from(sorted(VERBS)))
    def try_anything(self, n, verb) -> None:
        appointment = self.some(n)
        if appointment is not None:
            self.attempt_by_name(verb, appointment)

    @rule(n=nth, m=nth)
    def do_what_is_usual(self, n, m) -> None:
        appointment = self.some(n)
        verbs = FITTING.get(Status(appointment.status)) if appointment else None
        if verbs:
            self.attempt_by_name(verbs[m % len(verbs)], appointment)

    @rule(n=nth, outcome=st.sampled_from(["", *Outcome]), more=st.sampled_from(NOTES))
    def note_what_came_of_it(self, n, outcome, more) -> None:
        appointment = self.some(n)
        if appointment is None:
            return
        with self.watched(by_plan=True):  # a theme is an event, and no change of the row
            self.tried(actions.note_visit, appointment=appointment, values={"outcome": outcome, **more})

    @rule(n=nth, m=nth)
    def go_on_with_someone_who_is_due(self, n, m) -> None:
        soon = self.now + timedelta(minutes=15)
        due = Appointment.objects.live().filter(starts_at__lte=soon).order_by("pk")
        if due:
            appointment = due[n % len(due)]
            verbs = FITTING[Status(appointment.status)]
            self.attempt_by_name(verbs[m % len(verbs)], appointment)

    @rule(n=nth, service=nth, with_helper=either)
    def walk_in(self, n, service, with_helper) -> None:
        cabins = list(Cabin.objects.filter(site__commune=self.town.commune).order_by("pk"))
        cabin = cabins[n % len(cabins)]
        request = actions.BookingRequest(
            service=self.services[service % 3],
            site=cabin.site,
            start=self.now,
            with_helper=with_helper,
            cabin=cabin,
        )
        with self.watched():
            self.tried(actions.start_walk_in, request=request)

    @rule(minutes=st.sampled_from([5, 11, 30, 95]), worker_is_awake=either)
    def time_passes(self, minutes, worker_is_awake) -> None:
        """A hold that runs out is ended by the worker, or by whatever needs its time before that."""
        self.now += timedelta(minutes=minutes)
        if not worker_is_awake:
            return
        with self.watched():
            actions.lapse_holds(now=self.now)
            actions.finish_due_cancellations(now=self.now)
        assert not Appointment.objects.lapsed(self.now).exists()

    @rule(n=nth, start=starts)
    def someone_is_absent(self, n, start) -> None:
        helper = self.helpers()[n % 3]
        Absence.objects.create(agent=helper, starts_at=start, ends_at=start + timedelta(hours=1))

    @rule(n=nth, in_order=either, until=st.none() | starts)
    def a_cabin_breaks_or_is_mended(self, n, in_order, until) -> None:
        cabins = list(Cabin.objects.filter(site__commune=self.town.commune).order_by("pk"))
        cabin = cabins[n % len(cabins)]
        restore_cabin(cabin=cabin) if in_order else set_out_of_service(cabin=cabin, until=until)

    @rule(start=starts, there=either)
    def a_site_closes(self, start, there) -> None:
        declare_closure(
            site=self.there if there else self.town.site,
            starts_at=start,
            ends_at=start + timedelta(minutes=30),
            reason=ClosureReason.WORKS,
        )

    # ---- what holds ------------------------------------------------------------------------------

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        live = list(Appointment.objects.live())
        for one, other in combinations(live, 2):
            if one.starts_at < other.blocked_until and other.starts_at < one.blocked_until:
                assert one.cabin_id != other.cabin_id
                assert one.helper_id is None or one.helper_id != other.helper_id
        running = [row for row in live if row.status == Status.IN_SESSION]
        assert len({row.cabin_id for row in running}) == len(running)
        numbers = [row.number for row in live]
        assert len(set(numbers)) == len(numbers)

    @invariant()
    def every_end_is_counted(self) -> None:
        """And what is written of each is what its row and its log tell."""
        ended = Appointment.objects.filter(status__in=COUNTED)
        kept = {record.key: told_of(record) for record in VisitRecord.objects.all()}
        assert kept == {key_of(row.pk): told_of(rebuilt(row)) for row in ended}

    @invariant()
    def who_came_is_noted_with_the_visit(self) -> None:
        """Twice, since a visit in November may be published with the next year."""
        secret_of = dict(ContactKey.objects.values_list("year", "secret"))
        expected = Counter[tuple[Any, ...]]()
        for row in Appointment.objects.filter(status=Status.DONE).exclude(resident=None):
            assert row.resident is not None
            record = rebuilt(row)
            record.key = key_of(row.pk)
            for year in (2026, 2027):
                rows = contacts_of(record, contact_of(row.resident), year=year, secret=secret_of[year])
                expected.update(contact_told(each) for each in rows)
        assert Counter(contact_told(each) for each in VisitContact.objects.all()) == expected

    # ---- how it is watched -----------------------------------------------------------------------

    @contextmanager
    def watched(self, *, by_plan=False):
        """Every row that changes has exactly one new event, and no other row has any.

        `by_plan`: it may have several, and who is to be called has one without a change of the row.
        """
        rows, events = self.rows(), self.events()
        yield
        for pk, after in self.rows().items():
            new = self.events()[pk] - events[pk]
            changed = after != rows.get(pk)
            assert (new >= changed) if by_plan else (new == changed), (rows.get(pk), after)

    def tried(self, verb, **how):
        """What it gave, or the refusal, which has words and has changed nothing at all."""
        rows, events = self.rows(), self.events()
        try:
            return verb(by=SYSTEM, now=self.now, **how), None
        except PermanenceError as error:
            refusal = error
        assert str(refusal)
        assert (self.rows(), self.events()) == (rows, events)
        return None, refusal

    def attempt(self, verb, appointment, **how) -> None:
        with self.watched():
            made, _ = self.tried(verb, appointment=appointment, **how)
        if made is not None:  # what the caller holds is what is stored
            stored = Appointment.objects.get(pk=appointment.pk)
            for field in Appointment._meta.concrete_fields:
                assert getattr(appointment, field.attname) == getattr(stored, field.attname), field.name

    def attempt_by_name(self, verb, appointment) -> None:
        name = "start_session" if verb == "start_alone" else verb
        self.attempt(getattr(actions, name), appointment, **VERBS[verb])

    def rows(self):
        return {row["id"]: row for row in Appointment.objects.values()}

    def events(self):
        return Counter(AppointmentEvent.objects.values_list("appointment", flat=True))

    def some(self, n):
        rows = Appointment.objects.order_by("pk")
        return rows[n % len(rows)] if rows else None

    def helpers(self):
        return list(Agent.objects.filter(memberships__commune=self.town.commune).order_by("pk"))

    def was_exchanged(self, made):
        told = AppointmentEvent.objects.filter(kind=EventKind.REASSIGNED, reason="exchange", at=self.now)
        return told.exclude(appointment=made).exists()

    # ---- the rules once more, one cabin and one helper at a time -----------------------------------

    def could_be(self, site: Site, service: Service, start: datetime, attended: bool) -> bool:
        end = start + timedelta(minutes=service.duration_min)
        until = end + turnaround(service)
        if start < self.now or not self.is_open(site, start, end):
            return False
        busy = [
            row
            for row in Appointment.objects.filter(status__in=LIVE)
            if row.starts_at < until and start < row.blocked_until
            if row.held_until is None or row.held_until > self.now
            if row.cancel_at is None or row.cancel_at > self.now
        ]
        cabins = [
            cabin
            for cabin in site.cabins.all()
            if cabin.in_order or (cabin.out_until is not None and cabin.out_until <= start)
            if set(service.equipment_needed) <= set(cabin.equipment)
            if all(row.cabin_id != cabin.pk for row in busy)
        ]
        helpers = [
            helper
            for helper in self.helpers()
            if service in helper.memberships.get().skills.all()
            if Shift.objects.filter(agent=helper, site=site, starts_at__lte=start, ends_at__gte=end).exists()
            if not Absence.objects.filter(agent=helper, starts_at__lt=end, ends_at__gt=start).exists()
            if all(row.helper_id != helper.pk for row in busy)
        ]
        return bool(cabins) and (bool(helpers) or not attended)

    def is_open(self, site: Site, start: datetime, end: datetime) -> bool:
        openings = [(at(a, day=start.day), at(b, day=start.day)) for a, b in ((9, 12), (14, 17))]
        fits = any(opens <= start and end <= shuts for opens, shuts in openings)
        return fits and not Closure.objects.filter(site=site, starts_at__lt=end, ends_at__gt=start).exists()
