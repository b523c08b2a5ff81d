"""The request of a logged-in agent, and who may open a page."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

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
