"""« Départ »: an agent's last day in the commune, with what it undoes shown first; and staying after all."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from agents.models import Membership
from agents.requests import AgentRequest
from core import clock
from core.announcing import announces
from core.errors import PermanenceError
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import Role
from core.templatetags.times import day_year
from planning.actions.leaving import leave, stay
from planning.actions.news import Telling
from planning.forms import LeavingForm
from planning.leaving_preview import preview_leaving

managers = for_roles(Role.MANAGER)


def _find(request: AgentRequest, pk: int) -> Membership:
    rows = Membership.objects.select_related("agent", "commune")
    return get_object_or_404(rows, pk=pk, commune=request.commune)


def _telling(request: AgentRequest) -> Telling:
    return Telling(request.user, clock.now())


@require_http_methods(["GET", "HEAD", "POST"])
@managers
@announces(gettext_lazy("Confirm the leaving"))
def account_leave(request: AgentRequest, pk: int) -> HttpResponse:
    """Choose the last day; see what it undoes; confirm."""
    membership, telling = _find(request, pk), _telling(request)
    asked = request.POST if request.method == "POST" else request.GET
    today = request.commune.local(telling.now).date()
    initial = {"when": LeavingForm.ON_A_DAY, "last_on": membership.last_on}
    is_sent = request.method == "POST" or "when" in asked
    form = LeavingForm(asked if is_sent else None, today=today, initial=initial)
    preview = None
    if form.is_valid():
        last_on = form.cleaned_data["last_on"]
        try:
            if request.method == "POST":
                leave(membership=membership, last_on=last_on, telling=telling)
                return _left(request, membership, last_on)
            preview = preview_leaving(membership, last_on=last_on, by=request.user, now=telling.now)
            lost = [each.orphan.appointment.resident_id for each in preview.appointments]
            shows(request, Shown.REPLACING, lost)
        except PermanenceError as error:
            form.add_error(None, str(error))
    context = {
        "form": form,
        "membership": membership,
        "agent": membership.agent,
        "preview": preview,
        "is_own": membership.agent_id == request.user.pk,
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "leaving/leaving.html", context, status=status)


def _left(request: AgentRequest, membership: Membership, last_on: date | None) -> HttpResponse:
    name = membership.agent.get_full_name()
    if last_on is None:
        messages.success(request, _("%(name)s no longer works for the commune.") % {"name": name})
    else:
        said = _("The last day of %(name)s is %(day)s.") % {"name": name, "day": day_year(last_on)}
        messages.success(request, said)
    return redirect("home" if membership.agent_id == request.user.pk and last_on is None else "replacements")


@require_POST
@managers
@announces(gettext_lazy("Undo the leaving"))
def account_stay(request: AgentRequest, pk: int) -> HttpResponse:
    membership = _find(request, pk)
    try:
        done = stay(membership=membership, telling=_telling(request))
    except PermanenceError as error:
        messages.error(request, str(error))
        return redirect("account-edit", pk)
    name = membership.agent.get_full_name()
    said = _("%(name)s stays. Appointments that were placed again keep their new time and helper.")
    messages.success(request, said % {"name": name})
    if done.in_the_way:
        text = ngettext(
            "%(n)s shift does not come back: there is another at its time.",
            "%(n)s shifts do not come back: there are others at their times.",
            done.in_the_way,
        )
        messages.warning(request, text % {"n": done.in_the_way})
    return redirect("account-edit", pk)
