"""Page fragments about messages, loaded by pages of other apps: what will be sent, and what was sent."""

from datetime import datetime

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.requests import AgentRequest
from booking.actions import unwritten_phones
from booking.enums import Status
from booking.forms.residents import ResidentForm, all_numbers, bind_phones
from booking.models import Appointment, Resident
from core.clock import now
from core.ids import read_id
from core.requests import for_roles
from core.roles import Role
from notifications import actions, histories
from notifications.alarms.advice import waits_of
from notifications.enums import MessageKind
from notifications.pages.giving import preview_giving
from notifications.pages.journal import journal_of, journal_of_resident, stops_of
from notifications.suppressions import suppressed
from notifications.writing import preview, preview_move


@require_GET
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def message_preview(request: AgentRequest) -> HttpResponseBase:
    """The exact text that is sent if `resident` is booked at `site` and `start`, or if `appointment` is
    moved there."""
    query = request.GET
    commune = request.commune
    residents = Resident.objects.current().filter(commune=commune)
    site = get_object_or_404(commune.sites, pk=read_id(query.get("site")))
    start = _instant(query.get("start"))
    if "appointment" in query:
        moving = get_object_or_404(
            Appointment.objects.filter(commune=commune).select_related("commune", "site", "resident"),
            pk=read_id(query.get("appointment")),
        )
        shown = preview_move(appointment=moving, site=site, start=start, now=now())
    else:
        resident = get_object_or_404(residents, pk=read_id(query.get("resident")))
        shown = preview(
            site=site,
            start=start,
            resident=resident,
            commune=request.commune,
            kind=MessageKind.CONFIRMATION,
            now=now(),
        )
    return render(request, "messages/preview.html", {"preview": shown, "waits": waits_of(request.commune)})


@require_POST
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def newcomer_preview(request: AgentRequest) -> HttpResponseBase:
    """The same for somebody whose record is being written, at the time that is kept (`hold`). Their number
    comes in the request body, since it must not appear in addresses and logs."""
    commune = request.commune
    times = Appointment.objects.filter(commune=commune, status__in=(Status.HELD, Status.LAPSED))
    kept = times.select_related("site").filter(pk=read_id(request.POST.get("hold", ""))).first()
    if kept is None:
        return HttpResponse(status=204)  # the hold was released meanwhile, by Back or another choice
    form, numbers = ResidentForm(request.POST, commune=commune), bind_phones(request.POST, commune=commune)
    # Missing or wrong entries in other fields are reported when the form is saved.
    form.is_valid()
    context: dict[str, object] = {"waits": waits_of(commune), "is_unreadable": not numbers.is_valid()}
    if numbers.is_valid():
        resident = form.instance
        resident.commune = commune
        phones = unwritten_phones(resident, all_numbers(numbers))
        lines = [(commune.pk, phone.number) for phone in phones]
        context["stopped"] = [number for _, number in suppressed(lines)]
        context["preview"] = preview(
            site=kept.site,
            start=kept.starts_at,
            resident=resident,
            phones=phones,
            commune=commune,
            kind=MessageKind.CONFIRMATION,
            now=now(),
        )
    return render(request, "messages/newcomer_preview.html", context)


@require_GET
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def giving_preview(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The exact texts that are sent if the appointment is given to `resident`: to them, and to the person
    who has it now."""
    appointments = _seen_by(request).select_related("commune", "site", "resident")
    appointment = get_object_or_404(appointments, pk=pk)
    residents = Resident.objects.current().filter(commune=request.commune)
    to = get_object_or_404(residents, pk=read_id(request.GET.get("resident")))
    giving = preview_giving(appointment=appointment, to=to, now=now())
    return render(request, "messages/giving.html", {"giving": giving, "waits": waits_of(request.commune)})


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
    journal = journal_of(appointment, now=now())
    return render(request, "messages/journal.html", {"appointment": appointment, "journal": journal})


@require_GET
@for_roles(Role.DESK, Role.MANAGER)
def resident_messages(request: AgentRequest, pk: int) -> HttpResponseBase:
    """All messages to a resident, and what they answered."""
    resident = get_object_or_404(Resident.objects.filter(commune=request.commune), pk=pk)
    lines = journal_of_resident(resident, now=now())
    return render(request, "messages/resident_journal.html", {"lines": lines})


@require_GET
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def resident_stops(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Which numbers of a resident want no automatic messages; empty if none. `bref`: one line each and
    without the button, which would lead the agent away from the booking in progress."""
    resident = get_object_or_404(Resident.objects.filter(commune=request.commune), pk=pk)
    is_office = bool(request.membership.roles & {Role.DESK, Role.MANAGER})
    context = {
        "resident": resident,
        "stops": stops_of(resident),
        "sender": histories.text_sender(request.commune),
        "is_short": "bref" in request.GET or not is_office,
        "is_office": is_office,
    }
    return render(request, "messages/stops.html", context)


@require_POST
@for_roles(Role.DESK, Role.MANAGER)
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


def _instant(text: str | None) -> datetime:
    try:
        # An unescaped plus sign arrives as a space.
        start = datetime.fromisoformat((text or "").replace(" ", "+"))
    except ValueError:
        raise Http404 from None
    if start.tzinfo is None:
        raise Http404
    return start
