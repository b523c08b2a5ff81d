"""« Utiliser la cabine » for walk-ins, and the buttons of a resident who is alone in a session."""

import logging
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from booking.enums import Status
from booking.models import Appointment
from communes.models import Service
from core.days import read_instant
from core.errors import PermanenceError
from kiosk.actions import count_face, extend_session, finish_session
from kiosk.context import AUTO_END, For, read_reference, sign_reference
from kiosk.day import board_day
from kiosk.enums import Face
from kiosk.errors import ServiceNotPossible
from kiosk.forms import TextNumberForm
from kiosk.languages import chosen_languages
from kiosk.presses import once
from kiosk.requests import ScreenRequest, for_screen
from kiosk.waiting import wait_at
from kiosk.walk_in import (
    NUMBER_TAKEN_FOR,
    WalkInService,
    begin,
    book_later,
    choices,
    may_leave_number,
    next_times,
    text_the_number,
)
from kiosk.words import wait_words

WHOLE_NUMBER = 10
"""Digits of a French phone number: after as many, the next key begins another number."""

logger = logging.getLogger(__name__)


@for_screen
@require_GET
def walk_in(request: ScreenRequest) -> HttpResponseBase:
    """The services, as drawings with words."""
    return render(request, "kiosk/sheets/sheets.html#services", {"choices": _choices(request)})


@for_screen
@require_http_methods(["GET", "POST"])
def walk_in_service(request: ScreenRequest, pk: int) -> HttpResponseBase:
    """Begin now if the cabin is free, or choose one of the next times."""
    service = get_object_or_404(Service, pk=pk, commune=request.screen.site.commune_id)
    if request.method == "POST":
        return _begin(request, service)
    choice = _choice(request, service)
    if choice is None:
        raise Http404
    times = next_times(request.screen, choice, request.now)
    context = {
        "choice": choice,
        "times": times,
        "is_hall": request.screen.cabin_id is None,
        "now": request.now,
    }
    return render(request, "kiosk/sheets/sheets.html#service", context)


def _choice(request: ScreenRequest, service: Service) -> WalkInService | None:
    return next((choice for choice in _choices(request) if choice.service == service), None)


def _begin(request: ScreenRequest, service: Service) -> HttpResponse:
    with_helper = request.POST.get("with") == "helper"

    def start() -> Appointment:
        choice = _choice(request, service)
        if choice is None:
            raise ServiceNotPossible
        return begin(choice, with_helper=with_helper, now=request.now)

    try:
        appointment = once(request, start)
    except PermanenceError as error:
        return _refused(request, error)
    if appointment is None or appointment.status != Status.IN_SESSION:  # ended before it was asked again
        return render(request, "kiosk/sheets/sheets.html#closed")
    wait = wait_at(request.screen.site, appointment, request.now)
    context = {
        "appointment": appointment,
        "wait": wait_words(wait) if wait else [],
        "is_sent": request.screen.cabin_id is None,
    }
    return render(request, "kiosk/sheets/sheets.html#begun", context)


@for_screen
@require_POST
def walk_in_book(request: ScreenRequest, pk: int) -> HttpResponseBase:
    """Book one of the next times. The resident notes the appointment's number."""
    service = get_object_or_404(Service, pk=pk, commune=request.screen.site.commune_id)
    try:
        start = read_instant(request.POST.get("start", ""))
    except ValueError:
        raise Http404 from None
    with_helper = request.POST.get("with") == "helper"

    def book() -> Appointment:
        return book_later(request.screen, service, start=start, with_helper=with_helper, now=request.now)

    try:
        appointment = once(request, book)
    except PermanenceError as error:
        return _refused(request, error)
    if appointment is None or appointment.status != Status.BOOKED:
        return render(request, "kiosk/sheets/sheets.html#closed")
    return _booked(request, appointment)


@for_screen
@require_http_methods(["GET", "POST"])
def text_number(request: ScreenRequest) -> HttpResponseBase:
    """« Recevoir le numéro par SMS »: a phone number is asked for only after booking, never required,
    never shown."""
    sealed = (request.POST if request.method == "POST" else request.GET).get("booking", "")
    appointment = read_reference(request.screen, sealed, NUMBER_TAKEN_FOR, For.NUMBER)
    if appointment is None:
        return render(request, "kiosk/sheets/sheets.html#closed")
    if "back" in request.GET or not may_leave_number(appointment, request.now):
        return _booked(request, appointment)
    form = TextNumberForm(request.POST or None, commune=request.screen.site.commune)
    if not form.is_valid():
        problem = form.errors["phone"][0] if form.is_bound else ""
        keyed = sum(each.isdecimal() for each in request.POST.get("phone", ""))
        context = {"sealed": sealed, "problem": problem, "is_whole": keyed >= WHOLE_NUMBER}
        return render(request, "kiosk/sheets/sheets.html#phone", context)
    try:
        text_the_number(
            appointment=appointment,
            number_e164=form.cleaned_data["phone"],
            language=request.lang,
            now=request.now,
        )
    except PermanenceError as error:
        return _refused(request, error)
    return _booked(request, appointment)


@for_screen
@require_http_methods(["GET", "POST"])
def session_end(request: ScreenRequest, pk: int) -> HttpResponseBase:
    """« J’ai terminé »: a resident alone in the cabin is asked, then ends the session. `auto`: the page ends
    it, long after its time."""
    if request.method == "GET":
        running = _session(request, pk)
        sheet = "end" if running else "closed"
        return render(request, f"kiosk/sheets/sheets.html#{sheet}", {"appointment": running})
    is_auto = "auto" in request.POST

    def end() -> Appointment | None:
        running = _session(request, pk)
        if running is None or (is_auto and request.now < running.ends_at + AUTO_END):
            return None
        return finish_session(appointment=running, now=request.now)

    try:
        ended = once(request, end)
    except PermanenceError as error:
        return _refused(request, error)
    sheet = "faces" if ended and not is_auto else "closed"
    return render(request, f"kiosk/sheets/sheets.html#{sheet}")


@for_screen
@require_POST
def session_extend(request: ScreenRequest, pk: int) -> HttpResponseBase:
    def extend() -> Appointment | None:
        running = _session(request, pk)
        return extend_session(appointment=running, now=request.now) if running else None

    try:
        longer = once(request, extend)
    except PermanenceError as error:
        return _refused(request, error)
    sheet = "extended" if longer and longer.status == Status.IN_SESSION else "closed"
    return render(request, f"kiosk/sheets/sheets.html#{sheet}", {"appointment": longer})


@for_screen
@require_POST
def face(request: ScreenRequest) -> HttpResponseBase:
    """Count the face that was pressed."""
    chosen = request.POST.get("face", "")
    site = request.screen.site

    def count() -> None:
        count_face(site=site, face=Face(chosen), on=site.commune.local(request.now).date())

    if chosen in Face.values:
        once(request, count)
    return render(request, "kiosk/sheets/sheets.html#thanks")


@for_screen
@require_GET
def languages(request: ScreenRequest) -> HttpResponseBase:
    return render(
        request,
        "kiosk/sheets/sheets.html#language_list",
        {"languages": chosen_languages(request.screen.site.commune.screen_languages), "lang": request.lang},
    )


def _choices(request: ScreenRequest) -> list[WalkInService]:
    return choices(
        request.screen, board_day(request.screen.site, request.now, with_walk_ins=True), request.now
    )


def _session(request: ScreenRequest, pk: int) -> Appointment | None:
    """The session without helper in the screen's own cabin, if it is still the one that the board showed."""
    running = Appointment.objects.filter(
        pk=pk,
        site=request.screen.site_id,
        cabin=request.screen.cabin_id,
        status=Status.IN_SESSION,
        with_helper=False,
    )
    return running.select_related("site__commune", "cabin", "service").first()


def _booked(request: ScreenRequest, appointment: Appointment) -> HttpResponse:
    """Show the appointment's number in large type, and no name."""
    site = request.screen.site
    context = {
        "appointment": appointment,
        "site": site,
        "commune": site.commune,
        "sealed": sign_reference(request.screen, appointment.pk, appointment.resident_id, For.NUMBER)
        if may_leave_number(appointment, request.now)
        else "",
        "is_texted": appointment.resident_id is not None,
        "is_sent": request.screen.cabin_id is None,
    }
    return render(request, "kiosk/sheets/sheets.html#booked", context)


def _refused(request: ScreenRequest, error: PermanenceError) -> HttpResponse:
    context: dict[str, Any] = {"error": error}
    logger.info("Screen %s was refused: %s", request.screen.pk, error.code)
    return render(request, "kiosk/sheets/sheets.html#refused", context)
