"""`manage.py read_calendars`: read the external calendars of agents again, those that are due."""

from logging import getLogger
from typing import Any

from django.core.management.base import BaseCommand

from config import clock
from planning.calendars import refresh
from planning.models import ExternalCalendar

logger = getLogger(__name__)


class Command(BaseCommand):
    help = "Read the external calendars of agents again. The worker does it each quarter of an hour."

    def handle(self, *args: Any, **options: Any) -> None:
        due = list(ExternalCalendar.objects.due(clock.now()).select_related("agent"))
        read = sum(self._read(calendar) for calendar in due)
        self.stdout.write(f"{read} of {len(due)} calendars read.")

    def _read(self, calendar: ExternalCalendar) -> bool:
        try:
            return refresh(calendar, now=clock.now())
        except Exception:
            # One strange calendar must not keep those of the others from being read.
            logger.exception("calendar %s not read", calendar.pk)
            return False
