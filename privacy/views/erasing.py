"""« Effacer »: what would go and what would stay, the erasure, and what was done."""

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from agents.requests import AgentRequest
from core.announcing import announces
from core.clock import now
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import Role
from privacy import actions
from privacy.enums import ComingVisits, RequestState, Right
from privacy.forms.erasing import ErasureForm
from privacy.models import RightsRequest
from privacy.pages.erasing import lines_of, preview_erasure
from privacy.views.rights import find_resident

managers = for_roles(Role.MANAGER)


@require_http_methods(["GET", "HEAD", "POST"])
@managers
@announces(gettext_lazy("Yes, erase for good"))
def erase_resident(request: AgentRequest, pk: int) -> HttpResponseBase:
    resident, at = find_resident(request, pk), now()
    preview = preview_erasure(resident, now=at)
    form = ErasureForm(request.POST or None, shown=preview.shown)
    is_asked = form.is_valid() and not form.is_sure
    status = 200 if is_asked or not form.is_bound else 422
    if form.is_valid() and form.is_sure:
        try:
            done = actions.erase(resident=resident, how=form.how, by=request.user, now=at)
        except PermanenceError as error:
            form.add_error(None, str(error))
            status = error.http_status
        else:
            return redirect("resident-erased", done.pk)
    context = {"resident": resident, "preview": preview, "form": form, "is_asked": is_asked}
    return render(request, "privacy/erase.html", context, status=status)


@require_GET
@managers
def erased(request: AgentRequest, pk: int) -> HttpResponseBase:
    """What an erasure has deleted, in numbers: it says no more who it was."""
    done = RightsRequest.objects.filter(commune=request.commune, right=Right.ERASURE, state=RequestState.DONE)
    row = get_object_or_404(done.select_related("closed_by"), pk=pk)
    context = {
        "row": row,
        "lines": lines_of(row.proof.get("rows", {})),
        "kept": row.proof.get("kept", 0),
        "is_kept": row.proof.get("coming") == ComingVisits.KEEP,
    }
    return render(request, "privacy/erased.html", context)
