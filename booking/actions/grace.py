"""Cancelling by the desk: first with a grace, during which nobody is told and the time stays kept.

An appointment in its grace has the status `CANCELLING`, and `cancel_at` says when the cancellation becomes
final. The event of that status holds who cancelled, why and at whose request; the event of the final
cancellation repeats it, whoever or whatever makes it final.
"""

from datetime import datetime, timedelta

from booking import log
from booking.actions.base import action, change, lock, require
from booking.enums import AskedBy, EventKind, Reason, Status
from booking.log import Actor
from booking.models import Appointment
from core.edits import RecordGone

AT_ONCE_WITHIN = timedelta(minutes=30)
"""A cancellation is final at the latest so long before the start, so that everybody can still be told."""


def grace_ends(appointment: Appointment, now: datetime) -> datetime | None:
    """When a cancellation by the desk at `now` would become final; None if at once, because the commune
    wants no grace or because the visit begins soon. The commune is loaded."""
    lasts = timedelta(minutes=appointment.commune.cancel_grace_min)
    ends = min(now + lasts, appointment.starts_at - AT_ONCE_WITHIN)
    return ends if ends > now else None


@action
def cancel_with_grace(
    *, appointment: Appointment, reason: Reason, asked_by: AskedBy, by: Actor, now: datetime
) -> Appointment:
    """Cancel so that it can be undone for some minutes without anybody being told; at once where there is
    no grace, see `grace_ends`."""
    lock(appointment)
    require(appointment, Status.BOOKED, Status.ARRIVED)
    ends = grace_ends(appointment, now)
    if ends is None:
        cancel_locked(appointment, reason=reason, asked_by=asked_by, by=by, now=now)
    else:
        change(
            appointment,
            kind=EventKind.CANCELLING,
            to=Status.CANCELLING,
            cancel_at=ends,
            reason=reason,
            asked_by=asked_by,
            by=by,
            now=now,
        )
    return appointment


@action
def cancel(
    *,
    appointment: Appointment,
    reason: Reason = Reason.NONE,
    asked_by: AskedBy | None = None,
    by: Actor,
    now: datetime,
) -> Appointment:
    """Cancel at once: whoever must be told is told now. It also ends the grace of an earlier cancellation."""
    lock(appointment)
    require(appointment, Status.BOOKED, Status.ARRIVED, Status.CANCELLING)
    cancel_locked(appointment, reason=reason, asked_by=asked_by, by=by, now=now)
    return appointment


@action
def finish_cancelling(*, appointment: Appointment, now: datetime) -> Appointment:
    """End the grace now: the cancellation is final, as its agent meant it."""
    lock(appointment)
    require(appointment, Status.CANCELLING)
    make_final(appointment, now)
    return appointment


def finish_due_cancellations(*, now: datetime) -> int:
    """Make the cancellations final whose grace is over, each in a transaction of its own; return how
    many."""
    due = Appointment.objects.filter(status=Status.CANCELLING, cancel_at__lte=now).order_by("id")
    return sum(_finish_due(appointment, now) for appointment in due)


def finish_rehearsed_cancellations(*, commune_id: int, now: datetime) -> None:
    """In a rehearsal: make final what was cancelled in it with a grace, as the coming minutes do. By then the
    hours may have begun in which nothing leaves."""
    cancelled = Appointment.objects.filter(pk__in=log.recorded(), commune=commune_id)
    for appointment in cancelled.filter(status=Status.CANCELLING).order_by("id"):
        finish_cancelling(appointment=appointment, now=appointment.cancel_at or now)


@action
def _finish_due(appointment: Appointment, now: datetime) -> bool:
    try:
        lock(appointment, as_seen=False)
    except RecordGone:
        return False
    if not is_grace_over(appointment, now):
        return False
    make_final(appointment, now)
    return True


def is_grace_over(appointment: Appointment, now: datetime) -> bool:
    """Whether it is cancelled with a grace that has run out, and is not final yet."""
    ends = appointment.cancel_at
    return appointment.status == Status.CANCELLING and ends is not None and ends <= now


def make_final(appointment: Appointment, now: datetime) -> None:
    """`finish_cancelling` of a locked appointment."""
    event = appointment.events.filter(kind=EventKind.CANCELLING).order_by("id").last()
    cancel_locked(
        appointment,
        reason=Reason(event.reason) if event else Reason.NONE,
        asked_by=AskedBy(event.asked_by) if event and event.asked_by else None,
        by=Actor.of(event) if event else Actor.system(),
        now=now,
    )


def cancel_locked(
    appointment: Appointment, *, reason: Reason, asked_by: AskedBy | None, by: Actor, now: datetime
) -> None:
    """`cancel` of a locked appointment whose status allows it."""
    change(
        appointment,
        kind=EventKind.CANCELLED,
        to=Status.CANCELLED,
        unlogged={"cancel_at": None},
        reason=reason,
        asked_by=asked_by or "",
        by=by,
        now=now,
    )


def undo_cancelling(appointment: Appointment, *, reason: Reason, by: Actor, now: datetime) -> None:
    """Bring back a locked appointment that is in its grace, as it was. Nobody was told, so nobody is told
    now."""
    change(
        appointment,
        kind=EventKind.CANCEL_UNDONE,
        to=Status.ARRIVED if appointment.arrived_at else Status.BOOKED,
        reason=reason,
        unlogged={"cancel_at": None},
        by=by,
        now=now,
    )
