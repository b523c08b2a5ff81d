"""« Semaines types »: the usual week of each helper, and its publication as dated shifts."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.models import Agent, Membership, ShiftPattern
from agents.requests import AgentRequest
from communes.half_days import OpenHalfDays
from communes.models import Commune
from core import clock
from core.announcing import announces
from core.days import Week, read_day
from core.errors import PermanenceError
from core.french_order import in_french_order
from core.ids import read_id
from core.requests import for_roles
from core.roles import Role
from planning.actions.publishing import HORIZON_WEEKS, publish_shifts, published_until, rota_ends_soon
from planning.actions.undo_publishing import last_undoable, undo_publication
from planning.actions.usual_weeks import take_as_usual_week
from planning.forms import FURTHEST, HorizonForm
from planning.publication_preview import count_undone_visits, preview_publication
from planning.undo import forget, remember, taken_values


def _today(request: AgentRequest) -> date:
    return request.commune.local(clock.now()).date()


@dataclass
class UsualWeekOf:
    """A helper and the rows of their usual week. `last_on`: of one who leaves, in what is still planned."""

    agent: Agent
    last_on: date | None
    rows: list["ShownRow"]


@dataclass
class ShownRow:
    """`closed`: the weekdays on which the place is never open then."""

    pattern: ShiftPattern
    closed: list[int]


@require_GET
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def patterns(request: AgentRequest) -> HttpResponse:
    can_plan = Role.MANAGER in request.membership.roles
    weeks = _usual_weeks(request.commune)
    undoable = last_undoable(request.commune, clock.now()) if can_plan else None
    context = {
        "weeks": [each for each in weeks if each.rows],
        "without": [each for each in weeks if not each.rows] if can_plan else [],
        "today": _today(request),
        "can_plan": can_plan,
        "published_until": published_until(request.commune),
        "rota_ends": rota_ends_soon(request.commune, clock.now()) if can_plan else None,
        "undoable": undoable,
        "undo_loses": count_undone_visits(request.commune, pk=undoable.pk, now=clock.now())
        if undoable
        else 0,
    }
    return render(request, "team/patterns.html", context)


def _usual_weeks(commune: Commune) -> list[UsualWeekOf]:
    """Of each helper, and of whoever still has one. Two queries."""
    rows: dict[int, list[ShownRow]] = defaultdict(list)
    usual = list(
        ShiftPattern.objects.filter(site__commune=commune)
        .exclude(weekdays=[])
        .select_related("agent", "site")
        .order_by("starts", "id")
    )
    today = commune.local(clock.now()).date()
    opening = OpenHalfDays.by_hours({row.site for row in usual}, commune, today)
    for row in usual:
        closed = [day for day in row.weekdays if opening.never_open(row.site_id, day, row.starts, row.ends)]
        rows[row.agent_id].append(ShownRow(row, closed))
    members = Membership.objects.filter(commune=commune, agent__is_active=True).select_related("agent")
    found = [
        UsualWeekOf(member.agent, member.last_on, rows.pop(member.agent_id, []))
        for member in members.order_by(*in_french_order("agent__first_name"), "agent_id")
        if member.is_helper or member.agent_id in rows
    ]
    return [*found, *(UsualWeekOf(each[0].pattern.agent, None, each) for each in rows.values())]


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Publish"))
def patterns_publish(request: AgentRequest) -> HttpResponse:
    """First what publishing would change, then publishing it as far as it is still what was shown."""
    commune, now = request.commune, clock.now()
    published = published_until(commune)
    today = _today(request)
    until = _proposed_until(request, published)
    asked = request.POST if request.method == "POST" else request.GET
    form = HorizonForm(
        asked if "until" in asked or request.method == "POST" else None,
        today=today,
        published=published,
        initial={"until": until},
    )
    if form.is_bound:
        if not form.is_valid():
            return render(request, "publish/publish.html", {"form": form, "published": published}, status=422)
        until = form.cleaned_data["until"]
    status = 200
    if request.method == "POST":
        try:
            return _publish(request, until)
        except PermanenceError as error:
            messages.error(request, str(error))
            status = 409
    preview = preview_publication(commune, until=until, now=now, by=request.user)
    context: dict[str, Any] = {"form": form, "published": published, "preview": preview, "until": until}
    if not preview.count:
        usual = ShiftPattern.objects.filter(site__commune=commune).exclude(weekdays=[])
        context["has_usual_weeks"] = usual.exists()
    return render(request, "publish/publish.html", context, status=status)


def _proposed_until(request: AgentRequest, published: date | None) -> date:
    """As far as the rota is published; further where that ends soon, and to the end of the week from whose
    page the manager comes."""
    today = _today(request)
    until = max(published or today, today)
    if published is None or rota_ends_soon(request.commune, clock.now()):
        until = max(until, today + timedelta(weeks=HORIZON_WEEKS))
    week = Week.of(read_day(request.GET.get("week", ""), today))
    return max(until, min(week.days[-1], today + FURTHEST))


def _publish(request: AgentRequest, until: date) -> HttpResponse:
    """Raises RotaChanged."""
    done, record = publish_shifts(
        commune=request.commune,
        until=until,
        now=clock.now(),
        by=request.user,
        seen=request.POST.get("seen"),
    )
    if record is None:
        messages.info(request, _("There was nothing to publish: nothing has changed."))
        return redirect("patterns")
    forget(request, "untake_week")  # its undo is that of the publication now
    number = len(done.changes)
    text = ngettext("Published: %(n)s change.", "Published: %(n)s changes.", number) % {"n": number}
    messages.success(request, text)
    return redirect("patterns")


@require_POST
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Undo the publication"))
def publication_undo(request: AgentRequest) -> HttpResponse:
    pk = read_id(request.POST.get("publication", ""))
    try:
        undo_publication(commune=request.commune, pk=pk or 0, now=clock.now())
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The publication is undone: shifts are as they were before."))
    return redirect("patterns")


@require_POST
@for_roles(Role.MANAGER)
def week_as_usual(request: AgentRequest) -> HttpResponse:
    """Make this week the usual week. No shift changes before it is published."""
    week = Week.of(read_day(request.POST.get("week", ""), _today(request)))
    done = take_as_usual_week(commune=request.commune, week=week, now=clock.now())
    if not done.helpers:
        messages.info(request, _("Nobody is planned this week: the usual weeks stay as they are."))
        return redirect("patterns")
    said = ngettext(
        "The usual week of %(n)s helper is that of this week.",
        "The usual weeks of %(n)s helpers are those of this week.",
        done.helpers,
    )
    text = said % {"n": done.helpers}
    remember(request, text, "untake_week", **taken_values(done))
    messages.success(request, text)
    return redirect("patterns-publish")
