"""Messages as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext

from booking.enums import Status
from booking.models import Appointment, Resident, UnreadEvent
from communes.models import Commune
from notifications import histories
from notifications.actions.answers import CALL_BACK_WITHIN
from notifications.alarms.advice import BlockedChannels, waits_of
from notifications.enums import AUTOMATIC, Audience, Channel, DeskReason, MessageKind, State
from notifications.histories import is_theirs
from notifications.models import Consent, InboundMessage, Message, Suppression
from notifications.plan.decide import SOON
from notifications.plan.hours import Urgency, may_leave, next_time
from notifications.replies.possible_stop import may_be_stop
from notifications.replies.reader import fold
from notifications.sending.plan_messages import READER
from notifications.suppressions import sharing, suppressed
from notifications.writing import why_silent

SETTLES_WITHIN = timedelta(minutes=10)
LISTED = 50
MOST_READ = 500
RECENT_TRY = timedelta(hours=1)
TAGS = {
    State.PENDING: "expected",
    State.SENDING: "expected",
    State.UNKNOWN: "expected",
    State.SENT: "",
    State.DELIVERED: "free",
    State.TOLD: "free",
    State.FAILED: "busy",
    State.EXPIRED: "",
}


@dataclass(frozen=True)
class JournalEntry:
    """A message in a list, with its state and the colour of that state."""

    message: Message
    now: datetime
    waits: BlockedChannels = field(default_factory=dict)
    """The commune's channels by which nothing leaves, and why."""

    @property
    def tag(self) -> str:
        return TAGS[State(self.message.state)]

    @property
    def state(self) -> str:
        return gettext("waiting") if self.why_waiting else self.message.get_state_display()

    @property
    def why_waiting(self) -> str | Promise:
        """Why the message cannot leave at present; empty if nothing stops it."""
        return self.waits.get(self.message.channel, "") if self.message.state == State.PENDING else ""

    @property
    def leaves_at(self) -> datetime:
        """When it leaves, as far as is known. What the hour forbids now leaves at the next allowed hour."""
        message, urgency = self.message, Urgency(self.message.urgency)
        calendar = histories.calendar(message.commune)
        if message.due_at > self.now or may_leave(calendar, self.now, urgency):
            return message.due_at
        return next_time(calendar, self.now, urgency) or message.due_at

    @property
    def is_still_to_come(self) -> bool:
        return self.leaves_at > self.now

    @property
    def is_late(self) -> bool:
        """Whether it should have left, and no reason is known why it has not."""
        return self.leaves_at <= self.now - SETTLES_WITHIN

    @property
    def former(self) -> Resident | None:
        """The resident whom the message is to, if the appointment belongs to somebody else now."""
        return None if is_theirs(self.message) else self.message.resident

    @property
    def is_pending(self) -> bool:
        """Whether its state will soon change, so that the page should look again."""
        message = self.message
        if message.channel == Channel.DESK:
            return False
        if message.state == State.PENDING:
            return message.due_at <= self.now + SETTLES_WITHIN
        if message.state == State.SENT and message.channel != Channel.EMAIL:
            return (message.sent_at or message.created_at) > self.now - SETTLES_WITHIN
        return message.state in (State.SENDING, State.UNKNOWN)


@dataclass(frozen=True)
class Journal:
    lines: Sequence[JournalEntry]
    is_pending: bool
    why_silent: DeskReason | str = ""
    """Why nothing has left, if the resident cannot be reached automatically."""


def journal_of(appointment: Appointment, *, now: datetime) -> Journal:
    """The messages about an appointment, newest first. Those that were replaced before they left are not
    shown."""
    messages = appointment.messages.exclude(state=State.EXPIRED, sent_at=None).order_by("-created_at", "-id")
    waits = waits_of(appointment.commune)
    related = messages.select_related("handled_by", "resident", "commune", "appointment")
    lines = [JournalEntry(message, now, waits) for message in related]
    unread = UnreadEvent.objects.filter(reader=READER, event__appointment=appointment).exists()
    is_pending = unread or any(line.is_pending for line in lines)
    return Journal(lines, is_pending, "" if lines else _why_silent(appointment))


def _why_silent(appointment: Appointment) -> DeskReason | str:
    """Why a resident who was expected got no message, so that the page does not only say that nothing has
    left. Empty for a walk-in."""
    if appointment.is_walk_in or appointment.resident is None:
        return ""
    return why_silent(histories.load_histories([appointment])[appointment.pk])


@dataclass(frozen=True)
class WrittenText:
    """What a resident wrote: the last of `times` equal texts in a row."""

    inbound: InboundMessage
    times: int


def journal_of_resident(resident: Resident, *, now: datetime) -> list[JournalEntry | WrittenText | Consent]:
    """The messages to a resident, their answers and their consents, newest first."""
    messages = resident.messages.exclude(state=State.EXPIRED, sent_at=None)
    waits = waits_of(resident.commune)
    related = messages.select_related("handled_by", "appointment", "resident", "commune")
    lines = [JournalEntry(each, now, waits) for each in related.order_by("-created_at", "-id")[:LISTED]]
    written = _written(resident)[:LISTED]
    agreed = resident.consents.select_related("by", "said_by").order_by("-at", "-id")[:LISTED]
    entries: list[JournalEntry | WrittenText | Consent] = [*lines, *written, *agreed]
    return sorted(entries, key=_when, reverse=True)[:LISTED]


def _written(resident: Resident) -> list[WrittenText]:
    """What they wrote, newest first. Some phones answer by themselves to each message: what they say is one
    entry."""
    texts = resident.inbound_messages.exclude(text="").order_by("-received_at", "-id")[:MOST_READ]
    same = groupby(texts, key=lambda each: (fold(each.text) or each.text, each.outcome))
    groups = [list(group) for _, group in same]
    return [WrittenText(group[0], len(group)) for group in groups]


def _when(entry: JournalEntry | WrittenText | Consent) -> datetime:
    if isinstance(entry, Consent):
        return entry.at
    return entry.inbound.received_at if isinstance(entry, WrittenText) else entry.message.created_at


@dataclass(frozen=True)
class Stop:
    """A number of a resident, or of their contact person, that wants no automatic messages."""

    number: str
    is_contact: bool
    row: Suppression
    others: Sequence[Resident]
    """The other residents who are reached at that number: a consent holds for them too."""


def stops_of(resident: Resident) -> list[Stop]:
    phones = list(resident.phones.order_by("id"))
    own = {phone.number for phone in phones}
    found = suppressed(histories.numbers_of(resident, phones))
    return [
        Stop(number, number not in own, row, _others(resident, number)) for (_, number), row in found.items()
    ]


def _others(resident: Resident, number: str) -> list[Resident]:
    return [each for each in sharing(resident.commune, number) if each != resident]


@dataclass(frozen=True)
class ToCall:
    """A line of the call list: what to say, and what was tried before."""

    message: Message
    tried: Sequence[Message]
    is_pressing: bool
    has_stopped: bool
    """Their number is on the STOP list."""
    wrong_numbers: int
    """How many wrong appointment numbers were keyed from this phone in the last two days."""
    can_change: bool
    """Whether the appointment can still be moved or cancelled: it is booked, and still belongs to this
    resident."""

    @property
    def may_mean_stop(self) -> bool:
        """Whether what they wrote may be a STOP that was not understood, while their number is not
        suppressed yet."""
        line = self.message
        wrote = line.inbound is not None and bool(line.inbound.text)
        is_number = line.recipient.startswith("+")
        return wrote and is_number and not self.has_stopped and may_be_stop(line.text)


def call_list(commune: Commune, *, now: datetime) -> list[ToCall]:
    """Everyone whom the desk must reach itself, most urgent first: people who would come in vain within
    half an hour, then by time. People who were just called come after the others."""
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
    wrong = _wrong_numbers(commune, waiting, now)
    return [
        ToCall(
            line,
            tried.get((line.cause, line.kind), []),
            is_pressing=_is_pressing(line, now),
            has_stopped=(commune.pk, line.recipient) in stopped,
            wrong_numbers=wrong.get(line.recipient, 0) if line.kind == MessageKind.CALL_BACK else 0,
            can_change=_can_change(line),
        )
        for line in waiting
    ]


def _wrong_numbers(commune: Commune, waiting: Sequence[Message], now: datetime) -> dict[str, int]:
    callers = {line.recipient for line in waiting if line.kind == MessageKind.CALL_BACK}
    calls = InboundMessage.objects.filter(
        commune=commune, sender__in=callers, wrong_numbers__gt=0, received_at__gt=now - CALL_BACK_WITHIN
    )
    counted = calls.values_list("sender").annotate(n=Sum("wrong_numbers"))
    return dict(counted)


def _can_change(message: Message) -> bool:
    appointment = message.appointment
    return appointment is not None and appointment.status == Status.BOOKED and is_theirs(message)


def _is_pressing(message: Message, now: datetime) -> bool:
    """They would come within half an hour, in vain."""
    comes_soon = message.kind == MessageKind.IMPOSSIBLE and message.expires_at <= now + SOON
    return message.why == DeskReason.SOON or comes_soon


def _tried(waiting: Sequence[Message]) -> dict[tuple[str, str], list[Message]]:
    """By cause and kind, the messages that were tried before a line was put on the call list."""
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
