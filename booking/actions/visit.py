"""The visit itself: arrival, start, end, no-show, and the undo of each."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from booking.actions.base import (
    HELPER_FREE,
    AppointmentFields,
    action,
    apply,
    change,
    in_our_words,
    lock,
    require,
    too_early,
)
from booking.delays import begins_late
from booking.enums import ActorKind, EventKind, Outcome, Status
from booking.errors import HelperBusy, NotForMedical, TooLate
from booking.log import Actor
from booking.models import Appointment

CHECK_IN_EARLY_MIN = 60
"""How long before the start a screen accepts an arrival. Agents may record one all day."""


@action
def check_in(
    *, appointment: Appointment, by: Actor, now: datetime, arrived_at: datetime | None = None
) -> Appointment:
    """Record that the resident has arrived, also after a mistaken no-show.

    `arrived_at` is earlier than `now` when a screen without network reports it later. Raises TooEarly
    (`details["from_at"]`) or TooLate outside the window. For agents the window is the local day; for a
    screen it lasts from an hour before the start until the end, or until a helper who is late has come.
    """
    lock(appointment)
    require(appointment, Status.BOOKED, Status.NO_SHOW)
    came_at = min(arrived_at or now, now)
    _check_window(appointment, by, came_at)
    change(appointment, kind=EventKind.ARRIVED, to=Status.ARRIVED, arrived_at=came_at, by=by, now=now)
    return appointment


def _check_window(appointment: Appointment, by: Actor, at: datetime) -> None:
    if by.kind == ActorKind.SCREEN:
        from_at = appointment.starts_at - timedelta(minutes=CHECK_IN_EARLY_MIN)
        if at < from_at:
            raise too_early(appointment, from_at=from_at, now=at)
        if at >= appointment.ends_at and not begins_late(appointment, at):
            raise TooLate
    _check_day(appointment, at)


def _check_day(appointment: Appointment, at: datetime) -> None:
    """Raise TooEarly or TooLate unless it is the day of the visit, in the commune's time zone. A visit that
    begins shortly after midnight may also be recorded in the hour before its start."""
    local = appointment.commune.local
    starts = local(appointment.starts_at)
    midnight = starts.replace(hour=0, minute=0, second=0, microsecond=0)
    from_at = min(midnight, starts - timedelta(minutes=CHECK_IN_EARLY_MIN))
    if at < from_at:
        raise too_early(appointment, from_at=from_at, now=at)
    if local(at).date() > local(appointment.ends_at).date():
        raise TooLate


@action
def say_coming(*, appointment: Appointment, by: Actor, now: datetime) -> bool:
    """Note that an agent comes for the resident who waits: the others are told no more. False if one said so
    before, or if nobody waits any more.

    It counts until the resident arrives anew. A resident who began on a screen waits while the session runs.
    """
    lock(appointment, as_seen=False)
    came, said = appointment.arrived_at, appointment.coming_at
    waits = appointment.status in (Status.ARRIVED, Status.IN_SESSION)
    if not waits or came is None or (said is not None and said >= came):
        return False
    apply(appointment, kind=EventKind.COMING, coming_at=now, by=by, now=now)
    return True


@action
def undo_check_in(*, appointment: Appointment, by: Actor, now: datetime) -> Appointment:
    lock(appointment)
    require(appointment, Status.ARRIVED)
    change(
        appointment,
        kind=EventKind.ARRIVAL_UNDONE,
        to=Status.BOOKED,
        arrived_at=None,
        by=by,
        now=now,
    )
    return appointment


@action
def start_session(
    *,
    appointment: Appointment,
    by: Actor,
    now: datetime,
    helper: Agent | None = None,
    without_helper: bool = False,
) -> Appointment:
    """Begin the visit; a resident whose arrival was not recorded has arrived now.

    `helper` takes the visit over from the one who was booked; `without_helper` lets the resident begin
    alone. Raises CabinBusy or HelperBusy while another session runs there.
    """
    lock(appointment)
    require(appointment, Status.BOOKED, Status.ARRIVED)
    _check_day(appointment, now)
    fields: AppointmentFields = {"started_at": now, "arrived_at": appointment.arrived_at or now}
    if without_helper:
        fields |= {"helper_id": None, "with_helper": False}
    elif helper is not None:
        fields |= {"helper_id": helper.pk, "with_helper": True}
    with in_our_words({HELPER_FREE: _has_another}):
        apply(appointment, kind=EventKind.STARTED, to=Status.IN_SESSION, by=by, now=now, **fields)
    return appointment


def _has_another() -> HelperBusy:
    return HelperBusy(_("This helper has another appointment at that time."))


@action
def undo_start(*, appointment: Appointment, by: Actor, now: datetime) -> Appointment:
    """Undo `start_session`: the resident waits again."""
    lock(appointment)
    require(appointment, Status.IN_SESSION)
    change(appointment, kind=EventKind.START_UNDONE, to=Status.ARRIVED, started_at=None, by=by, now=now)
    return appointment


@action
def end_session(
    *, appointment: Appointment, by: Actor, now: datetime, outcome: Outcome | str = ""
) -> Appointment:
    """End the visit. Without an `outcome` it keeps that of an end that was undone. Raises NotForMedical for
    the outcome of a medical service."""
    lock(appointment)
    require(appointment, Status.IN_SESSION)
    if outcome and appointment.service.is_medical:
        raise NotForMedical
    fields: AppointmentFields = {"ended_at": now}
    if outcome or appointment.service.is_medical:
        fields["outcome"] = Outcome(outcome) if outcome else ""
    change(appointment, kind=EventKind.ENDED, to=Status.DONE, by=by, now=now, **fields)
    return appointment


@action
def undo_end(*, appointment: Appointment, by: Actor, now: datetime) -> Appointment:
    """Undo `end_session`: the session goes on, and what was noted of it stays. Raises CabinBusy or HelperBusy
    when another session has begun, SlotTaken when the rest of its time was given to somebody else."""
    lock(appointment)
    require(appointment, Status.DONE)
    _check_day(appointment, now)
    change(
        appointment,
        kind=EventKind.END_UNDONE,
        to=Status.IN_SESSION,
        ended_at=None,
        by=by,
        now=now,
    )
    return appointment


@action
def mark_no_show(*, appointment: Appointment, by: Actor, now: datetime) -> Appointment:
    """Record that the resident did not come, or left before their turn. Raises TooEarly before the start."""
    lock(appointment)
    require(appointment, Status.BOOKED, Status.ARRIVED)
    if now < appointment.starts_at:
        raise too_early(appointment, from_at=appointment.starts_at, now=now)
    change(appointment, kind=EventKind.NO_SHOW, to=Status.NO_SHOW, by=by, now=now)
    return appointment


@action
def undo_no_show(*, appointment: Appointment, by: Actor, now: datetime) -> Appointment:
    """Undo `mark_no_show`: arrived again if the arrival had been recorded, else booked. Raises SlotTaken
    when the time was given to somebody else."""
    lock(appointment)
    require(appointment, Status.NO_SHOW)
    change(
        appointment,
        kind=EventKind.NO_SHOW_UNDONE,
        to=Status.ARRIVED if appointment.arrived_at else Status.BOOKED,
        by=by,
        now=now,
    )
    return appointment
