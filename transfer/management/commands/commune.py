"""`manage.py commune`: sets a whole commune up from a file, writes all of it to one, or erases it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from communes.lookup import find_commune
from communes.models import Commune
from core import clock
from core.edits import RecordGone
from transfer.export import export_commune
from transfer.loading import load_commune
from transfer.owned import count_rows
from transfer.removal import remove_commune
from transfer.setup_file import SetupFileRefused


class Command(BaseCommand):
    help = "Set up a whole commune from a file, write all of a commune to a file, or erase a commune."

    def add_arguments(self, parser: ArgumentParser) -> None:
        does = parser.add_subparsers(dest="does", required=True)
        load = does.add_parser("load", help="set up a commune from a YAML file, as often as you like")
        load.add_argument("file", type=Path)
        load.add_argument("--dry-run", action="store_true", help="say what would be done, write nothing")
        export = does.add_parser("export", help="write all of a commune to a file")
        export.add_argument("code", help="INSEE code or slug")
        export.add_argument("file", type=Path)
        remove = does.add_parser("remove", help="erase a commune, with all that belongs to it")
        remove.add_argument("code", help="INSEE code or slug")
        remove.add_argument("--confirm", default="", help="the INSEE code again, instead of being asked")

    def handle(self, *, does: str, **options: Any) -> None:
        getattr(self, f"_{does}")(**options)

    def _load(self, *, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            report = load_commune(data=file.read_bytes(), now=clock.now(), dry_run=dry_run)
        except OSError as error:
            raise CommandError(str(error)) from error
        except SetupFileRefused as error:
            lines = [str(problem) for problem in error.problems]
            raise CommandError(
                "\n".join([*lines, _("Nothing was written: mend this and start again.")])
            ) from error
        for line in report.lines:
            self.stdout.write(line)
        self.stdout.write(report.summary)
        if dry_run:
            self.stdout.write(_("Trial: nothing was written."))
            return
        if report.passwords:
            self.stdout.write(_("First passwords, shown this once; each is changed at the first login:"))
        for username, password in report.passwords:
            self.stdout.write(f"  {username}  {password}")

    def _export(self, *, code: str, file: Path, **options: Any) -> None:
        commune = _commune(code)
        try:
            counts = export_commune(commune=commune, path=file, now=clock.now())
        except FileExistsError as error:
            raise CommandError(_("%s is there already: choose another name.") % file) from error
        except OSError as error:
            raise CommandError(str(error)) from error
        self._write_counts(counts)
        self.stdout.write(_("All of %(name)s is in %(file)s.") % {"name": commune.name, "file": file})
        self.stdout.write(_("It holds personal data: only you can read it. Keep it no longer than needed."))

    def _remove(self, *, code: str, confirm: str, **options: Any) -> None:
        commune = _commune(code)
        self._write_counts(count_rows(commune))
        if (confirm or self._ask(commune)).strip() != commune.insee_code:
            raise CommandError(_("Nothing was erased: this is not the code of %s.") % commune.name)
        try:
            counts = remove_commune(commune=commune)
        except RecordGone as error:
            raise CommandError(str(error)) from error
        said = {"name": commune.name, "rows": sum(counts.values())}
        self.stdout.write(_("%(name)s is erased: %(rows)d rows.") % said)

    def _ask(self, commune: Commune) -> str:
        self.stdout.write(_("All this is erased for good, backups aside; “commune export” keeps a copy."))
        self.stdout.write(_("Write the code of %s to erase it:") % commune.name, ending=" ")
        self.stdout.flush()
        try:
            return input()
        except EOFError:
            return ""

    def _write_counts(self, counts: dict[str, int]) -> None:
        for label, number in sorted(counts.items()):
            self.stdout.write(f"{number:>9}  {label}")


def _commune(code: str) -> Commune:
    found = find_commune(code)
    if found is None:
        raise CommandError(_("There is no commune %s here.") % code)
    return found
