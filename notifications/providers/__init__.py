"""Which provider sends what in this installation."""

from functools import cache

from django.conf import settings

from notifications.enums import Channel
from notifications.providers.base import ChannelProvider
from notifications.providers.email.client import EmailProvider
from notifications.providers.simulator.client import Simulator
from notifications.providers.twilio.client import Twilio


def provider_for(channel: Channel) -> ChannelProvider | None:
    """None where nothing can be sent by that channel: the plan then takes another way."""
    if channel == Channel.DESK:
        return None
    if channel == Channel.EMAIL and settings.EMAIL_URL.hostname:
        return _email()
    if channel != Channel.EMAIL and settings.TWILIO_ACCOUNT_SID:
        return _twilio(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_BASE_URL)
    return _simulator() if is_simulated() else None


def is_simulated() -> bool:
    """The simulator stands in for all that is not configured, in development only."""
    return settings.DEBUG and not settings.TWILIO_ACCOUNT_SID


@cache
def _email() -> ChannelProvider:
    return EmailProvider()


@cache
def _simulator() -> ChannelProvider:
    return Simulator()


@cache
def _twilio(account: str, token: str, base_url: str) -> ChannelProvider:
    # One client per process: it keeps its connections open.
    return Twilio(account, token, base_url)
