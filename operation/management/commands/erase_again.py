"""`manage.py erase_again`: after the restore of an older backup, erases again whoever had been erased."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from core import clock
from operation.erasures import carry_out


class Command(BaseCommand):
    help = "After an older backup was restored: erase again whoever had been erased since it was made."

    def handle(self, **options: Any) -> None:
        erased = carry_out(now=clock.now())
        self.stdout.write(_("Records erased again: %(number)s.") % {"number": erased})
