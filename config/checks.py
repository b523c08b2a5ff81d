"""System checks that refuse settings which would mislead users."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured

from core import clock


def check_clock(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    try:
        clock.pretended()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="config.E001")]
    return []


def check_email(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    address = settings.EMAIL_URL
    if not address.geturl() or (address.hostname and address.scheme in {"smtp", "smtp+tls"}):
        return []
    return [
        Error(
            "EMAIL_URL names no mail server: it must be smtp://… or smtp+tls://….",
            hint="smtp+tls://user:password@host:587",
            id="config.E004",
        )
    ]


def check_preload(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.SECURE_HSTS_PRELOAD and not settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        return [
            Error(
                "SECURE_HSTS_PRELOAD also needs SECURE_HSTS_INCLUDE_SUBDOMAINS: browsers preload no other.",
                id="config.E005",
            )
        ]
    return []


def check_public_address(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.HTTPS:
        return [
            Warning("PUBLIC_BASE_URL should be the https:// address of this installation.", id="config.W003")
        ]
    return []
