"""Twilio as a provider: text messages and calls."""

import re
from collections.abc import Sequence
from functools import cache

from django.core.checks import CheckMessage, Error

from notifications.enums import Channel
from notifications.providers.base import ChannelProvider, Provider
from notifications.providers.twilio import conf
from notifications.providers.twilio.client import Twilio
from notifications.providers.twilio.errors import CAUSES


def is_configured() -> bool:
    return bool(conf.ACCOUNT_SID)


_ID = re.compile(r"(?:SM|MM|CA)[0-9a-f]{32}")


def client() -> ChannelProvider:
    return _client(conf.ACCOUNT_SID, conf.AUTH_TOKEN, conf.BASE_URL)


@cache
def _client(account: str, token: str, base_url: str) -> Twilio:
    # One client per process: it keeps its connections open.
    return Twilio(account, token, base_url)


def knows(provider_id: str) -> bool:
    return _ID.fullmatch(provider_id) is not None


def erase(provider_id: str) -> None:
    _client(conf.ACCOUNT_SID, conf.AUTH_TOKEN, conf.BASE_URL).erase(provider_id)


def check() -> Sequence[CheckMessage]:
    if bool(conf.ACCOUNT_SID) == bool(conf.AUTH_TOKEN):
        return []
    return [
        Error(
            "Twilio is only half configured: TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN belong together.",
            hint="Set both, or none. Without the token Twilio refuses messages, and webhooks are refused.",
            id="twilio.E001",
        )
    ]


PROVIDER = Provider(
    channels=(Channel.SMS, Channel.VOICE),
    settings="TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
    is_configured=is_configured,
    client=client,
    urls="notifications.providers.twilio.urls",
    check=check,
    causes=CAUSES,
    knows=knows,
    erase=erase,
)
