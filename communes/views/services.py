"""Pages of the services: every agent reads them, managers change them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from communes import actions
from communes.forms import ServiceForm
from communes.models import Service
from communes.requests import CommuneRequest
from core import clock
from core.announcing import announces
from core.edits import EditConflict
from core.requests import for_roles
from core.roles import Role


@for_roles()
def services(request: CommuneRequest) -> HttpResponse:
    can_change = request.membership.is_manager
    rows = Service.objects.filter(commune=request.commune)
    return render(
        request,
        "places/services.html",
        {"services": list(rows if can_change else rows.active()), "can_change": can_change},
    )


@for_roles(Role.MANAGER)
@announces(gettext_lazy("Save the service"))
def service_edit(request: CommuneRequest, pk: int) -> HttpResponse:
    service = get_object_or_404(Service, pk=pk, commune=request.commune)
    form = ServiceForm(request.POST or None, instance=service)
    if request.method == "POST" and form.is_valid():
        edit = form.edit(by=request.user, at=clock.now())
        try:
            actions.change_service(service=service, changes=form.chosen_values(), edit=edit)
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        else:
            messages.success(
                request, form.saved_text(_("%(service)s is changed.") % {"service": service}, edit)
            )
            return redirect("services")
    context = {"form": form, "service": service}
    return render(request, "places/service.html", context, status=form.status)
