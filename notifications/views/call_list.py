"""« À rappeler »: everyone whom no automatic message reaches, so that an agent must call."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from agents.models import Agent
from agents.requests import AgentRequest
from booking.actions import book_hold, cancel, release_hold
from booking.enums import Reason
from booking.log import Actor
from booking.models import Appointment
from core.announcing import announces
from core.clock import now
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import Role
from notifications import actions, histories
from notifications.enums import Channel, DeskReason, MessageKind
from notifications.errors import NotTheirs
from notifications.models import Message
from notifications.pages import journal

STAFF = (Role.DESK, Role.MANAGER)
CANCELLED_FOR = {
    DeskReason.HELPER_ABSENT: Reason.HELPER_ABSENT,
    DeskReason.SITE_CLOSED: Reason.SITE_CLOSED,
    DeskReason.CABIN_DOWN: Reason.CABIN_OUT_OF_ORDER,
}
"""An appointment that could not take place was not cancelled by the resident, so these reasons are noted."""


@require_GET
@for_roles(*STAFF)
def call_list(request: AgentRequest) -> HttpResponseBase:
    instant = now()
    lines = journal.call_list(request.commune, now=instant)
    template = "call_list/call_list.html#lines" if request.htmx else "call_list/call_list.html"
    return render(request, template, {"lines": lines, "now": instant})


@require_GET
@for_roles(*STAFF)
def call_list_count(request: AgentRequest) -> HttpResponseBase:
    """The number shown in the navigation; empty if nobody waits."""
    count = Message.objects.to_call_back(now()).filter(commune=request.commune).count()
    return render(request, "call_list/count.html", {"count": count})


@require_POST
@for_roles(*STAFF)
@announces(gettext_lazy("Note the outcome of the call"))
def call_outcome(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Note the outcome of a call, and show the list again."""
    message = get_object_or_404(
        Message.objects.filter(commune=request.commune, channel=Channel.DESK).select_related(
            "appointment", "resident"
        ),
        pk=pk,
    )
    outcome = OUTCOMES.get(request.POST.get("outcome", ""))
    if outcome is None:
        raise Http404
    note, text = outcome
    try:
        note(message=message, by=request.user, now=now())
    except PermanenceError as error:
        messages.warning(request, str(error.message))
    else:
        messages.success(request, text)
    return redirect("call-list")


def _cancels(*, message: Message, by: Agent, now: datetime) -> None:
    if message.appointment is None:
        raise Http404
    if not histories.is_theirs(message):
        raise NotTheirs
    reason = CANCELLED_FOR.get(DeskReason(message.why), Reason.RESIDENT_ASKED)
    # Noting the call and cancelling succeed or fail together. The appointment is locked first, see
    # `next_looks.py`.
    with transaction.atomic():
        cancel(appointment=message.appointment, reason=reason, by=Actor.agent(by), now=now)
        actions.note_told(message=message, by=by, now=now)


def _stops(*, message: Message, by: Agent, now: datetime) -> None:
    if not message.recipient.startswith("+"):
        raise Http404
    actions.no_more_messages(message=message, by=by, now=now)


def _takes(*, message: Message, by: Agent, now: datetime) -> None:
    appointment = _place(message)
    with transaction.atomic():
        book_hold(appointment=appointment, resident=appointment.resident, by=Actor.agent(by), now=now)
        actions.note_told(message=message, by=by, now=now)


def _declines(*, message: Message, by: Agent, now: datetime) -> None:
    with transaction.atomic():
        release_hold(appointment=_place(message), by=Actor.agent(by), now=now)
        actions.note_told(message=message, by=by, now=now)


def _place(message: Message) -> Appointment:
    """The appointment that was offered."""
    if message.appointment is None or message.kind != MessageKind.OFFER:
        raise Http404
    return message.appointment


OUTCOMES: dict[str, tuple[Callable[..., Any], Any]] = {
    "told": (actions.note_told, gettext_lazy("Noted: the person knows.")),
    "no_answer": (actions.no_answer, gettext_lazy("Noted: no answer. They stay on the list.")),
    "wrong_number": (actions.wrong_number, gettext_lazy("Noted: this number is not called any more.")),
    "stops": (_stops, gettext_lazy("Noted: no automatic message goes to this number any more.")),
    "takes": (_takes, gettext_lazy("The appointment is booked.")),
    "declines": (_declines, gettext_lazy("The offer is declined: the next person will be asked.")),
    "cancels": (_cancels, gettext_lazy("The appointment is cancelled.")),
}
