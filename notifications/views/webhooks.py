"""What the provider calls. Each request is signed; unsigned and repeated ones change nothing."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from config.clock import now
from notifications import actions, bell, webhooks
from notifications.channels.twilio import STATES, failure_for
from notifications.enums import State


def from_provider[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Open to the provider alone: no session, no form token, but a signature. 403 without one."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request = args[0]
        assert isinstance(request, HttpRequest)
        if not webhooks.is_signed(request):
            return HttpResponse(status=403)
        if not webhooks.is_new(request, now=now()):
            return HttpResponse(status=204)
        return view(*args, **kwargs)

    return csrf_exempt(login_not_required(require_POST(guarded)))


@from_provider
def twilio_status(request: HttpRequest, pk: int) -> HttpResponse:
    """A report about a text message."""
    state = STATES.get(request.POST.get("MessageStatus", ""))
    sid = request.POST.get("MessageSid", "")
    if state is None or not sid:
        return HttpResponse(status=400)
    code = request.POST.get("ErrorCode", "")
    failure = failure_for(code) if state == State.FAILED else ""
    if actions.report(message_id=pk, provider_id=sid, state=state, code=code, failure=failure, now=now()):
        webhooks.alarm_if_refused(failure, code, now=now())
        bell.ring()
    return HttpResponse(status=204)
