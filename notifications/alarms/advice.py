"""What agents read when the provider refuses messages: what waits and why, and what managers can do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from communes.models import Commune
from notifications import alarms
from notifications.models import ProviderAlarm
from notifications.providers import causes
from notifications.providers.base import Cause

_SENDER = _(
    "Check the sender under « Messages », « Settings », and at the provider’s: it must be a number or a name "
    "of this account that may send to France. Once it is changed, one message tries at once and the "
    "others follow by themselves."
)
_SENDER_OF_CALLS = _(
    "Check the number that calls come from under « Messages », « Settings », and at the provider’s: it must "
    "belong to this account and be verified. Once it is changed, one call tries at once and the others "
    "follow by themselves."
)
_FILTERED = _(
    "Several numbers in a row were not reached from this sender: operators probably block it. Take a sender "
    "that the law allows under « Messages », « Settings », or ask the provider why it is blocked."
)
_ACCOUNT = _(
    "Whoever looks after the installation must look at the account at the provider’s: credentials, credit, "
    "suspension. As soon as it works again, the messages leave by themselves."
)
_LIMIT = _(
    "A limit of the account has been reached: ask the provider to raise it. Messages leave by themselves as "
    "soon as it allows."
)
_UNREACHABLE = _(
    "The provider cannot be reached or is overloaded: whoever looks after the installation should look at "
    "its network. Messages leave by themselves as soon as it answers."
)
_BY_CAUSE = {Cause.FILTERED: _FILTERED, Cause.LIMIT: _LIMIT, Cause.UNREACHABLE: _UNREACHABLE}
_REFUSES_SENDER = _("the operator refuses our sender")
_REFUSES_ACCOUNT = _("the operator refuses our account")
_TAKES_NO_MORE = _("the operator takes no more messages for now")
_SILENT = _("the operator does not answer")

type BlockedChannels = Mapping[str, str | Promise]
"""For each channel by which nothing leaves: why its messages wait."""


def why_waiting(alarm: ProviderAlarm) -> str | Promise:
    """The reason in a few words, for an agent who is talking to a resident."""
    cause = causes().get(alarm.code)
    if cause in (Cause.BUSY, Cause.LIMIT):
        return _TAKES_NO_MORE
    if cause == Cause.UNREACHABLE:
        return _SILENT
    return _REFUSES_ACCOUNT if alarm.commune_id is None else _REFUSES_SENDER


def waits_of(commune: Commune) -> BlockedChannels:
    """The channels by which nothing leaves for this commune at present. An alarm of the account comes
    before one of the commune's sender, because the account is probed first."""
    found = sorted(alarms.concerning(commune), key=lambda alarm: alarm.commune_id is None)
    return {alarm.channel: why_waiting(alarm) for alarm in found}


@dataclass(frozen=True)
class BlockedMessages:
    """Messages that do not leave, as the desk sees them: why, since when, by which channels."""

    first: ProviderAlarm
    channels: tuple[str, ...]

    @property
    def why(self) -> str | Promise:
        return why_waiting(self.first)

    @classmethod
    def among(cls, found: Iterable[ProviderAlarm]) -> "list[BlockedMessages]":
        """One entry for each reason, oldest alarm first."""
        by_reason: dict[str | Promise, list[ProviderAlarm]] = {}
        for alarm in found:
            by_reason.setdefault(why_waiting(alarm), []).append(alarm)
        return [
            cls(each[0], tuple(alarm.get_channel_display() for alarm in each)) for each in by_reason.values()
        ]


@dataclass(frozen=True)
class Alarm:
    """An alarm as a manager sees it."""

    alarm: ProviderAlarm

    @property
    def is_of_the_commune(self) -> bool:
        return self.alarm.commune_id is not None

    @property
    def what_to_do(self) -> str | Promise:
        cause = causes().get(self.alarm.code)
        if cause and cause in _BY_CAUSE:
            return _BY_CAUSE[cause]
        if not self.is_of_the_commune:
            return _ACCOUNT
        return _SENDER_OF_CALLS if self.alarm.channel == "voice" else _SENDER
