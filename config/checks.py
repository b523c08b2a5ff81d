"""System checks that refuse a set-up which would mislead someone."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from config import clock


def check_clock(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    pretended = settings.PERMANENCE_NOW or settings.PERMANENCE_NOW_FILE
    if not pretended:
        return []
    if not settings.DEBUG:
        return [
            Error(
                "PERMANENCE_NOW is set while DEBUG is off: every time shown would be wrong.", id="config.E001"
            )
        ]
    if settings.PERMANENCE_NOW:
        try:
            clock.offset(settings.PERMANENCE_NOW)
        except ValueError as error:
            return [Error(f"PERMANENCE_NOW is not an instant: {error}", id="config.E002")]
    return []


def check_public_address(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.HTTPS:
        return [
            Warning("PUBLIC_BASE_URL should be the https:// address of this installation.", id="config.W003")
        ]
    return []
