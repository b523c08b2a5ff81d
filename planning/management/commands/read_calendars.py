"""`manage.py read_calendars`: read the external calendars of agents again, those that are due."""

from typing import Any

from django.core.management.base import BaseCommand

from core import clock
from planning.tasks import read_some


class Command(BaseCommand):
    help = (
        "Read the external calendars of agents again. The worker does it each quarter of an hour. After half "
        "a minute the rest is left to the queue."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(read_some(clock.now()))
