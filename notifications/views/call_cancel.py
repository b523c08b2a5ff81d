"""Cancelling an appointment from the call list."""

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from agents.requests import AgentRequest
from booking.enums import Reason
from core.announcing import announces
from core.clock import now
from core.requests import for_roles
from notifications import actions
from notifications.pages.call_cancel import open_step
from notifications.pages.call_cards import call_cards
from notifications.views.call_list import STAFF, answer


@require_POST
@for_roles(*STAFF)
@announces(_("Cancel the appointment"))
def call_cancel(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Cancel the appointment for the reason chosen in the second step. 404 if it is not on the list, or the
    reason is none of those offered."""
    instant = now()
    step = open_step(call_cards(request.commune, now=instant), pk, by=request.user, now=instant)
    if step is None or request.POST.get("reason") not in step.reasons:
        raise Http404
    return answer(
        request,
        lambda: actions.cancel_on_the_phone(
            appointment=step.appointment,
            reason=Reason(request.POST["reason"]),
            told_at=step.card.told_at,
            by=request.user,
            now=instant,
        ),
    )
