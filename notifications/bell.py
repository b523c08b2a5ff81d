"""The doorbell: something was written, a sweep should look. It carries no message of its own."""

import logging
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError

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
    now = datetime.now(UTC)
    if Heartbeat.objects.filter(name=BELL, at__lt=now - FORGOTTEN).update(at=now):
        return True
    if Heartbeat.objects.filter(name=BELL).exists():
        return False
    Heartbeat.objects.bulk_create([Heartbeat(name=BELL, at=now)], ignore_conflicts=True)
    return True
