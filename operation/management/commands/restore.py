"""`manage.py restore FILE`: puts a backup in the place of the database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core import clock
from operation import erasures
from operation.archive import Manifest
from operation.backups import (
    applied_migrations,
    check_backup,
    key_check,
    known_migrations,
    make_backup,
    restore,
)
from operation.errors import OperationRefused


class Command(BaseCommand):
    help = "Put a backup in the place of the database. Web and worker must be stopped."
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="read all of it, and change nothing")
        parser.add_argument(
            "--replace", action="store_true", help="also where there are rows: saves them first"
        )
        parser.add_argument("--identity", default="", help="the file of the private key, for age")

    def handle(self, *, file: Path, check: bool, replace: bool, identity: str, **options: Any) -> None:
        try:
            if check:
                self._tell(check_backup(file, identity=identity))
                self.stdout.write(_("It can be restored. Nothing was changed."))
                return
            manifest = restore(
                file,
                now=clock.now(),
                identity=identity,
                replace=replace,
                kept=self._keep,
                put_aside=self._put_aside,
            )
        except OperationRefused as error:
            raise CommandError(str(error)) from error
        self._tell(manifest)
        self.stdout.write(_("It is restored, and holds every row of the backup."))
        if known_migrations() - set(applied_migrations()):
            self.stdout.write(_("It is of an earlier version: run “manage.py migrate” before you start."))
            if erasures.is_left():
                self.stdout.write(_("Then “manage.py erase_again”: people were erased since it was made."))
        elif erasures.is_left():
            erased = erasures.carry_out(now=clock.now())
            self.stdout.write(_("Records erased again: %(number)s.") % {"number": erased})
        if manifest.key_check != key_check():
            self.stderr.write(
                _("SECRET_KEY is another one than then: add the former one to SECRET_KEY_FALLBACKS.")
            )
        self.stdout.write(
            _("Lost is what came after it: bookings, answers, corrections, erasures. See docs/restore.md.")
        )

    def _tell(self, manifest: Manifest) -> None:
        self.stdout.write(
            _("Saved on %(at)s, version %(version)s, %(kind)s, %(rows)s rows in %(tables)s tables.")
            % {
                "at": f"{manifest.made_at.astimezone():%Y-%m-%d %H:%M %Z}",
                "version": manifest.version,
                "kind": manifest.kind,
                "rows": sum(manifest.counts.values()),
                "tables": len(manifest.counts),
            }
        )

    def _put_aside(self, path: Path) -> None:
        self.stdout.write(_("What was there cannot be read. It is kept as %s.") % path)

    def _keep(self) -> Path:
        """None of the others goes for it: the one that is being restored may be the oldest."""
        path = make_backup(
            folder=settings.BACKUP_FOLDER,
            now=clock.now(),
            recipient=settings.BACKUP_ENCRYPT_FOR,
            removes=False,
        ).path
        self.stdout.write(_("What was there is saved: %s") % path)
        return path
