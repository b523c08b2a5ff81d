"""Row locks on agents: actions that write about the same agent wait for one another."""

from collections.abc import Iterable

from agents.models import Agent


def lock_agents(agent_ids: Iterable[int]) -> None:
    """Lock the agents, so that two overlapping shifts written at once cannot both pass the check."""
    ids = sorted(set(agent_ids))
    list(Agent.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
