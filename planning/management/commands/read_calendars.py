"""`manage.py read_calendars`: read the external calendars of agents again, those that are due."""

from typing import Any

from django.core.management.base import BaseCommand

from config import clock
from planning.calendars import refresh
from planning.models import ExternalCalendar


class Command(BaseCommand):
    help = "Read the external calendars of agents again. The worker does it each quarter of an hour."

    def handle(self, *args: Any, **options: Any) -> None:
        due = list(ExternalCalendar.objects.due(clock.now()).select_related("agent"))
        read = sum(refresh(calendar, now=clock.now()) for calendar in due)
        self.stdout.write(f"{read} of {len(due)} calendars read.")
