"""Living the planned visits: booked, moved, cancelled, kept, each through the action that people use.

Every action is told the instant at which it happened, so that the log reads as it would have.
"""

from datetime import date, datetime, timedelta
from random import Random

from booking import actions
from booking.enums import Outcome, Reason, Status
from booking.errors import CabinBusy, HelperBusy, NotOffered, SlotTaken
from booking.log import Actor
from booking.models import Appointment
from config.demo.build import Town
from config.demo.visits import Fate, Visit

OUTCOMES = {
    Outcome.SOLVED: 66,
    Outcome.PARTLY: 16,
    Outcome.PAPERS_MISSING: 9,
    Outcome.REFERRED: 6,
    Outcome.NOT_POSSIBLE: 3,
}
MISSED_AFTER = timedelta(minutes=25)
SATURDAY = 5


def arrange(town: Town, visit: Visit, rng: Random) -> Appointment | None:
    """Book a visit, some days before it, and what happens to it before its day. None if it was refused."""
    first, second = moments_before(town, visit.start, rng)
    appointment = None
    if visit.fate is Fate.MOVED:
        # First booked for a week later, then brought forward.
        appointment = _book(town, visit, visit.start + timedelta(weeks=1), first)
        if appointment is not None and not _bring_forward(town, visit, appointment, second):
            return appointment
    if appointment is None:
        appointment = _book(town, visit, visit.start, first)
    if appointment is not None and visit.fate is Fate.CONFIRMED:
        actions.confirm(appointment=appointment, by=Actor.resident(), now=second)
    if appointment is not None and visit.fate is Fate.CANCELLED:
        actions.cancel(appointment=appointment, reason=Reason.RESIDENT_ASKED, by=town.desk, now=second)
    return appointment


def _book(town: Town, visit: Visit, start: datetime, at: datetime) -> Appointment | None:
    try:
        return actions.book(
            service=town.services[visit.service],
            site=town.sites[visit.ref],
            start=start,
            with_helper=visit.with_helper,
            resident=town.residents.get(visit.person) if visit.person else None,
            party_size=visit.party_size,
            note=visit.note,
            by=town.desk,
            now=at,
        )
    except (NotOffered, SlotTaken):
        return None


def _bring_forward(town: Town, visit: Visit, appointment: Appointment, at: datetime) -> bool:
    try:
        actions.reschedule(
            appointment=appointment,
            site=town.sites[visit.ref],
            start=visit.start,
            reason=Reason.RESIDENT_ASKED,
            by=town.desk,
            now=at,
        )
    except (NotOffered, SlotTaken):
        return False
    return True


def moments_before(town: Town, start: datetime, rng: Random) -> tuple[datetime, datetime]:
    """Two instants of office hours, in order, on days before both `start` and now."""
    latest = min(town.commune.local(start).date(), town.today)
    days = rng.sample(range(1, 11), 2)
    return tuple(sorted(_office_hour(town, latest - timedelta(days=back), rng) for back in days))  # type: ignore[return-value]


def _office_hour(town: Town, day: date, rng: Random) -> datetime:
    day -= timedelta(days=max(0, day.weekday() - SATURDAY + 1))
    minutes = rng.choice((rng.randrange(9 * 60, 12 * 60), rng.randrange(13 * 60 + 30, 17 * 60)))
    return town.midnight(day) + timedelta(minutes=minutes)


def play(town: Town, appointment: Appointment, *, until: datetime, missed: bool = False) -> None:
    """Let a booked visit happen as far as it has by `until`: arrival, session, end; or nobody came."""
    rng = Random(appointment.number)
    start, end = appointment.starts_at, appointment.ends_at
    if missed:
        if start + MISSED_AFTER <= until:
            actions.mark_no_show(
                appointment=appointment, by=_host(town, appointment), now=start + MISSED_AFTER
            )
        return
    arrived = start + timedelta(minutes=rng.choice((-9, -7, -6, -4, -3, -2, 0, 3)))
    started = max(start, arrived) + timedelta(minutes=rng.choice((0, 0, 1, 2)))
    ended = max(end - timedelta(minutes=rng.choice((12, 9, 6, 4, 2, 0))), started + timedelta(minutes=5))
    if appointment.status == Status.BOOKED and arrived <= until:
        actions.check_in(appointment=appointment, by=Actor.screen(), now=arrived)
    if appointment.status == Status.ARRIVED and started <= until:
        actions.start_session(appointment=appointment, by=_host(town, appointment), now=started)
    if appointment.status == Status.IN_SESSION and ended <= until:
        _end(town, appointment, ended, rng)


def walk_in(town: Town, visit: Visit, *, until: datetime) -> None:
    """Someone without an appointment, whom nobody asked for a name."""
    try:
        appointment = actions.start_walk_in(
            service=town.services[visit.service],
            cabin=town.cabins[visit.ref],
            with_helper=visit.with_helper,
            by=Actor.screen(),
            now=visit.start,
        )
    except (NotOffered, CabinBusy, HelperBusy):
        return
    ended = appointment.ends_at - timedelta(minutes=3)
    if ended <= until:
        _end(town, appointment, ended, Random(appointment.number))


def _end(town: Town, appointment: Appointment, at: datetime, rng: Random) -> None:
    outcome = rng.choices(list(OUTCOMES), weights=list(OUTCOMES.values()))[0]
    actions.end_session(appointment=appointment, outcome=outcome, by=_host(town, appointment), now=at)


def _host(town: Town, appointment: Appointment) -> Actor:
    """Who presses the buttons: the helper, or the resident on the screen of the cabin."""
    return Actor.agent(appointment.helper) if appointment.helper else Actor.screen()


def leave_behind(town: Town, appointment: Appointment) -> None:
    """What was left open on an earlier day, because the demonstration was not running then."""
    rng = Random(appointment.number)
    if appointment.status == Status.IN_SESSION:
        _end(town, appointment, max(appointment.ends_at, appointment.started_at or appointment.ends_at), rng)
    else:
        play(
            town,
            appointment,
            until=town.now,
            missed=appointment.status == Status.BOOKED and rng.random() < 0.1,
        )
