"""Messages as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.enums import Status
from booking.models import Appointment, Resident, UnreadEvent
from communes.models import Commune
from notifications import facts
from notifications.enums import AUTOMATIC, Audience, Channel, Kind, State, Why
from notifications.facts import is_theirs
from notifications.models import InboundMessage, Message, Suppression
from notifications.owe import READER
from notifications.plan import SOON
from notifications.suppressions import suppressed

SETTLES_WITHIN = timedelta(minutes=10)
LISTED = 50
RECENT_TRY = timedelta(hours=1)
TAGS = {
    State.OWED: "expected",
    State.SENDING: "expected",
    State.UNKNOWN: "expected",
    State.SENT: "",
    State.DELIVERED: "free",
    State.TOLD: "free",
    State.FAILED: "busy",
    State.EXPIRED: "",
}


@dataclass(frozen=True)
class Line:
    """A message in a list, with the colour of its state."""

    message: Message
    now: datetime

    @property
    def tag(self) -> str:
        return TAGS[State(self.message.state)]

    @property
    def former(self) -> Resident | None:
        """Whom it was to, if the appointment is somebody else's now."""
        return None if is_theirs(self.message) else self.message.resident

    @property
    def is_pending(self) -> bool:
        """Whether it will soon look different."""
        message = self.message
        if message.channel == Channel.DESK:
            return False
        if message.state == State.OWED:
            return message.due_at <= self.now + SETTLES_WITHIN
        if message.state == State.SENT and message.channel != Channel.EMAIL:
            return (message.sent_at or message.created_at) > self.now - SETTLES_WITHIN
        return message.state in (State.SENDING, State.UNKNOWN)


@dataclass(frozen=True)
class Journal:
    lines: Sequence[Line]
    is_pending: bool


def journal_of(appointment: Appointment, *, now: datetime) -> Journal:
    """What was told about an appointment, newest first; what was overtaken before it left is left out."""
    messages = appointment.messages.exclude(state=State.EXPIRED, sent_at=None).order_by("-created_at", "-id")
    lines = [Line(message, now) for message in messages.select_related("handled_by", "resident")]
    unread = UnreadEvent.objects.filter(reader=READER, event__appointment=appointment).exists()
    return Journal(lines, unread or any(line.is_pending for line in lines))


def journal_of_resident(resident: Resident, *, now: datetime) -> list[Line | InboundMessage]:
    """What was told to someone and what they answered, newest first."""
    messages = resident.messages.exclude(state=State.EXPIRED, sent_at=None)
    lines = [
        Line(each, now)
        for each in messages.select_related("handled_by", "appointment", "resident").order_by(
            "-created_at", "-id"
        )[:LISTED]
    ]
    written = resident.inbound_messages.exclude(text="").order_by("-received_at", "-id")[:LISTED]
    both: list[Line | InboundMessage] = [*lines, *written]
    return sorted(both, key=_when, reverse=True)[:LISTED]


def _when(entry: Line | InboundMessage) -> datetime:
    return entry.received_at if isinstance(entry, InboundMessage) else entry.message.created_at


@dataclass(frozen=True)
class Stop:
    """A number of a resident, or of their contact person, that wants no automatic messages."""

    number: str
    is_contact: bool
    row: Suppression


def stops_of(resident: Resident) -> list[Stop]:
    phones = list(resident.phones.order_by("id"))
    own = {phone.number for phone in phones}
    found = suppressed(facts.numbers_of(resident, phones))
    return [Stop(number, number not in own, row) for (_, number), row in found.items()]


@dataclass(frozen=True)
class ToCall:
    """A line of the call list: what to say, and what was tried before."""

    message: Message
    tried: Sequence[Message]
    is_pressing: bool
    has_stopped: bool
    """Their number wants no automatic messages."""
    can_change: bool
    """The appointment is one that they may still move or cancel: booked, and theirs."""


def call_list(commune: Commune, *, now: datetime) -> list[ToCall]:
    """Everyone the desk must reach itself, most urgent first: those who would come within the half hour,
    then by time, with those who were just tried after the others."""
    waiting = list(
        Message.objects.to_call_back(now)
        .filter(commune=commune)
        .select_related("appointment__site", "appointment__service", "resident", "inbound", "handled_by")
    )
    tried = _tried(waiting)
    waiting.sort(
        key=lambda line: (not _is_pressing(line, now), _was_just_tried(line, now), line.expires_at, line.pk)
    )
    stopped = suppressed((commune.pk, line.recipient) for line in waiting)
    return [
        ToCall(
            line,
            tried.get((line.cause, line.kind), []),
            is_pressing=_is_pressing(line, now),
            has_stopped=(commune.pk, line.recipient) in stopped,
            can_change=_can_change(line),
        )
        for line in waiting
    ]


def _can_change(message: Message) -> bool:
    appointment = message.appointment
    return appointment is not None and appointment.status == Status.BOOKED and is_theirs(message)


def _is_pressing(message: Message, now: datetime) -> bool:
    """They would come within the half hour, and for nothing."""
    comes_soon = message.kind == Kind.IMPOSSIBLE and message.expires_at <= now + SOON
    return message.why == Why.SOON or comes_soon


def _tried(waiting: Sequence[Message]) -> dict[tuple[str, str], list[Message]]:
    """The messages that did not do, by what they were about."""
    tried: dict[tuple[str, str], list[Message]] = {}
    about = {line.appointment_id for line in waiting if line.appointment_id}
    for each in Message.objects.filter(
        appointment__in=about, channel__in=AUTOMATIC, audience=Audience.RESIDENT
    ).order_by("id"):
        tried.setdefault((each.cause, each.kind), []).append(each)
    return tried


def _was_just_tried(message: Message, now: datetime) -> bool:
    is_pressing = message.expires_at <= now + 2 * RECENT_TRY
    return not is_pressing and message.claimed_at is not None and message.claimed_at > now - RECENT_TRY
