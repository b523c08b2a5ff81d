"""« Compte rendu »: what came of a session, noted in two touches."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from agents.requests import AgentRequest
from booking import actions
from booking.forms.visit_note import VisitNoteForm
from booking.log import Actor
from booking.models import Appointment
from booking.views.appointment import STAFF, find, require_as_shown
from core.clock import now
from core.edits import EditConflict
from core.errors import PermanenceError
from core.requests import for_roles


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*STAFF)
def visit_note(request: AgentRequest, pk: int) -> HttpResponse:
    """The page of the note; the panels on other pages send to it, and `back` says from which."""
    found = find(request, pk)
    back = request.POST.get("back", request.GET.get("back", ""))
    if request.method != "POST":
        can = actions.may_be_noted(found, now())
        return _page(request, found, VisitNoteForm.of(found) if can else None, back)
    form = VisitNoteForm.of(found, request.POST)
    edit = form.edit(by=request.user, at=now())
    try:
        require_as_shown(request, found)
        # Before a wrong answer is shown: where nothing may be noted, nothing is asked.
        actions.require_notable(found, now())
        if not form.is_valid():
            return _page(request, found, form, back)
        actions.note_visit(
            appointment=found,
            values=form.chosen_values(),
            started_from=edit,
            by=Actor.agent(request.user),
            now=now(),
        )
    except EditConflict as conflict:
        form.show_conflict(conflict, edit)
        return _page(request, found, form, back)
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, form.saved_text(gettext("Noted. You can still change it for a week."), edit)
        )
    return redirect(_address(request, found, back))


def _page(request: AgentRequest, found: Appointment, form: VisitNoteForm | None, back: str) -> HttpResponse:
    context = {
        "appointment": found,
        "note_form": form,
        "back": back,
        "back_address": _address(request, found, back),
        "is_whole_page": True,
    }
    return render(request, "my_day/note.html", context, status=form.status if form else 200)


def _address(request: AgentRequest, found: Appointment, back: str) -> str:
    is_helper = found.helper_id == request.user.pk
    if back == "day" and is_helper:
        return reverse("my-day")
    if back == "follow-up" and is_helper and found.resident_id:
        return reverse("my-day-follow-up", args=[found.pk])
    return reverse("appointment", args=[found.pk])
