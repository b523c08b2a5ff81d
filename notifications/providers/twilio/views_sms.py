"""Twilio's webhooks about text messages. Unsigned and repeated requests change nothing."""

from django.http import HttpRequest, HttpResponse

from core.clock import now
from notifications import actions, callers
from notifications.enums import State
from notifications.providers.twilio.client import STATES
from notifications.providers.twilio.errors import refusal_for
from notifications.providers.twilio.script import nothing
from notifications.providers.twilio.webhooks import XML, from_provider
from notifications.tasks import request_sweep


@from_provider
def twilio_status(request: HttpRequest, pk: int) -> HttpResponse:
    """A report about a text message."""
    state = STATES.get(request.POST.get("MessageStatus", ""))
    sid = request.POST.get("MessageSid", "")
    if state is None or not sid:
        return HttpResponse(status=400)
    refusal = refusal_for(request.POST.get("ErrorCode", "")) if state == State.FAILED else None
    if actions.report(message_id=pk, provider_id=sid, state=state, refusal=refusal, now=now()):
        request_sweep()
    return HttpResponse(status=204)


@from_provider
def twilio_inbound_text(request: HttpRequest) -> HttpResponse:
    """A resident writes to the number of the commune. The next sweep sends the answer."""
    caller = callers.caller_of(ours=request.POST.get("To", ""), theirs=request.POST.get("From", "")[:20])
    sid = request.POST.get("MessageSid", "")[:64]
    if caller is None or not sid or not caller.number:
        return HttpResponse(status=400)
    actions.receive(
        caller=caller,
        provider_id=sid,
        text=request.POST.get("Body", ""),
        opted_out=request.POST.get("OptOutType", "") == "STOP",
        now=now(),
    )
    request_sweep()
    return HttpResponse(nothing(), content_type=XML)
