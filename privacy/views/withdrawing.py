"""« Accords »: what the person has agreed to, and its withdrawal."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from agents.requests import AgentRequest
from core.announcing import announces
from core.clock import now
from core.errors import PermanenceError
from core.requests import for_roles
from privacy import actions
from privacy.enums import CameBy, Consent
from privacy.forms.withdrawing import WithdrawalForm
from privacy.pages.consents import consents_of
from privacy.views.rights import OFFICE, find_resident


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*OFFICE)
@announces(gettext_lazy("Withdraw this consent"))
def consents(request: AgentRequest, pk: int) -> HttpResponseBase:
    resident, at = find_resident(request, pk), now()
    form = WithdrawalForm(request.POST or None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        what, came_by = Consent(form.cleaned_data["what"]), CameBy(form.cleaned_data["came_by"])
        try:
            actions.withdraw(resident=resident, what=what, came_by=came_by, by=request.user, now=at)
        except PermanenceError as error:
            form.add_error(None, str(error))
            status = error.http_status
        else:
            messages.success(request, _("Withdrawn and noted: %(what)s.") % {"what": what.label})
            return redirect("resident-consents", pk)
    sent = form["what"].value()
    sections = [
        (each, form if each.what == sent else WithdrawalForm(auto_id=f"id_{each.what}_%s"))
        for each in consents_of(resident, now=at)
    ]
    context = {"resident": resident, "sections": sections, "form": form}
    return render(request, "privacy/consents.html", context, status=status)
