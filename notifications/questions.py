"""The questions that a phone has received and may answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from booking.enums import Origin, Status
from booking.models import Appointment
from communes.models import Commune
from notifications.enums import Channel, InboundOutcome, MessageKind, State
from notifications.models import InboundMessage, Message

REMEMBERED = timedelta(days=30)
UNBOOKED = (Status.HELD, Status.LAPSED)
ANSWERED = (
    InboundOutcome.CONFIRMED,
    InboundOutcome.CANCELLED,
    InboundOutcome.ACCEPTED,
    InboundOutcome.DECLINED,
)


@dataclass(frozen=True)
class Question:
    """A message that may be answered, with its appointment."""

    message: Message
    appointment: Appointment

    @property
    def commune(self) -> Commune:
        return self.appointment.commune

    @property
    def is_offer(self) -> bool:
        """The appointment is, or was, only a time held for a resident of the waiting list."""
        return self.appointment.origin == Origin.WAITING_LIST and self.appointment.status in UNBOOKED

    @property
    def told(self) -> tuple[datetime, int] | None:
        message = self.message
        if message.told_start is None or message.told_site_id is None:
            return None
        return message.told_start, message.told_site_id

    def is_answered(self) -> bool:
        """Whether its phone has confirmed or cancelled since it was asked."""
        return InboundMessage.objects.filter(
            sender=self.message.recipient,
            appointment=self.appointment,
            outcome__in=ANSWERED,
            received_at__gte=self.message.sent_at or self.message.created_at,
        ).exists()


def last_read(commune: Commune, number: str, *, now: datetime) -> Question | None:
    """The last message about an appointment that this number got from the commune, whether it asked
    something or not."""
    messages = _read([commune], number, now).exclude(kind=MessageKind.ANSWER, asks=False)
    return _question(messages.exclude(appointment=None).first())


def last_asked(communes: Collection[Commune], number: str, *, now: datetime) -> Question | None:
    """The last question that these communes sent to this number about a coming appointment, even if the
    appointment was cancelled or given up since."""
    asked = _read(communes, number, now).filter(asks=True, appointment__starts_at__gt=now)
    return _question(asked.first())


def open_questions(communes: Collection[Commune], number: str, *, now: datetime) -> Sequence[Question]:
    """The last question to this number about each coming appointment, newest first. A question to someone
    who had the appointment by mistake is left out: their answer must not change another person's
    appointment."""
    theirs = Q(resident=F("appointment__resident")) | Q(resident__merged_into=F("appointment__resident"))
    asked = _read(communes, number, now).filter(
        Q(resident=None) | theirs,
        asks=True,
        appointment__starts_at__gt=now,
        appointment__status__in=(Status.BOOKED, Status.HELD, Status.CANCELLING),
    )
    newest: dict[int, Question] = {}
    for message in asked:
        if message.appointment is not None:
            newest.setdefault(message.appointment.pk, Question(message, message.appointment))
    return list(newest.values())


def _question(message: Message | None) -> Question | None:
    return Question(message, message.appointment) if message and message.appointment else None


def _read(communes: Collection[Commune], number: str, now: datetime) -> QuerySet[Message]:
    """Text messages that this number has received, or may have, newest first."""
    return (
        Message.objects.filter(
            commune__in=communes,
            recipient=number,
            channel=Channel.SMS,
            state__in=(State.SENDING, State.UNKNOWN, State.SENT, State.DELIVERED),
            created_at__gt=now - REMEMBERED,
        )
        .select_related("appointment__commune", "appointment__site", "appointment__resident")
        .order_by(Coalesce("sent_at", "claimed_at", "created_at").desc(), "-id")
    )
