"""System checks: refuse to start a product that cannot send messages."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Warning

from notifications.providers import how_to_configure, real_providers


def has_provider() -> bool:
    """Whether a provider other than the simulator is configured."""
    return any(provider.is_configured() for provider in real_providers())


def check_provider(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """One provider at least must be configured, and each of them wholly or not at all."""
    faults = [fault for provider in real_providers() for fault in provider.check()]
    if has_provider():
        return faults
    return [
        *faults,
        Warning(
            "No provider of messages is configured: the worker will not start.",
            hint=f"Set {how_to_configure()}.",
            id="notifications.W001",
        ),
    ]
