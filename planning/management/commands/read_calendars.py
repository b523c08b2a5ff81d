"""`manage.py read_calendars`: read all external calendars again; to be run each hour."""

from typing import Any

from django.core.management.base import BaseCommand

from planning.models import ExternalCalendar
from planning.tasks import read_external_calendar


class Command(BaseCommand):
    help = "Have the worker read the external calendars of agents again."

    def handle(self, *args: Any, **options: Any) -> None:
        ids = list(ExternalCalendar.objects.exclude(url="").values_list("pk", flat=True))
        for pk in ids:
            read_external_calendar.enqueue(pk)
        self.stdout.write(f"{len(ids)} calendars to read.")
