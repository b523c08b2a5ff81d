"""Cancelling an appointment from the call list."""

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from agents.requests import AgentRequest
from core.announcing import announces
from core.clock import now
from core.requests import for_roles
from notifications import actions
from notifications.pages.call_cancel import open_step
from notifications.pages.call_cards import call_cards
from notifications.views.call_list import STAFF, answer, list_page


@require_POST
@for_roles(*STAFF)
@announces(_("Cancel the appointment"))
def call_cancel(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Cancel the appointment as the form of the second step says. 404 if it is not on the list."""
    instant = now()
    cards = call_cards(request.commune, now=instant)
    step = open_step(cards, pk, sent=request.POST, by=request.user, now=instant)
    if step is None:
        raise Http404
    if not step.form.is_valid():
        return list_page(request, cancel=pk, sent=request.POST, status=422)
    return answer(
        request,
        lambda: actions.cancel_on_the_phone(
            appointment=step.appointment,
            **step.form.why,
            told_at=step.card.told_at,
            by=request.user,
            now=instant,
        ),
    )
