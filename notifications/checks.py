"""System checks: refuse to start a product that cannot send messages."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import ERROR, CheckMessage, Warning
from django.core.exceptions import ImproperlyConfigured

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


def refuse_half_a_provider() -> None:
    """For the start of web and worker: raise if a provider seems to be configured and can send nothing."""
    for provider in real_providers():
        for fault in provider.check():
            if fault.level >= ERROR:
                raise ImproperlyConfigured(fault.msg)
