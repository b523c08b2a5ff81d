"""`manage.py backup`: saves the whole installation while it works, and reads the file back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core import clock
from operation.backups import make_backup
from operation.errors import OperationRefused


class Command(BaseCommand):
    help = "Save the database to a file, read the file back, and remove the oldest files."
    # It must work while a migration is still to come.
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, default=settings.BACKUP_FOLDER, help="folder (BACKUP_FOLDER)")
        parser.add_argument(
            "--encrypt-for",
            default=settings.BACKUP_ENCRYPT_FOR,
            help="key of age or GnuPG (BACKUP_ENCRYPT_FOR)",
        )
        parser.add_argument("--keep", type=int, default=14, help="how many of the newest stay (14)")
        parser.add_argument("--keep-weeks", type=int, default=8, help="and the last of how many weeks (8)")

    def handle(self, *, to: Path, encrypt_for: str, keep: int, keep_weeks: int, **options: Any) -> None:
        if keep < 1 or keep_weeks < 0:
            raise CommandError(_("At least one backup is kept: --keep 1 or more, --keep-weeks 0 or more."))
        try:
            made = make_backup(
                folder=to, now=clock.now(), recipient=encrypt_for, newest=keep, weeks=keep_weeks
            )
        except OperationRefused as error:
            raise CommandError(str(error)) from error
        size = made.path.stat().st_size
        self.stdout.write(
            _("%(file)s: %(rows)s rows, %(size)s bytes, read back.")
            % {"file": made.path, "rows": made.rows, "size": size}
        )
        if not encrypt_for:
            self.stdout.write(_("It holds personal data and is not encrypted: only you can read it."))
        for name in made.removed:
            self.stdout.write(_("Removed, since newer ones are kept: %s") % name)
        self.stdout.write(_("SECRET_KEY is not in it: keep it elsewhere, it is needed for a restore."))
