"""What every page of an agent needs to draw its header."""

from typing import Any

from django.http import HttpRequest


def navigation(request: HttpRequest) -> dict[str, Any]:
    membership = getattr(request, "membership", None)
    if membership is None:
        return {}
    return {
        "membership": membership,
        "memberships": getattr(request, "memberships", []),
        "commune": membership.commune,
        "roles": membership.roles,
    }
