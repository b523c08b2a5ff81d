"""What a channel is: something that sends one message, or says why it could not.

A channel knows no database: it takes an `Outgoing`, and is called from several threads at once. To
add a provider, write one file with a class that has these members and name it in
`notifications/channels/__init__.py`; docs/messages.md shows how.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from notifications.enums import Channel, Failure, State


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
class Receipt:
    """The provider has the message. `state` is SENT unless more is known."""

    provider_id: str
    state: State = State.SENT
    code: str = ""
    failure: Failure | str = ""


class ChannelError(Exception):
    """The message has not left, for sure."""

    def __init__(self, code: str, failure: Failure) -> None:
        self.code = code
        self.failure = failure
        super().__init__(f"{code} ({failure})")


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
