"""The page of the simulator: the phones of residents, renewed each second."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from agents.requests import AgentRequest
from core.requests import for_roles
from core.roles import Role
from notifications import histories
from notifications.enums import Channel, State
from notifications.models import Message, MessageSettings
from notifications.providers import is_simulated
from notifications.providers.simulator import calls
from notifications.providers.simulator.client import PREFIX
from notifications.providers.simulator.phones import serial, simulation_of


def when_simulated[**P](view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """Answer 404 where a provider sends real messages."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not is_simulated():
            raise Http404
        return view(*args, **kwargs)

    return guarded


@require_GET
@when_simulated
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def simulator(request: AgentRequest) -> HttpResponseBase:
    """The page asks each second and names the version it shows; 204 while nothing has changed."""
    simulation = simulation_of(request.commune)
    if request.htmx and request.GET.get("version") == simulation.version:
        return HttpResponse(status=204)
    template = "simulator/simulator.html#devices" if request.htmx else "simulator/simulator.html"
    return render(request, template, {"simulation": simulation})


@require_POST
@when_simulated
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def simulator_reply(request: AgentRequest) -> HttpResponseBase:
    """A resident answers by text message."""
    number, text = request.POST.get("number", ""), request.POST.get("text", "").strip()
    if not text or not Message.objects.filter(commune=request.commune, recipient=number).exists():
        raise Http404
    ours = histories.text_sender(request.commune).text
    params = {"From": number, "To": ours, "Body": text, "MessageSid": f"{PREFIX}{serial()}"}
    calls.ask(reverse("twilio-inbound-text"), params)
    return redirect("simulator")


@require_POST
@when_simulated
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def simulator_call(request: AgentRequest, pk: int) -> HttpResponseBase:
    """One step of a call: pass on what the resident did, and return our script for the page to speak.
    `address`: where the last script wants the answer."""
    calls = Message.objects.filter(commune=request.commune, channel=Channel.VOICE, state__in=_IN_CALL)
    call = get_object_or_404(calls.filter(provider_id__startswith=PREFIX), pk=pk)
    params = {"CallSid": call.provider_id}
    address = request.POST.get("address") or reverse("twilio-call", args=[call.pk])
    for name in ("Digits", "AnsweredBy", "CallStatus", "DialCallStatus"):
        if value := request.POST.get(name):
            params[name] = value
    if "CallStatus" in params:
        address = reverse("twilio-call-status", args=[call.pk])
    return _ask(address, params)


@require_POST
@when_simulated
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def simulator_dial(request: AgentRequest) -> HttpResponseBase:
    """A resident calls the commune's line."""
    number = request.POST.get("number", "")
    settings = MessageSettings.objects.filter(commune=request.commune).first()
    ours = histories.call_sender(settings or MessageSettings(commune=request.commune)).text
    params = {"From": number, "To": ours, "CallSid": request.POST.get("sid") or f"{PREFIX}{serial()}"}
    for name in ("Digits", "DialCallStatus"):
        if value := request.POST.get(name):
            params[name] = value
    answer = _ask(request.POST.get("address") or reverse("twilio-inbound-call"), params)
    answer.headers["X-Call"] = params["CallSid"]
    return answer


_IN_CALL = (State.SENT, State.DELIVERED, State.FAILED)


def _ask(address: str, params: dict[str, str]) -> HttpResponse:
    try:
        answer = calls.ask(address, params)
    except ValueError:
        raise Http404 from None
    return HttpResponse(answer.content, content_type="text/xml; charset=utf-8", status=answer.status_code)
