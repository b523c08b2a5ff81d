"""Sessions that nobody ended: closed when the day is over, or the cabin would be in use for ever."""

from datetime import datetime

from booking.actions.base import action, change, lock
from booking.enums import EventKind, Reason, Status
from booking.log import Actor
from booking.models import Appointment


def end_forgotten(*, now: datetime) -> int:
    """End sessions of days gone by, at the time they were booked until; how many.

    Those that are booked or waiting stay as they are: whether they came is not ours to guess.
    """
    running = Appointment.objects.filter(status=Status.IN_SESSION, ends_at__lt=now).select_related("commune")
    yesterdays = [
        row for row in running if row.commune.local(row.ends_at).date() < row.commune.local(now).date()
    ]
    for appointment in yesterdays:
        _end(appointment, now)
    return len(yesterdays)


@action
def _end(appointment: Appointment, now: datetime) -> None:
    lock(appointment)
    change(
        appointment,
        kind=EventKind.ENDED,
        to=Status.DONE,
        ended_at=appointment.ends_at,
        reason=Reason.EXPIRED,
        by=Actor.system(),
        now=now,
    )
