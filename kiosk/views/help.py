"""« Appeler un agent »: on the screen, and on the pages of the agents who are called."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from agents.requests import AgentRequest
from booking.models import Appointment
from core import clock
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import WITH_RESIDENTS, Role
from kiosk.arrivals import arrivals_for
from kiosk.faults import faults_for
from kiosk.help import answer_help, call_help, calls_for, withdraw_help
from kiosk.requests import ScreenRequest, for_screen
from kiosk.waiting import come_for, waiting_for


@for_screen
@require_POST
def help_call(request: ScreenRequest) -> HttpResponseBase:
    """Call an agent; the board itself shows how the call goes on."""
    call_help(screen=request.screen, now=request.now)
    return render(request, "kiosk/sheets/sheets.html#closed")


@for_screen
@require_POST
def help_end(request: ScreenRequest) -> HttpResponseBase:
    withdraw_help(screen=request.screen, now=request.now)
    return render(request, "kiosk/sheets/sheets.html#closed")


@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
@require_GET
def help_calls(request: AgentRequest) -> HttpResponseBase:
    """A fragment of every page: the open calls that this agent is told of, the residents who wait, and
    those of theirs who have arrived."""
    now = clock.now()
    return rings(request, now)


@for_roles(Role.TECHNICIAN)
@require_GET
def fault_rings(request: AgentRequest) -> HttpResponseBase:
    """The same place of the bar for a technician who sees no resident: the faults alone."""
    return rings(request, clock.now())


@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
@require_POST
def help_answer(request: AgentRequest, pk: int) -> HttpResponseBase:
    now = clock.now()
    call = next((call for call in calls_for(request.membership, now) if call.pk == pk), None)
    if call is None and not request.commune.help_calls.filter(pk=pk).exists():
        raise Http404
    was_first = call is not None and answer_help(call=call, agent=request.user, now=now)
    return rings(request, now, was_slower=not was_first)


@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
@require_POST
def waiting_answer(request: AgentRequest, pk: int) -> HttpResponseBase:
    """« J’y vais » for a resident who has arrived: the screen says that someone comes."""
    now = clock.now()
    reached = Appointment.objects.visible().filter(commune=request.commune)
    if not request.membership.roles & {Role.DESK, Role.MANAGER}:
        reached = reached.filter(helper=request.user)
    appointment = get_object_or_404(reached, pk=pk)
    is_told = any(each.appointment == appointment for each in waiting_for(request.membership, now))
    was_first = is_told and come_for(appointment=appointment, membership=request.membership, now=now)
    return rings(request, now, was_slower=not was_first)


def rings(request: AgentRequest, now: datetime, *, was_slower: bool = False) -> HttpResponse:
    """All that this agent is rung for; a technician for faults alone, and no resident is looked up."""
    context = {
        "faults": faults_for(request.membership, now, memberships=request.memberships),
        "now": now,
        "was_slower": was_slower,
    }
    if request.membership.roles & WITH_RESIDENTS:
        arrivals, waiting = arrivals_for(request.membership, now), waiting_for(request.membership, now)
        shown = [each.appointment for each in waiting]
        shown += [each.appointment for each in arrivals if not each.is_known]
        shows(request, Shown.DAY, [appointment.resident_id for appointment in shown])
        context |= {
            "calls": calls_for(request.membership, now),
            "waiting": waiting,
            "arrivals": [each for each in arrivals if not each.is_known],
            "known": [each.appointment.pk for each in arrivals if each.is_known],
        }
    return render(request, "components/help_calls.html", context)
