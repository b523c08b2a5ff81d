"""What every page needs to draw an agent's header."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from core.requests import roles_of
from core.roles import WITH_RESIDENTS, WORKING, Role


def navigation(request: HttpRequest) -> dict[str, Any]:
    membership = getattr(request, "membership", None)
    user = getattr(request, "user", None)
    if getattr(user, "must_change_password", False):
        membership = None  # the agent may open only one page: show no bar, and load no fragment
    always = {"sends_email": settings.SENDS_EMAIL, "email_folder": settings.EMAIL_FOLDER}
    if membership is None:
        return always
    return always | {
        "membership": membership,
        "memberships": getattr(request, "memberships", []),
        "commune": membership.commune,
        "roles": roles_of(request),
        # Whether they open pages of those who work here, and hear of what changes.
        "works_here": bool(roles_of(request) & WORKING),
        "sees_residents": bool(membership.roles & WITH_RESIDENTS),
        # Whether they open each appointment of the commune; a helper opens their own.
        "opens_all": bool(membership.roles & {Role.DESK, Role.MANAGER}),
    }
