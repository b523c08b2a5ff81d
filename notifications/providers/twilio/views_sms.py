"""What the provider calls. Each request is signed; unsigned and repeated ones change nothing."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.clock import now
from notifications import actions, callers
from notifications.enums import State
from notifications.providers.twilio import webhooks
from notifications.providers.twilio.client import STATES
from notifications.providers.twilio.errors import refusal_for
from notifications.providers.twilio.script import nothing
from notifications.tasks import request_sweep


def from_provider[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Open to the provider alone: no session, no form token, but a signature. 403 without one."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request = args[0]
        assert isinstance(request, HttpRequest)
        if not webhooks.is_signed(request):
            return HttpResponse(status=403)
        if before := webhooks.answered_before(request):
            return before
        response = view(*args, **kwargs)
        webhooks.keep_answer(request, response, now=now())
        return response

    return csrf_exempt(login_not_required(require_POST(guarded)))


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
    """A resident writes to the number of the commune. The answer leaves by the sweep, not from here."""
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
    return HttpResponse(nothing(), content_type=webhooks.XML)
