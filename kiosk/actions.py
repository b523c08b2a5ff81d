"""What residents do to appointments on a screen. The changes themselves are the actions of `booking`."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from booking.actions import check_in, end_session, extend, start_session, undo_check_in, undo_start
from booking.enums import EventKind, Status
from booking.errors import CabinBusy
from booking.log import Actor
from booking.models import Appointment
from communes.models import Site
from kiosk.attempts import forget_wrong_entries, note_attempt, take_back_attempt
from kiosk.board.arrival import Coming, Verdict, judge
from kiosk.board.layout import EXTENSION
from kiosk.board.types import BoardDay
from kiosk.board.waits import EARLY
from kiosk.enums import Face
from kiosk.errors import NumberUnknown, TooManyNumbers
from kiosk.models import FaceCount, Screen

NUMBERS_PER_SCREEN = 5
"""How many wrong numbers one screen accepts in ten minutes; after that an agent has to help."""

NUMBERS_TOLD_LATE = 50
"""How many wrong numbers a screen may report in ten minutes that were keyed while it had no network:
nobody was told there that they are wrong."""

_REMEMBERED = timedelta(days=31)
"""An appointment that began longer ago is not found by its number."""

UNDO_FOR = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Answer:
    """What to tell someone who says that they have come. `has_begun`: the session without helper is
    running. `begins_at`: about when it begins, while the helper is late."""

    verdict: Verdict
    appointment: Appointment
    is_checked_in: bool = False
    has_begun: bool = False
    begins_at: datetime | None = None


def find_by_number(*, screen: Screen, number: str, now: datetime, is_late: bool = False) -> Appointment:
    """The appointment with this number at the screen's site. A number of another site counts as unknown.

    A right number does not clear the count of wrong ones: otherwise a person with a right number could try
    all others in between. Only an arrival clears it (`say_arrived`), the first time.

    `is_late`: it was keyed while the screen had no network. Such numbers are counted apart.
    Raises NumberUnknown (`details["left"]`: attempts left), and TooManyNumbers after five wrong ones.
    """
    most = NUMBERS_TOLD_LATE if is_late else NUMBERS_PER_SCREEN
    attempts = note_attempt(screen=screen, most=most, now=now, is_late=is_late)
    if attempts > most:
        raise TooManyNumbers
    appointment = _by_number(screen.site_id, number, now)
    if appointment is None:
        if attempts == most:
            raise TooManyNumbers
        raise NumberUnknown(left=most - attempts)
    take_back_attempt(screen=screen, is_late=is_late)
    return appointment


def _by_number(site_id: int, number: str, now: datetime) -> Appointment | None:
    """Numbers are unique among live appointments only. So a live one is meant, else the latest one."""
    found = Appointment.objects.visible().filter(site=site_id, number=number)
    found = found.filter(starts_at__gt=now - _REMEMBERED)
    found = found.select_related("site__commune", "cabin", "service", "resident")
    return max(found, key=lambda each: (each.is_live, each.starts_at), default=None)


def say_arrived(
    *, screen: Screen, appointment: Appointment, day: BoardDay, now: datetime, came_at: datetime | None = None
) -> Answer:
    """Judge an arrival, and note it if it is one. `came_at` is before `now` if the screen had no network
    when they came."""
    at = min(came_at or now, now)
    visit = next((visit for visit in day.visits if visit.id == appointment.pk), None)
    begins_at = visit.begins_late(at) if visit else None
    coming = _coming(appointment, day, begins_at)
    if came_at is not None and coming.status == Status.NO_SHOW:
        # The agent who noted the absence could not know of the arrival.
        coming = replace(coming, status=Status.BOOKED)
    verdict = judge(coming, cabin_id=screen.cabin_id, tz=day.tz, now=at)
    # If the arrival is reported after the appointment's end, the resident has left: no session begins now.
    in_time = came_at is None or now < appointment.ends_at
    is_near = now >= appointment.starts_at - EARLY
    may_begin = in_time and is_near and visit is not None and day.may_begin(visit, now)
    if verdict == Verdict.ALREADY:
        begun = appointment.status == Status.IN_SESSION or (
            may_begin and _begin_alone(screen, appointment, now)
        )
        return Answer(verdict, appointment, has_begun=begun)
    noted = verdict in (Verdict.WELCOME, Verdict.LATE) or (
        verdict == Verdict.OTHER_CABIN and appointment.with_helper
    )
    if not noted:
        return Answer(verdict, appointment)
    with transaction.atomic():
        if not appointment.events.filter(kind=EventKind.ARRIVED).exists():
            forget_wrong_entries(screen=screen)
        check_in(appointment=appointment, by=Actor.screen(), now=now, arrived_at=at)
        begun = verdict != Verdict.OTHER_CABIN and may_begin and _begin_alone(screen, appointment, now)
    return Answer(verdict, appointment, is_checked_in=True, has_begun=begun, begins_at=begins_at)


def _coming(appointment: Appointment, day: BoardDay, expected_at: datetime | None) -> Coming:
    start, end = appointment.starts_at, appointment.ends_at
    is_open = any(opens < end and start < closes for opens, closes in day.open_spans)
    return Coming(
        cabin_id=appointment.cabin_id,
        status=Status(appointment.status),
        starts_at=start,
        ends_at=end,
        with_helper=appointment.with_helper,
        is_served=is_open and appointment.cabin.works_at(start),
        expected_at=expected_at,
    )


def _begin_alone(screen: Screen, appointment: Appointment, now: datetime) -> bool:
    """Start a session without helper: at its own cabin, or on the hall's screen, which sends the resident
    there. False if it has a helper, another cabin's screen asks, or another session still runs there."""
    if appointment.with_helper or screen.cabin_id not in (None, appointment.cabin_id):
        return False
    try:
        with transaction.atomic():
            start_session(appointment=appointment, by=Actor.screen(), now=now)
    except CabinBusy:
        appointment.refresh_from_db(fields=["status"])
        return False
    return True


@transaction.atomic
def take_back_arrival(*, appointment: Appointment, now: datetime) -> None:
    """Undo a mistaken arrival, and its session if one without helper has begun. One that is undone already
    stays so: the answer may have been lost."""
    if appointment.status == Status.BOOKED:
        return
    if appointment.status == Status.IN_SESSION and not appointment.with_helper:
        undo_start(appointment=appointment, by=Actor.screen(), now=now)
    undo_check_in(appointment=appointment, by=Actor.screen(), now=now)


def extend_session(*, appointment: Appointment, now: datetime) -> Appointment:
    return extend(
        appointment=appointment, minutes=EXTENSION // timedelta(minutes=1), by=Actor.screen(), now=now
    )


def finish_session(*, appointment: Appointment, now: datetime) -> Appointment:
    return end_session(appointment=appointment, by=Actor.screen(), now=now)


@transaction.atomic
def count_face(*, site: Site, face: Face, on: date) -> None:
    """Count an answer in the month of `on`. It is not linked to any person."""
    month_on = on.replace(day=1)
    FaceCount.objects.get_or_create(site=site, month_on=month_on, face=face)
    FaceCount.objects.filter(site=site, month_on=month_on, face=face).update(count=F("count") + 1)
