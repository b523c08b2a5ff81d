"""What the plan knows about one appointment, and what it answers: plain values. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from booking.enums import EventKind, ReachBy, Reason, Status, ToldBy
from notifications.enums import LEFT, TELLING, Audience, Channel, DeskReason, Failure, MessageKind, State
from notifications.plan.hours import ANY, Calendar, CallHours, Urgency

STEPS_PER_CHAIN = 20
DESK_STEP = STEPS_PER_CHAIN - 1
TOO_LATE_STEP = STEPS_PER_CHAIN - 2
"""The step of a line for the desk about what could not leave in time."""


@dataclass(frozen=True, slots=True)
class ReachablePhone:
    number: str
    is_mobile: bool
    may_call: bool = True
    stopped: bool = False
    is_own: bool = True
    hours: CallHours = ANY


@dataclass(frozen=True, slots=True)
class Reach:
    """The ways to reach a resident, and the contact person who is told too."""

    resident_id: int
    phones: tuple[ReachablePhone, ...] = ()
    email: str = ""
    reach_by: ReachBy = ReachBy.SMS
    contact: ReachablePhone | None = None


@dataclass(frozen=True, slots=True)
class MessageRules:
    """What the commune has set, and which channels work in this installation."""

    calendar: Calendar
    reminder_days_before: int = 2
    remind_same_day: bool = False
    confirm_by_call: bool = False
    invite_missed: bool = True
    can_text: bool = True
    can_call: bool = True
    can_mail: bool = True
    stopped: frozenset[Channel] = frozenset()
    """Channels that work, but by which nothing leaves at present, because the provider refuses the sender
    or the account."""


@dataclass(frozen=True, slots=True)
class Change:
    """An event of the appointment's log, with what matters for messages."""

    id: int
    kind: EventKind
    at: datetime
    by_agent: bool = False
    by_resident: bool = False
    """The resident did this, or asked for it on the phone."""
    stands: tuple[datetime, int] | None = None
    """The time and the site id of the appointment after this event."""
    expected_at: datetime | None = None
    """About when it begins, if its helper is late."""
    reason: Reason = Reason.NONE

    @property
    def cause(self) -> str:
        return f"event:{self.id}"

    @property
    def by_resident_alone(self) -> bool:
        """By a reply, a key or a screen: the resident was answered there and then."""
        return self.by_resident and not self.by_agent


@dataclass(frozen=True, slots=True)
class SendAttempt:
    """A message that exists. `at` is when it was sent, else claimed, else written down."""

    id: int
    cause: str
    audience: Audience
    recipient: str
    kind: MessageKind
    step: int
    channel: Channel
    state: State
    due_at: datetime
    at: datetime
    told: tuple[datetime, int] | None
    """The time and the site id that the message states."""
    failure: Failure | str = ""

    @property
    def left(self) -> bool:
        """The recipient knows what it says, or may know."""
        return self.state in LEFT

    @property
    def may_be_known(self) -> bool:
        """As `left`, but a message on an answering machine counts too: they may have listened to it."""
        return self.left or self.failure == Failure.MACHINE

    @property
    def is_unreported_call(self) -> bool:
        """A call that has ended long since, and nobody knows whether it was heard."""
        return self.channel == Channel.VOICE and self.left and self.failure == Failure.UNREPORTED

    @property
    def settled(self) -> bool:
        """Nothing more will be known about it. Of an e-mail we never learn more than that it was sent."""
        return self.state in (State.DELIVERED, State.TOLD) or (
            self.channel == Channel.EMAIL and self.state == State.SENT
        )


type ToldAt = tuple[Audience, str, tuple[datetime, int]]
"""What is told on which phone, whoever it is meant for: resident or contact person, the number or the
e-mail address, the time and the site id."""


@dataclass(frozen=True, slots=True)
class AppointmentHistory:
    """An appointment, whom it is for, what happened to it and which messages were tried (both oldest
    first)."""

    status: Status
    start: datetime
    site_id: int
    reach: Reach | None
    rules: MessageRules
    changes: tuple[Change, ...]
    attempts: tuple[SendAttempt, ...] = ()
    is_limited: bool = False
    """The person's record is kept but not used: nothing is told them until that is lifted."""
    is_walk_in: bool = False
    is_confirmed: bool = False
    is_offer: bool = False
    """A freed time held for someone from the waiting list."""
    held_until: datetime | None = None
    is_former: bool = False
    """The history of someone who had the appointment by mistake. Its last change is the one that took it
    from them."""
    shared: frozenset[ToldAt] = frozenset()
    """What other people were told about it, in case they share a phone with this former person."""
    formers: tuple["AppointmentHistory", ...] = ()
    """The histories of the people who had it before, the last one first."""

    def of_former(self, taken: Change) -> "AppointmentHistory":
        """This person's history after that change took the appointment from them."""
        return replace(self, changes=(taken,), is_former=True, formers=())

    @property
    def now_told(self) -> tuple[datetime, int]:
        return (self.start, self.site_id)

    def last_left(self, audience: Audience) -> SendAttempt | None:
        """The last message about the appointment's time that the recipient knows or may know."""
        told = (each for each in self._telling(audience) if each.left)
        return max(told, key=lambda each: each.id, default=None)

    @property
    def told_by(self) -> ToldBy:
        """How the latest message that arrived reached the resident, whatever it said."""
        arrived = [
            each
            for each in self.attempts
            if each.audience == Audience.RESIDENT and each.state in (State.DELIVERED, State.TOLD)
        ]
        return ToldBy(max(arrived, key=lambda each: each.id).channel.value) if arrived else ToldBy.NOT

    def last_settled(self, audience: Audience) -> SendAttempt | None:
        """The last message about the appointment's time that is known to have arrived."""
        told = (each for each in self._telling(audience) if each.settled)
        return max(told, key=lambda each: each.id, default=None)

    def _telling(self, audience: Audience) -> Iterable[SendAttempt]:
        kinds = (*TELLING, MessageKind.IMPOSSIBLE)
        return (each for each in self.attempts if each.audience == audience and each.kind in kinds)

    def without_mistakes(self, audience: Audience) -> "AppointmentHistory":
        """The same history without the cancellations that were taken back as a mistake before this audience
        had been told of them: to them nothing has happened. Residents know of what they cancelled alone."""
        told = {each.cause for each in self.attempts if each.audience == audience and each.left}
        kept: list[Change] = []
        if audience == Audience.RESIDENT:
            told |= {each.cause for each in self.changes if each.by_resident_alone}
        for change in self.changes:
            undone = change.kind == EventKind.RESTORED and change.reason == Reason.MISTAKE and kept
            if undone and kept[-1].kind == EventKind.CANCELLED and kept[-1].cause not in told:
                kept.pop()
            else:
                kept.append(change)
        return self if len(kept) == len(self.changes) else replace(self, changes=tuple(kept))

    def last(self, kinds: Iterable[EventKind]) -> Change | None:
        return next((change for change in reversed(self.changes) if change.kind in kinds), None)


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """A message to write down. `cause`, `recipient`, `kind` and `step` together are unique."""

    cause: str
    audience: Audience
    recipient: str
    kind: MessageKind
    step: int
    channel: Channel
    due_at: datetime
    expires_at: datetime
    urgency: Urgency
    why: DeskReason | str = ""
    expected_at: datetime | None = None
    """About when the appointment begins, as a message about a delay says."""
    told: tuple[datetime, int] | None = None
    """The time and the site id that it states, if not those of the appointment."""
    was: datetime | None = None
    """Where it tells of another time: the one that the person believes is agreed."""
    know_by: datetime | None = None
    """When the person must know it: the call list is ordered by this."""


@dataclass(frozen=True, slots=True)
class MessagePlan:
    planned: tuple[PlannedMessage, ...] = ()
    later: tuple[PlannedMessage, ...] = ()
    """After a failed attempt: the message that follows, if nothing happens before it is due."""
    stale: tuple[int, ...] = ()
    """The ids of pending messages that must not leave any more."""
    taken_back: tuple[int, ...] = ()
    """The ids of pending messages that must not leave now, and may be needed again."""
    again_at: datetime | None = None
    """When the plan changes by the passing of time alone."""
