"""« Je suis là »: by name for those who are expected now, else by number; can be undone for half a minute."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from booking.enums import Status
from booking.errors import StatusRefused
from booking.models import Appointment
from core.bodies import json_of, storable
from core.errors import PermanenceError
from kiosk.actions import (
    NUMBERS_PER_SCREEN,
    UNDO_FOR,
    Answer,
    find_by_number,
    say_arrived,
    take_back_arrival,
)
from kiosk.attempts import closed_until
from kiosk.board.arrival import NEED_AN_AGENT, Verdict
from kiosk.board.names import shown_name
from kiosk.board.types import BoardDay, BoardVisit
from kiosk.board.waits import EARLY
from kiosk.context import For, arrived_here, expected_visits, read_reference, sign_reference
from kiosk.day import board_day
from kiosk.errors import NumberUnknown, TooManyNumbers
from kiosk.requests import ScreenRequest, for_screen
from kiosk.waiting import wait_at
from kiosk.words import wait_words

logger = logging.getLogger(__name__)

ASKED_FOR = timedelta(hours=12)
"""How long a question « Êtes-vous … ? » may be answered: a screen without network keeps it for the day."""

_GRACE = timedelta(seconds=5)
_ANSWER_LOST = timedelta(seconds=15)
"""A screen keeps an arrival if it has had no answer for ten seconds."""

MOST_KEPT = 50
NAMES = 6
"""So many buttons with names fit on a sheet; if more people are expected at once, the first of them."""

KEPT_PAGE = "kept"
"""`?number=kept`: the keypad that a screen keeps for when it has no network."""


@for_screen
@require_GET
def arrival(request: ScreenRequest) -> HttpResponseBase:
    """Ask « Êtes-vous … ? » if one person is expected, for the name if several are, else for the number."""
    asked = request.GET.get("number")
    day = board_day(request.screen.site, request.now)
    visits = expected_visits(request.screen, day, request.now)
    if not visits or asked is not None:
        return _keypad(request, may_close=asked != KEPT_PAGE, has_names=bool(visits))
    people = [_Person(request, day, visit) for visit in visits[:NAMES]]
    sheet = "confirm" if len(visits) == 1 else "names"
    return render(request, f"kiosk/sheets/sheets.html#{sheet}", {"people": people, "person": people[0]})


class _Person:
    """Someone who is expected now, as a button."""

    def __init__(self, request: ScreenRequest, day: BoardDay, visit: BoardVisit) -> None:
        self.at = visit.starts_at
        self.who = shown_name(day, visit, request.now)
        self.sealed = sign_reference(request.screen, visit.id, visit.resident_id, For.ARRIVAL)


@for_screen
@require_POST
def arrival_confirm(request: ScreenRequest) -> HttpResponseBase:
    appointment = read_reference(request.screen, request.POST.get("who", ""), ASKED_FOR, For.ARRIVAL)
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
        return _keypad(request)
    return _answer(request, appointment)


@for_screen
@require_POST
def turn(request: ScreenRequest, pk: int) -> HttpResponseBase:
    """« C’est à vous »: whoever waited for the cabin begins at one touch, now that it is free."""
    appointment = arrived_here(request.screen, pk)
    if appointment is None:
        return render(request, "kiosk/sheets/sheets.html#closed")
    return _answer(request, appointment)


@for_screen
@require_POST
def arrival_undo(request: ScreenRequest) -> HttpResponseBase:
    appointment = read_reference(request.screen, request.POST.get("undo", ""), UNDO_FOR + _GRACE, For.UNDO)
    if appointment is None:
        return render(request, "kiosk/sheets/sheets.html#too_late_to_undo")
    try:
        take_back_arrival(appointment=appointment, now=request.now)
    except PermanenceError as error:
        appointment.refresh_from_db()
        if appointment.status != Status.BOOKED:  # else the same touch, sent twice, was faster
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
        kept = {str(each["key"]): each for each in json_of(request)[:MOST_KEPT]}
    except (ValueError, TypeError, KeyError):
        return HttpResponse(status=422)
    return JsonResponse({key: _outcome(request, each) for key, each in kept.items()})


def _outcome(request: ScreenRequest, kept: dict[str, Any]) -> str:
    """The outcome of one arrival. One that cannot be read is dropped: it would hold up the others for
    ever."""
    try:
        return _Told(request, kept).outcome()
    except (ValueError, TypeError, KeyError, OverflowError, OSError):
        return "unreadable"


class _Told:
    """One arrival that a screen kept while it had no network."""

    def __init__(self, request: ScreenRequest, kept: dict[str, Any]) -> None:
        self.request = request
        self.sealed = str(kept.get("who", ""))
        self.number = storable(str(kept.get("number", "")))
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
            screen, now = self.request.screen, self.request.now
            return find_by_number(screen=screen, number=self.number, now=now, is_late=True)
        return read_reference(self.request.screen, self.sealed, ASKED_FOR, For.ARRIVAL)


def _keypad(
    request: ScreenRequest, *, may_close: bool = True, has_names: bool | None = None, **state: Any
) -> HttpResponse:
    """The keypad; after too many wrong numbers, until when there is none and what can be done instead."""
    until = closed_until(screen=request.screen, most=NUMBERS_PER_SCREEN, now=request.now)
    context = {"screen": request.screen, **state}
    if until and may_close:
        if has_names is None:
            day = board_day(request.screen.site, request.now)
            has_names = bool(expected_visits(request.screen, day, request.now))
        context |= {"closed_until": until, "has_names": has_names}
    return render(request, "kiosk/sheets/sheets.html#keypad", context)


def _arrived(request: ScreenRequest, appointment: Appointment) -> Answer:
    """Note the arrival. If somebody has noted it at this very moment, say how it stands now."""
    how: dict[str, Any] = {"screen": request.screen, "appointment": appointment, "now": request.now}
    try:
        return say_arrived(**how, day=board_day(request.screen.site, request.now))
    except StatusRefused:
        appointment.refresh_from_db()
        return say_arrived(**how, day=board_day(request.screen.site, request.now))


def _answer(request: ScreenRequest, appointment: Appointment) -> HttpResponse:
    try:
        answer = _arrived(request, appointment)
    except PermanenceError as error:
        return render(request, "kiosk/sheets/sheets.html#refused", {"error": error})
    is_over = answer.verdict == Verdict.OTHER_DAY and appointment.ends_at <= request.now
    wait = wait_at(request.screen.site, appointment, request.now)
    context = {
        "wait": wait_words(wait, phone=request.screen.site.phone_to_call) if wait else [],
        "is_before": request.now < appointment.starts_at - EARLY,
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
        "sealed": sign_reference(request.screen, appointment.pk, appointment.resident_id, For.UNDO),
    }
    return render(request, "kiosk/sheets/sheets.html#answer", context)
