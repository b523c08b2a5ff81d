"""Which name a screen shows, and from when: given the day of a site and the present instant. Pure.

A first name and an initial are shown from `name_shown_minutes_before` minutes before the time (a setting of
the commune: communes/models/commune.py, changed on the page « Réglages ») until the session starts, never
after the planned end. Before and after that the screen says « réservé ». Residents who asked for it, and
every medical visit, are shown as a number. Two residents who would read the same that day carry their
number too.
"""

import unicodedata
from collections import Counter
from datetime import datetime

from booking.enums import Status
from kiosk.board.types import BoardDay, BoardVisit, ShownName


def shown_name(day: BoardDay, visit: BoardVisit, now: datetime) -> ShownName | None:
    """How to call a resident who is to come; None if it is not the time for it yet, or no longer."""
    return shown_name_among(day, visit, namesakes_of(day), now)


def may_name(day: BoardDay, visit: BoardVisit, now: datetime) -> bool:
    """Whether it is the time at which the screen may show who comes."""
    return (
        visit.status in (Status.BOOKED, Status.ARRIVED)
        and visit.starts_at - day.name_shown <= now < visit.ends_at
    )


def shown_name_among(
    day: BoardDay, visit: BoardVisit, namesakes: Counter[str], now: datetime
) -> ShownName | None:
    if not may_name(day, visit, now):
        return None
    if visit.number_only or not visit.name:
        return ShownName(number=visit.number)
    return ShownName(visit.name, visit.number if namesakes[_folded(visit.name)] > 1 else "")


def namesakes_of(day: BoardDay) -> Counter[str]:
    return Counter(_folded(visit.name) for visit in day.visits if visit.name and not visit.number_only)


def _folded(name: str) -> str:
    """Without accents and case: if « Zoé B. » is called, « Zoe B. » would come too."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold() or name
