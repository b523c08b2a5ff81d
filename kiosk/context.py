"""The values for the templates of a screen, from one reading of the day."""

from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.utils.translation import get_language_info

from booking.actions import is_same_person
from booking.enums import Status
from booking.models import Appointment
from kiosk.board.layout import board, offline_lines
from kiosk.board.names import may_name
from kiosk.board.types import Board, BoardDay, BoardVisit, CabinState, Card
from kiosk.day import board_day
from kiosk.help import UNANSWERED, call_on_screen, changes_at
from kiosk.languages import LANGUAGES
from kiosk.models import HelpCall, Screen
from kiosk.release import release
from kiosk.speech import spoken

SEEN_EVERY = timedelta(seconds=20)
AUTO_END = timedelta(minutes=10)
"""A session without helper that nobody ended is ended this long after its planned end: nobody is there any
more."""


def shown_context(screen: Screen, lang: str, now: datetime) -> dict[str, Any]:
    """Runs five queries: cabins, delays, appointments, closures, the open call for help."""
    day = board_day(screen.site, now)
    shown = board(day, screen.cabin_id, now)
    call = call_on_screen(screen, now)
    is_call_late = call is not None and call.answered_at is None and now - call.called_at >= UNANSWERED
    alone = unassisted_session(screen, shown)
    return {
        "screen": screen,
        "site": screen.site,
        "commune": screen.site.commune,
        "board": shown,
        "plan": offline_lines(day, screen.cabin_id, now),
        "is_broken": screen.cabin_id is not None
        and any(card.state == CabinState.OUT_OF_ORDER for card in shown.cards),
        "is_usable": any(card.is_usable for card in shown.cards),
        "call": call,
        "is_call_late": is_call_late,
        "call_late_ms": milliseconds(call.called_at + UNANSWERED) if call else None,
        "alone": alone,
        "alone_ends_ms": milliseconds(alone.visit.ends_at) if alone and alone.visit else None,
        "auto_end_ms": milliseconds(alone.visit.ends_at + AUTO_END) if alone and alone.visit else None,
        "spoken": spoken(screen, shown, call, is_call_late=is_call_late, now=now),
        "lang": lang,
        "dir": "rtl" if get_language_info(lang)["bidi"] else "ltr",
        "languages": LANGUAGES,
        "now": now,
        "now_ms": milliseconds(now),
        "changes_ms": milliseconds(min([shown.changes_at, *_still_to_come(call, now)])),
        "release": release(),
    }


def note_seen(screen: Screen, now: datetime) -> None:
    """Note that the screen has fetched its board, and which version; written at most every twenty seconds."""
    seen, version = screen.last_seen_at, screen.site.version
    if seen is None or now - seen > SEEN_EVERY or seen > now or screen.version_shown != version:
        Screen.objects.filter(pk=screen.pk).update(last_seen_at=now, version_shown=version)


def unassisted_session(screen: Screen, shown: Board) -> Card | None:
    """The session without helper that runs in the screen's own cabin: only its resident gets the buttons
    for it."""
    card = shown.cards[0] if screen.cabin_id and shown.cards else None
    runs = card and card.visit and card.visit.status == Status.IN_SESSION and not card.with_helper
    return card if runs else None


def only_expected_visit(screen: Screen, day: BoardDay, now: datetime) -> BoardVisit | None:
    """The visit expected at this screen now, if it can only be one: then the resident need not key a
    number. Someone who has arrived and waited for the cabin is meant again when it is free."""
    visits = [
        visit
        for visit in day.visits
        if screen.cabin_id in (None, visit.cabin_id)
        and (visit.status == Status.BOOKED or (not visit.with_helper and day.may_begin(visit, now)))
        and may_name(day, visit, now)
        and day.is_served(visit)
    ]
    return visits[0] if len(visits) == 1 else None


def sign_reference(screen: Screen, appointment_id: int, resident_id: int | None) -> str:
    """A signed reference to an appointment and its resident. Only this screen can use it, and nobody can
    forge it."""
    return signing.dumps([appointment_id, resident_id], salt=_salt(screen), compress=False)


def read_reference(screen: Screen, sealed: str, max_age: timedelta) -> Appointment | None:
    """The appointment of such a reference; None if it left the site or belongs to somebody else now."""
    try:
        appointment_id, resident_id = signing.loads(sealed, salt=_salt(screen), max_age=max_age)
    except (signing.BadSignature, TypeError, ValueError):  # the last two: signed by an older version
        return None
    found = Appointment.objects.filter(site=screen.site_id, pk=appointment_id)
    appointment = found.select_related("site__commune", "cabin", "service", "resident").first()
    return appointment if appointment and is_same_person(resident_id, appointment) else None


def milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def _salt(screen: Screen) -> str:
    return f"kiosk.screen.{screen.pk}"


def _still_to_come(call: HelpCall | None, now: datetime) -> list[datetime]:
    return [instant for instant in changes_at(call) if instant > now]
