"""A sweep: one pass over everything that messages need. It plans, sends, looks up, and gives a sign of
life."""

import logging
import time
from datetime import UTC, datetime

from booking.actions import finish_due_cancellations
from notifications import alarms
from notifications.models import Heartbeat
from notifications.sending import reconcile, sweep_request
from notifications.sending.plan_messages import plan_messages
from notifications.sending.send import Elapsing, send_due

logger = logging.getLogger(__name__)

BUDGET_S = 15.0
"""A request to a provider may begin just before the end and take some seconds. So a run stays below 20 s,
well below the 30 s after which django-q2 ends a task."""
HEARTBEAT = "sweep"


def sweep(*, now: datetime, budget_s: float = BUDGET_S, thorough: bool = True) -> bool:
    """Do what is due, for at most `budget_s` seconds. If it is interrupted, the next sweep goes on from
    there. First the cancellations become final whose grace is over: their messages leave with this sweep.

    Returns False if the time ran out before all was done.
    """
    clock = Elapsing.since(now)
    stop_at = time.monotonic() + budget_s
    sweep_request.begin()
    beat()
    reconcile.abandoned(now=now)
    finish_due_cancellations(now=now)
    planned = plan_messages(now=now, stop_at=stop_at, thorough=thorough)
    alarms.end_untroubled(now=now)
    sent = send_due(clock=clock, stop_at=stop_at)
    settled = reconcile.reconcile(now=clock.now(), stop_at=stop_at)
    # What has just failed for good gets its next contact way now, not a minute later.
    planned += plan_messages(now=clock.now(), stop_at=stop_at, thorough=False)
    beat()
    if planned or sent or settled:
        logger.info("sweep: %s owed, %s sent, %s settled", planned, sent, settled)
    return time.monotonic() < stop_at


def beat(name: str = HEARTBEAT) -> None:
    """Write the sign of life, in real time, that `manage.py worker` and /health look for."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": datetime.now(UTC)})
