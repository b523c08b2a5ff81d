"""`manage.py copy_database --to URL`: from SQLite to PostgreSQL, with every row compared."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core.env import env
from operation.errors import OperationRefused
from operation.moving import copy_database


class Command(BaseCommand):
    help = "Copy all of a SQLite database into an empty PostgreSQL, and compare every row."
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--to",
            default=env("NEW_DATABASE_URL"),
            help="postgres://… (or NEW_DATABASE_URL, NEW_DATABASE_URL_FILE)",
        )
        parser.add_argument(
            "--in-use", action="store_true", help="although web and worker run: to try how long it takes"
        )

    def handle(self, *, to: str, in_use: bool, **options: Any) -> None:
        try:
            counts = copy_database(url=to, in_use=in_use)
        except OperationRefused as error:
            raise CommandError(str(error)) from error
        for table, number in sorted(counts.items()):
            if number:
                self.stdout.write(f"{number:>9}  {table}")
        self.stdout.write(
            _("%(rows)s rows of %(tables)s tables copied, and the same in both.")
            % {"rows": sum(counts.values()), "tables": len(counts)}
        )
        if in_use:
            self.stdout.write(_("What was written meanwhile is not in the copy: this was a trial."))
        else:
            self.stdout.write(_("Set DATABASE_URL to the new database before you start web and worker."))
