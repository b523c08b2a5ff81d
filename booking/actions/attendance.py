"""Recording on a later day that a visit took place. For a resident who did not come, see `mark_no_show`."""

from datetime import datetime

from booking.actions.base import action, change, lock, require, too_early
from booking.enums import EventKind, Status
from booking.errors import StatusRefused
from booking.log import Actor
from booking.models import Appointment
from core.days import day_span


@action
def record_attendance(*, appointment: Appointment, by: Actor, now: datetime) -> Appointment:
    """Record that a visit took place although nobody noted when it began and ended. Raises TooEarly on the
    day of the visit itself: arrivals and sessions are then noted as they happen."""
    lock(appointment)
    require(appointment, Status.BOOKED, Status.ARRIVED)
    local = appointment.commune.local
    _, over = day_span(local(appointment.ends_at).date(), appointment.commune.tz)
    if now < over:
        raise too_early(appointment, from_at=over, now=now)
    change(appointment, kind=EventKind.CAME, to=Status.DONE, by=by, now=now)
    return appointment


@action
def undo_came(*, appointment: Appointment, by: Actor, now: datetime) -> Appointment:
    """Undo `record_attendance`. Raises StatusRefused when a session was started: that visit did take
    place."""
    lock(appointment)
    require(appointment, Status.DONE)
    if appointment.started_at is not None:
        raise StatusRefused(status=appointment.status)
    before = Status.ARRIVED if appointment.arrived_at else Status.BOOKED
    change(appointment, kind=EventKind.CAME_UNDONE, to=before, by=by, now=now)
    return appointment
