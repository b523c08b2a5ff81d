"""What a channel is: something that sends one message, or says why it could not.

A channel knows no database: it takes an `Outgoing`, and is called from several threads at once. To
add a provider, write one file with a class that has these members and name it in
`notifications/channels/__init__.py`; docs/messages.md shows how.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from notifications.enums import Channel, ErrorScope, Failure, State

TRY_AGAIN_AFTER = timedelta(minutes=10)
TRY_AGAIN_SOON = timedelta(seconds=45)
"""By the sweep of the next minute."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as it leaves."""

    id: int
    channel: Channel
    sender: str
    recipient: str
    text: str
    subject: str = ""
    language: str = "fr"
    claimed_at: datetime | None = None
    valid_for_s: int = 4 * 3600
    """After that the provider must not deliver it any more."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a provider does not deliver a message, and how far that reaches.

    What concerns the sender or the account keeps the message waiting: after `try_again_after` one message
    tries whether it works again. `is_loud` warns managers and the monitor at once; otherwise only once it
    has lasted. `channels` are those that an error of the account closes; none named, the message's own.
    """

    code: str
    failure: Failure
    scope: ErrorScope = ErrorScope.DESTINATION
    channels: tuple[Channel, ...] = ()
    try_again_after: timedelta = TRY_AGAIN_AFTER
    is_loud: bool = True


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider has the message. `state` is SENT unless more is known; with FAILED comes why."""

    provider_id: str
    state: State = State.SENT
    refusal: Refusal | None = None


class ChannelError(Exception):
    """The message has not left, for sure."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(f"{refusal.code} ({refusal.failure})")


class ReplyLost(Exception):
    """The provider may have the message or not: it must be asked before anything else."""


class CannotAsk(Exception):
    """This channel keeps no list that could be asked."""


class ChannelProvider(Protocol):
    def send(self, message: Outgoing) -> Receipt:
        """Hand over one message. Raises ChannelError, or ReplyLost."""
        ...

    def find(self, message: Outgoing, known_ids: Set[str]) -> Receipt | None:
        """Whether the provider has that message, apart from those of `known_ids`. None: it has not.
        Raises CannotAsk, or ChannelError if it cannot be asked just now."""
        ...
