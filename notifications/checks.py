"""System checks: refuse to start a product that cannot send messages."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning


def has_provider() -> bool:
    """Whether a provider other than the simulator is configured."""
    return bool(settings.TWILIO_ACCOUNT_SID or settings.EMAIL_URL.hostname)


def check_provider(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if has_provider():
        return []
    return [
        Warning(
            "No provider of messages is configured: the worker will not start.",
            hint="Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or EMAIL_URL.",
            id="notifications.W001",
        )
    ]
