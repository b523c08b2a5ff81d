"""« Ce n'est pas la bonne personne »: give an appointment to another resident, known or new."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.requests import AgentRequest
from booking import actions
from booking.enums import Status
from booking.errors import ResidentBusy
from booking.forms.desk import IdsField
from booking.forms.residents import ResidentForm, bind_phones, is_writing, new_phones, newcomer
from booking.log import Actor
from booking.models import Appointment, Resident
from booking.search import search as search_residents
from booking.views.appointment import STAFF, find
from booking.views.choosing import (
    another_at,
    go_on,
    phone_asked_for,
    search_drafts,
    shows_choices,
    template_for,
    who_is_alike,
)
from core.announcing import announces
from core.clock import now
from core.errors import PermanenceError
from core.ids import read_id
from core.looked import Shown, shows
from core.requests import for_roles


@require_GET
@for_roles(*STAFF)
def give(request: AgentRequest, pk: int) -> HttpResponse:
    """The present resident, and the choice of another; once chosen, what each of them will be told."""
    shown = find(request, pk)
    if problem := _problem(shown):
        messages.error(request, problem)
        return redirect("appointment", pk)
    to = _known(request, request.GET["resident"]) if request.GET.get("resident") else None
    phone = phone_asked_for(request) if to is None else None
    drawn = another_at(request, phone) if phone else {}
    return _page(request, shown, to=to, **drawn)


def _problem(appointment: Appointment) -> str:
    """Why the appointment can no longer be given away, or "". The action checks it again."""
    if appointment.status != Status.BOOKED:
        return _(
            "Only an appointment that is booked, and whose resident has not come, can be given to another."
        )
    if appointment.starts_at <= now():
        return _("It has begun: it can no longer be given to somebody else.")
    return ""


def _known(request: AgentRequest, text: str) -> Resident:
    residents = Resident.objects.current().filter(commune=request.commune)
    return get_object_or_404(residents, pk=read_id(text))


@require_POST
@for_roles(*STAFF)
def give_search(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Search by POST: names and numbers must not appear in URLs and logs."""
    shown = find(request, pk)
    text = request.POST.get("q", "")
    if not text.strip() and is_writing(request.POST) and not request.htmx:
        return give_new(request, pk)  # Enter was pressed in a field of the new resident
    found = search_residents(commune=request.commune, text=text, now=now())
    if found.only is not None and found.is_certain and found.only.pk != shown.resident_id:
        return go_on(request, _address(pk, found.only))
    found.residents = [match for match in found.residents if match.resident.pk != shown.resident_id]
    return _page(request, shown, found=found, q=text, **search_drafts(request, found))


@require_POST
@for_roles(*STAFF)
def give_new(request: AgentRequest, pk: int) -> HttpResponse:
    """Record a new resident; first show the residents with the same name or number."""
    shown = find(request, pk)
    form = ResidentForm(request.POST, commune=request.commune)
    phones = bind_phones(request.POST, commune=request.commune)
    drawn = {"new": form, "phones": phones}
    if not (form.is_valid() and phones.is_valid()):
        return _page(request, shown, status=422, **drawn)
    who = newcomer(form, phones)
    if alike := who_is_alike(request, form, who):
        return _page(request, shown, status=409, alike=alike, **drawn)
    to = actions.record_newcomer(who, now=now())
    return redirect(_address(pk, to))


@require_POST
@for_roles(*STAFF)
@announces()
def give_to(request: AgentRequest, pk: int) -> HttpResponse:
    """Give the appointment to the resident. `instead_of`: the resident shown on the page before."""
    shown = find(request, pk)
    to = _known(request, request.POST.get("resident", ""))
    beside = IdsField(required=False).clean(request.POST.get("beside", ""))
    if shown.resident_id == to.pk and "instead_of" in request.POST:
        return _given(request, shown, to)  # the button was pressed twice
    if request.POST.get("instead_of", "") != str(shown.resident_id or ""):
        messages.error(request, _("Somebody else was faster: look whose appointment it is now."))
        return redirect("appointment", pk)
    try:
        actions.give_to(
            appointment=shown, resident=to, beside=beside, by=Actor.agent(request.user), now=now()
        )
    except ResidentBusy as error:
        return _page(request, shown, status=error.http_status, to=to)
    except PermanenceError as error:
        messages.error(request, str(error))
        return redirect("appointment", pk)
    return _given(request, shown, to)


def _given(request: AgentRequest, shown: Appointment, to: Resident) -> HttpResponse:
    said = _("The appointment is now for %(name)s. Its new number is %(number)s: print the slip again.")
    messages.success(request, said % {"name": to, "number": shown.spaced_number})
    return redirect("appointment", shown.pk)


def _address(pk: int, to: Resident) -> str:
    return f"{reverse('appointment-give', args=[pk])}?{urlencode({'resident': to.pk})}"


def _page(request: AgentRequest, shown: Appointment, *, status: int = 200, **more: Any) -> HttpResponse:
    to = more.get("to")
    shows(request, Shown.CARD, [to.pk if to else None])
    shows_choices(request, more)
    span = shown.starts_at, shown.ends_at
    context = {
        "others": actions.visits_at(to, *span, besides=shown.pk) if to else [],
        "appointment": shown,
        "choose_address": f"{reverse('appointment-give', args=[shown.pk])}?resident=",
        "search_url": reverse("appointment-give-search", args=[shown.pk]),
        "new_url": reverse("appointment-give-new", args=[shown.pk]),
        "new": ResidentForm(commune=request.commune),
        "phones": new_phones(request.commune),
        **more,
    }
    return render(request, template_for(request, "placing/give.html"), context, status=status)
