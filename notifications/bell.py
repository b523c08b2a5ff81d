"""The doorbell: something was written, a sweep should look. It carries no message of its own."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import DatabaseError

from communes.compiled import Converted
from notifications.models import Heartbeat

logger = logging.getLogger(__name__)

BELL = "bell"
SILENT = datetime(2000, 1, 1, tzinfo=UTC)
FORGOTTEN = timedelta(seconds=60)
"""A rung sweep that has not begun by then was lost with its worker."""


def ring() -> None:
    """Have a sweep run soon, unless one is already waiting to. Losing a ring costs at most a minute."""
    from notifications.tasks import sweep_now

    try:
        if _claim_ring():
            sweep_now.enqueue()
    except DatabaseError:
        logger.warning("The doorbell did not ring; the sweep of this minute will look.", exc_info=True)


def answer() -> None:
    """A sweep begins: whoever rings from now on needs another one."""
    Heartbeat.objects.filter(name=BELL).update(at=SILENT)


def _claim_ring() -> bool:
    """Nearly always a sweep is about to run already, and one look tells."""
    now = datetime.now(UTC)
    for (rung_at,) in _beats(name=BELL):
        beat = Heartbeat.objects.filter(name=BELL, at=rung_at)
        return rung_at < now - FORGOTTEN and bool(beat.update(at=now))
    Heartbeat.objects.bulk_create([Heartbeat(name=BELL, at=now)], ignore_conflicts=True)
    return True


@Converted
def _beats(name: str) -> Any:
    return Heartbeat.objects.filter(name=name).order_by().values_list("at")
