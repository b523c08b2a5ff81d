"""Requests a sweep, at most one at a time: one row says whether a requested sweep waits to begin."""

from datetime import UTC, datetime, timedelta
from typing import Any

from core.compiled import Converted
from notifications.models import Heartbeat

REQUEST = "bell"
NONE_WAITING = datetime(2000, 1, 1, tzinfo=UTC)
LOST_AFTER = timedelta(seconds=60)
"""A requested sweep that has not begun by then was lost together with its worker."""


def claim() -> bool:
    """Whether the caller must put a sweep in the queue. Nearly always one is waiting there already."""
    now = datetime.now(UTC)
    for (asked_at,) in _requests(name=REQUEST):
        row = Heartbeat.objects.filter(name=REQUEST, at=asked_at)
        return asked_at < now - LOST_AFTER and bool(row.update(at=now))
    Heartbeat.objects.bulk_create([Heartbeat(name=REQUEST, at=now)], ignore_conflicts=True)
    return True


def begin() -> None:
    """Note that a sweep begins: from now on, a request needs another one."""
    Heartbeat.objects.filter(name=REQUEST).update(at=NONE_WAITING)


@Converted
def _requests(name: str) -> Any:
    return Heartbeat.objects.filter(name=name).order_by().values_list("at")
