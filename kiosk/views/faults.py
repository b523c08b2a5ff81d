"""« Signaler une panne » on a screen, and the answer of the agent who is rung."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from agents.requests import AgentRequest
from communes.incident_actions import take_fault
from communes.models import Incident
from communes.requests import communes_in_care
from core import clock
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import WORKING
from kiosk.faults import cabins_of, faults_for, kinds_of, report_on_screen
from kiosk.presses import once
from kiosk.requests import ScreenRequest, for_screen
from kiosk.views.help import rings

_NUMBER_DIGITS = 18


@for_screen
@require_http_methods(["GET", "POST"])
def fault(request: ScreenRequest) -> HttpResponseBase:
    """Ask what does not work; in a hall, first in which cabin."""
    if request.method == "POST":
        return _report(request)
    cabins = cabins_of(request.screen, request.now)
    chosen = _number(request.GET.get("cabin", ""))
    cabin = cabins[0] if len(cabins) == 1 else next((each for each in cabins if each.pk == chosen), None)
    context = {"cabins": cabins, "cabin": cabin, "kinds": kinds_of(cabin) if cabin else []}
    return render(request, "kiosk/sheets/faults.html#ask", context)


def _report(request: ScreenRequest) -> HttpResponse:
    cabin_id, kind = _number(request.POST.get("cabin", "")), request.POST.get("kind", "")

    def do() -> None:
        report_on_screen(screen=request.screen, cabin_id=cabin_id, kind=kind, now=request.now)

    try:
        once(request, do)
    except PermanenceError as error:
        return render(request, "kiosk/sheets/sheets.html#refused", {"error": error})
    return render(request, "kiosk/sheets/faults.html#reported")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _NUMBER_DIGITS else None


@for_roles(*WORKING)
@require_POST
def fault_answer(request: AgentRequest, pk: int) -> HttpResponseBase:
    """« Je m’en occupe » from the ring of a fault that a screen reported."""
    now = clock.now()
    reached = Incident.objects.filter(commune__in=communes_in_care(request)).select_related("cabin")
    incident = get_object_or_404(reached, pk=pk)
    told = faults_for(request.membership, now, memberships=request.memberships)
    is_told = any(each.incident == incident for each in told)
    try:
        was_first = is_told and take_fault(incident=incident, by=request.user, now=now)
    except PermanenceError:
        was_first = False
    return rings(request, now, was_slower=not was_first)
