"""The request of a logged-in agent as the pages of this app see it."""

from typing import Protocol

from django.http import HttpRequest

from communes.models import Commune
from core.requests import HasRoles


class Membership(HasRoles, Protocol):
    """The app `agents`, above this one, has the real one."""

    is_desk: bool
    is_helper: bool
    is_manager: bool


class CommuneRequest(HttpRequest):
    """What the middlewares make of a request of a logged-in agent (for the type checker)."""

    membership: Membership
    commune: Commune
