from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext

from communes.errors import FileRefused
from communes.imports import import_places
from communes.lookup import find_commune


class Command(BaseCommand):
    help = "Bring in places from a CSV file of the national standard of digital-inclusion places."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--commune", metavar="INSEE", help="only the places of this commune, which must be known"
        )
        parser.add_argument(
            "--with-cabins",
            metavar="N",
            type=int,
            default=0,
            choices=range(21),
            help="give N cabins (up to 20) to each imported place that has none",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, write nothing")

    def handle(
        self, *, file: Path, commune: str | None, dry_run: bool, with_cabins: int, **options: Any
    ) -> None:
        only = find_commune(commune) if commune is not None else None
        if commune is not None and only is None:
            raise CommandError(gettext("No commune here has the INSEE code %s.") % commune)
        try:
            report = import_places(path=file, commune=only, dry_run=dry_run, with_cabins=with_cabins)
        except (OSError, FileRefused) as error:
            raise CommandError(str(error)) from error
        *lines, summary = report.sentences()
        for line in lines:
            self.stdout.write(line)
        if report.refused:
            raise CommandError(summary)
        self.stdout.write(summary)
