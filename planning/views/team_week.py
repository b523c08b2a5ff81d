"""« Aidants »: the week of the team. Managers change it, other agents read it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from agents.models import AbsenceRequest
from agents.on_duty import on_duty
from agents.requests import AgentRequest
from core import clock
from core.days import Week, read_day
from core.requests import for_roles
from core.roles import Role
from planning.actions.publishing import rota_ends_soon
from planning.shown_site import remember_site
from planning.team_week import read_grid
from planning.undo import remembered


@require_GET
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def team(request: AgentRequest) -> HttpResponse:
    commune, now = request.commune, clock.now()
    today = commune.local(now).date()
    week = Week.of(read_day(request.GET.get("week", ""), today))
    asked = request.GET.get("site", "")
    known = list(commune.sites.all())
    sites = [site for site in known if site.is_active]
    site = next((site for site in sites if str(site.pk) == asked), None)
    remember_site(request, site)
    grid = read_grid(commune, week, now=now, site_id=site.pk if site else None, known=known)
    can_plan = Role.MANAGER in request.membership.roles
    away = {
        row.agent.pk
        for row in grid.rows
        for cell in row.cells
        if cell.day == today and any(leave.starts_at is None for leave in cell.leaves)
    }
    ends = rota_ends_soon(commune, now) if can_plan else None
    context = {
        "grid": grid,
        "rota_ends": ends,
        "week": week,
        "today": today,
        "is_this_week": today in week.days,
        "site": site,
        "sites": sites,
        "can_plan": can_plan,
        "can_replace": bool(request.membership.roles & {Role.DESK, Role.MANAGER}),
        "asks": bool(request.membership.roles & {Role.HELPER, Role.MANAGER}),
        "requests_count": _requests_to_answer(request) if can_plan else 0,
        "undo": remembered(request) if can_plan else "",
        "expected_today": [a for a in on_duty(commune, today) if a.pk not in away] if can_plan else [],
    }
    return render(request, "team/week.html#week" if request.htmx else "team/week.html", context)


def _requests_to_answer(request: AgentRequest) -> int:
    return AbsenceRequest.objects.filter(
        commune=request.commune, is_accepted=None, ends_at__gt=clock.now()
    ).count()
