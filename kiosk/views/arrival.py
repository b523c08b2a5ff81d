"""« Je suis là »: by name if only one person can be meant, else by number; can be undone for half a
minute."""

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from booking.models import Appointment
from core.errors import PermanenceError
from kiosk.actions import UNDO_FOR, Answer, find_by_number, say_arrived, take_back_arrival
from kiosk.board.arrival import NEED_AN_AGENT, Verdict
from kiosk.board.names import shown_name
from kiosk.context import only_expected_visit, read_reference, sign_reference
from kiosk.day import board_day
from kiosk.errors import NumberUnknown, TooManyNumbers
from kiosk.requests import ScreenRequest, for_screen

logger = logging.getLogger(__name__)

ASKED_FOR = timedelta(hours=12)
"""How long a question « Êtes-vous … ? » may be answered: a screen without network keeps it for the day."""

_GRACE = timedelta(seconds=5)
_ANSWER_LOST = timedelta(seconds=15)
"""A screen keeps an arrival if it has had no answer for ten seconds."""

MOST_KEPT = 50


@for_screen
@require_GET
def arrival(request: ScreenRequest) -> HttpResponseBase:
    """Ask « Êtes-vous … ? » if it can only be one person, else for the number."""
    day = board_day(request.screen.site, request.now)
    visit = only_expected_visit(request.screen, day, request.now)
    if visit is None or "number" in request.GET:
        return _keypad(request)
    context = {
        "at": visit.starts_at,
        "who": shown_name(day, visit, request.now),
        "sealed": sign_reference(request.screen, visit.id, visit.resident_id),
    }
    return render(request, "kiosk/sheets/sheets.html#confirm", context)


@for_screen
@require_POST
def arrival_confirm(request: ScreenRequest) -> HttpResponseBase:
    appointment = read_reference(request.screen, request.POST.get("who", ""), ASKED_FOR)
    if appointment is None:  # moved to another site, or given to someone else, since the question
        context = {"verdict": Verdict.NOT_SERVED.value, "needs_agent": True}
        return render(request, "kiosk/sheets/sheets.html#answer", context)
    return _answer(request, appointment)


@for_screen
@require_POST
def arrival_number(request: ScreenRequest) -> HttpResponseBase:
    number = "".join(filter(str.isdigit, request.POST.get("number", "")))
    if len(number) != 6:  # a seventh is not left out: the six before would be somebody else's number
        return _keypad(request, is_short=True)
    try:
        appointment = find_by_number(screen=request.screen, number=number, now=request.now)
    except NumberUnknown as error:
        return _keypad(request, left=error.details["left"])
    except TooManyNumbers:
        return _keypad(request, is_locked=True)
    return _answer(request, appointment)


@for_screen
@require_POST
def arrival_undo(request: ScreenRequest) -> HttpResponseBase:
    appointment = read_reference(request.screen, request.POST.get("undo", ""), UNDO_FOR + _GRACE)
    if appointment is None:
        return render(request, "kiosk/sheets/sheets.html#too_late_to_undo")
    try:
        take_back_arrival(appointment=appointment, now=request.now)
    except PermanenceError as error:
        return render(request, "kiosk/sheets/sheets.html#refused", {"error": error})
    return render(request, "kiosk/sheets/sheets.html#undone")


@for_screen
@require_POST
def arrivals(request: ScreenRequest) -> HttpResponseBase:
    """Arrivals made while the screen had no network, each with its time. Reporting one twice changes nothing.

    The body is `[{"key", "who" or "number", "at": epoch milliseconds, "undone"}]`; `undone` if the resident
    took it back. The answer gives the outcome for each key, so that the screen can delete what it kept.
    """
    try:
        kept = {str(each["key"]): each for each in json.loads(request.body)[:MOST_KEPT]}
    except (ValueError, TypeError, KeyError):
        return HttpResponse(status=422)
    return JsonResponse({key: _outcome(request, each) for key, each in kept.items()})


def _outcome(request: ScreenRequest, kept: dict[str, Any]) -> str:
    """The outcome of one arrival. One that cannot be read is dropped: it would hold up the others for
    ever."""
    try:
        return _Told(request, kept).outcome()
    except (ValueError, TypeError, KeyError, OverflowError):
        return "unreadable"


class _Told:
    """One arrival that a screen kept while it had no network."""

    def __init__(self, request: ScreenRequest, kept: dict[str, Any]) -> None:
        self.request = request
        self.sealed = str(kept.get("who", ""))
        self.number = str(kept.get("number", ""))
        self.at = datetime.fromtimestamp(int(kept["at"]) / 1000, UTC)
        self.is_undone = kept.get("undone") is True

    def outcome(self) -> str:
        now = self.request.now
        if not now - ASKED_FOR <= self.at <= now + timedelta(minutes=2):
            return "too_old"
        try:
            appointment = self._find()
            if appointment is None:
                return "unknown"
            if self.is_undone:
                return self._take_back(appointment)
            day = board_day(self.request.screen.site, self.at)
            answer = say_arrived(
                screen=self.request.screen, appointment=appointment, day=day, now=now, came_at=self.at
            )
        except PermanenceError as error:
            return error.code
        logger.info("Arrival kept by screen %s told late: %s", self.request.screen.pk, answer.verdict)
        return answer.verdict.value

    def _take_back(self, appointment: Appointment) -> str:
        """Undo the arrival only if this same request noted it, and its answer was lost."""
        noted_at = appointment.arrived_at
        if noted_at is not None and abs(noted_at - self.at) < _ANSWER_LOST:
            take_back_arrival(appointment=appointment, now=self.request.now)
        return "undone"

    def _find(self) -> Appointment | None:
        if self.number:
            return find_by_number(screen=self.request.screen, number=self.number, now=self.request.now)
        return read_reference(self.request.screen, self.sealed, ASKED_FOR)


def _keypad(request: ScreenRequest, **state: Any) -> HttpResponse:
    return render(request, "kiosk/sheets/sheets.html#keypad", {"screen": request.screen, **state})


def _answer(request: ScreenRequest, appointment: Appointment) -> HttpResponse:
    day = board_day(request.screen.site, request.now)
    try:
        answer: Answer = say_arrived(screen=request.screen, appointment=appointment, day=day, now=request.now)
    except PermanenceError as error:
        return render(request, "kiosk/sheets/sheets.html#refused", {"error": error})
    is_over = answer.verdict == Verdict.OTHER_DAY and appointment.ends_at <= request.now
    context = {
        "screen": request.screen,
        "is_over": is_over,
        "needs_agent": is_over or answer.verdict in NEED_AN_AGENT,
        "site": request.screen.site,
        "commune": request.screen.site.commune,
        "answer": answer,
        "verdict": answer.verdict.value,
        "appointment": appointment,
        "is_own_cabin": request.screen.cabin_id in (None, appointment.cabin_id),
        "is_sent": request.screen.cabin_id != appointment.cabin_id,
        "late_min": int((request.now - appointment.starts_at).total_seconds() // 60),
        "undo_s": UNDO_FOR // timedelta(seconds=1),
        "sealed": sign_reference(request.screen, appointment.pk, appointment.resident_id),
    }
    return render(request, "kiosk/sheets/sheets.html#answer", context)
