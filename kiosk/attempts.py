"""What limits guessing, the same for all web processes."""

from datetime import datetime, timedelta

from agents.models import Agent
from kiosk.models import Screen, WrongEntry

WINDOW = timedelta(minutes=10)
_KEPT = timedelta(hours=1)


def note_attempt(
    *, agent: Agent | None = None, screen: Screen | None = None, most: int, now: datetime
) -> int:
    """How many attempts were made in the last ten minutes, this one included. What goes beyond `most` is
    refused by the caller, and does not make the wait longer.

    Call it outside a transaction, before looking anything up: what is committed first is counted by all
    who come after, so that many at once get no more than their share. A right entry is taken back
    (`take_back_attempt`), and some take back the wrong ones before it (`forget_wrong_entries`).
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
