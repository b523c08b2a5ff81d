"""Reading the external calendars of agents: by the worker, since it takes the network."""

from django.tasks import task

from config import clock
from planning.calendars import refresh
from planning.models import ExternalCalendar


@task
def read_external_calendar(pk: int) -> None:
    calendar = ExternalCalendar.objects.select_related("agent").filter(pk=pk).exclude(url="").first()
    if calendar is not None:
        refresh(calendar, now=clock.now())
