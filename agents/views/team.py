"""Who is where this week, and who is away. Managers change it, the others read it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents import actions
from agents.enums import AbsenceKind, Role
from agents.forms import AbsenceForm, ShiftForm, helpers_of
from agents.models import Absence, Shift
from agents.requests import AgentRequest, for_roles
from agents.team import on_duty, team_week
from communes.days import Week, day_span, read_day
from communes.errors import PermanenceError
from config import clock

everyone = for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
managers = for_roles(Role.MANAGER)


@everyone
def team(request: AgentRequest) -> HttpResponse:
    commune = request.commune
    today = commune.local(clock.now()).date()
    week = Week.of(read_day(request.GET.get("week", ""), today))
    days = team_week(commune, week)
    away = {entry.agent.pk for day in days if day.day == today for entry in day.away}
    return render(
        request,
        "agents/team.html",
        {
            "week": week,
            "days": days,
            "today": today,
            "is_this_week": today in week.days,
            "is_empty": all(day.is_empty for day in days),
            "can_plan": Role.MANAGER in request.membership.roles,
            "expected_today": [a for a in on_duty(commune, today) if a.pk not in away],
        },
    )


@managers
def shift_new(request: AgentRequest) -> HttpResponse:
    day = read_day(request.GET.get("on", ""), request.commune.local(clock.now()).date())
    form = ShiftForm(request.POST or None, commune=request.commune, initial={"on": day})
    if request.method == "POST" and form.is_valid():
        try:
            shift = actions.add_shift(**form.values())
        except PermanenceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The shift of %(name)s is added.") % {"name": shift.agent})
            return _to_week(form)
    return _form(request, "agents/shift.html", form)


@managers
def shift_edit(request: AgentRequest, pk: int) -> HttpResponse:
    shift = get_object_or_404(
        Shift.objects.select_related("agent", "site"), pk=pk, site__commune=request.commune
    )
    initial = ShiftForm.initial_of(shift, request.commune.tz)
    form = ShiftForm(request.POST or None, commune=request.commune, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_shift(shift=shift, **form.values())
        except PermanenceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The shift of %(name)s is changed.") % {"name": shift.agent})
            return _to_week(form)
    return _form(request, "agents/shift.html", form, shift=shift)


@require_POST
@managers
def shift_delete(request: AgentRequest, pk: int) -> HttpResponse:
    shift = get_object_or_404(Shift.objects.select_related("agent"), pk=pk, site__commune=request.commune)
    monday = Week.of(request.commune.local(shift.starts_at).date()).monday
    actions.remove_shift(shift=shift)
    messages.success(request, _("The shift of %(name)s is removed.") % {"name": shift.agent})
    return redirect(f"{reverse('team')}?week={monday}")


@managers
def absence_new(request: AgentRequest) -> HttpResponse:
    day = read_day(request.GET.get("on", ""), request.commune.local(clock.now()).date())
    initial = {"first_on": day, "last_on": day, "agent": request.GET.get("agent")}
    form = AbsenceForm(request.POST or None, commune=request.commune, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            absence = actions.declare_absence(**form.values(), commune=request.commune, by=request.user)
        except PermanenceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(name)s is recorded as away.") % {"name": absence.agent})
            return _to_week(form, field="first_on")
    return _form(request, "agents/absence.html", form)


@require_POST
@managers
def absence_delete(request: AgentRequest, pk: int) -> HttpResponse:
    absence = get_object_or_404(Absence.objects.select_related("agent"), pk=pk, commune=request.commune)
    monday = Week.of(request.commune.local(absence.starts_at).date()).monday
    actions.remove_absence(absence=absence)
    messages.success(request, _("%(name)s is counted on again.") % {"name": absence.agent})
    return redirect(f"{reverse('team')}?week={monday}")


@require_POST
@managers
def sick_today(request: AgentRequest, agent_id: int) -> HttpResponse:
    """The whole local day: the first tap opens the question, the second is this."""
    commune = request.commune
    agent = get_object_or_404(helpers_of(commune), pk=agent_id)
    start, end = day_span(commune.local(clock.now()).date(), commune.tz)
    actions.declare_absence(
        agent=agent, commune=commune, starts_at=start, ends_at=end, kind=AbsenceKind.SICK, by=request.user
    )
    messages.success(request, _("%(name)s is recorded as sick today.") % {"name": agent})
    return redirect("team")


def _form(request: AgentRequest, template: str, form: forms.Form, **context: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, template, {"form": form, **context}, status=status)


def _to_week(form: forms.Form, field: str = "on") -> HttpResponse:
    return redirect(f"{reverse('team')}?week={Week.of(form.cleaned_data[field]).monday}")
