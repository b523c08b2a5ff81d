"""Who can help with a service: a page of its own, or the same form inside that of the service."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from agents.actions.accounts import choose_helpers
from agents.forms import HelpersForm
from agents.requests import AgentRequest
from communes.models import Service
from core import clock
from core.announcing import announces
from core.edit_forms import render_gone, typed_in
from core.edits import EditConflict, RecordGone
from core.requests import for_roles
from core.roles import Role


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Save who can help"))
def service_helpers(request: AgentRequest, pk: int) -> HttpResponse:
    service = get_object_or_404(Service, pk=pk, commune=request.commune, retired_at=None)
    form = HelpersForm(request.POST or None, service=service)
    if request.method == "POST" and form.is_valid():
        edit = form.edit(by=request.user, at=clock.now())
        try:
            choose_helpers(service=service, helpers=form.chosen_values().get("helpers", []), edit=edit)
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        except RecordGone:
            return render_gone(request, typed_in(form), back=reverse("services"))
        else:
            said = _("Who can help with %(service)s is saved.") % {"service": service}
            messages.success(request, form.saved_text(said, edit))
            return redirect("service-edit", pk)
    page = "accounts/service_helpers.html#form" if request.htmx else "accounts/service_helpers.html"
    return render(request, page, {"form": form, "service": service}, status=form.status)
