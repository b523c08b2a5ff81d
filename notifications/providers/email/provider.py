"""A mail server as a provider: e-mails."""

from functools import cache

from django.conf import settings

from notifications.enums import Channel
from notifications.providers.base import ChannelProvider, Provider
from notifications.providers.email.client import EmailProvider


def is_configured() -> bool:
    return bool(settings.EMAIL_URL.hostname)


def client() -> ChannelProvider:
    return _client()


@cache
def _client() -> ChannelProvider:
    return EmailProvider()


PROVIDER = Provider(
    channels=(Channel.EMAIL,), settings="EMAIL_URL", is_configured=is_configured, client=client
)
