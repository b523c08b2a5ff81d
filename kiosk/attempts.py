"""Limits guessing, with one count for all web processes."""

from datetime import datetime, timedelta

from agents.models import Agent
from kiosk.models import Screen, WrongEntry

WINDOW = timedelta(minutes=10)
_KEPT = timedelta(hours=1)


def note_attempt(
    *,
    agent: Agent | None = None,
    screen: Screen | None = None,
    most: int,
    now: datetime,
    is_late: bool = False,
) -> int:
    """Count this attempt; return how many were made in the last ten minutes, this one included. The caller
    refuses attempts beyond `most`; those do not make the wait longer. Attempts that a screen reports late
    are counted apart: nobody stands there to see the answer.

    Call it outside a transaction and before looking anything up: a committed attempt is counted by all later
    ones, so that many requests at once get no more attempts. The caller takes back a right entry
    (`take_back_attempt`), and in some cases also the wrong ones before it (`forget_wrong_entries`).
    """
    WrongEntry.objects.filter(at__lt=now - _KEPT).delete()
    attempt = WrongEntry.objects.create(agent=agent, screen=screen, at=now, is_late=is_late)
    alike = WrongEntry.objects.filter(agent=agent, screen=screen, is_late=is_late)
    attempts = alike.filter(at__gt=now - WINDOW).count()
    if attempts > most:
        attempt.delete()
    return attempts


def closed_until(*, screen: Screen, most: int, now: datetime) -> datetime | None:
    """Until when this screen accepts no number, to the full minute; None if it accepts one now."""
    wrong = WrongEntry.objects.filter(screen=screen, is_late=False, at__gt=now - WINDOW)
    instants = list(wrong.order_by("-at").values_list("at", flat=True)[:most])
    if len(instants) < most:
        return None
    minute = timedelta(minutes=1)
    ends = instants[-1] + WINDOW
    return ends if not (ends.second or ends.microsecond) else ends.replace(second=0, microsecond=0) + minute


def take_back_attempt(*, screen: Screen, is_late: bool = False) -> None:
    last = WrongEntry.objects.filter(screen=screen, is_late=is_late).last()
    if last:
        last.delete()


def forget_wrong_entries(*, agent: Agent | None = None, screen: Screen | None = None) -> None:
    """Those made at once; what was reported late is still counted."""
    WrongEntry.objects.filter(agent=agent, screen=screen, is_late=False).delete()
