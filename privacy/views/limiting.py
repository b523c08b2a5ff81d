"""« Limiter l'utilisation de la fiche », and lifting it."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from agents.requests import AgentRequest
from booking.actions import Limited
from booking.models import Resident
from core.announcing import announces
from core.clock import now
from core.errors import PermanenceError
from core.requests import for_roles
from privacy import actions
from privacy.forms.limiting import LiftForm, LimitForm
from privacy.pages.limiting import read_limitation
from privacy.views.rights import OFFICE, find_resident


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*OFFICE)
@announces(gettext_lazy("Limit the record"))
def limitation(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Why, and what becomes of the coming visits. A record that is limited already can be lifted here."""
    resident = find_resident(request, pk)
    shown = read_limitation(resident, now())
    form = LimitForm(request.POST or None, has_visits=bool(shown.visits))
    if request.method == "POST" and resident.is_limited:  # the button was pressed twice
        return redirect("resident", pk)
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.limit(resident=resident, **form.how, by=request.user, now=now())
        except PermanenceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The record is limited: it is kept, and no longer used."))
            if to_tell := _to_tell(done):
                messages.warning(request, to_tell)
            return redirect("resident", pk)
    context = {"resident": resident, "form": form, "shown": shown, "lift": LiftForm()}
    return render(request, "privacy/limitation.html", context, status=422 if form.is_bound else 200)


def _to_tell(done: Limited) -> str:
    """No message leaves: what the agent says to the person themselves."""
    if not done.kept:
        return ""
    return ngettext(
        "%(n)s visit stays. Say so to the person yourself: no message and no reminder leaves.",
        "%(n)s visits stay. Say so to the person yourself: no message and no reminder leaves.",
        done.kept,
    ) % {"n": done.kept}


@require_POST
@for_roles(*OFFICE)
@announces(gettext_lazy("Lift the limitation"))
def lift(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Use the record again, once the person has been told."""
    resident = find_resident(request, pk)
    form = LiftForm(request.POST)
    if not resident.is_limited:  # the button was pressed twice
        return redirect("resident", pk)
    if not form.is_valid():
        return _asked_again(request, resident, form)
    try:
        actions.lift(resident=resident, by=request.user, now=now())
    except PermanenceError as error:
        form.add_error(None, str(error))
        return _asked_again(request, resident, form)
    messages.success(request, _("The limitation is lifted: the record is used again."))
    return redirect("resident", pk)


def _asked_again(request: AgentRequest, resident: Resident, form: LiftForm) -> HttpResponseBase:
    shown = read_limitation(resident, now())
    context = {"resident": resident, "shown": shown, "lift": form}
    return render(request, "privacy/limitation.html", context, status=422)
