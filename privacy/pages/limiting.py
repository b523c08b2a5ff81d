"""What the page says before the use of a record is limited, or used again."""

from dataclasses import dataclass
from datetime import datetime

from booking.actions.offers import OPEN
from booking.enums import EXPECTED
from booking.models import Appointment, Resident
from notifications.enums import MessageKind, State
from notifications.models import Message


@dataclass(frozen=True)
class Limitation:
    """`visits`: those to come; `waiting`: messages that wait and would be taken back, lines of the call list
    among them; `waits_for`: how many entries of the waiting list get no offer meanwhile."""

    visits: list[Appointment]
    waiting: int
    waits_for: int


def read_limitation(resident: Resident, now: datetime) -> Limitation:
    """Three queries."""
    coming = resident.appointments.filter(status__in=EXPECTED, starts_at__gt=now).order_by("starts_at")
    pending = Message.objects.filter(resident=resident, state=State.PENDING)
    return Limitation(
        visits=list(coming.select_related("service", "site")),
        waiting=pending.exclude(kind=MessageKind.CALL_BACK).count(),
        waits_for=resident.waiting_entries.filter(state__in=OPEN).count(),
    )
