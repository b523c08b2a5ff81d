"""« Tout ce qui est gardé »: the access page of a person, its file, and the note that they received it."""

import json

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.requests import AgentRequest
from core.clock import now
from core.looked import Shown, shows
from core.requests import for_roles
from privacy import actions
from privacy.enums import CameBy
from privacy.forms.requests import CameByForm
from privacy.held import as_file, read_held
from privacy.pages.held import read_page
from privacy.views.rights import OFFICE, find_resident


@require_GET
@for_roles(*OFFICE)
def held(request: AgentRequest, pk: int) -> HttpResponseBase:
    """All that is kept about the person. Opening it is noted among the consultations, and nowhere else."""
    return _page(request, pk, CameByForm())


def _page(request: AgentRequest, pk: int, form: CameByForm, *, status: int = 200) -> HttpResponse:
    resident = find_resident(request, pk)
    shows(request, Shown.HELD, [resident.pk])
    at = now()
    context = {"resident": resident, "held": read_page(read_held(resident, now=at)), "at": at, "form": form}
    return render(request, "privacy/held.html", context, status=status)


@require_GET
@for_roles(*OFFICE)
def held_file(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The same for a program. Its name says no more than a number about whom it is."""
    resident = find_resident(request, pk)
    shows(request, Shown.HELD, [resident.pk])
    text = json.dumps(as_file(read_held(resident, now=now())), ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="donnees-{resident.pk}.json"'
    return response


@require_POST
@for_roles(*OFFICE)
def held_given(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Note that the person has received it, with how many rows that was."""
    form = CameByForm(request.POST)
    if not form.is_valid():
        return _page(request, pk, form, status=422)
    resident = find_resident(request, pk)
    at = now()
    actions.note_access_given(
        resident=resident,
        came_by=CameBy(form.cleaned_data["came_by"]),
        counts=read_held(resident, now=at).counts,
        by=request.user,
        now=at,
    )
    messages.success(request, _("Noted: the person has received all that is kept about them."))
    return redirect("resident", resident.pk)
