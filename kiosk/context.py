"""The values for the templates of a screen, from one reading of the day."""

import json
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.core import signing
from django.utils.translation import get_language_info

from booking.actions import is_same_person
from booking.enums import Status
from booking.models import Appointment
from kiosk.board.layout import board, offline_lines
from kiosk.board.names import may_name
from kiosk.board.types import Board, BoardDay, BoardVisit, CabinState, Card, Wait
from kiosk.board.waits import wait_of
from kiosk.commands import open_commands
from kiosk.day import board_day
from kiosk.enums import CommandKind
from kiosk.help import UNANSWERED, call_on_screen, changes_at
from kiosk.languages import chosen_languages
from kiosk.models import HelpCall, Screen, ScreenCommand
from kiosk.release import release
from kiosk.words import hour_words, left_words

AUTO_END = timedelta(minutes=10)
"""A session without helper that nobody ended is ended this long after its planned end: nobody is there any
more."""

_MINUTE = timedelta(minutes=1)
_VISITED = (CabinState.IN_SESSION, CabinState.OVERTIME)


def shown_context(screen: Screen, lang: str, now: datetime) -> dict[str, Any]:
    """Runs seven queries: cabins, services, delays, appointments, closures, the open call for help, what
    agents ask of the screen."""
    day = board_day(screen.site, now, with_walk_ins=True)
    shown = board(day, screen.cabin_id, now)
    call = call_on_screen(screen, now)
    is_call_late = call is not None and call.answered_at is None and now - call.called_at >= UNANSWERED
    alone = unassisted_session(screen, shown)
    is_visited = screen.cabin_id is not None and any(card.state in _VISITED for card in shown.cards)
    commands = open_commands(screen, now)
    message = next((each for each in commands if each.kind == CommandKind.MESSAGE), None)
    return {
        "screen": screen,
        "site": screen.site,
        "commune": screen.site.commune,
        "board": shown,
        "plan": offline_lines(day, screen.cabin_id, now),
        "is_broken": screen.cabin_id is not None
        and any(card.state == CabinState.OUT_OF_ORDER for card in shown.cards),
        "is_turn": any(card.wait == Wait.TURN for card in shown.cards),
        "is_usable": any(card.is_usable for card in shown.cards),
        "call": call,
        "is_call_late": is_call_late,
        "call_late_ms": milliseconds(call.called_at + UNANSWERED) if call else None,
        "alone": alone,
        "is_visited": is_visited or call is not None,
        "commands": json.dumps([_for_page(each) for each in commands]),
        # It does not come during a visit; once it is shown it stays.
        "message": message if message and (message.done_at or not is_visited) else None,
        "alone_ends_ms": milliseconds(alone.visit.ends_at) if alone and alone.visit else None,
        "left": left_words(-((now - alone.visit.ends_at) // _MINUTE)) if alone and alone.visit else "",
        "auto_end_ms": milliseconds(alone.visit.ends_at + AUTO_END) if alone and alone.visit else None,
        "hour_words": hour_words(full=False),
        "full_hour_words": hour_words(full=True),
        "lang": lang,
        "dir": "rtl" if get_language_info(lang)["bidi"] else "ltr",
        "languages": chosen_languages(screen.site.commune.screen_languages),
        "now": now,
        "now_ms": milliseconds(now),
        "changes_ms": milliseconds(min([shown.changes_at, *_still_to_come(call, now), *_ends(commands)])),
        "release": release(),
    }


def unassisted_session(screen: Screen, shown: Board) -> Card | None:
    """The session without helper that runs in the screen's own cabin: only its resident gets the buttons
    for it."""
    card = shown.cards[0] if screen.cabin_id and shown.cards else None
    runs = card and card.visit and card.visit.status == Status.IN_SESSION and not card.with_helper
    return card if runs else None


def expected_visits(screen: Screen, day: BoardDay, now: datetime) -> list[BoardVisit]:
    """The visits expected at this screen now, the next ones first: their residents touch their name and need
    not key a number. Someone who has arrived and waited for the cabin is meant again when it is free."""
    return [
        visit
        for visit in day.visits
        if screen.cabin_id in (None, visit.cabin_id)
        and (visit.status == Status.BOOKED or wait_of(day, visit, now) == Wait.TURN)
        and may_name(day, visit, now)
        and day.is_served(visit)
    ]


def arrived_here(screen: Screen, pk: int) -> Appointment | None:
    """The appointment without helper of the screen's own cabin whose resident waits there, or has begun: the
    answer to the touch that began it may have been lost."""
    begun = (Status.ARRIVED, Status.IN_SESSION)
    waiting = Appointment.objects.filter(
        pk=pk, site=screen.site_id, cabin=screen.cabin_id, status__in=begun, with_helper=False
    )
    return waiting.select_related("site__commune", "cabin", "service", "resident").first()


class For(StrEnum):
    """What a reference may be used for, and for nothing else."""

    ARRIVAL = "arrival"
    UNDO = "undo"
    NUMBER = "number"


def sign_reference(screen: Screen, appointment_id: int, resident_id: int | None, use: For) -> str:
    """A signed reference to an appointment and its resident. Only this screen can use it, and nobody can
    forge it."""
    return signing.dumps([appointment_id, resident_id], salt=_salt(screen, use), compress=False)


def read_reference(screen: Screen, sealed: str, max_age: timedelta, use: For) -> Appointment | None:
    """The appointment of such a reference; None if it left the site or belongs to somebody else now."""
    try:
        appointment_id, resident_id = signing.loads(sealed, salt=_salt(screen, use), max_age=max_age)
    except (signing.BadSignature, TypeError, ValueError):  # the last two: signed by an older version
        return None
    found = Appointment.objects.filter(site=screen.site_id, pk=appointment_id)
    appointment = found.select_related("site__commune", "cabin", "service", "resident").first()
    return appointment if appointment and is_same_person(resident_id, appointment) else None


def milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def _salt(screen: Screen, use: For) -> str:
    return f"kiosk.screen.{screen.pk}.{use}"


def _still_to_come(call: HelpCall | None, now: datetime) -> list[datetime]:
    return [instant for instant in changes_at(call) if instant > now]


def _for_page(command: ScreenCommand) -> dict[str, Any]:
    """`asked`: a page that was loaded later need not reload any more. `told`: it is known to be shown."""
    return {
        "id": command.pk,
        "kind": command.kind,
        "asked": milliseconds(command.asked_at),
        "told": command.done_at is not None,
    }


def _ends(commands: list[ScreenCommand]) -> list[datetime]:
    return [each.expires_at for each in commands if each.expires_at is not None]
