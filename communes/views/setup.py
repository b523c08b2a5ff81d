"""A manager makes, changes, orders, retires and deletes places and cabins."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from communes import setup_actions
from communes.enums import Equipment
from communes.errors import NameTaken
from communes.models import Cabin, Commune, Service, Site
from communes.requests import CommuneRequest
from communes.setup_forms import CabinForm, PlaceForm, RetireForm
from communes.setup_words import entries_of
from core import clock
from core.announcing import announces
from core.edits import EditConflict
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import Role
from core.templatetags.times import day_year


def _site(request: CommuneRequest, pk: int) -> Site:
    site = get_object_or_404(request.commune.sites, pk=pk)
    site.commune = request.commune
    return site


def _cabin(request: CommuneRequest, pk: int) -> Cabin:
    cabins = Cabin.objects.select_related("site__commune")
    return get_object_or_404(cabins, pk=pk, site__commune=request.commune)


# ---- places ---------------------------------------------------------------------------------------


@for_roles(Role.MANAGER)
def site_new(request: CommuneRequest) -> HttpResponse:
    form = PlaceForm(request.POST or None, instance=Site(commune=request.commune))
    if request.method == "POST" and form.is_valid():
        try:
            site = setup_actions.create_place(
                commune=request.commune, values=form.wanted_values(), by=request.user, now=clock.now()
            )
        except NameTaken as taken:
            form.add_error("name", str(taken))
        else:
            messages.success(request, _("%(site)s is added. Now say when it is open.") % {"site": site})
            return redirect("hours-edit", site.pk)
    return render(request, "places/site.html", {"form": form}, status=form.status)


@for_roles(Role.MANAGER)
def site_edit(request: CommuneRequest, pk: int) -> HttpResponse:
    site = _site(request, pk)
    form = PlaceForm(request.POST or None, instance=site)
    if request.method == "POST" and form.is_valid():
        edit = form.edit(by=request.user, at=clock.now())
        try:
            setup_actions.edit_place(site=site, changes=form.chosen_values(), edit=edit)
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        except NameTaken as taken:
            form.add_error("name", str(taken))
        else:
            messages.success(request, form.saved_text(_("%(site)s is changed.") % {"site": site}, edit))
            return redirect("places")
    return render(request, "places/site.html", {"form": form, "site": site}, status=form.status)


@for_roles(Role.MANAGER)
@announces(gettext_lazy("Confirm"))
def site_retire(request: CommuneRequest, pk: int) -> HttpResponse:
    """Retire a place from a day on, resume it, or delete it where nothing hangs on it."""
    return _retirement(request, _site(request, pk))


@require_POST
@for_roles(Role.MANAGER)
def site_move(request: CommuneRequest, pk: int) -> HttpResponse:
    setup_actions.move_place(site=_site(request, pk), up=request.POST.get("up") == "1")
    return redirect("places")


@require_GET
@for_roles(Role.MANAGER)
def site_log(request: CommuneRequest, pk: int) -> HttpResponse:
    """What was done to a place and its cabins, the latest first."""
    site = _site(request, pk)
    rows = request.commune.setup_changes.filter(site=site).select_related("by")[:200]
    context = {"name": site.name, "entries": entries_of(rows, request.commune)}
    return render(request, "places/log.html", {**context, "back": reverse("places")})


# ---- cabins ---------------------------------------------------------------------------------------


@for_roles(Role.MANAGER)
@announces(gettext_lazy("Add the cabin"))
def cabin_new(request: CommuneRequest, pk: int) -> HttpResponse:
    site = _site(request, pk)
    form = CabinForm(request.POST or None, instance=Cabin(site=site))
    if request.method == "POST" and form.is_valid():
        try:
            cabin = setup_actions.create_cabin(
                site=site, values=form.wanted_values(), by=request.user, now=clock.now()
            )
        except NameTaken as taken:
            form.add_error("name", str(taken))
        else:
            messages.success(request, _("%(cabin)s is added.") % {"cabin": cabin})
            return redirect("cabin-new", site.pk) if "again" in request.POST else redirect("places")
    return _cabin_page(request, form, site)


@for_roles(Role.MANAGER)
@announces(gettext_lazy("Save the cabin"))
def cabin_edit(request: CommuneRequest, pk: int) -> HttpResponse:
    cabin = _cabin(request, pk)
    form = CabinForm(request.POST or None, instance=cabin)
    if request.method == "POST" and form.is_valid():
        edit = form.edit(by=request.user, at=clock.now())
        try:
            setup_actions.edit_cabin(cabin=cabin, changes=form.chosen_values(), edit=edit)
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        except NameTaken as taken:
            form.add_error("name", str(taken))
        except PermanenceError as refusal:
            form.add_error("in_service_at", str(refusal))
        else:
            messages.success(request, form.saved_text(_("%(cabin)s is changed.") % {"cabin": cabin}, edit))
            return redirect("places")
    return _cabin_page(request, form, cabin.site, cabin)


def _cabin_page(
    request: CommuneRequest, form: CabinForm, site: Site, cabin: Cabin | None = None
) -> HttpResponse:
    equipment = form["equipment"].value() or []
    context = {
        "form": form,
        "site": site,
        "cabin": cabin,
        **possible_services(request.commune, {str(each) for each in equipment}),
    }
    return render(request, "places/cabin.html", context, status=form.status)


@require_GET
@for_roles(Role.MANAGER)
def cabin_services(request: CommuneRequest) -> HttpResponse:
    """Fragment: which services a cabin with the equipment ticked so far can take."""
    context = possible_services(request.commune, set(request.GET.getlist("equipment")))
    return render(request, "places/cabin.html#possible", context)


@for_roles(Role.MANAGER)
@announces(gettext_lazy("Confirm"))
def cabin_retire(request: CommuneRequest, pk: int) -> HttpResponse:
    """Like `site_retire`, for a cabin."""
    return _retirement(request, _cabin(request, pk))


@require_POST
@for_roles(Role.MANAGER)
def cabin_move(request: CommuneRequest, pk: int) -> HttpResponse:
    setup_actions.move_cabin(cabin=_cabin(request, pk), up=request.POST.get("up") == "1")
    return redirect("places")


# ---- both -----------------------------------------------------------------------------------------


def _retirement(request: CommuneRequest, row: Site | Cabin) -> HttpResponse:
    now, verb = clock.now(), request.POST.get("do", "")
    is_dated = request.method == "POST" and verb not in ("resume", "delete")
    form = RetireForm(request.POST if is_dated else None, tz=request.commune.tz, now=now)
    refused = ""
    if request.method == "POST" and (not is_dated or form.is_valid()):
        try:
            if is_dated:
                setup_actions.retire(row, at=form.at, by=request.user, now=now)
            elif verb == "resume":
                setup_actions.resume(row, by=request.user, now=now)
            else:
                setup_actions.delete(row, by=request.user, now=now)
        except PermanenceError as refusal:
            if is_dated:
                form.add_error("from_on", str(refusal))
            refused = str(refusal)
        else:
            on = day_year(form.cleaned_data["from_on"]) if is_dated else ""
            messages.success(request, _said("retire" if is_dated else verb) % {"name": row.name, "on": on})
            return redirect("places")
    context = {
        "form": form,
        "row": row,
        "is_cabin": isinstance(row, Cabin),
        "hanging": bool(setup_actions.what_hangs_on(row)),
        "refused": "" if is_dated else refused,
    }
    return render(request, "places/retire.html", context, status=422 if request.method == "POST" else 200)


def _said(verb: str) -> str:
    return {
        "retire": _("%(name)s will be offered to nobody from %(on)s on. Its history is kept."),
        "resume": _("%(name)s is in use again."),
        "delete": _("%(name)s is deleted."),
    }[verb]


@dataclass(frozen=True)
class Impossible:
    """A service that the cabin cannot take, and what it lacks for it."""

    service: Service
    missing: list[str]


def possible_services(commune: Commune, equipment: set[str]) -> dict[str, Any]:
    """How many of the commune's services a cabin with this equipment can take; the others with the reason."""
    services = list(commune.services.active())
    lacking = [
        Impossible(service, [str(Equipment(code).label) for code in sorted(missing)])
        for service in services
        if (missing := set(service.equipment_needed) - equipment)
    ]
    return {"all_count": len(services), "possible_count": len(services) - len(lacking), "impossible": lacking}
