"""Twilio's webhooks about text messages. Unsigned and repeated requests change nothing."""

from django.http import HttpRequest, HttpResponse

from core.clock import now
from notifications import actions, callers
from notifications.enums import State
from notifications.providers.twilio.client import STATES
from notifications.providers.twilio.errors import refusal_for
from notifications.providers.twilio.script import nothing
from notifications.providers.twilio.webhooks import XML, from_provider, sent
from notifications.tasks import request_sweep


@from_provider
def twilio_status(request: HttpRequest, pk: int) -> HttpResponse:
    """A report about a text message."""
    state = STATES.get(sent(request, "MessageStatus"))
    sid = sent(request, "MessageSid")
    if state is None or not sid:
        return HttpResponse(status=400)
    refusal = refusal_for(sent(request, "ErrorCode")) if state == State.FAILED else None
    if actions.report(message_id=pk, provider_id=sid, state=state, refusal=refusal, now=now()):
        request_sweep()
    return HttpResponse(status=204)


@from_provider
def twilio_inbound_text(request: HttpRequest) -> HttpResponse:
    """A resident writes to the number of the commune. The next sweep sends the answer."""
    caller = callers.caller_of(ours=sent(request, "To"), theirs=sent(request, "From"))
    sid = sent(request, "MessageSid")
    if caller is None or not sid or not caller.number:
        return HttpResponse(status=400)
    actions.receive(
        caller=caller,
        provider_id=sid,
        text=sent(request, "Body"),
        opted_out=sent(request, "OptOutType") == "STOP",
        now=now(),
    )
    request_sweep()
    return HttpResponse(nothing(), content_type=XML)
