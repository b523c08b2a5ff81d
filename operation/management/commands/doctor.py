"""`manage.py doctor`: what is wrong with this installation, and what to do. Nothing is changed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operation.doctor import examine
from operation.doctor.finding import Finding, Level

MARKS = {Level.GOOD: "✓", Level.DOUBTFUL: "!", Level.BAD: "✗"}


class Command(BaseCommand):
    help = "Say what is wrong with this installation, and what to do. Exit code 1 where something is."
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="only what is not right")

    def handle(self, *, quiet: bool, **options: Any) -> None:
        number = 0
        for finding in examine():
            number += finding.is_bad
            if finding.level != Level.GOOD or not quiet:
                self._tell(finding)
        if number:
            raise CommandError(ngettext("%s point is bad.", "%s points are bad.", number) % number)
        self.stdout.write(_("Nothing is bad."))

    def _tell(self, finding: Finding) -> None:
        self.stdout.write(f"{MARKS[finding.level]} {finding.about}  {finding.found}")
        if finding.to_do:
            self.stdout.write(f"  → {finding.to_do}")
