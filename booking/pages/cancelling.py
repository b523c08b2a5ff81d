"""What the step before a cancellation shows: when it would be final, and who waits for such a time."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from booking.actions import grace_ends
from booking.enums import WaitingState
from booking.models import Appointment, WaitingEntry


@dataclass(frozen=True, slots=True)
class CancelStep:
    final_at: datetime | None
    """When it would become final; None: at once."""
    grace_min: int
    """The minutes until then, rounded up; 0: at once."""
    waiting: int
    """How many residents wait for a time of this service at this place or anywhere."""


def read_cancelling(appointment: Appointment, *, now: datetime) -> CancelStep:
    """One query. The commune of the appointment is loaded."""
    final_at = grace_ends(appointment, now)
    on = appointment.commune.local(appointment.starts_at).date()
    waiting = WaitingEntry.objects.filter(
        Q(sites=None) | Q(sites=appointment.site_id),
        Q(from_on=None) | Q(from_on__lte=on),
        commune=appointment.commune_id,
        service=appointment.service_id,
        state=WaitingState.WAITING,
        until_on__gte=on,
    )
    count = waiting.distinct().count() if appointment.starts_at > now else 0
    return CancelStep(final_at, -(-(final_at - now).seconds // 60) if final_at else 0, count)
