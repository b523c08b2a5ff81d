"""Which commune the person at the keyboard works for."""

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse

from agents.models import Agent, Membership
from agents.requests import AgentRequest


class CurrentCommuneMiddleware:
    """Sets `request.membership` and `request.commune` for a logged-in agent, else None."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        membership = current_membership(request) if request.user.is_authenticated else None
        agent_request = cast(AgentRequest, request)
        agent_request.membership = membership  # type: ignore[assignment]
        agent_request.commune = membership.commune if membership else None  # type: ignore[assignment]
        return self.get_response(request)


def current_membership(request: HttpRequest) -> Membership | None:
    """The membership chosen in this session, else the first."""
    memberships = list(Membership.objects.filter(agent=cast(Agent, request.user)).select_related("commune"))
    chosen = request.session.get("commune_id")
    return next((m for m in memberships if m.commune_id == chosen), memberships[0] if memberships else None)
