"""Messages as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from django.utils.functional import Promise
from django.utils.translation import gettext

from booking.enums import ActorKind
from booking.models import Appointment, Resident, UnreadEvent
from booking.pages.story import Entry, read_story
from notifications import histories
from notifications.alarms.advice import BlockedChannels, waits_of
from notifications.enums import Audience, Channel, DeskReason, MessageKind, State
from notifications.histories import is_theirs
from notifications.models import Consent, InboundMessage, Message, Suppression
from notifications.plan.history import STEPS_PER_CHAIN
from notifications.plan.hours import Urgency, may_leave, next_time
from notifications.replies.reader import fold
from notifications.sending.plan_messages import READER
from notifications.suppressions import sharing, suppressed
from notifications.writing import why_silent

SETTLES_WITHIN = timedelta(minutes=10)
LISTED = 50
MOST_READ = 500
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
MARKS = {"free": "✓", "expected": "◔", "busy": "✕"}
"""With the colour of a state, so that it is never said by the colour alone."""


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
    def mark(self) -> str:
        return MARKS.get(self.tag, "")

    @property
    def whom(self) -> str:
        """Whom it is to, as the desk calls them; a line for the desk is about them."""
        resident = self.message.resident
        if self.message.audience == Audience.CONTACT:
            return (resident.contact_name if resident else "") or gettext("contact person")
        if resident is None or self.former is not None:
            return str(resident or "")
        return resident.first_name or str(resident)

    @property
    def nth(self) -> int:
        """Which attempt to tell this it is; 1 for what the desk must do."""
        is_automatic = self.message.channel != Channel.DESK
        return self.message.step % STEPS_PER_CHAIN + 1 if is_automatic else 1

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
    """What has happened to an appointment, with the messages that each change caused."""

    story: list[Entry]
    has_messages: bool
    is_pending: bool
    is_settled: bool
    """All that has happened is planned for: what has caused no message will cause none."""
    why_silent: DeskReason | str = ""
    """Why nothing has left, if the resident cannot be reached automatically."""


def journal_of(appointment: Appointment, *, now: datetime) -> Journal:
    """Newest first. Messages that were replaced before they left are not shown."""
    messages = appointment.messages.exclude(state=State.EXPIRED, sent_at=None).order_by("created_at", "id")
    waits = waits_of(appointment.commune)
    related = messages.select_related("handled_by", "resident", "commune", "appointment")
    lines = [JournalEntry(message, now, waits) for message in related]
    story = read_story(appointment)
    unread = UnreadEvent.objects.filter(reader=READER, event__appointment=appointment).exists()
    _say_which_way(story, appointment)
    return Journal(
        _with_messages(story, lines),
        has_messages=bool(lines),
        is_pending=unread or any(line.is_pending for line in lines),
        is_settled=not unread,
        why_silent="" if lines else _why_silent(appointment),
    )


def _with_messages(story: Sequence[Entry], lines: Sequence[JournalEntry]) -> list[Entry]:
    """Each message under the event that caused it. What no change caused, such as a reminder or an answer, is
    an entry of its own."""
    by_cause = {f"event:{entry.event.pk}": entry for entry in story if entry.event}
    own: dict[tuple[str, datetime], Entry] = {}
    for line in lines:
        message = line.message
        entry = by_cause.get(message.cause) if message.kind != MessageKind.REMINDER else None
        if entry is None:
            by = ActorKind.RESIDENT if message.kind == MessageKind.CALL_BACK else ActorKind.SYSTEM
            new = Entry(message.created_at, message.get_kind_display(), str(by.label))
            entry = own.setdefault((message.kind, message.created_at), new)
        entry.messages.append(line)
    return sorted([*own.values(), *story], key=lambda entry: entry.at, reverse=True)


def _say_which_way(story: Sequence[Entry], appointment: Appointment) -> None:
    """Of what the resident did, whether they wrote it."""
    theirs = [entry for entry in story if entry.event and entry.event.actor == ActorKind.RESIDENT]
    if not theirs:
        return
    wrote = set(appointment.inbound_messages.exclude(text="").values_list("received_at", flat=True))
    for entry in theirs:
        if entry.at in wrote:
            entry.who = gettext("%(who)s, by text message") % {"who": entry.who}


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
