"""The simulator as a provider: it shows on a page whatever no other provider is configured to send."""

from functools import cache

from notifications.enums import Channel
from notifications.providers import is_simulated
from notifications.providers.base import ChannelProvider, Provider
from notifications.providers.simulator.client import Simulator


@cache
def client() -> ChannelProvider:
    return Simulator()


PROVIDER = Provider(
    channels=(Channel.SMS, Channel.VOICE, Channel.EMAIL),
    settings="",
    is_configured=is_simulated,
    client=client,
    urls="notifications.providers.simulator.urls",
    is_pretended=True,
)
