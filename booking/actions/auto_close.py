"""Closing after some time what nobody ended: else a cabin would stay in use, and a visit uncounted, for
ever."""

from datetime import datetime, timedelta
from typing import Unpack

from django.db.models import Q

from booking.actions.base import AppointmentFields, action, change, lock
from booking.enums import EventKind, Reason, Status
from booking.errors import StatusRefused
from booking.log import Actor
from booking.models import Appointment
from core.edits import RecordGone

ALONE_ENDS_AFTER = timedelta(minutes=30)
"""Nobody watches a resident who is alone in a cabin, and not every cabin has a screen that asks."""

OPEN_FOR = timedelta(days=7)
"""How long agents may still note what became of an appointment: long enough to come back from a few
days off."""

_AT_ONCE = 200


def end_forgotten(*, now: datetime) -> int:
    """End the sessions that nobody ended, with their booked end as the time; return how many.

    A session without a helper is ended half an hour after its booked end; one with a helper, who may be busy,
    when its day is over.
    """
    running = Appointment.objects.filter(status=Status.IN_SESSION, ends_at__lt=now).select_related("commune")
    return sum(_end(row, now) for row in running if _is_forgotten(row, now))


def close_unrecorded(*, now: datetime) -> int:
    """Close the appointments that are still booked or arrived a week after their time; return how many.

    Nobody knows whether the resident came, so it is counted neither as a visit nor as an absence but as
    « not recorded ». Nobody is told.
    """
    left = Appointment.objects.live().filter(
        Q(status=Status.BOOKED) | Q(status=Status.ARRIVED), blocked_until__lt=now - OPEN_FOR
    )
    return sum(_close(row, now) for row in left.order_by("pk")[:_AT_ONCE])


def _is_forgotten(appointment: Appointment, now: datetime) -> bool:
    if not appointment.with_helper and now >= appointment.ends_at + ALONE_ENDS_AFTER:
        return True
    local = appointment.commune.local
    return local(appointment.ends_at).date() < local(now).date()


def _end(appointment: Appointment, now: datetime) -> bool:
    ended_at = appointment.ends_at
    return _settle(appointment, EventKind.ENDED, Status.DONE, now=now, ended_at=ended_at)


def _close(appointment: Appointment, now: datetime) -> bool:
    return _settle(appointment, EventKind.UNRECORDED, Status.UNRECORDED, now=now)


@action
def _settle(
    appointment: Appointment,
    kind: EventKind,
    to: Status,
    *,
    now: datetime,
    **fields: Unpack[AppointmentFields],
) -> bool:
    """End or close one appointment. False when somebody has just recorded what became of it, or
    erased the person."""
    try:
        lock(appointment)
    except (StatusRefused, RecordGone):
        return False
    change(appointment, kind=kind, to=to, reason=Reason.EXPIRED, by=Actor.system(), now=now, **fields)
    return True
