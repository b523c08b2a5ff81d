"""Carries out the planned visits: they are booked, moved, cancelled and held by the actions that people use.

Every action gets the instant at which it would have happened. All are run in the order of these instants,
with each day's messages between them, so the log and the messages read as if they were real.
"""

import heapq
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random

from booking import actions
from booking.enums import Outcome, Reason, Status
from booking.errors import CabinBusy, HelperBusy, NotOffered, SlotTaken
from booking.log import Actor
from booking.models import Appointment
from core.errors import PermanenceError
from demo import mail
from demo.build import Town
from demo.notes import NOTED, believable_note
from demo.visits import Fate, PlannedVisit

Step = Callable[[datetime], object]

OUTCOMES = {
    Outcome.SOLVED: 66,
    Outcome.PARTLY: 16,
    Outcome.PAPERS_MISSING: 9,
    Outcome.REFERRED: 6,
    Outcome.NOT_POSSIBLE: 3,
}
MISSED_AFTER = timedelta(minutes=25)
A_LITTLE, PATIENCE = timedelta(minutes=15), timedelta(hours=4)
SATURDAY = 5
MOVES = (Fate.MOVED, Fate.DISPLACED)
LONG_BEFORE = timedelta(weeks=3)


class Life:
    """What still has to happen until now. Steps may add further steps."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._steps: list[tuple[datetime, int, Step]] = []
        self._serial = count()

    def at(self, instant: datetime, step: Step) -> None:
        if instant <= self.town.now:
            heapq.heappush(self._steps, (instant, next(self._serial), step))

    def when_possible(self, instant: datetime, step: Step) -> None:
        """If the step is refused, try it again a little later, for up to PATIENCE: someone may have left a
        session running, or done the step already."""

        def attempt(now: datetime) -> None:
            try:
                step(now)
            except PermanenceError:
                if now - instant < PATIENCE:
                    self.at(now + A_LITTLE, attempt)

        self.at(instant, attempt)

    def run(self, *, mail_since: date | None = None) -> None:
        """Run all steps. If there are any, also send the messages of each day from `mail_since` on."""
        if not self._steps:
            return
        if mail_since is not None:
            for instant in mail.rounds(self.town, mail_since):
                self.at(instant, lambda now: mail.round_of(self.town, now))
        while self._steps:
            instant, _serial, step = heapq.heappop(self._steps)
            step(instant)

    # Before the day

    def arrange(self, visit: PlannedVisit, rng: Random, *, first_of_all: bool = False) -> None:
        """A resident phones some days before; perhaps again, to confirm, to cancel or to come earlier.

        `first_of_all`: they phone weeks before, when all times are free.
        """
        first, second = moments_before(self.town, visit.start, rng)
        if first_of_all:
            first -= LONG_BEFORE

        def phones(now: datetime) -> None:
            appointment = None
            if visit.fate in MOVES:
                appointment = self._book(visit, visit.start + timedelta(weeks=1), now)
            appointment = appointment or self._book(visit, visit.start, now)
            if appointment is None:
                return
            if visit.fate in (Fate.CONFIRMED, Fate.CANCELLED, *MOVES):
                self.at(second, lambda now: self._phones_again(visit, appointment, now))
            if visit.fate not in (Fate.CANCELLED, *MOVES):
                self.carry_on(appointment, missed=visit.fate is Fate.MISSED)

        self.at(first, phones)

    def _phones_again(self, visit: PlannedVisit, appointment: Appointment, now: datetime) -> None:
        town = self.town
        if visit.fate is Fate.CONFIRMED:
            actions.confirm(appointment=appointment, by=Actor.resident(), now=now)
        elif visit.fate is Fate.CANCELLED:
            actions.cancel(appointment=appointment, reason=Reason.RESIDENT_ASKED, by=town.desk, now=now)
        else:
            self._come_earlier(visit, appointment, now)
            self.carry_on(appointment)
        mail.tell(town, appointment, now)

    def _book(self, visit: PlannedVisit, start: datetime, now: datetime) -> Appointment | None:
        town = self.town
        request = actions.BookingRequest(
            service=town.services[visit.service],
            site=town.sites[visit.ref],
            start=start,
            with_helper=visit.with_helper,
            resident=town.residents[visit.person] if visit.person else None,
            party_size=visit.party_size,
            note=visit.note,
        )
        try:
            appointment = actions.book(request=request, by=town.desk, now=now)
        except (NotOffered, SlotTaken):
            return None
        mail.tell(town, appointment, now)
        return appointment

    def _come_earlier(self, visit: PlannedVisit, appointment: Appointment, now: datetime) -> None:
        try:
            actions.reschedule(
                appointment=appointment,
                site=self.town.sites[visit.ref],
                start=visit.start,
                reason=Reason.SITE_CLOSED if visit.fate is Fate.DISPLACED else Reason.RESIDENT_ASKED,
                by=self.town.desk,
                now=now,
            )
        except (NotOffered, SlotTaken):
            return  # the appointment keeps its old time

    # On the day

    def carry_on(self, appointment: Appointment, *, missed: bool = False) -> None:
        """Carry out the rest of a visit that is booked, arrived or in session."""
        rng = Random(appointment.number)
        host = Actor.agent(appointment.helper) if appointment.helper else Actor.screen()
        start, end = appointment.starts_at, appointment.ends_at
        if missed:
            self.when_possible(
                start + MISSED_AFTER,
                lambda now: actions.mark_no_show(appointment=appointment, by=host, now=now),
            )
            return
        arrived = start + timedelta(minutes=rng.choice((-9, -7, -6, -4, -3, -2, 0, 3)))
        started = max(start, arrived) + timedelta(minutes=rng.choice((0, 0, 1, 2)))
        ended = max(end - timedelta(minutes=rng.choice((12, 9, 6, 4, 2, 0))), started + timedelta(minutes=5))
        if appointment.status == Status.BOOKED:
            self.at(
                arrived, lambda now: actions.check_in(appointment=appointment, by=Actor.screen(), now=now)
            )
        if appointment.status != Status.IN_SESSION:
            self.at(started, lambda now: actions.start_session(appointment=appointment, by=host, now=now))
        else:
            ended = max(ended, (appointment.started_at or ended) + timedelta(minutes=5))
        self.when_possible(ended, lambda now: self._end(appointment, host, now))

    def walk_in(self, visit: PlannedVisit) -> None:
        """Carry out a visit without an appointment or a name."""

        def walks_in(now: datetime) -> None:
            request = actions.BookingRequest(
                service=self.town.services[visit.service],
                site=self.town.sites[visit.ref],
                start=now,
                with_helper=visit.with_helper,
                cabin=self.town.cabins[visit.ref],
            )
            try:
                appointment = actions.start_walk_in(request=request, by=Actor.screen(), now=now)
            except (NotOffered, CabinBusy, HelperBusy):
                return
            self.carry_on(appointment)

        self.at(visit.start, walks_in)

    def leave_behind(self, appointment: Appointment) -> None:
        """Carry out a visit that stayed open on an earlier day, because the demonstration was not run
        since."""
        booked = appointment.status == Status.BOOKED
        self.carry_on(appointment, missed=booked and Random(appointment.number).random() < 0.1)

    def _end(self, appointment: Appointment, host: Actor, now: datetime) -> None:
        if appointment.service.is_medical:
            actions.end_session(appointment=appointment, by=host, now=now)
            return
        rng = Random(appointment.number)
        outcome = rng.choices(list(OUTCOMES), weights=list(OUTCOMES.values()))[0]
        actions.end_session(appointment=appointment, outcome=outcome, by=host, now=now)
        is_today = self.town.commune.local(now).date() == self.town.today
        if not is_today and rng.random() < NOTED:  # those of today are still to be noted
            values = believable_note(appointment.service, outcome, rng)
            actions.note_visit(appointment=appointment, values=values, by=host, now=now)


def moments_before(town: Town, start: datetime, rng: Random) -> tuple[datetime, datetime]:
    """Two instants in office hours, the earlier one first, on days before both `start` and now."""
    latest = min(town.commune.local(start).date(), town.today)
    days = rng.sample(range(1, 11), 2)
    first, second = sorted(_office_hour(town, latest - timedelta(days=back), rng) for back in days)
    return first, second


def _office_hour(town: Town, day: date, rng: Random) -> datetime:
    day -= timedelta(days=max(0, day.weekday() - SATURDAY + 1))
    minutes = rng.choice((rng.randrange(9 * 60, 12 * 60), rng.randrange(13 * 60 + 30, 17 * 60)))
    return datetime.combine(day, time(minutes // 60, minutes % 60), town.commune.tz)
