"""The request of a logged-in agent, as the pages of this app use it."""

from typing import Protocol

from django.http import HttpRequest

from communes.models import Commune
from core.requests import HasRoles


class Membership(HasRoles, Protocol):
    """What these pages need of a membership. The model is in `agents`, which this app must not import."""

    is_desk: bool
    is_helper: bool
    is_manager: bool


class CommuneRequest(HttpRequest):
    """The request with what the middleware of `agents` adds to it (for the type checker)."""

    membership: Membership
    commune: Commune
