"""Page fragments about messages, loaded by pages of other apps: what will be sent, and what was sent."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from agents.requests import AgentRequest
from booking.models import Appointment, Resident
from core.announcing import announces
from core.clock import now
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import Role
from notifications import actions, histories
from notifications.pages.journal import journal_of, journal_of_resident, stops_of


def _seen_by(request: AgentRequest) -> QuerySet[Appointment]:
    """The appointments of the commune that the agent may see: a mere helper sees their own."""
    appointments = Appointment.objects.filter(commune=request.commune)
    if request.membership.roles & {Role.DESK, Role.MANAGER}:
        return appointments
    return appointments.filter(helper=request.user)


@require_GET
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def appointment_messages(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The messages about an appointment. The fragment reloads by itself while one is on its way."""
    appointment = get_object_or_404(_seen_by(request).select_related("commune", "resident"), pk=pk)
    shows(request, Shown.MESSAGES, [appointment.resident_id])
    journal = journal_of(appointment, now=now())
    return render(request, "messages/journal.html", {"appointment": appointment, "journal": journal})


@require_GET
@for_roles(Role.DESK, Role.MANAGER)
def resident_messages(request: AgentRequest, pk: int) -> HttpResponseBase:
    """All messages to a resident, and what they answered."""
    resident = get_object_or_404(Resident.objects.filter(commune=request.commune), pk=pk)
    shows(request, Shown.MESSAGES, [resident.pk])
    lines = journal_of_resident(resident, now=now())
    return render(request, "messages/resident_journal.html", {"lines": lines})


@require_GET
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def resident_stops(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Which numbers of a resident want no automatic messages; empty if none. `bref`: one line each and
    without the button, which would lead the agent away from the booking in progress."""
    resident = get_object_or_404(Resident.objects.filter(commune=request.commune), pk=pk)
    is_office = bool(request.membership.roles & {Role.DESK, Role.MANAGER})
    stops = stops_of(resident)
    shows(request, Shown.MESSAGES, [resident.pk] if stops else [])
    context = {
        "resident": resident,
        "stops": stops,
        "sender": histories.text_sender(request.commune),
        "is_short": "bref" in request.GET or not is_office,
        "is_office": is_office,
    }
    return render(request, "messages/stops.html", context)


@require_POST
@for_roles(Role.DESK, Role.MANAGER)
@announces(gettext_lazy("Messages are welcome again"))
def resident_consent(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Note that the person told an agent that messages are welcome again at a number."""
    residents = Resident.objects.filter(commune=request.commune).select_related("commune")
    resident = get_object_or_404(residents, pk=pk)
    number = request.POST.get("number", "")
    if (request.commune.pk, number) not in histories.numbers_of(resident, resident.phones.all()):
        raise Http404
    people = actions.note_consent(said_by=resident, number=number, by=request.user, now=now())
    if people:
        names = ", ".join(str(each) for each in people)
        noted = _("Noted: automatic messages go to this number again (%(names)s).") % {"names": names}
        messages.success(request, noted)
    else:
        messages.info(request, _("This number gets automatic messages already."))
    return redirect("resident", resident.pk)
