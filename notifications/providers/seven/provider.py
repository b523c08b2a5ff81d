"""Seven.io as a provider: text messages."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache

from django.core.checks import CheckMessage, Warning

from notifications.enums import Channel
from notifications.providers.base import ChannelProvider, Provider
from notifications.providers.seven import conf
from notifications.providers.seven.client import LONGEST_VALIDITY_MIN, Seven
from notifications.providers.seven.errors import CAUSES


def is_configured() -> bool:
    """Only with both: without the signing key a STOP that comes back would be refused."""
    return bool(conf.API_KEY and conf.SIGNING_KEY)


def client() -> ChannelProvider:
    return _client(conf.API_KEY, conf.BASE_URL)


@cache
def _client(api_key: str, base_url: str) -> ChannelProvider:
    # One client per process: it keeps its connections open.
    return Seven(api_key, base_url)


def check() -> Sequence[CheckMessage]:
    if bool(conf.API_KEY) == bool(conf.SIGNING_KEY):
        return []
    return [
        Warning(
            "Seven is only half configured: SEVEN_API_KEY and SEVEN_SIGNING_KEY belong together.",
            hint="Set both, or none. With one of them, seven sends nothing.",
            id="seven.W001",
        )
    ]


PROVIDER = Provider(
    channels=(Channel.SMS,),
    settings="SEVEN_API_KEY and SEVEN_SIGNING_KEY",
    is_configured=is_configured,
    client=client,
    urls="notifications.providers.seven.urls",
    check=check,
    causes=CAUSES,
    tries_for=timedelta(minutes=LONGEST_VALIDITY_MIN),
)
