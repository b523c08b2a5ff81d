"""What the provider refuses, and whose messages wait for that: one commune's, or everybody's.

A refusal that someone must fix is kept as an alarm. The messages that it concerns wait: they lose no try and
take no other contact way. All other messages leave as usual. From time to time one waiting message is sent to
probe whether the cause is gone. If it leaves, the alarm ends and the others follow at once. Each probe goes
to another recipient where possible, since a message that is always refused may be the fault of one number.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from communes.models import Commune
from notifications.enums import AUTOMATIC, Channel, ErrorScope
from notifications.models import Message, ProviderAlarm
from notifications.providers import provider_for
from notifications.providers.base import Refusal

logger = logging.getLogger(__name__)

LASTS = timedelta(minutes=10)
"""An alarm that is not loud is shown to managers once it is older than this."""


@dataclass(frozen=True)
class ClaimGroup:
    """Messages that one claim may take: those of `rows` by these channels."""

    channels: tuple[Channel, ...]
    rows: Q
    probe: ProviderAlarm | None = None
    """The alarm that is probed by sending one of these messages."""


@dataclass(frozen=True)
class CurrentAlarms:
    """All alarms, as they stand at one instant."""

    alarms: tuple[ProviderAlarm, ...]
    now: datetime

    @classmethod
    def at(cls, now: datetime) -> "CurrentAlarms":
        return cls(tuple(ProviderAlarm.objects.order_by("since", "id")), now)

    def groups(self, channels: Iterable[Channel]) -> list[ClaimGroup]:
        """What may leave by these channels: everything that no alarm stops, and one probe for each alarm
        that is due for one."""
        closed = self._closed()
        working = tuple(each for each in channels if each not in closed)
        rows = ~self._waiting(self.alarms)
        written = tuple(each for each in working if each != Channel.VOICE)
        groups = [ClaimGroup(written, rows)] if written else []
        groups += [ClaimGroup((Channel.VOICE,), rows)] if Channel.VOICE in working else []
        due = [
            each for each in self.alarms if each.retry_at <= self.now and Channel(each.channel) in channels
        ]
        for alarm in due:
            if alarm.commune_id is None:
                groups += self._probe_account(alarm, due)
            elif alarm.channel not in closed:
                # While the account is refused, only the account is probed.
                groups.append(ClaimGroup((Channel(alarm.channel),), Q(commune=alarm.commune_id), alarm))
        return groups

    def _probe_account(self, alarm: ProviderAlarm, due: Iterable[ProviderAlarm]) -> list[ClaimGroup]:
        """One probe for all channels that the same error has closed. A text message that is always refused
        must not prevent a call from probing."""
        same = [each for each in due if each.commune_id is None and each.code == alarm.code]
        if alarm != same[0]:
            return []
        others = [each for each in self.alarms if each.commune_id and each.retry_at > self.now]
        return [ClaimGroup(tuple(Channel(each.channel) for each in same), ~self._waiting(others), alarm)]

    def waiting(self) -> Q:
        """The messages that an alarm stops."""
        return Q(channel__in=self._closed()) | self._waiting(self.alarms)

    def senders(self) -> Q:
        """The messages that wait because their commune's sender is refused."""
        return self._waiting(self.alarms)

    def _closed(self) -> set[Channel]:
        return {Channel(alarm.channel) for alarm in self.alarms if alarm.commune_id is None}

    @staticmethod
    def _waiting(alarms: Iterable[ProviderAlarm]) -> Q:
        """The messages of communes whose sender is refused."""
        waiting = Q(pk__in=[])
        for channel in AUTOMATIC:
            communes = [each.commune_id for each in alarms if each.commune_id and each.channel == channel]
            if communes:
                waiting |= Q(channel=channel, commune__in=communes)
        return waiting


def take_probe(alarm: ProviderAlarm, *, now: datetime) -> bool:
    """Whether this sweep may send a probe. Of several sweeps at once only one may, and only one probe is
    sent for all channels that the same account error has closed."""
    due = _same(alarm).filter(retry_at__lte=now)
    return bool(due.update(retry_at=now + alarm.try_again_after))


def _same(alarm: ProviderAlarm) -> QuerySet[ProviderAlarm]:
    """The alarms of one error: an error of the account raises one alarm for each channel that it closes."""
    if alarm.commune_id is None:
        return ProviderAlarm.objects.filter(commune=None, code=alarm.code)
    return ProviderAlarm.objects.filter(pk=alarm.pk)


def end_untroubled(*, now: datetime) -> int:
    """End the alarms that a report had raised, if a message was accepted since and no bad report about it
    came within the usual time. Returns how many ended."""
    return ProviderAlarm.objects.filter(taken_at__isnull=False, retry_at__lte=now).delete()[0]


@transaction.atomic
def raise_alarm(
    message: Message, refusal: Refusal, *, scope: ErrorScope, by_report: bool, now: datetime
) -> None:
    """Keep an alarm: this message was refused for a reason that concerns others too, as far as `scope`
    says. An existing alarm keeps its `since`."""
    is_account = scope == ErrorScope.ACCOUNT
    commune = None if is_account else message.commune
    values = {
        "code": refusal.code,
        "retry_at": now + refusal.try_again_after,
        "try_again_after": refusal.try_again_after,
        "is_loud": refusal.is_loud,
        "by_report": by_report,
        "taken_at": None,
    }
    own = Channel(message.channel)
    closed = [each for each in refusal.channels if is_account and _same_provider(each, own)]
    for channel in closed or (own,):
        ProviderAlarm.objects.update_or_create(
            commune=commune, channel=channel, defaults=values, create_defaults={**values, "since": now}
        )


def _same_provider(one: Channel, other: Channel) -> bool:
    """Whether an error of the account that stops one channel stops the other too."""
    return provider_for(one) is provider_for(other)


def claim_unwarned(*, now: datetime) -> list[int]:
    """The ids of the alarms that managers have not been written to about. Marks them as warned, so the
    caller must write to the managers."""
    unwarned = loud(now).filter(warned_at=None)
    return [each.pk for each in unwarned if _same(each).filter(warned_at=None).update(warned_at=now)]


def was_taken(messages: Iterable[Message], *, now: datetime) -> None:
    """End the alarms of what the provider has just accepted. If an alarm came from a report, the provider
    may accept the message and report the error later, so that alarm waits for the report."""
    if not ProviderAlarm.objects.exists():
        return
    for message in {(each.commune_id, each.channel): each for each in messages}.values():
        over = _concerning(message).filter(since__lte=message.claimed_at or now)
        for code in over.filter(by_report=False).values_list("code", flat=True).distinct():
            logger.warning("the provider takes messages again: %s is over", code)
        over.filter(by_report=False).delete()
        over.filter(by_report=True, taken_at=None).update(taken_at=now)


def has_arrived(message: Message) -> None:
    """End the alarms that concern this message: a report says that it has arrived."""
    _concerning(message).filter(since__lte=message.claimed_at or message.created_at).delete()


def probe_inconclusive(message: Message, *, now: datetime) -> None:
    """A probe failed because of its own recipient, so it says nothing about the alarm: the next probe may
    leave at once."""
    _concerning(message).filter(taken_at=None).update(retry_at=now)


def probe_unused(messages: Iterable[Message], *, now: datetime) -> None:
    """These messages were not handed over, so they probed nothing: another probe may leave at once."""
    for message in {(each.commune_id, each.channel): each for each in messages}.values():
        probe_inconclusive(message, now=now)


def account_probe_inconclusive(message: Message, *, now: datetime) -> None:
    """A probe of the account failed because of its commune's sender: a message of another commune may
    probe at once."""
    _concerning(message).filter(commune=None, taken_at=None).update(retry_at=now)


def _concerning(message: Message) -> QuerySet[ProviderAlarm]:
    """The alarms about which this message is evidence: those of its commune's sender, and those of the
    account."""
    by_its_channel = ProviderAlarm.objects.filter(commune=None, channel=message.channel)
    return ProviderAlarm.objects.filter(
        Q(commune=message.commune_id, channel=message.channel)
        | Q(commune=None, code__in=by_its_channel.values("code"))
    )


def loud(now: datetime) -> QuerySet[ProviderAlarm]:
    """The alarms that people should hear of. A short limit on the number of requests is not one."""
    return ProviderAlarm.objects.filter(Q(is_loud=True) | Q(since__lte=now - LASTS))


def concerning(commune: Commune) -> QuerySet[ProviderAlarm]:
    """All alarms that keep this commune's messages from leaving: those of its own sender and of the
    account."""
    return ProviderAlarm.objects.filter(Q(commune=None) | Q(commune=commune)).order_by("since", "id")


def of_commune(commune: Commune, *, now: datetime) -> QuerySet[ProviderAlarm]:
    """Those of its alarms that the commune's agents should hear of."""
    return concerning(commune) & loud(now)
