"""The request of a logged-in agent, and who may open a page."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, cast

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django_htmx.middleware import HtmxDetails

from agents.enums import Role
from agents.models import Agent, Membership
from communes.models import Commune


class AgentRequest(HttpRequest):
    """What the middlewares make of a request of a logged-in agent (for the type checker)."""

    user: Agent
    membership: Membership
    memberships: list[Membership]
    commune: Commune
    htmx: HtmxDetails


class VisitorRequest(HttpRequest):
    """The same of any request: there may be no agent, or one who works for no commune."""

    membership: Membership | None
    memberships: list[Membership]
    commune: Commune | None
    htmx: HtmxDetails


def roles_of(request: HttpRequest) -> set[Role]:
    """In the current commune; none for a stranger or someone without a commune."""
    membership: Membership | None = getattr(request, "membership", None)
    return membership.roles if membership else set()


def for_roles[**P](
    *roles: Role,
) -> Callable[
    [Callable[Concatenate[AgentRequest, P], HttpResponseBase]],
    Callable[Concatenate[AgentRequest, P], HttpResponseBase],
]:
    """Open a page to agents with one of these roles in the current commune; a 404 to all others."""

    def decorate(
        view: Callable[Concatenate[AgentRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[AgentRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: AgentRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not roles_of(request).intersection(roles):
                raise Http404
            return view(request, *args, **kwargs)

        return cast(Callable[Concatenate[AgentRequest, P], HttpResponseBase], guarded)

    return decorate
