"""The providers of this installation, and which of them sends by a channel."""

from datetime import timedelta
from functools import cache
from importlib import import_module

from django.conf import settings

from notifications.enums import Channel
from notifications.providers.base import Cause, ChannelProvider, Provider

PROVIDERS = (
    "seven",
    "twilio",
    "email",
    "simulator",
)
"""Folders of this package. The first one that is configured for a channel sends by it."""

PHONE = {Channel.SMS, Channel.VOICE}


@cache
def registered() -> tuple[Provider, ...]:
    """Loaded at the first call: pages and webhooks of a provider need this module themselves."""
    return tuple(import_module(f"{__name__}.{name}.provider").PROVIDER for name in PROVIDERS)


def provider_for(channel: Channel) -> ChannelProvider | None:
    """None where nothing can be sent by that channel: the plan then takes another way."""
    for provider in registered():
        if channel in provider.channels and provider.is_configured():
            return provider.client()
    return None


def keeper_of(channel: Channel, provider_id: str) -> ChannelProvider | None:
    """The provider that a message was sent by, to ask it about that message: the one that knows the id by its
    form, else the one that sends by that channel now."""
    knowing = (each for each in registered() if each.is_configured() and each.knows(provider_id))
    provider = next(knowing, None)
    return provider.client() if provider else provider_for(channel)


def tries_for(channel: Channel) -> timedelta:
    """How long at most a text message is tried by the providers of this installation."""
    able = [each.tries_for for each in registered() if channel in each.channels and each.is_configured()]
    return max(able, default=timedelta())


def provider_of(provider_id: str) -> Provider | None:
    """The provider that keeps the message or call with this id and can be asked to delete it."""
    able = (each for each in registered() if each.erase is not None and each.is_configured())
    return next((each for each in able if each.knows(provider_id)), None)


def real_providers() -> list[Provider]:
    """Those that reach people: all but the simulator."""
    return [each for each in registered() if not each.is_pretended]


def is_simulated() -> bool:
    """Whether the simulator stands in: in development, while no provider of SMS or calls is configured."""
    return settings.DEBUG and not any(
        each.is_configured() for each in real_providers() if PHONE.intersection(each.channels)
    )


def how_to_configure() -> str:
    """The environment variables that switch on a provider, in English."""
    return ", or ".join(each.settings for each in real_providers())


@cache
def causes() -> dict[str, Cause]:
    """What each code of a refusal is told as, for all providers."""
    return {code: cause for each in registered() for code, cause in each.causes.items()}
