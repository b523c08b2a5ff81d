"""Pages of the services: every agent reads them, managers make, change, order and retire them."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from communes import actions, service_actions
from communes.catalogue import catalogue
from communes.enums import Pictogram
from communes.errors import NameTaken
from communes.models import Service
from communes.requests import CommuneRequest
from communes.service_forms import NewsForm, ServiceForm
from communes.setup_words import entries_of
from core import clock
from core.announcing import announces
from core.edit_forms import render_gone, typed_in
from core.edits import Edit, EditConflict, RecordGone, plain_values, record_name
from core.errors import PermanenceError
from core.ids import read_id
from core.requests import for_roles
from core.roles import Role


@for_roles()
def services(request: CommuneRequest) -> HttpResponse:
    can_change = request.membership.is_manager
    rows = list(Service.objects.filter(commune=request.commune))
    kept = [row for row in rows if row.retired_at is None]
    added = {read_id(each) for each in request.GET.get("added", "").split(",")}
    context = {
        "services": kept if can_change else [row for row in kept if row.is_active],
        "retired": [row for row in rows if row.retired_at] if can_change else [],
        "can_change": can_change,
        "added": [row for row in kept if row.pk in added] if can_change else [],
        "with_news": {row.pk for row in kept if _news(row)} if can_change else set(),
    }
    return render(request, "places/services.html", context)


def _news(service: Service) -> dict[str, Any]:
    return service_actions.news_of(service, catalogue().services.get(service.catalogue_key))


def _find(request: CommuneRequest, pk: int) -> Service:
    """One that is not retired."""
    return get_object_or_404(Service, pk=pk, commune=request.commune, retired_at=None)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
def service_new(request: CommuneRequest) -> HttpResponse:
    """A service of the commune's own, which the catalogue has not."""
    form = ServiceForm(request.POST or None, is_new=True)
    if request.method == "POST" and form.is_valid():
        try:
            service = service_actions.add_service(
                commune=request.commune, values=form.wanted_values(), by=request.user, now=clock.now()
            )
        except NameTaken as taken:
            form.add_error("name", str(taken))
        else:
            messages.success(request, _("%(service)s is added.") % {"service": service})
            return redirect(f"{reverse('services')}?added={service.pk}")
    context = {"form": form, "drawings": Pictogram.values}
    return render(request, "places/service.html", context, status=form.status)


@for_roles(Role.MANAGER)
@announces(gettext_lazy("Save the service"))
def service_edit(request: CommuneRequest, pk: int) -> HttpResponse:
    service = _find(request, pk)
    form = ServiceForm(request.POST or None, instance=_find(request, pk))
    if request.method == "POST" and form.is_valid():
        edit = form.edit(by=request.user, at=clock.now())
        try:
            actions.change_service(service=service, changes=form.chosen_values(), edit=edit)
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        except NameTaken as taken:
            form.add_error("name", str(taken))
        except RecordGone:
            return render_gone(request, typed_in(form), back=reverse("services"))
        else:
            messages.success(
                request, form.saved_text(_("%(service)s is changed.") % {"service": service}, edit)
            )
            return redirect("services")
    context = {
        "form": form,
        "drawings": Pictogram.values,
        "service": service,
        "has_news": bool(_news(service)),
        "can_delete": service_actions.can_delete(service),
    }
    return render(request, "places/service.html", context, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Save the service"))
def service_news(request: CommuneRequest, pk: int) -> HttpResponse:
    """What a newer catalogue says of the service, field by field; nothing is taken over by itself."""
    service = _find(request, pk)
    form = NewsForm(request.POST or None, service=service, news=_news(service))
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        names, seen = form.names, form.cleaned_data["seen"]
        try:
            service_actions.answer_news(
                service=service, names=names, seen=seen, by=request.user, at=clock.now()
            )
        except PermanenceError as error:
            messages.error(request, str(error))
            return redirect("service-news", pk)
        said = _("%(service)s is changed.") if names else _("%(service)s stays as it is.")
        messages.success(request, said % {"service": service})
        return redirect("services")
    return render(request, "places/service_news.html", {"form": form, "service": service}, status=status)


@require_POST
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Change the offer"))
def service_state(request: CommuneRequest, pk: int) -> HttpResponse:
    """Offer a service, put it aside for a while, retire it for good, or bring it back from there."""
    service = get_object_or_404(Service, pk=pk, commune=request.commune)
    now = clock.now()
    match request.POST.get("state"):
        case "offered" if service.retired_at is None:
            _offer(service, True, request.user, now)
            said = _("%(service)s is offered.")
        case "aside" if service.retired_at is None:
            _offer(service, False, request.user, now)
            said = _("%(service)s is put aside: it is not offered now.")
        case "aside":
            try:
                service_actions.bring_back_service(service=service, by=request.user, now=now)
            except NameTaken as taken:
                messages.error(request, str(taken))
                return redirect("services")
            said = _("%(service)s is back, put aside: offer it when you want.")
        case "retired":
            service_actions.retire_service(service=service, by=request.user, now=now)
            said = _("%(service)s is retired: it is kept for history, and appointments already booked stay.")
        case _other:
            messages.error(request, _("Nothing was changed: look at the list again."))
            return redirect("services")
    messages.success(request, said % {"service": service})
    return redirect("services")


def _offer(service: Service, is_active: bool, by: Any, now: datetime) -> None:
    edit = Edit(plain_values({"is_active": service.is_active}), by, now)
    actions.change_service(service=service, changes={"is_active": is_active}, edit=edit)


@require_GET
@for_roles(Role.MANAGER)
def services_log(request: CommuneRequest) -> HttpResponse:
    """What was done to the services, the latest first; with `demarche`, to one of them."""
    pk = read_id(request.GET.get("demarche", ""))
    service = Service.objects.filter(pk=pk, commune=request.commune).first() if pk else None
    rows = request.commune.setup_changes.select_related("by")
    if service:
        rows = rows.filter(record=record_name(service))
    else:
        rows = rows.filter(record__startswith=f"{Service._meta.label_lower}:")
    entries = entries_of(rows[:200], request.commune)
    context = {"name": service.name if service else _("Services"), "entries": entries}
    return render(request, "places/log.html", {**context, "back": reverse("services")})


@require_POST
@for_roles(Role.MANAGER)
def service_order(request: CommuneRequest, pk: int) -> HttpResponse:
    """Put a service one further up or down the list: the desk and the screens show them in this order."""
    service = _find(request, pk)
    by = -1 if request.POST.get("to") == "up" else 1
    try:
        service_actions.move_service(service=service, by=by)
    except RecordGone as error:
        messages.error(request, str(error))
    return redirect(f"{reverse('services')}#service-{service.pk}")


@require_POST
@for_roles(Role.MANAGER)
def service_delete(request: CommuneRequest, pk: int) -> HttpResponse:
    service = get_object_or_404(Service, pk=pk, commune=request.commune)
    try:
        service_actions.delete_service(service=service, by=request.user, now=clock.now())
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(service)s is deleted.") % {"service": service})
    return redirect("services")
