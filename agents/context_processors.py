"""What every page of an agent needs to draw its header."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def navigation(request: HttpRequest) -> dict[str, Any]:
    membership = getattr(request, "membership", None)
    always = {"sends_email": settings.SENDS_EMAIL, "email_folder": settings.EMAIL_FOLDER}
    if membership is None:
        return always
    return always | {
        "membership": membership,
        "memberships": getattr(request, "memberships", []),
        "commune": membership.commune,
        "roles": membership.roles,
    }
