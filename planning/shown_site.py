"""What an agent has chosen to see of the team: kept in the session, so that a change leads back to it."""

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


def remembered_choice(request: AgentRequest, name: str, choices: tuple[str, ...], default: str) -> str:
    """One of `choices`, asked for in the address now or before; else the default."""
    asked = request.GET.get(name)
    key = f"team_{name}"
    if asked in choices:
        if request.session.get(key) != asked:
            request.session[key] = asked
        return asked
    kept = request.session.get(key)
    return kept if kept in choices else default
