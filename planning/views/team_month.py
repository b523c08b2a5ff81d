"""The team's month, to be read and printed; managers change the rota on the page of the week."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from agents.requests import AgentRequest
from core import clock
from core.days import read_day
from core.requests import for_roles
from core.roles import Role
from planning.team_month import read_month


@require_GET
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def month(request: AgentRequest) -> HttpResponse:
    commune, now = request.commune, clock.now()
    today = commune.local(now).date()
    first = read_day(f"{request.GET.get('month', '')}-01", today).replace(day=1)
    asked = request.GET.get("site", "")
    sites = list(commune.sites.filter(is_active=True))
    site = next((site for site in sites if str(site.pk) == asked), None)
    context = {
        "month": read_month(commune, first, now=now, site_id=site.pk if site else None),
        "today": today,
        "is_this_month": first == today.replace(day=1),
        "site": site,
        "sites": sites,
        "can_replace": bool(request.membership.roles & {Role.DESK, Role.MANAGER}),
    }
    return render(request, "team/month.html#month" if request.htmx else "team/month.html", context)
