"""« Lieux »: the sites with their opening hours, cabins and equipment, closures, and cabins out of order."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from communes import actions
from communes.errors import HoursError
from communes.forms import CabinOrderForm, ClosureForm, HoursForm, WeekForm
from communes.models import Cabin, Closure, Commune, Site
from communes.opening.hours import parse, summary
from communes.requests import CommuneRequest
from core import clock
from core.announcing import announces
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import Role


@dataclass(frozen=True)
class SiteSection:
    """A site on the page: its hours in sentences, or what is wrong with them."""

    site: Site
    hours: list[str]
    problem: str
    cabins: list[tuple[Cabin, CabinOrderForm]]
    coming_closures: list[Closure]
    closed_now: Closure | None


@for_roles()
def places(request: CommuneRequest) -> HttpResponse:
    return _page(request)


def _page(request: CommuneRequest, refused: CabinOrderForm | None = None) -> HttpResponse:
    """All sites; `refused`: the form of a cabin that comes back with what is wrong in it."""
    now = clock.now()
    context = {
        "places": [_read(site, now, refused) for site in _sites(request.commune, now)],
        "can_change": request.membership.is_manager,
        "can_mend": request.membership.is_manager or request.membership.is_desk,
        "form": refused,
    }
    return render(request, "places/places.html", context, status=422 if refused else 200)


def _sites(commune: Commune, now: datetime) -> list[Site]:
    closures = Closure.objects.filter(ends_at__gt=now)
    sites = commune.sites.filter(is_active=True)
    return list(sites.prefetch_related("cabins", Prefetch("closures", queryset=closures, to_attr="coming")))


def _read(site: Site, now: datetime, refused: CabinOrderForm | None) -> SiteSection:
    coming: list[Closure] = getattr(site, "coming", [])
    hours, problem = [], ""
    try:
        hours = summary(site.opening_hours, around=now.date()) if site.opening_hours else []
    except HoursError as error:
        problem = str(error)
    return SiteSection(
        site=site,
        hours=hours,
        problem=problem,
        cabins=[(cabin, _form_of(cabin, site, now, refused)) for cabin in site.cabins.all()],
        coming_closures=coming,
        closed_now=next((closure for closure in coming if closure.starts_at <= now), None),
    )


def _form_of(cabin: Cabin, site: Site, now: datetime, refused: CabinOrderForm | None) -> CabinOrderForm:
    if refused is not None and refused.cabin == cabin:
        return refused
    return CabinOrderForm(cabin=cabin, tz=site.commune.tz, now=now)


@require_POST
@for_roles(Role.DESK, Role.MANAGER)
@announces(gettext_lazy("Change the state of the cabin"))
def cabin_order(request: CommuneRequest, pk: int) -> HttpResponse:
    cabins = Cabin.objects.select_related("site__commune")
    cabin = get_object_or_404(cabins, pk=pk, site__commune=request.commune)
    form = CabinOrderForm(request.POST, cabin=cabin, tz=request.commune.tz, now=clock.now())
    if not form.is_valid():
        return _page(request, form)
    if form.cleaned_data["in_order"]:
        actions.restore_cabin(cabin=cabin)
    else:
        actions.set_out_of_service(cabin=cabin, until=form.cleaned_data["until"])
    if cabin.in_order:
        text = _("%(cabin)s is in order again.")
    elif cabin.out_until is None:
        text = _("%(cabin)s is out of order: it is no longer offered.")
    else:
        text = _("%(cabin)s is out of order: it is offered again from the end that you gave.")
    messages.success(request, text % {"cabin": cabin})
    return redirect("places")


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
@announces(gettext_lazy("Change the opening hours"))
def hours_edit(request: CommuneRequest, pk: int) -> HttpResponse:
    """Edit opening hours: a plain week in a form by day, hours with exceptions as text, since the form by day
    would lose the exceptions."""
    site = get_object_or_404(request.commune.sites.filter(is_active=True), pk=pk)
    site.commune = request.commune
    plain = _plain_form(request, site)
    if plain is None or "text" in request.GET:
        return _hours_as_text(request, site, has_plain=plain is not None)
    if request.method == "POST" and plain.is_valid():
        return _save_hours(request, site, plain.expression)
    context = {"form": plain, "site": site}
    return render(request, "places/hours_week.html", context, status=422 if plain.is_bound else 200)


def _plain_form(request: CommuneRequest, site: Site) -> WeekForm | None:
    """The form of a plain week, or None if that form cannot show the present hours."""
    around = clock.now().date()
    if not site.opening_hours:
        return WeekForm(request.POST or None, initial={"holidays": True})
    try:
        hours = parse(site.opening_hours, request.commune.insee_code)
    except HoursError:
        return None
    if not WeekForm.can_hold(hours, around):
        return None
    return WeekForm(request.POST or None, initial=WeekForm.initial_of(hours, around))


def _hours_as_text(request: CommuneRequest, site: Site, *, has_plain: bool) -> HttpResponse:
    initial = {"opening_hours": site.opening_hours}
    form = HoursForm(request.POST or None, commune=request.commune, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _save_hours(request, site, form.cleaned_data["opening_hours"])
    context = {"form": form, "site": site, "has_plain": has_plain, **_preview(form, site.opening_hours)}
    return render(request, "places/hours.html", context, status=422 if form.is_bound else 200)


def _save_hours(request: CommuneRequest, site: Site, expression: str) -> HttpResponse:
    actions.edit_hours(site=site, opening_hours=expression, now=clock.now())
    messages.success(request, _("The opening hours of %(site)s are changed.") % {"site": site})
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
