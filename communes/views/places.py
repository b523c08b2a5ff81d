"""« Lieux »: the sites with their opening hours, cabins and equipment, closures, and cabins out of order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from communes import actions
from communes.errors import HoursError
from communes.forms import AccessForm, CabinOrderForm, ClosureForm, HoursForm, WeekForm
from communes.models import Cabin, Closure, Commune, Site
from communes.opening.hours import summary
from communes.opening.usual_week import week_values
from communes.requests import CommuneRequest
from core import clock
from core.announcing import announces
from core.edit_forms import EditForm
from core.edits import Edit, EditConflict
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
    context = {
        "places": [_read(site, now) for site in _sites(request.commune, now)],
        "can_change": request.membership.is_manager,
        "can_mend": request.membership.is_manager or request.membership.is_desk,
    }
    return render(request, "places/places.html", context)


def _sites(commune: Commune, now: datetime) -> list[Site]:
    closures = Closure.objects.filter(ends_at__gt=now)
    sites = commune.sites.filter(is_active=True).select_related("commune")
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
    site = get_object_or_404(request.commune.sites.filter(is_active=True), pk=pk)
    today = request.commune.local(clock.now()).date()
    form = ClosureForm(request.POST or None, site=site, initial={"first_on": today, "last_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            actions.declare_closure(site=site, **form.values())
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
    actions.lift_closure(closure=closure)
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


@for_roles(Role.MANAGER)
@announces(gettext_lazy("Change the opening hours"))
def hours_edit(request: CommuneRequest, pk: int) -> HttpResponse:
    """Edit opening hours: a plain week in a form by day, hours with exceptions as text, since the form by day
    would lose the exceptions."""
    site = get_object_or_404(request.commune.sites.filter(is_active=True), pk=pk)
    site.commune = request.commune
    stored = week_values(site.opening_hours, request.commune.insee_code, clock.now().date())
    if request.method == "POST":
        # What was sent decides, not what is stored now: somebody else may have saved the other kind since.
        as_text = "opening_hours" in request.POST
        return _save_text(request, site, stored) if as_text else _save_week(request, site)
    if stored is None or "text" in request.GET:
        form = HoursForm(commune=request.commune, initial={"opening_hours": site.opening_hours})
        return _text_page(request, site, form, has_plain=stored is not None)
    return _week_page(request, site, WeekForm(initial=WeekForm.initial_of(stored)))


def _save_week(request: CommuneRequest, site: Site) -> HttpResponse:
    form, now = WeekForm(request.POST), clock.now()
    if not form.is_valid():
        return _week_page(request, site, form)
    edit = form.edit(by=request.user, at=now)
    try:
        actions.edit_week(site=site, week=form.chosen_values(), now=now, edit=edit)
    except EditConflict as conflict:
        if "opening_hours" in conflict.names:
            # It is a plain week no longer: go on as text.
            data = {"opening_hours": form.expression}
            text = HoursForm(data, commune=request.commune)
            text.is_valid()
            text.show_conflict(conflict, edit)
            return _text_page(request, site, text)
        form.show_conflict(conflict, edit)
        return _week_page(request, site, form)
    return _hours_saved(request, site, form, edit)


def _save_text(request: CommuneRequest, site: Site, stored: dict[str, Any] | None) -> HttpResponse:
    form, now = HoursForm(request.POST, commune=request.commune), clock.now()
    if not form.is_valid():
        return _text_page(request, site, form, has_plain=stored is not None)
    edit, wanted = form.edit(by=request.user, at=now), form.chosen_values()
    try:
        actions.edit_hours(
            site=site, opening_hours=wanted.get("opening_hours", site.opening_hours), now=now, edit=edit
        )
    except EditConflict as conflict:
        form.show_conflict(conflict, edit)
        return _text_page(request, site, form, has_plain=stored is not None)
    return _hours_saved(request, site, form, edit)


def _week_page(request: CommuneRequest, site: Site, form: WeekForm) -> HttpResponse:
    return render(request, "places/hours_week.html", {"form": form, "site": site}, status=form.status)


def _text_page(
    request: CommuneRequest, site: Site, form: HoursForm, *, has_plain: bool = False
) -> HttpResponse:
    context = {"form": form, "site": site, "has_plain": has_plain, **_preview(form, site.opening_hours)}
    return render(request, "places/hours.html", context, status=form.status)


def _hours_saved(request: CommuneRequest, site: Site, form: EditForm, edit: Edit) -> HttpResponse:
    said = _("The opening hours of %(site)s are changed.") % {"site": site}
    messages.success(request, form.saved_text(said, edit))
    return redirect("places")


@require_GET
@for_roles(Role.MANAGER)
def hours_preview(request: CommuneRequest) -> HttpResponse:
    """Fragment: what the text typed so far means, in sentences."""
    form = HoursForm(request.GET, commune=request.commune)
    form.is_valid()
    return render(request, "places/hours.html#preview", _preview(form, ""))


def _preview(form: HoursForm, stored: str) -> dict[str, object]:
    """The hours in sentences, or the text cut in three: before the error, the error, after it."""
    text = form.data.get("opening_hours", "") if form.is_bound else stored
    if form.is_bound and form.problem:
        start = form.problem.position
        end = start + max(1, len(form.problem.fragment))
        return {"problem": form.problem, "cut": (text[:start], text[start:end], text[end:])}
    try:
        return {
            "sentences": summary(text, around=clock.now().date()) if text.strip() else [_("always closed")]
        }
    except HoursError as error:
        return {"problem": error, "cut": (text, "", "")}
