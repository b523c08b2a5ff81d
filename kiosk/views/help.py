"""« Appeler un agent »: on the screen, and on the pages of the agents who are called."""

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from agents.requests import AgentRequest
from core import clock
from core.requests import for_roles
from core.roles import Role
from kiosk.help import answer_help, call_help, calls_for, withdraw_help
from kiosk.requests import ScreenRequest, for_screen


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
    """The open calls that this agent is told of, as a fragment of every page."""
    now = clock.now()
    return render(
        request, "components/help_calls.html", {"calls": calls_for(request.membership, now), "now": now}
    )


@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
@require_POST
def help_answer(request: AgentRequest, pk: int) -> HttpResponseBase:
    now = clock.now()
    call = next((call for call in calls_for(request.membership, now) if call.pk == pk), None)
    if call is None and not request.commune.help_calls.filter(pk=pk).exists():
        raise Http404
    was_first = call is not None and answer_help(call=call, agent=request.user, now=now)
    context = {"calls": calls_for(request.membership, now), "now": now, "was_slower": not was_first}
    return render(request, "components/help_calls.html", context)
