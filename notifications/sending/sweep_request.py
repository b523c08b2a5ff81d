"""A sweep is asked for at most once at a time: one row says whether one is waiting to begin."""

from datetime import UTC, datetime, timedelta
from typing import Any

from core.compiled import Converted
from notifications.models import Heartbeat

REQUEST = "bell"
NONE_WAITING = datetime(2000, 1, 1, tzinfo=UTC)
LOST_AFTER = timedelta(seconds=60)
"""A requested sweep that has not begun by then was lost with its worker."""


def claim() -> bool:
    """Whether the caller must enqueue a sweep. Nearly always one is about to run already: one look tells."""
    now = datetime.now(UTC)
    for (asked_at,) in _requests(name=REQUEST):
        row = Heartbeat.objects.filter(name=REQUEST, at=asked_at)
        return asked_at < now - LOST_AFTER and bool(row.update(at=now))
    Heartbeat.objects.bulk_create([Heartbeat(name=REQUEST, at=now)], ignore_conflicts=True)
    return True


def begin() -> None:
    """A sweep begins: whoever asks from now on needs another one."""
    Heartbeat.objects.filter(name=REQUEST).update(at=NONE_WAITING)


@Converted
def _requests(name: str) -> Any:
    return Heartbeat.objects.filter(name=name).order_by().values_list("at")
