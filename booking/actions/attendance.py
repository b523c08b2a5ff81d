"""What is noted only on a later day: that a visit took place. (That it did not: `mark_no_show`.)"""

from datetime import datetime

from booking.actions.base import action, change, lock, require
from booking.enums import EventKind, Status
from booking.errors import StatusRefused, TooEarly
from booking.log import Actor
from booking.models import Appointment
from core.days import day_span


@action
def record_attendance(*, appointment: Appointment, by: Actor, now: datetime) -> Appointment:
    """It took place; when it began and ended nobody noted. Raises TooEarly on its own day, when arrivals and
    sessions are noted as they happen."""
    lock(appointment)
    require(appointment, Status.BOOKED, Status.ARRIVED)
    local = appointment.commune.local
    _, over = day_span(local(appointment.ends_at).date(), appointment.commune.tz)
    if now < over:
        raise TooEarly(from_at=over)
    change(appointment, kind=EventKind.CAME, to=Status.DONE, by=by, now=now)
    return appointment


@action
def undo_came(*, appointment: Appointment, by: Actor, now: datetime) -> Appointment:
    """Back to what it was. StatusRefused for a session that ran: that one did take place."""
    lock(appointment)
    require(appointment, Status.DONE)
    if appointment.started_at is not None:
        raise StatusRefused(status=appointment.status)
    before = Status.ARRIVED if appointment.arrived_at else Status.BOOKED
    change(appointment, kind=EventKind.CAME_UNDONE, to=before, by=by, now=now)
    return appointment
