"""Page of a commune's own settings: its phone, what screens show, how long data are kept."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from communes import actions
from communes.forms import CommuneForm
from communes.requests import CommuneRequest
from core import clock
from core.edits import EditConflict
from core.requests import for_roles
from core.roles import Role


@require_http_methods(["GET", "POST"])
@for_roles(Role.MANAGER)
def commune_edit(request: CommuneRequest) -> HttpResponse:
    form = CommuneForm(request.POST or None, instance=request.commune)
    if request.method == "POST" and form.is_valid():
        edit = form.edit(by=request.user, at=clock.now())
        try:
            actions.change_commune(commune=request.commune, changes=form.chosen_values(), edit=edit)
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        else:
            messages.success(request, form.saved_text(_("The settings are saved."), edit))
            return redirect("places")
    return render(request, "places/commune.html", {"form": form}, status=form.status)
