"""What a provider must offer, and the values that pass between it and the rest of `notifications`.

A provider is one folder beside this file and one line in `PROVIDERS` (`__init__.py`); docs/providers.md
says how to add one. A client knows no database: it gets an `Outgoing`, and several threads use it at once.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from django.core.checks import CheckMessage

from notifications.enums import Channel, ErrorScope, Failure, State

TRY_AGAIN_AFTER = timedelta(minutes=10)
TRY_AGAIN_SOON = timedelta(seconds=45)
"""The sweep of the next minute tries again."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as it is handed to the provider."""

    id: int
    channel: Channel
    sender: str
    recipient: str
    text: str
    subject: str = ""
    language: str = "fr"
    claimed_at: datetime | None = None
    valid_for_s: int = 4 * 3600
    """In seconds. After this time the provider must not deliver the message."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a provider does not deliver a message, and who else has to wait for that reason.

    If the sender or the account is refused, the message waits; after `try_again_after` one message tries
    again. `is_loud`: managers and the monitor are warned at once; otherwise only after ten minutes.
    `channels`: those that an error of the account closes; if empty, only the message's own channel.
    """

    code: str
    failure: Failure
    scope: ErrorScope = ErrorScope.DESTINATION
    channels: tuple[Channel, ...] = ()
    try_again_after: timedelta = TRY_AGAIN_AFTER
    is_loud: bool = True


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider has the message. `state` is SENT unless more is known; FAILED comes with a refusal."""

    provider_id: str
    state: State = State.SENT
    refusal: Refusal | None = None


class ChannelError(Exception):
    """The message has certainly not left."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(f"{refusal.code} ({refusal.failure})")


class ReplyLost(Exception):
    """The provider may or may not have the message: ask it before anything else is done."""


class CannotAsk(Exception):
    """This provider keeps no list of messages that could be searched."""


class ChannelProvider(Protocol):
    """The client of a provider."""

    def send(self, message: Outgoing) -> Receipt:
        """Hand over one message. Raises ChannelError or ReplyLost."""
        ...

    def find(self, message: Outgoing, known_ids: Set[str]) -> Receipt | None:
        """Look the message up at the provider, leaving out the entries in `known_ids`. None if it is not
        there. Raises CannotAsk, or ChannelError if the provider does not answer just now."""
        ...

    def state_of(self, message: Outgoing, provider_id: str) -> Receipt | None:
        """How far the message is that the provider has under this id: SENT while its end is not known. None
        if the provider does not know it. Raises as `find`."""
        ...


class Cause(StrEnum):
    """What the desk and the managers are told about a refusal code (notifications/alarms/advice.py).
    A code without a cause is explained by its scope alone."""

    FILTERED = "filtered"
    """Operators block the sender."""
    LIMIT = "limit"
    """A limit of the account is reached."""
    BUSY = "busy"
    """Too many messages of this sender wait at the provider."""
    UNREACHABLE = "unreachable"
    """The provider cannot be reached, or takes no more requests for now."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """What the folder of a provider offers: the `PROVIDER` of its `provider.py`."""

    channels: tuple[Channel, ...]
    settings: str
    """Environment variables that switch it on, for hints; empty if it has none."""
    is_configured: Callable[[], bool]
    client: Callable[[], ChannelProvider]
    """The client for the present settings; the same object as long as they stay the same."""
    urls: str = ""
    """The module with the addresses of its webhooks or pages; empty if it has none."""
    check: Callable[[], Sequence[CheckMessage]] = tuple
    """Faults of its settings, for `manage.py check --deploy`."""
    causes: Mapping[str, Cause] = field(default_factory=dict)
    """By code of a refusal. Codes of two providers must differ: start them with the provider's name."""
    knows: Callable[[str], bool] = lambda _: False
    """Whether an id of a message or a call is one of this provider's, by its form."""
    erase: Callable[[str], None] | None = None
    """Deletes what the provider keeps of the message or the call with this id; nothing if it is gone already.
    Raises ChannelError if that cannot be done now. None if the provider cannot be asked to."""
    tries_for: timedelta = timedelta(hours=4)
    """How long at most it tries to deliver a text message: after that no report can be expected."""
    is_pretended: bool = False
    """It reaches nobody: it only shows what would be sent."""
