"""« Aidants »: the week of the team. Managers change it, other agents read it."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from agents.models import AbsenceRequest, Membership
from agents.on_duty import on_duty
from agents.requests import AgentRequest
from core import clock
from core.days import Week, read_day
from core.ids import read_id
from core.requests import for_roles
from core.roles import Role
from planning.actions.publishing import rota_ends_soon
from planning.shown_site import remember_site, remembered_choice
from planning.team_day import read_day as read_day_of_team
from planning.team_day import read_days
from planning.team_groups import MANY, TeamGroup, grouped, searched, to_settle
from planning.team_week import read_grid
from planning.undo import remembered

KEPT = ("week", "day", "site", "group", "density")
"""What of the page stays as it is where helpers are looked for."""
LONGEST = 40


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
    can_plan = Role.MANAGER in request.membership.roles
    grid = read_grid(
        commune, week, now=now, site_id=site.pk if site else None, known=known, with_draft=can_plan
    )
    away = {
        row.agent.pk
        for row in grid.rows
        for cell in row.cells
        if cell.day == today and any(leave.starts_at is None for leave in cell.leaves)
    }
    ends = rota_ends_soon(commune, now) if can_plan else None
    default = "place" if len(grid.rows) > MANY and len(sites) > 1 else "none"
    group = remembered_choice(request, "group", ("place", "none"), default)
    chosen = _chosen(request)
    found = grid.rows if chosen is None else [row for row in grid.rows if row.agent.pk in chosen]
    asked_day = read_day(request.GET.get("day", ""), today)
    narrow = asked_day if asked_day in grid.days else grid.days[0]
    context = {
        "grid": grid,
        "groups": grouped(found, known) if group == "place" else [TeamGroup(None, found)],
        "group": group,
        "density": remembered_choice(request, "density", ("tight", "hours"), "tight"),
        "is_searched": chosen is not None,
        "found": len(found),
        "to_settle": to_settle(grid, today) if can_plan else [],
        "narrow_days": read_days(grid, narrow),
        "team_day": read_day_of_team(grid, narrow),
        "with_warnings": [row for row in found if row.over or row.warnings],
        "without_warnings": [row for row in found if not (row.over or row.warnings)],
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


@require_POST
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def team_search(request: AgentRequest) -> HttpResponse:
    """Look for helpers by name. The address, which stays in logs, gets the ids of who was found.
    Without a name, who was found before stays: the rest of the form was changed."""
    text = request.POST.get("q", "").strip()
    kept = {name: value[:LONGEST] for name in KEPT if (value := request.POST.get(name))}
    members = Membership.objects.filter(commune=request.commune).select_related("agent")
    if text:
        kept["helpers"] = ",".join(str(each.pk) for each in searched([row.agent for row in members], text))
    elif found := _read_ids(request.POST.get("helpers", "")):
        kept["helpers"] = ",".join(str(each.agent_id) for each in members if each.agent_id in found)
    return redirect(f"{reverse('team')}?{urlencode(kept)}" if kept else "team")


def _chosen(request: AgentRequest) -> set[int] | None:
    """The helpers that were found, by their ids in the address; None where nobody was looked for."""
    asked = request.GET.get("helpers")
    return None if asked is None else _read_ids(asked)


def _read_ids(text: str) -> set[int]:
    return {pk for each in text.split(",") if (pk := read_id(each))}


def _requests_to_answer(request: AgentRequest) -> int:
    return AbsenceRequest.objects.filter(
        commune=request.commune, is_accepted=None, ends_at__gt=clock.now()
    ).count()
