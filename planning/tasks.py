"""What the worker does for planning."""

from django.tasks import task

from config import clock
from planning.calendars import refresh
from planning.models import ExternalCalendar
from planning.replacing import call_off_what_can_take_place


@task
def each_minute() -> None:
    """Nobody is called about what can take place again."""
    call_off_what_can_take_place(now=clock.now())


@task(queue_name="long")
def read_external_calendar(pk: int) -> None:
    calendar = ExternalCalendar.objects.select_related("agent").filter(pk=pk).exclude(url="").first()
    if calendar is not None:
        refresh(calendar, now=clock.now())
