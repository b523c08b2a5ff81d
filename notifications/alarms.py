"""When the provider refuses us and someone must act: the line stops, managers are told, and one message
now and then tries whether it works again."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from notifications.enums import Channel
from notifications.models import ProviderAlarm

RETRY = timedelta(minutes=10)


def stopped(now: datetime) -> dict[Channel, bool]:
    """The channels under alarm, and whether one message may try again."""
    return {Channel(alarm.channel): alarm.retry_at <= now for alarm in ProviderAlarm.objects.all()}


def raise_alarm(channel: Channel, code: str, *, now: datetime) -> None:
    """Keeps since when it is so, if it was so before."""
    later = {"code": code, "retry_at": now + RETRY}
    ProviderAlarm.objects.update_or_create(
        channel=channel, defaults=later, create_defaults={**later, "since": now}
    )


def works(channels: Iterable[Channel]) -> None:
    """A message has just been taken: whatever was wrong is mended."""
    ProviderAlarm.objects.filter(channel__in=list(channels)).delete()
