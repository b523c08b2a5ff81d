"""What the worker does for booking."""

from django.tasks import task

from booking.actions import close_unrecorded, end_forgotten, forget_delays, lapse_holds, offer_freed_times
from communes.actions import restore_cabins
from core import clock


@task
def each_minute() -> None:
    """Times that were held and not booked are free again, sessions that nobody ended end, what nobody
    noted is closed after a week, cabins that were out of order until now are in order again, and those who
    wait are offered what has become free."""
    now = clock.now()
    lapse_holds(now=now)
    end_forgotten(now=now)
    close_unrecorded(now=now)
    forget_delays(now=now)
    restore_cabins(now=now)
    offer_freed_times(now=now)
