"""The request of a logged-in agent. Who may open a page: `core.requests`."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from agents.models import Agent, Membership
from communes.models import Commune


class AgentRequest(HttpRequest):
    """The request of a logged-in agent, with what the middlewares add (for the type checker)."""

    user: Agent
    membership: Membership
    memberships: list[Membership]
    commune: Commune
    htmx: HtmxDetails


class VisitorRequest(HttpRequest):
    """Any request, with what the middlewares add: there may be no agent, or an agent without a commune."""

    membership: Membership | None
    memberships: list[Membership]
    commune: Commune | None
    htmx: HtmxDetails
