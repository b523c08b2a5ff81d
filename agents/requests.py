"""The request of a logged-in agent, and who may open a page."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django_htmx.middleware import HtmxDetails

from agents.enums import Role
from agents.models import Agent, Membership
from communes.models import Commune


class AgentRequest(HttpRequest):
    """What the middlewares make of a request of a logged-in agent (for the type checker)."""

    user: Agent  # type: ignore[assignment]
    membership: Membership
    commune: Commune
    htmx: HtmxDetails


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
            if request.membership is None or not request.membership.roles.intersection(roles):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return decorate
