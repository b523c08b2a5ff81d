"""« Rien ne convient »: a request of the desk that found nothing is counted, and can be taken back."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents.requests import AgentRequest
from booking import actions
from booking.enums import UnmetWhy
from booking.forms.desk import DeskQuery, OtherRequestForm
from booking.pages.desk import Desk, read_desk
from booking.pages.unmet import unmet_of
from booking.views.desk import BOOKERS, desk_page
from core.clock import now
from core.requests import for_roles


@require_POST
@for_roles(*BOOKERS)
def desk_unmet(request: AgentRequest) -> HttpResponse:
    """Count that none of the days shown suited; the page then offers to take it back."""
    state = read_desk(DeskQuery(request.POST, commune=request.commune), commune=request.commune, now=now())
    if state.service is None or state.moving is not None:
        return _to(state)
    if not state.when.days:
        return desk_page(request, state, status=422, problem=_("Choose days first."))
    actions.note_unmet(commune=request.commune, request=unmet_of(state), now=state.now)
    return _to(state)


@require_POST
@for_roles(*BOOKERS)
def desk_other(request: AgentRequest) -> HttpResponse:
    """Count a request for something that no service is for."""
    state = read_desk(DeskQuery(request.POST, commune=request.commune), commune=request.commune, now=now())
    form = OtherRequestForm(request.POST)
    if not form.is_valid():
        return desk_page(request, state, status=422, problem=_("Choose a theme of the list."), other=form)
    today = state.today
    asked = actions.Unmet(
        talk=state.talk,
        service=None,
        theme=form.cleaned_data["theme"],
        days=[actions.WantedDay(today, UnmetWhy.NOT_OFFERED)],
    )
    actions.note_unmet(commune=request.commune, request=asked, now=state.now)
    return _to(state, service=None)


@require_POST
@for_roles(*BOOKERS)
def desk_unmet_undo(request: AgentRequest) -> HttpResponse:
    """Take back what was counted of this conversation about this service, or about something else."""
    state = read_desk(DeskQuery(request.POST, commune=request.commune), commune=request.commune, now=now())
    actions.forget_unmet(commune=request.commune, talk=state.talk, service=state.service)
    return _to(state)


def _to(state: Desk, **changes: None) -> HttpResponse:
    return redirect(f"{reverse('desk')}?{state.address(talk=state.talk, **changes)}")
