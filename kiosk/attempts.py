"""Limits guessing, with one count for all web processes."""

from datetime import datetime, timedelta

from agents.models import Agent
from kiosk.models import Screen, WrongEntry

WINDOW = timedelta(minutes=10)
_KEPT = timedelta(hours=1)


def note_attempt(
    *, agent: Agent | None = None, screen: Screen | None = None, most: int, now: datetime
) -> int:
    """Count this attempt; return how many were made in the last ten minutes, this one included. The caller
    refuses attempts beyond `most`; those do not make the wait longer.

    Call it outside a transaction and before looking anything up: a committed attempt is counted by all later
    ones, so that many requests at once get no more attempts. The caller takes back a right entry
    (`take_back_attempt`), and in some cases also the wrong ones before it (`forget_wrong_entries`).
    """
    WrongEntry.objects.filter(at__lt=now - _KEPT).delete()
    attempt = WrongEntry.objects.create(agent=agent, screen=screen, at=now)
    attempts = WrongEntry.objects.filter(agent=agent, screen=screen, at__gt=now - WINDOW).count()
    if attempts > most:
        attempt.delete()
    return attempts


def take_back_attempt(*, screen: Screen) -> None:
    last = WrongEntry.objects.filter(screen=screen).last()
    if last:
        last.delete()


def forget_wrong_entries(*, agent: Agent | None = None, screen: Screen | None = None) -> None:
    WrongEntry.objects.filter(agent=agent, screen=screen).delete()
