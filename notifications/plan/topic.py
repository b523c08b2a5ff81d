"""One thing to tell one person. Pure."""

from dataclasses import dataclass
from datetime import datetime

from notifications.enums import Audience, MessageKind
from notifications.plan.escalation import ContactWay
from notifications.plan.history import STEPS_PER_CHAIN, SendAttempt
from notifications.plan.hours import Urgency


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing to tell one person from `first_due` on, until `expires_at`.

    `comes_at` is when the person would come if they were not told: the desk must reach them before. `told` is
    the time and the site id that the message states, if not those of the appointment.
    """

    audience: Audience
    kind: MessageKind
    cause: str
    index: int
    first_due: datetime
    expires_at: datetime
    urgency: Urgency
    ways: tuple[ContactWay, ...]
    comes_at: datetime
    expected_at: datetime | None = None
    told: tuple[datetime, int] | None = None
    was: datetime | None = None
    """The time that the person believes is agreed, where they are told of another."""
    is_known: bool = False
    """The person said it to an agent, or confirmed it, so it is only sent as a written note: nobody calls."""

    @property
    def know_by(self) -> datetime:
        """When the person must know it. A reminder ends before the appointment, an offer with the hold."""
        return self.comes_at if self.kind == MessageKind.REMINDER else min(self.comes_at, self.expires_at)

    def holds(self, attempt: SendAttempt) -> bool:
        """Whether that attempt belongs to this topic's chain."""
        return (attempt.audience, attempt.kind, attempt.cause, attempt.step // STEPS_PER_CHAIN) == (
            self.audience,
            self.kind,
            self.cause,
            self.index,
        )
