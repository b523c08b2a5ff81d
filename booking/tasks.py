"""The worker's tasks for booking."""

from django.tasks import task

from booking.actions import (
    close_days,
    close_unmet,
    close_unrecorded,
    end_forgotten,
    finish_due_cancellations,
    forget_delays,
    lapse_holds,
    offer_freed_times,
)
from communes.actions import restore_cabins
from communes.incident_actions import ask_whether_repaired
from communes.setup_actions import close_retired_places
from core import clock


@task
def each_minute() -> None:
    """Free expired holds; make cancellations final whose grace is over; end forgotten sessions; close visits
    that nobody recorded within a week; delete old delays; put cabins back in service at their time; ask
    whether faults are repaired at their expected end; take retired places off the pages; offer freed times to
    the waiting list."""
    now = clock.now()
    lapse_holds(now=now)
    finish_due_cancellations(now=now)
    end_forgotten(now=now)
    close_unrecorded(now=now)
    forget_delays(now=now)
    restore_cabins(now=now)
    ask_whether_repaired(now=now)
    close_retired_places(now=now)
    offer_freed_times(now=now)


@task
def each_night() -> None:
    """Close the days of which nothing can be noted any more."""
    now = clock.now()
    close_days(now=now)
    close_unmet(now=now)
