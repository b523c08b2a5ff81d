"""Loads the logged-in agent with their memberships, in one query for every page."""

from django.contrib.auth.backends import ModelBackend

from agents.models import Agent, Membership, current
from core import clock


class AgentBackend(ModelBackend):
    """Loads an agent together with the memberships, which every page needs."""

    def get_user(self, user_id: int) -> Agent | None:
        memberships = list(Membership.objects.filter(agent=user_id).select_related("agent", "commune"))
        if not memberships:
            agent = super().get_user(user_id)
            return agent if isinstance(agent, Agent) else None
        memberships = current(memberships, clock.now)
        if not memberships:
            return None
        agent = memberships[0].agent
        # This is no model field: `agents.middleware.known_memberships` reads it during the request.
        agent.__dict__["known_memberships"] = memberships
        return agent if self.user_can_authenticate(agent) else None
