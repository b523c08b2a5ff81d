"""Fragments that pages of other apps load: the appointments that a change would affect, and how many already
wait.

They take the same POST as the change itself, so that no form content stands in a URL. Nothing is saved.
"""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from agents.models import AbsenceRequest, Shift
from agents.requests import AgentRequest
from booking.pages.waiting_lost import lost_by
from communes.actions import declare_closure, edit_hours, set_out_of_service
from communes.forms import CabinOrderForm, ClosureForm
from communes.hours_forms import HoursForm, WeekForm
from communes.models import Cabin, Site
from communes.setup_actions import retire_cabin, retire_place
from communes.setup_forms import RetireForm
from core import clock
from core.days import day_span
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import Role
from planning.actions.absences import answer_absence, declare_absence
from planning.actions.shifts import change_shift, exchange_shifts, remove_shift
from planning.exchange_form import ExchangeForm
from planning.forms import AbsenceForm, ShiftForm
from planning.impact import orphaned_by
from planning.orphans import orphans


def _impact(
    request: AgentRequest, change: Callable[[], object] | None, *, waiting_at: datetime | None = None
) -> HttpResponse:
    """The affected appointments; empty if the form is not valid, since sending it will show its errors.
    `waiting_at`: also how many of those who wait can be offered nothing any more from then on."""
    if change is None:
        return HttpResponse()
    commune, now, waiting = request.commune, clock.now(), 0
    try:
        lost = orphaned_by(commune, change, now=now)
        if waiting_at is not None:
            waiting = lost_by(commune, change, now=now, at=waiting_at)
    except PermanenceError:
        return HttpResponse()
    return render(request, "replacements/_impact.html", {"lost": lost, "waiting": waiting})


def _site(request: AgentRequest, pk: int) -> Site:
    sites = request.commune.sites.filter(is_active=True).select_related("commune")
    return get_object_or_404(sites, pk=pk)


@require_POST
@for_roles(Role.MANAGER)
def closure_impact(request: AgentRequest, pk: int) -> HttpResponse:
    site = _site(request, pk)
    form = ClosureForm(request.POST, site=site)
    if not form.is_valid():
        return _impact(request, None)
    return _impact(request, lambda: declare_closure(site=site, **form.values()))


@require_POST
@for_roles(Role.MANAGER)
def hours_impact(request: AgentRequest, pk: int) -> HttpResponse:
    site = _site(request, pk)
    if "opening_hours" in request.POST:
        text = HoursForm(request.POST, commune=request.commune)
        hours = text.cleaned_data["opening_hours"] if text.is_valid() else None
    else:
        week = WeekForm(request.POST, today=request.commune.local(clock.now()).date())
        hours = week.expression if week.is_valid() else None
    if hours is None:
        return _impact(request, None)
    return _impact(request, lambda: edit_hours(site=site, opening_hours=hours, now=clock.now()))


@require_POST
@for_roles(Role.DESK, Role.MANAGER)
def cabin_impact(request: AgentRequest, pk: int) -> HttpResponse:
    cabins = Cabin.objects.select_related("site__commune")
    cabin = get_object_or_404(cabins, pk=pk, site__commune=request.commune)
    form = CabinOrderForm(request.POST, cabin=cabin, tz=request.commune.tz, now=clock.now())
    if not form.is_valid():
        return _impact(request, None)
    until = form.cleaned_data["until"]
    return _impact(request, lambda: set_out_of_service(cabin=cabin, until=until))


@require_POST
@for_roles(Role.MANAGER)
def site_retire_impact(request: AgentRequest, pk: int) -> HttpResponse:
    site, now = _site(request, pk), clock.now()
    form = RetireForm(request.POST, tz=request.commune.tz, now=now)
    if not form.is_valid():
        return _impact(request, None)
    at = form.at
    return _impact(request, lambda: retire_place(site=site, at=at, by=request.user, now=now), waiting_at=at)


@require_POST
@for_roles(Role.MANAGER)
def cabin_retire_impact(request: AgentRequest, pk: int) -> HttpResponse:
    cabins, now = Cabin.objects.select_related("site__commune"), clock.now()
    cabin = get_object_or_404(cabins, pk=pk, site__commune=request.commune)
    form = RetireForm(request.POST, tz=request.commune.tz, now=now)
    if not form.is_valid():
        return _impact(request, None)
    at = form.at
    return _impact(request, lambda: retire_cabin(cabin=cabin, at=at, by=request.user, now=now), waiting_at=at)


@require_POST
@for_roles(Role.MANAGER)
def absence_impact(request: AgentRequest) -> HttpResponse:
    form = AbsenceForm(request.POST, commune=request.commune)
    if not form.is_valid():
        return _impact(request, None)
    values = form.values()
    return _impact(request, lambda: declare_absence(**values, commune=request.commune, by=request.user))


@require_POST
@for_roles(Role.MANAGER)
def request_impact(request: AgentRequest, pk: int) -> HttpResponse:
    """The appointments affected if a manager accepted this absence request."""
    rows = AbsenceRequest.objects.select_related("agent", "commune")
    asked = get_object_or_404(rows, pk=pk, commune=request.commune)
    return _impact(
        request, lambda: answer_absence(request=asked, accept=True, by=request.user, now=clock.now())
    )


@require_POST
@for_roles(Role.MANAGER)
def shift_impact(request: AgentRequest, pk: int) -> HttpResponse:
    """The appointments affected by deleting a shift; with a form, by changing it to the form's values, or by
    exchanging it."""
    shifts = Shift.objects.select_related("agent", "site").filter(site__commune=request.commune)
    shift = get_object_or_404(shifts, pk=pk)
    if "other" in request.POST:
        exchange = ExchangeForm(request.POST, shift=shift, commune=request.commune, now=clock.now())
        if not exchange.is_valid():
            return _impact(request, None)
        other = exchange.cleaned_data["other"]
        return _impact(request, lambda: exchange_shifts(first=shift, second=other))
    if "on" not in request.POST:
        return _impact(request, lambda: remove_shift(shift=shift))
    form = ShiftForm(request.POST, commune=request.commune)
    if not form.is_valid():
        return _impact(request, None)
    return _impact(request, lambda: change_shift(shift=shift, **form.values()))


@require_GET
@for_roles(Role.DESK, Role.MANAGER)
def replacements_notice(request: AgentRequest) -> HttpResponse:
    """How many appointments cannot take place as planned, with a link to replace them. With `soon`, only
    those until tomorrow evening: for pages that ask again and again. With `cabin`, only those in it."""
    commune, now = request.commune, clock.now()
    tomorrow = day_span(commune.local(now).date(), commune.tz, days=2)[1]
    lost = orphans(commune, now, tomorrow if "soon" in request.GET else None)
    cabin = request.GET.get("cabin")
    if cabin is not None:
        lost = [each for each in lost if str(each.appointment.cabin_id) == cabin]
    return render(request, "replacements/_notice.html", {"lost": lost, "in_cabin": cabin is not None})
