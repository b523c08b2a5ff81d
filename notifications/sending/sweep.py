"""A sweep: one pass over everything that messages need. It plans, sends, looks up, and gives a sign of
life."""

import logging
import time
from datetime import UTC, datetime

from booking.actions import finish_due_cancellations
from notifications import alarms
from notifications.enums import Channel, State
from notifications.models import Heartbeat, Message
from notifications.sending import sweep_request
from notifications.sending.plan_faults import plan_faults
from notifications.sending.plan_messages import plan_messages
from notifications.sending.reconcile import abandoned, in_doubt, reconcile
from notifications.sending.send import Elapsing, send_due
from notifications.sending.unreported import overdue, settle_unreported

logger = logging.getLogger(__name__)

BUDGET_S = 15.0
"""A request to a provider may begin just before the end and take some seconds. So a run stays below 20 s,
well below the 30 s after which django-q2 ends a task."""
HEARTBEAT = "sweep"
BEGAN = "sweep_began"
"""As HEARTBEAT while a sweep runs; afterwards the time between the two is how long it took."""


def sweep(*, now: datetime, budget_s: float = BUDGET_S, thorough: bool = True) -> bool:
    """Do what is due, for at most `budget_s` seconds. If it is interrupted, the next sweep goes on from
    there. First the cancellations become final whose grace is over: their messages leave with this sweep.

    Returns False if the time ran out before all was done.
    """
    clock = Elapsing.since(now)
    stop_at = time.monotonic() + budget_s
    sweep_request.begin()
    beat(HEARTBEAT, BEGAN)
    abandoned(now=now)
    finish_due_cancellations(now=now)
    planned = plan_messages(now=now, stop_at=stop_at, thorough=thorough)
    planned += plan_faults(now=now)
    alarms.end_untroubled(now=now)
    sent = send_due(clock=clock, stop_at=stop_at)
    settled = _ask_providers(clock.now(), stop_at)
    # What has just failed for good gets its next contact way now, not a minute later.
    planned += plan_messages(now=clock.now(), stop_at=stop_at, thorough=False)
    beat()
    if planned or sent or settled:
        logger.info("sweep: %s owed, %s sent, %s settled", planned, sent, settled)
    return time.monotonic() < stop_at


def _ask_providers(now: datetime, stop_at: float) -> int:
    """About what may have left, and about what left and was never reported on. Returns how many are
    settled. One query tells whether there is anything to ask."""
    rows = Message.objects.filter(in_doubt(now) | overdue(now))
    settled = 0
    for state, channel in sorted(rows.order_by().values_list("state", "channel").distinct()):
        ask = reconcile if state == State.UNKNOWN else settle_unreported
        settled += ask(Channel(channel), now=now, stop_at=stop_at)
    return settled


def beat(*names: str) -> None:
    """Write the signs of life, in real time; that of HEARTBEAT is what `manage.py worker` and /health look
    for."""
    at = datetime.now(UTC)
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=at) for name in names or (HEARTBEAT,)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at"],
    )
