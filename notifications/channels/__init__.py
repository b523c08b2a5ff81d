"""Which provider sends what in this installation."""

from functools import cache

from django.conf import settings

from notifications.channels.base import ChannelProvider
from notifications.channels.email import Email
from notifications.channels.simulator import Simulator
from notifications.channels.twilio import Twilio
from notifications.enums import Channel


def provider_for(channel: Channel) -> ChannelProvider | None:
    """None where nothing can be sent by that channel: the plan then takes another way."""
    return _provider(channel, settings.TWILIO_ACCOUNT_SID, settings.TWILIO_BASE_URL)


@cache
def _provider(channel: Channel, account: str, base_url: str) -> ChannelProvider | None:
    if channel == Channel.EMAIL and settings.EMAIL_URL.hostname:
        return Email()
    if channel in (Channel.SMS, Channel.VOICE) and account:
        return Twilio()
    if is_simulated() and channel != Channel.DESK:
        return Simulator()
    return None


def is_simulated() -> bool:
    """The simulator stands in for all that is not configured, in development only."""
    return settings.DEBUG and not settings.TWILIO_ACCOUNT_SID
