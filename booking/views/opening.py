"""« Ouvrir la commune »: a manager sees what is needed and done, and opens."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agents.requests import AgentRequest
from booking.actions.opening import close_commune, open_commune
from booking.errors import NotReady
from booking.pages.opening import Opening
from core import clock
from core.requests import for_roles
from core.roles import Role


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
def opening(request: AgentRequest) -> HttpResponse:
    now, status = clock.now(), 200
    if request.method == "POST" and request.POST.get("do") == "close":
        close_commune(commune=request.commune)
        messages.success(request, _("The commune is not open any more: it is as before you opened it."))
        return redirect("opening")
    if request.method == "POST":
        try:
            open_commune(commune=request.commune, now=now)
        except NotReady as refusal:
            messages.error(request, str(refusal))
            status = refusal.http_status
        else:
            messages.success(request, _("The commune is open."))
            return redirect("opening")
    context = {"opening": Opening(request.commune, now)}
    return render(request, "opening/opening.html", context, status=status)
