"""`manage.py anonymised_copy OUTPUT`: a database for support or training in which everybody is invented."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from communes.models import Commune
from core import clock
from privacy.copies.making import LOGIN, make_copy
from privacy.errors import CopyRefused


class Command(BaseCommand):
    help = (
        "Write a database for support or training: places, services and settings as they are, people, visits "
        "and shifts invented, everything else left out. The own database is only read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("output", help="a new SQLite file, or postgres://user:password@host:5432/name")
        parser.add_argument("--commune", metavar="SLUG", help="only this commune")

    def handle(self, *args: Any, **options: Any) -> None:
        communes = Commune.objects.all()
        if options["commune"]:
            communes = communes.filter(slug=options["commune"])
            if not communes:
                raise CommandError(_("There is no such commune."))
        try:
            made = make_copy(output=options["output"], communes=list(communes), now=clock.now())
        except CopyRefused as refused:
            raise CommandError(str(refused)) from refused
        for table, rows in made.rows.items():
            self.stdout.write(f"{table}: {rows}")
        self.stdout.write(
            _("Log in as “%(name)s” with the password %(password)s. It is shown only now.")
            % {"name": LOGIN, "password": made.password}
        )
