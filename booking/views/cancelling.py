"""« Annuler le rendez-vous »: why and at whose request, then some minutes in which it can be undone."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from agents.requests import AgentRequest
from booking import actions
from booking.enums import Status
from booking.forms.cancelling import CancelForm
from booking.log import Actor
from booking.models import Appointment
from booking.pages.cancelling import read_cancelling
from booking.views.appointment import STAFF, back_to, changing, find, require_as_shown
from core.announcing import announces
from core.clock import now
from core.errors import PermanenceError
from core.requests import for_roles


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*STAFF)
@announces(gettext_lazy("Cancel the appointment"))
def cancel(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The step before an appointment is cancelled: why, at whose request, and what leaves when."""
    shown = find(request, pk)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if shown.status not in (Status.BOOKED, Status.ARRIVED):
        messages.error(request, _("Only an appointment that is still to come can be cancelled."))
        return redirect("appointment", pk)
    if request.method == "POST" and form.is_valid():
        return _cancelled(request, shown, form)
    back = request.POST.get("back", request.GET.get("back", ""))
    context = {
        "appointment": shown,
        "form": form,
        "back": back,
        "keep": back_to(back, request, shown),
        "step": read_cancelling(shown, now=now()),
    }
    return render(request, "appointment/cancel.html", context, status=422 if form.is_bound else 200)


def _cancelled(request: AgentRequest, shown: Appointment, form: CancelForm) -> HttpResponseBase:
    try:
        require_as_shown(request, shown)
        actions.cancel_with_grace(appointment=shown, by=Actor.agent(request.user), now=now(), **form.why)
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        if shown.cancel_at is None:
            messages.success(request, _("The appointment is cancelled."))
        else:
            messages.success(request, _("The appointment is cancelled, nothing has left yet."))
    return redirect(back_to(request.POST.get("back", ""), request, shown))


def _at_once(*, appointment: Appointment, **_by_and_now: Any) -> None:
    actions.finish_cancelling(appointment=appointment, now=now())


cancel_now = changing(
    gettext_lazy("The cancellation is final: the messages leave."), _at_once, label=gettext_lazy("Send now")
)


@require_GET
@for_roles(*STAFF)
def grace(request: AgentRequest, pk: int) -> HttpResponse:
    """Whether the grace still runs: 204 if so, else the page is loaded again."""
    shown = find(request, pk)
    return HttpResponse(status=204) if shown.status == Status.CANCELLING else HttpResponseClientRefresh()
