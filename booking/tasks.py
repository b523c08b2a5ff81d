"""What runs by the clock. Whoever keeps the clock runs it each minute; `manage.py purge` each night."""

from django.tasks import task

from booking.actions import end_forgotten, lapse_holds
from config import clock


@task
def each_minute() -> None:
    """Times that were held and not booked are free again; sessions that nobody ended end with their day."""
    now = clock.now()
    lapse_holds(now=now)
    end_forgotten(now=now)
