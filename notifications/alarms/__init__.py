"""What the provider refuses, and who waits for it: the messages of one commune, or everybody's.

A refusal that someone must mend is kept as an alarm. What it concerns waits, without losing a try and
without being told another way; everything else leaves as always. Now and then one message tries whether
the cause is gone: if so, the alarm goes and the others follow at once. It is another recipient's each time,
as long as there is another, since what is refused for ever may be the fault of one number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from communes.models import Commune
from notifications.enums import AUTOMATIC, Channel, ErrorScope
from notifications.models import Message, ProviderAlarm
from notifications.providers.base import Refusal

LASTS = timedelta(minutes=10)
"""A quiet alarm that is older is told to managers too."""


@dataclass(frozen=True)
class ClaimGroup:
    """Messages that one claim may take: of these channels, and of these only."""

    channels: tuple[Channel, ...]
    rows: Q
    probe: ProviderAlarm | None = None
    """The alarm that one of them tries to end."""


@dataclass(frozen=True)
class Stops:
    """All alarms, as they stand at one instant."""

    alarms: tuple[ProviderAlarm, ...]
    now: datetime

    @classmethod
    def at(cls, now: datetime) -> "Stops":
        return cls(tuple(ProviderAlarm.objects.order_by("since", "id")), now)

    def groups(self, channels: Iterable[Channel]) -> list[ClaimGroup]:
        """What may leave by these channels: whatever no alarm stops, and for each alarm whose time has
        come a message that tries."""
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
                # While everybody waits, it is the account that is tried.
                groups.append(ClaimGroup((Channel(alarm.channel),), Q(commune=alarm.commune_id), alarm))
        return groups

    def _probe_account(self, alarm: ProviderAlarm, due: Iterable[ProviderAlarm]) -> list[ClaimGroup]:
        """One for all channels that the same error has closed: a text message that is always refused must
        not keep a call from trying."""
        same = [each for each in due if each.commune_id is None and each.code == alarm.code]
        if alarm != same[0]:
            return []
        others = [each for each in self.alarms if each.commune_id and each.retry_at > self.now]
        return [ClaimGroup(tuple(Channel(each.channel) for each in same), ~self._waiting(others), alarm)]

    def waiting(self) -> Q:
        """The messages that some alarm stops."""
        return Q(channel__in=self._closed()) | self._waiting(self.alarms)

    def senders(self) -> Q:
        """Those that wait for the sender of their commune."""
        return self._waiting(self.alarms)

    def _closed(self) -> set[Channel]:
        return {Channel(alarm.channel) for alarm in self.alarms if alarm.commune_id is None}

    @staticmethod
    def _waiting(alarms: Iterable[ProviderAlarm]) -> Q:
        """Those of communes whose sender is refused."""
        waiting = Q(pk__in=[])
        for channel in AUTOMATIC:
            communes = [each.commune_id for each in alarms if each.commune_id and each.channel == channel]
            if communes:
                waiting |= Q(channel=channel, commune__in=communes)
        return waiting


def take_probe(alarm: ProviderAlarm, *, now: datetime) -> bool:
    """Whether this sweep may try: of several at once, one; and one for all channels that the same error of
    the account has closed."""
    due = _same(alarm).filter(retry_at__lte=now)
    return bool(due.update(retry_at=now + alarm.try_again_after))


def _same(alarm: ProviderAlarm) -> QuerySet[ProviderAlarm]:
    """The alarms of one error: one for each channel that an error of the account closes."""
    if alarm.commune_id is None:
        return ProviderAlarm.objects.filter(commune=None, code=alarm.code)
    return ProviderAlarm.objects.filter(pk=alarm.pk)


def end_untroubled(*, now: datetime) -> int:
    """End the alarms that a report had raised, once a message has been taken since and no bad report
    about it has come in the time that it takes."""
    return ProviderAlarm.objects.filter(taken_at__isnull=False, retry_at__lte=now).delete()[0]


@transaction.atomic
def raise_alarm(
    message: Message, refusal: Refusal, *, scope: ErrorScope, by_report: bool, now: datetime
) -> None:
    """Keep that this message was refused for a reason that concerns others too, as far as `scope` reaches;
    since when it is so stays, if it was so before."""
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
    for channel in (is_account and refusal.channels) or (Channel(message.channel),):
        ProviderAlarm.objects.update_or_create(
            commune=commune, channel=channel, defaults=values, create_defaults={**values, "since": now}
        )


def to_warn_of(*, now: datetime) -> list[int]:
    """The alarms of which managers have not been written to; whoever asks has to."""
    unwarned = loud(now).filter(warned_at=None)
    return [each.pk for each in unwarned if _same(each).filter(warned_at=None).update(warned_at=now)]


def was_taken(messages: Iterable[Message], *, now: datetime) -> None:
    """The provider has just taken these: what it refused before is mended. What it had told by a report
    only, it may tell again by a report: that is waited for."""
    if not ProviderAlarm.objects.exists():
        return
    for message in {(each.commune_id, each.channel): each for each in messages}.values():
        over = _concerning(message).filter(since__lte=message.claimed_at or now)
        over.filter(by_report=False).delete()
        over.filter(by_report=True, taken_at=None).update(taken_at=now)


def has_arrived(message: Message) -> None:
    """A report says so: nothing is wrong between here and there."""
    _concerning(message).filter(since__lte=message.claimed_at or message.created_at).delete()


def says_nothing(message: Message, *, now: datetime) -> None:
    """The one message that tried was refused for its recipient's sake: the next one tries at once."""
    _concerning(message).filter(taken_at=None).update(retry_at=now)


def let_others_try(messages: Iterable[Message], *, now: datetime) -> None:
    """These were not handed over at all."""
    for message in {(each.commune_id, each.channel): each for each in messages}.values():
        says_nothing(message, now=now)


def says_nothing_of_the_account(message: Message, *, now: datetime) -> None:
    """The one message that tried was refused for its sender's sake: one of another commune tries at once."""
    _concerning(message).filter(commune=None, taken_at=None).update(retry_at=now)


def _concerning(message: Message) -> QuerySet[ProviderAlarm]:
    """The alarms that this message tells something of: of its commune's sender, and of the account."""
    by_its_channel = ProviderAlarm.objects.filter(commune=None, channel=message.channel)
    return ProviderAlarm.objects.filter(
        Q(commune=message.commune_id, channel=message.channel)
        | Q(commune=None, code__in=by_its_channel.values("code"))
    )


def loud(now: datetime) -> QuerySet[ProviderAlarm]:
    """Those that someone should hear of: not a moment of too many requests."""
    return ProviderAlarm.objects.filter(Q(is_loud=True) | Q(since__lte=now - LASTS))


def concerning(commune: Commune) -> QuerySet[ProviderAlarm]:
    """All that keeps messages of that commune from leaving: its own sender, and the account."""
    return ProviderAlarm.objects.filter(Q(commune=None) | Q(commune=commune)).order_by("since", "id")


def of_commune(commune: Commune, *, now: datetime) -> QuerySet[ProviderAlarm]:
    """Those of them that its agents should hear of."""
    return concerning(commune) & loud(now)
