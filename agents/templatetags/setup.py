"""What a page needs that is not there yet, and who can make it."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.models import Membership, current
from communes.models import Commune
from communes.setup_steps import Gap, StepKey, Weight, read_steps
from core import clock
from core.roles import Role

register = template.Library()

_BOOKING = (StepKey.PLACES, StepKey.CABINS, StepKey.SERVICES, StepKey.WEEKS)
NEEDS: dict[str, tuple[StepKey, ...]] = {
    "desk": _BOOKING,
    "waiting-list": _BOOKING,
    "today": (StepKey.PLACES, StepKey.CABINS),
    "today-list": (StepKey.PLACES, StepKey.CABINS),
    "my-day": (StepKey.PLACES, StepKey.CABINS, StepKey.SERVICES, StepKey.WEEKS),
    "call-list": (StepKey.COMMUNE, StepKey.MESSAGES),
    "team": (StepKey.PLACES, StepKey.TEAM, StepKey.WEEKS),
    "team-month": (StepKey.PLACES, StepKey.TEAM, StepKey.WEEKS),
    "patterns": (StepKey.PLACES, StepKey.TEAM),
    "usual-week": (StepKey.PLACES,),
    "shift-new": (StepKey.PLACES,),
    "screens": (StepKey.PLACES, StepKey.CABINS),
}
"""By the name of its address, the steps without which a page has little to show."""


@register.inclusion_tag("components/not_open.html", takes_context=True)
def not_open(context: dict[str, Any]) -> dict[str, Any]:
    """On the pages of NEEDS, while the commune is not open: that it is not, and what the page lacks. Else
    nothing, without a query."""
    request, commune = context.get("request"), context.get("commune")
    page = _page(request)
    if not isinstance(commune, Commune) or commune.opened_at is not None or page not in NEEDS:
        return {"is_shown": False}
    return {"is_shown": True, "is_closed": True, **_lacking(commune, NEEDS[page], context.get("roles"))}


@register.inclusion_tag("components/not_open.html", takes_context=True)
def what_lacks(context: dict[str, Any]) -> dict[str, Any]:
    """The same inside a page that has found nothing to show, for a commune that is open: `not_open` has said
    it for the others."""
    commune, page = context.get("commune"), _page(context.get("request"))
    if not isinstance(commune, Commune) or commune.opened_at is None or page not in NEEDS:
        return {"is_shown": False}
    found = _lacking(commune, NEEDS[page], context.get("roles"))
    return {"is_shown": bool(found["gaps"]), "is_closed": False, **found}


def _page(request: HttpRequest | None) -> str:
    match = request.resolver_match if request else None
    return (match.url_name or "") if match else ""


def _lacking(commune: Commune, keys: tuple[StepKey, ...], roles: set[Role] | None) -> dict[str, Any]:
    steps = read_steps(commune, clock.now(), keys)
    gaps: list[Gap] = [gap for step in steps for gap in step.gaps if gap.weight > Weight.NOTE]
    can_change = Role.MANAGER in (roles or set())
    return {"gaps": gaps, "can_change": can_change, "who": "" if can_change else _managers(commune)}


def _managers(commune: Commune) -> str | Promise:
    """Their first names, or that there is none."""
    rows = commune.memberships.filter(is_manager=True, agent__is_active=True)
    members: list[Membership] = current(rows.select_related("agent", "commune"), clock.now)
    return ", ".join(str(each.agent) for each in members) or _("a manager")
