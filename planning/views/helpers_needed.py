"""How many helpers a place needs in the morning and in the afternoon."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agents.requests import AgentRequest
from communes.actions import change_helpers_needed
from core import clock
from core.edits import EditConflict
from core.requests import for_roles
from core.roles import Role
from planning.forms import HelpersNeededForm


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
def helpers_needed(request: AgentRequest, pk: int) -> HttpResponse:
    site = get_object_or_404(request.commune.sites.filter(is_active=True), pk=pk)
    form = HelpersNeededForm(request.POST or None, instance=site)
    if request.method == "POST" and form.is_valid():
        edit = form.edit(by=request.user, at=clock.now())
        try:
            change_helpers_needed(site=site, changes=form.chosen_values(), edit=edit)
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        else:
            said = _("Helpers needed are changed: %(place)s.") % {"place": site.short_name}
            messages.success(request, form.saved_text(said, edit))
            return redirect("team")
    context = {"form": form, "site": site}
    return render(request, "team/helpers_needed.html", context, status=form.status)
