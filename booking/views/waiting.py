"""« Liste d'attente »: who is offered a freed time, in which order, and how they answered."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.requests import AgentRequest
from booking import actions
from booking.enums import OfferAnswer, Status, WaitingState
from booking.forms.desk import holds_of_agents
from booking.forms.waiting import WaitingForm, back_to_the_desk, begin_with, half_day_label
from booking.log import Actor
from booking.models import Appointment, WaitingEntry, WaitingOffer
from booking.pages.free_now import has_more_to_show, read_free_now
from booking.pages.waiting_lost import reasons_lost
from core.announcing import announces
from core.clock import now
from core.errors import PermanenceError
from core.ids import read_id
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import Role

DESK = (Role.DESK, Role.MANAGER)
ON_THE_LIST = (WaitingState.WAITING, WaitingState.OFFERED, WaitingState.SILENT)


@require_GET
@for_roles(*DESK)
def waiting_list(request: AgentRequest) -> HttpResponse:
    """All waiting residents, in order; for those with an offer, until when it is held. Those to whom nothing
    can be offered any more stand first, to be called."""
    offers = WaitingOffer.objects.select_related("appointment__site").order_by("-made_at")
    entries = (
        WaitingEntry.objects.filter(commune=request.commune, state__in=ON_THE_LIST)
        .select_related("resident", "service")
        .prefetch_related("sites", "resident__phones", Prefetch("offers", offers))
    )
    shows(request, Shown.WAITING, [entry.resident_id for entry in entries])
    lost = reasons_lost(entries, request.commune, now())
    rows = [
        {
            "entry": entry,
            "half_days": [half_day_label(number) for number in entry.half_days],
            "offer": _open_offer(entry),
            "lost": lost.get(entry.pk, ""),
        }
        for entry in sorted(entries, key=lambda entry: entry.pk not in lost)
    ]
    template = "waiting/waiting.html#list" if request.htmx else "waiting/waiting.html"
    return render(request, template, {"rows": rows})


def _open_offer(entry: WaitingEntry) -> WaitingOffer | None:
    if entry.state != WaitingState.OFFERED:
        return None
    return next(iter(entry.offers.all()), None)


@require_http_methods(["GET", "POST"])
@for_roles(*DESK)
def waiting_join(request: AgentRequest) -> HttpResponse:
    """Put the resident who phones on the list, with the choices already made on the desk page (`begin`). What
    is free now is shown first: nobody on the telephone gets an offer by message."""
    present = now()
    sent = request.POST if request.method == "POST" else request.GET
    begins = request.method == "GET" or "begin" in sent
    form = WaitingForm(
        None if begins else sent,
        initial=begin_with(sent),
        commune=request.commune,
        today=request.commune.local(present).date(),
    )
    resident = get_object_or_404(form.residents, pk=read_id(form["resident"].value()))
    shows(request, Shown.CARD, [resident.pk])
    hold = _held_before(request, sent.get("hold"))
    drawn: dict[str, Any] = {"form": form, "resident": resident, "hold": hold, "note": sent.get("note", "")}
    drawn["all_times"] = back_to_the_desk(form, hold)
    if form.is_valid():
        try:
            wanted = _wanted(form)
            offers = actions.free_now(request=wanted, besides=hold, now=present)
            free = read_free_now(offers, request.commune)
            if offers and has_more_to_show(free, sent.get("anyway", "")):
                return render(request, "waiting/join.html", {**drawn, "free": free}, status=409)
            actions.join_waiting_list(request=wanted, declined=offers, now=present)
        except PermanenceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(name)s is on the waiting list.") % {"name": resident})
            return redirect("waiting-list")
    return render(request, "waiting/join.html", drawn, status=422 if form.is_bound else 200)


def _held_before(request: AgentRequest, pk: object) -> Appointment | None:
    """The time that the agent has kept on the desk page: the resident may be offered it again."""
    held = holds_of_agents(request.commune, None).filter(status=Status.HELD)
    return held.filter(pk=read_id(pk)).first()


def _wanted(form: WaitingForm) -> actions.WaitingRequest:
    asked = form.cleaned_data
    return actions.WaitingRequest(
        resident=asked["resident"],
        service=asked["service"],
        with_helper=asked["helper"],
        party_size=asked["party"],
        half_days=asked["half_days"],
        sites=asked["sites"],
        from_on=asked["from_on"],
        until_on=asked["until_on"],
    )


def _entry(request: AgentRequest, pk: int) -> WaitingEntry:
    return get_object_or_404(
        WaitingEntry.objects.select_related("resident"), pk=pk, commune=request.commune, state__in=ON_THE_LIST
    )


@require_POST
@for_roles(*DESK)
def waiting_leave(request: AgentRequest, pk: int) -> HttpResponse:
    entry = _entry(request, pk)
    try:
        actions.leave_waiting_list(entry=entry)
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s is no longer on the waiting list.") % {"name": entry.resident})
    return redirect("waiting-list")


def _taken(request: AgentRequest, pk: int) -> WaitingOffer | None:
    """The offer, if it was already accepted (the button was pressed twice)."""
    entries = WaitingEntry.objects.filter(pk=pk, commune=request.commune, state=WaitingState.BOOKED)
    return WaitingOffer.objects.filter(entry__in=entries, answer=OfferAnswer.TAKEN).last()


@require_POST
@for_roles(*DESK)
@announces(gettext_lazy("Takes the offered time"))
def waiting_accept(request: AgentRequest, pk: int) -> HttpResponse:
    """The resident phones and accepts the offer."""
    if (taken := _taken(request, pk)) is not None:
        messages.success(request, _("The appointment is booked."))
        return redirect("appointment", taken.appointment_id)
    entry = _entry(request, pk)
    offer = _open_offer(entry)
    if offer is None:
        messages.error(request, _("This offer has run out."))
        return redirect("waiting-list")
    try:
        booked = actions.book_hold(
            appointment=offer.appointment, resident=entry.resident, by=Actor.agent(request.user), now=now()
        )
    except PermanenceError as error:
        messages.error(request, str(error))
        return redirect("waiting-list")
    messages.success(request, _("The appointment is booked."))
    return redirect("appointment", booked.pk)


@require_POST
@for_roles(*DESK)
@announces(gettext_lazy("Does not want it"))
def waiting_decline(request: AgentRequest, pk: int) -> HttpResponse:
    """The resident phones and declines the offer: the next one on the list gets an offer."""
    offer = _open_offer(_entry(request, pk))
    if offer is not None:
        try:
            actions.release_hold(appointment=offer.appointment, by=Actor.agent(request.user), now=now())
        except PermanenceError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The offer is declined: the next person will be asked."))
    return redirect("waiting-list")
