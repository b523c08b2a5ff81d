"""« Lieux »: the sites with their opening hours, cabins and equipment, closures, and cabins out of order."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from communes import actions
from communes.errors import HoursError
from communes.forms import AccessForm, CabinOrderForm, ClosureForm
from communes.models import Cabin, Closure, Commune, Site
from communes.opening.hours import summary
from communes.requests import CommuneRequest
from core import clock
from core.announcing import announces
from core.edits import EditConflict
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import Role


@dataclass(frozen=True)
class SiteSection:
    """A site on the page: its hours in sentences, or what is wrong with them."""

    site: Site
    hours: list[str]
    problem: str
    coming_closures: list[Closure]
    closed_now: Closure | None
    cabins: list[tuple[Cabin, CabinOrderForm]]
    """With the form that puts each out of order, or in order again."""


@for_roles()
def places(request: CommuneRequest) -> HttpResponse:
    now = clock.now()
    can_change = request.membership.is_manager
    sites = _sites(request.commune, now)
    context = {
        "now": now,
        "retired": [site for site in sites if not site.is_active] if can_change else [],
        "places": [_read(site, now) for site in sites if site.is_active],
        "can_change": can_change,
        "can_mend": request.membership.is_manager or request.membership.is_desk,
    }
    return render(request, "places/places.html", context)


def _sites(commune: Commune, now: datetime) -> list[Site]:
    closures = Closure.objects.filter(ends_at__gt=now)
    sites = commune.sites.select_related("commune")
    return list(sites.prefetch_related("cabins", Prefetch("closures", queryset=closures, to_attr="coming")))


def _read(site: Site, now: datetime) -> SiteSection:
    coming: list[Closure] = getattr(site, "coming", [])
    hours, problem, tz = [], "", site.commune.tz
    try:
        hours = summary(site.opening_hours, around=now.date()) if site.opening_hours else []
    except HoursError as error:
        problem = str(error)
    return SiteSection(
        site=site,
        hours=hours,
        problem=problem,
        coming_closures=coming,
        closed_now=next((closure for closure in coming if closure.starts_at <= now), None),
        cabins=[(each, CabinOrderForm(cabin=each, tz=tz, now=now)) for each in site.cabins.all()],
    )


@require_POST
@for_roles(Role.DESK, Role.MANAGER)
@announces(gettext_lazy("Change the state of the cabin"))
def cabin_order(request: CommuneRequest, pk: int) -> HttpResponse:
    cabins = Cabin.objects.select_related("site__commune")
    cabin = get_object_or_404(cabins, pk=pk, site__commune=request.commune)
    form = CabinOrderForm(request.POST, cabin=cabin, tz=request.commune.tz, now=clock.now())
    if not form.is_valid():
        return _order_page(request, cabin, form)
    edit = form.edit(by=request.user, at=clock.now())
    in_order, until = form.chosen_values().get("order", cabin.order)
    try:
        if in_order:
            actions.restore_cabin(cabin=cabin, edit=edit)
        else:
            actions.set_out_of_service(cabin=cabin, until=until, edit=edit)
    except EditConflict as conflict:
        form.show_conflict(conflict, edit)
        return _order_page(request, cabin, form)
    messages.success(request, form.saved_text(_order_text(cabin) % {"cabin": cabin}, edit))
    return redirect("places")


def _order_page(request: CommuneRequest, cabin: Cabin, form: CabinOrderForm) -> HttpResponse:
    """The form alone, with what was typed: it was refused, or somebody else was faster."""
    context = {"form": form, "cabin": cabin}
    return render(request, "places/cabin_order.html", context, status=form.status)


def _order_text(cabin: Cabin) -> str:
    if cabin.in_order:
        return _("%(cabin)s is in order again.")
    if cabin.out_until is None:
        return _("%(cabin)s is out of order: it is no longer offered.")
    return _("%(cabin)s is out of order: it is offered again from the end that you gave.")


@for_roles(Role.MANAGER)
@announces(gettext_lazy("Declare the closure"))
def closure_new(request: CommuneRequest, pk: int) -> HttpResponse:
    """No day is filled in beforehand: Enter must not close the place today."""
    site = get_object_or_404(request.commune.sites.filter(is_active=True), pk=pk)
    form = ClosureForm(request.POST or None, site=site)
    if request.method == "POST" and form.is_valid():
        try:
            actions.declare_closure(site=site, **form.values(), by=request.user, now=clock.now())
        except PermanenceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The closure of %(site)s is recorded.") % {"site": site})
            return redirect("places")
    return render(
        request, "places/closure.html", {"form": form, "site": site}, status=422 if form.is_bound else 200
    )


@require_POST
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Lift the closure"))
def closure_lift(request: CommuneRequest, pk: int) -> HttpResponse:
    closure = get_object_or_404(Closure.objects.select_related("site"), pk=pk, site__commune=request.commune)
    actions.lift_closure(closure=closure, by=request.user, now=clock.now())
    messages.success(request, _("%(site)s is open again at its usual hours.") % {"site": closure.site})
    return redirect("places")


@for_roles(Role.MANAGER)
def access_edit(request: CommuneRequest, pk: int) -> HttpResponse:
    """Whether somebody in a wheelchair gets into a place and its cabins: the desk is told before it books."""
    site = get_object_or_404(request.commune.sites.filter(is_active=True), pk=pk)
    form = AccessForm(request.POST or None, site=site)
    if request.method == "POST" and form.is_valid():
        edit = form.edit(by=request.user, at=clock.now())
        try:
            actions.change_access(site=site, access=form.chosen_values(), edit=edit)
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        else:
            said = _("The access of %(name)s is changed.") % {"name": site}
            messages.success(request, form.saved_text(said, edit))
            return redirect("places")
    return render(request, "places/access.html", {"form": form, "site": site}, status=form.status)
