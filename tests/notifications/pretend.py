"""A model in which time passes, appointments change, messages leave, fail and arrive; it needs no
database."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from booking.enums import EventKind, Status
from notifications.enums import TELLING, Channel, Failure, MessageKind, State
from notifications.plan.decide import may_still_leave
from notifications.plan.history import AppointmentHistory, SendAttempt
from notifications.plan.hours import Urgency, may_leave
from tests.notifications.plans import after, written

URGENCY = dict.fromkeys(TELLING, Urgency.NOW)


@dataclass(frozen=True)
class Sent:
    """A message that left: what it said, and what was true then."""

    at: datetime
    attempt: SendAttempt
    truth: tuple[datetime, int]
    status: Status


@dataclass
class World:
    history: AppointmentHistory
    now: datetime
    outcomes: Iterator[tuple[State, str]]
    sent: list[Sent] = field(default_factory=list)
    down: bool = False
    """The worker does not run."""

    def pass_time(self, until: datetime) -> None:
        """Sweep every half hour; every five minutes in the last two hours, and while a place is held."""
        while self.now < until:
            coming = timedelta() <= self.history.start - self.now < timedelta(hours=2)
            near = coming or self.history.status == Status.HELD
            self.now = min(until, self.now + timedelta(minutes=5 if near else 30))
            self.sweep()
            self.let_lapse()

    def let_lapse(self) -> None:
        """As booking does each minute, in no fixed order with the sweep."""
        until = self.history.held_until
        if not self.down and self.history.status == Status.HELD and until is not None and until <= self.now:
            self.change(EventKind.LAPSED)

    def change(self, kind: EventKind, **fields) -> None:
        self.history = after(self.history, kind, self.now, **fields)

    def sweep(self) -> None:
        if self.down:
            return
        before = self.history
        self.history = written(self.history, self.now)
        attempts = tuple(self._send(each) if self._is_due(each) else each for each in self.history.attempts)
        if attempts != self.history.attempts:
            self.history = replace(self.history, attempts=attempts)
        if self.history is not before:  # of the same case the plan says the same again
            self.history = written(self.history, self.now)

    def _is_due(self, attempt: SendAttempt) -> bool:
        urgency = URGENCY.get(attempt.kind, Urgency.CALM)
        return (
            attempt.state == State.PENDING
            and attempt.channel != Channel.DESK
            and attempt.due_at <= self.now
            and may_leave(self.history.rules.calendar, self.now, urgency)
        )

    def _send(self, attempt: SendAttempt) -> SendAttempt:
        truth = self.history.now_told
        true_still = may_still_leave(
            attempt.kind,
            attempt.told,
            status=self.history.status,
            start=self.history.start,
            site_id=self.history.site_id,
        )
        if not true_still:
            return replace(attempt, state=State.EXPIRED)
        state, failure = next(self.outcomes)
        if attempt.channel == Channel.VOICE and failure == Failure.TRANSIENT:
            failure = Failure.NO_ANSWER
        attempt = replace(attempt, state=state, failure=failure, at=self.now)
        self.sent.append(Sent(self.now, attempt, truth, self.history.status))
        return attempt

    def later(self, outcome: State) -> None:
        """Reports for what was still on its way: all of it arrives, or fails."""
        attempts = [
            replace(each, state=outcome, failure=Failure.TRANSIENT if outcome == State.FAILED else "")
            if each.state in (State.SENT, State.UNKNOWN)
            else each
            for each in self.history.attempts
        ]
        self.history = replace(self.history, attempts=tuple(attempts))

    def told_of(self, kind: MessageKind) -> list[Sent]:
        return [each for each in self.sent if each.attempt.kind == kind]
