"""Whom nobody has told anything yet because the worker stands still: the desk may tell them meanwhile."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from booking.enums import EventKind, Status
from booking.models import Appointment, UnreadEvent
from communes.models import Commune
from notifications.enums import AUTOMATIC, Audience, State
from notifications.models import Message
from notifications.sending.plan_messages import READER

AHEAD = timedelta(days=2)
SHOWN = 50
TELLING_EVENTS = (
    EventKind.BOOKED,
    EventKind.MOVED,
    EventKind.RESTORED,
    EventKind.GIVEN,
    EventKind.CANCELLED,
    EventKind.TO_CALL,
)


@dataclass(frozen=True)
class Untold:
    """An appointment of which somebody has not been told what is true now."""

    appointment: Appointment
    numbers: list[str]


def untold(commune: Commune, *, now: datetime) -> list[Untold]:
    """The appointments from now to two days ahead with news that has not left, soonest first; at most
    fifty; two queries."""
    unread = UnreadEvent.objects.filter(
        reader=READER, event__appointment=OuterRef("pk"), event__kind__in=TELLING_EVENTS
    )
    overdue = Message.objects.filter(
        appointment=OuterRef("pk"),
        audience=Audience.RESIDENT,
        channel__in=AUTOMATIC,
        state=State.PENDING,
        due_at__lte=now,
    )
    found = (
        Appointment.objects.filter(Q(Exists(unread)) | Q(Exists(overdue)), commune=commune)
        .filter(status__in=(Status.BOOKED, Status.CANCELLED), resident__isnull=False, is_walk_in=False)
        .filter(ends_at__gt=now, starts_at__lt=now + AHEAD)
        .select_related("site", "resident")
        .prefetch_related("resident__phones")
        .order_by("starts_at", "pk")[:SHOWN]
    )
    return [
        Untold(each, [phone.number for phone in each.resident.phones.all() if phone.may_call])
        for each in found
        if each.resident
    ]
