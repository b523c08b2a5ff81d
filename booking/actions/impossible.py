"""Appointments that cannot take place, and for which nothing else was found: an agent calls the resident.

Only the log is written: `notifications` reads there who is on the call list.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from booking.actions.base import action, lock, require
from booking.enums import EventKind, Reason, Status
from booking.log import Actor, write
from booking.models import Appointment, AppointmentEvent

_DECIDING = (EventKind.TO_CALL, EventKind.CALL_OFF, EventKind.MOVED, EventKind.RESTORED)
"""The last event of one of these kinds says whether an agent must call."""


@action
def mark_impossible(*, appointment: Appointment, reason: Reason, by: Actor, now: datetime) -> Appointment:
    """Ask for a call to the resident, to offer another time; `reason` says why this one is not possible."""
    lock(appointment)
    require(appointment, Status.BOOKED)
    write(appointment=appointment, kind=EventKind.TO_CALL, at=now, by=by, reason=reason)
    return appointment


@action
def clear_impossible(*, appointment: Appointment, by: Actor, now: datetime) -> Appointment:
    """The appointment can take place after all: no call is needed. Does nothing if none was asked for."""
    lock(appointment, as_seen=False)
    if to_be_called(Appointment.objects.filter(pk=appointment.pk)):
        write(appointment=appointment, kind=EventKind.CALL_OFF, at=now, by=by)
    return appointment


def to_be_called(appointments: QuerySet[Appointment]) -> set[int]:
    """The ids of those appointments that are booked and whose resident must be called."""
    asked = AppointmentEvent.objects.filter(appointment=OuterRef("pk"), kind=EventKind.TO_CALL)
    booked = appointments.filter(Exists(asked), status=Status.BOOKED)
    events = AppointmentEvent.objects.filter(appointment__in=booked.values("pk"), kind__in=_DECIDING)
    events = events.exclude(kind=EventKind.RESTORED, reason=Reason.MISTAKE)  # it stands as it did before
    latest = dict(events.order_by("id").values_list("appointment_id", "kind"))
    return {pk for pk, kind in latest.items() if kind == EventKind.TO_CALL}
