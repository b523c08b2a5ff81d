"""« À rappeler »: everyone whom no automatic message reaches, so that an agent must call."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from agents.models import Agent
from agents.requests import AgentRequest
from booking.errors import ResidentBusy
from core.announcing import announces
from core.clock import now
from core.errors import PermanenceError
from core.ids import read_id
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import Role
from notifications import actions
from notifications.enums import CallOutcome, Channel
from notifications.models import CallResult, Message
from notifications.pages.call_cancel import open_step
from notifications.pages.call_cards import call_cards, in_groups, people_waiting
from notifications.pages.call_results import done_today
from notifications.pages.health import is_silent
from notifications.pages.untold import untold

STAFF = (Role.DESK, Role.MANAGER)


@require_GET
@for_roles(*STAFF)
def call_list(request: AgentRequest) -> HttpResponseBase:
    """The list. `cancel`: the appointment whose second step is open; `done`: the result just noted;
    `said`: it was noted by the request before, so it is read out."""
    return list_page(request, cancel=read_id(request.GET.get("cancel")))


def list_page(
    request: AgentRequest, *, cancel: int, sent: Mapping[str, str] | None = None, status: int = 200
) -> HttpResponseBase:
    """The list with the second step of `cancel`, an appointment; `sent`: the form of that step."""
    instant = now()
    cards = call_cards(request.commune, now=instant, agent_id=request.user.pk)
    done = done_today(request.commune, now=instant)
    last = read_id(request.GET.get("done"))
    untold_now = untold(request.commune, now=instant) if is_silent() else []
    shows(
        request,
        Shown.CALLS,
        [
            *(card.resident.pk for card in cards if card.resident),
            *(each.result.resident_id for each in done),
            *(each.appointment.resident_id for each in untold_now),
        ],
    )
    context = {
        "groups": in_groups(cards),
        "people": len(cards),
        "appointments": sum(card.appointments for card in cards),
        "now": instant,
        "done": done,
        "last": next((each for each in done if each.result.pk == last), None),
        "is_said": "said" in request.GET,
        "untold": untold_now,
        "step": (step := open_step(cards, cancel, sent=sent, by=request.user, now=instant)),
        "form": step.form if step else None,
    }
    template = "call_list/call_list.html#lines" if request.htmx else "call_list/call_list.html"
    return render(request, template, context, status=status)


@require_GET
@for_roles(*STAFF)
def call_list_count(request: AgentRequest) -> HttpResponseBase:
    """The number of people shown in the navigation; empty if nobody waits."""
    return render(request, "call_list/count.html", {"count": people_waiting(request.commune, now=now())})


@require_POST
@for_roles(*STAFF)
@announces(_("Note the outcome of the call"))
def call_outcome(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Note the outcome of a call. It concerns the lines that the agent saw on the person's card (`line`)."""
    line = find_line(request, pk)
    shown = {read_id(each) for each in request.POST.getlist("line")} | {line.pk}
    lines = [each for each in _lines(request).filter(pk__in=shown) if _is_same_person(each, line)]
    note = OUTCOMES.get(request.POST.get("outcome", ""))
    if note is None:
        raise Http404
    number = request.POST.get("number") or line.recipient
    return answer(request, lambda: note(lines=lines, line=line, number=number, by=request.user, now=now()))


@require_POST
@for_roles(*STAFF)
def call_claim(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Say that this agent calls the person now; `over`: in place of a colleague."""
    line, over = find_line(request, pk), "over" in request.POST
    return answer(request, lambda: actions.claim_call(line=line, by=request.user, now=now(), takes_over=over))


@require_POST
@for_roles(*STAFF)
def call_release(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Say that this agent does not call the person any more: by a button, or when they leave the page."""
    line = find_line(request, pk)
    return answer(request, lambda: actions.release_call(line=line, by=request.user))


@require_POST
@for_roles(*STAFF)
@announces(_("Take it back"))
def call_undo(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Take back a result of today."""
    results = CallResult.objects.filter(commune=request.commune).select_related("appointment", "commune")
    result = get_object_or_404(results, pk=pk)
    if result.is_cancelled_here:
        try:
            actions.undo_cancelling(result=result, by=request.user, now=now())
        except ResidentBusy:
            # The page of the appointment shows the other visit, and asks.
            return redirect(f"{reverse('appointment', args=[result.appointment_id])}?restore=1")
        except PermanenceError as error:
            messages.warning(request, str(error.message))
        return redirect("call-list")
    return answer(request, lambda: actions.undo_result(result=result, now=now()))


def answer(request: AgentRequest, act: Callable[[], Any]) -> HttpResponseBase:
    """Do it and show the list again, with what was done or why not."""
    query: dict[str, object] = {}
    try:
        done = act()
    except PermanenceError as error:
        messages.warning(request, str(error.message))
    else:
        if isinstance(done, CallResult):
            query = {"done": done.pk, "said": 1}
    return redirect(f"{reverse('call-list')}?{urlencode(query)}" if query else "call-list")


def find_line(request: AgentRequest, pk: int) -> Message:
    return get_object_or_404(_lines(request), pk=pk)


def _lines(request: AgentRequest) -> QuerySet[Message]:
    return Message.objects.filter(commune=request.commune, channel=Channel.DESK).select_related(
        "commune", "appointment", "resident__merged_into"
    )


def _is_same_person(one: Message, other: Message) -> bool:
    def whose(line: Message) -> object:
        return (line.resident.merged_into_id or line.resident.pk) if line.resident else line.recipient

    return whose(one) == whose(other)


def _told(*, lines: Sequence[Message], by: Agent, now: datetime, **unused: Any) -> CallResult:
    return actions.note_told(lines=lines, by=by, now=now)


def _thinks(*, lines: Sequence[Message], by: Agent, now: datetime, **unused: Any) -> CallResult:
    return actions.wants_to_think(lines=lines, by=by, now=now)


def _no_answer(*, lines: Sequence[Message], by: Agent, now: datetime, **unused: Any) -> CallResult:
    return actions.no_answer(lines=lines, by=by, now=now)


def _wrong_number(
    *, lines: Sequence[Message], number: str, by: Agent, now: datetime, **unused: Any
) -> CallResult:
    return actions.wrong_number(lines=lines, number=number, by=by, now=now)


def _stops(*, lines: Sequence[Message], number: str, by: Agent, now: datetime, **unused: Any) -> CallResult:
    if not number.startswith("+") or number not in {each.recipient for each in lines}:
        raise Http404
    return actions.no_more_messages(lines=lines, number=number, by=by, now=now)


def _takes(*, line: Message, by: Agent, now: datetime, **unused: Any) -> CallResult:
    return actions.take_offer(line=line, by=by, now=now)


def _declines(*, line: Message, by: Agent, now: datetime, **unused: Any) -> CallResult:
    return actions.decline_offer(line=line, by=by, now=now)


OUTCOMES: Mapping[str, Callable[..., CallResult]] = {
    CallOutcome.TOLD: _told,
    CallOutcome.THINKS: _thinks,
    CallOutcome.NO_ANSWER: _no_answer,
    CallOutcome.WRONG_NUMBER: _wrong_number,
    CallOutcome.STOPS: _stops,
    CallOutcome.TAKES: _takes,
    CallOutcome.DECLINES: _declines,
}
