"""Which place the pages of the team show alone: kept in the session, so that a change leads back to it."""

from agents.requests import AgentRequest
from communes.models import Site

KEY = "team_site"


def remember_site(request: AgentRequest, site: Site | None) -> None:
    """Keep what the page shows; nothing is written where it is what was kept."""
    shown = site.pk if site else None
    if request.session.get(KEY) != shown:
        request.session[KEY] = shown


def shown_site(request: AgentRequest) -> int | None:
    found: int | None = request.session.get(KEY)
    return found
