"""The worker's tasks for booking."""

from django.tasks import task

from booking.actions import (
    close_unrecorded,
    end_forgotten,
    finish_due_cancellations,
    forget_delays,
    lapse_holds,
    offer_freed_times,
)
from communes.actions import restore_cabins
from core import clock


@task
def each_minute() -> None:
    """Free expired holds; make cancellations final whose grace is over; end forgotten sessions; close visits
    that nobody recorded within a week; delete old delays; put cabins back in service at their time; offer
    freed times to the waiting list."""
    now = clock.now()
    lapse_holds(now=now)
    finish_due_cancellations(now=now)
    end_forgotten(now=now)
    close_unrecorded(now=now)
    forget_delays(now=now)
    restore_cabins(now=now)
    offer_freed_times(now=now)
