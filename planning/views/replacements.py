"""« Rendez-vous à replacer »: all proposals on one page, applied together or not at all."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.views.decorators.http import require_http_methods

from agents.requests import AgentRequest
from core import clock
from core.announcing import announces
from core.ids import read_id
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import Role
from planning.proposals import Kept, is_wish
from planning.replacing import plan_replacements

PLACED = ngettext_lazy("%(n)s appointment placed again.", "%(n)s appointments placed again.", "n")
TO_CALL = ngettext_lazy("%(n)s person to call back.", "%(n)s people to call back.", "n")


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.DESK, Role.MANAGER)
@announces(gettext_lazy("Place again"))
def replacements(request: AgentRequest) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    aside = {read_id(each) for each in asked.getlist("aside")}
    wishes = _wishes(request)
    expected = "" if "look" in request.POST else request.POST.get("plan", "")
    plan = plan_replacements(
        commune=request.commune,
        by=request.user,
        now=clock.now(),
        aside=aside,
        wishes=wishes,
        expected=expected,
    )
    if plan.applied:
        for number, text in ((len(plan.placed), PLACED), (len(plan.to_call), TO_CALL)):
            if number:
                messages.success(request, text % {"n": number})
        left = [each.appointment.pk for each in plan.aside]
        left += [each.appointment.pk for each in plan.proposals if each.kept == Kept.CHOSEN]
        query = urlencode([("aside", pk) for pk in left])
        return redirect(reverse("replacements") + (f"?{query}" if query else ""))
    if expected:
        messages.warning(request, _("Things have changed since. Look at the new proposals, then apply them."))
    residents = [each.appointment.resident for each in plan.proposals if each.appointment.resident]
    residents += [each.appointment.resident for each in plan.aside if each.appointment.resident]
    prefetch_related_objects(residents, "phones")
    shows(request, Shown.REPLACING, [each.pk for each in residents])
    context = {"plan": plan, "aside": aside}
    return render(request, "replacements/replacements.html", context, status=409 if expected else 200)


def _wishes(request: AgentRequest) -> dict[int, str]:
    """What was chosen for each appointment: « 12:alone ». What no page sends is left out."""
    sent = (each.partition(":") for each in request.POST.getlist("choice"))
    return {read_id(pk): wish for pk, _colon, wish in sent if is_wish(wish)}
