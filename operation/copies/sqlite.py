"""A SQLite database out to a file and back in."""

import gzip
import os
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

from core.sqlite.base import make_private
from operation.copies.base import Counts, DatabaseCopies
from operation.errors import OperationRefused

WAIT_S = 20
PROCESSES = Path("/proc")


class SqliteCopies(DatabaseCopies):
    kind = "sqlite"
    file_name = "database.sqlite3.gz"

    @property
    def path(self) -> Path:
        return Path(str(connection.settings_dict["NAME"]))

    def write(self, path: Path) -> Counts:
        with _unpacked_beside(path) as plain:
            write_plain(self.path, plain)
            with plain.open("rb") as source, gzip.open(path, "wb", compresslevel=6) as packed:
                shutil.copyfileobj(source, packed)
            return _counts(plain)

    def read_back(self, path: Path) -> Counts:
        with _unpacked_beside(path) as plain:
            _unpack(path, plain)
            return _checked_counts(plain)

    def counts(self) -> Counts:
        return _counts(self.path) if self.path.exists() else {}

    def used_by(self) -> list[str]:
        """Where the system does not say who has a file open, nobody is named."""
        found = []
        for process in PROCESSES.glob("[0-9]*"):
            if process.name == str(os.getpid()):
                continue
            try:
                opened = {str(each.readlink()) for each in (process / "fd").iterdir()}
                name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
            except OSError:  # it has ended, or is another user's
                continue
            if str(self.path.resolve()) in opened:
                found.append(f"{name} ({process.name})")
        return sorted(found)

    def load(self, path: Path) -> None:
        connection.close()
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        plain = self.path.with_name(f".{self.path.name}.restoring")
        make_private(str(plain))
        try:
            _unpack(path, plain)
            _checked_counts(plain)
            self.refuse_while_used()
            if self.path.exists():
                # What stands in the write-ahead log goes into the file, so that no log of it is left over.
                with closing(sqlite3.connect(self.path, timeout=WAIT_S)) as old:
                    old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            for end in ("-wal", "-shm"):
                self.path.with_name(self.path.name + end).unlink(missing_ok=True)
            plain.replace(self.path)
        finally:
            plain.unlink(missing_ok=True)

    def put_aside(self) -> Path | None:
        connection.close()
        free = (self.path.with_name(f"{self.path.name}.unreadable-{number}") for number in count(1))
        aside = next(each for each in free if not each.exists())
        self.path.rename(aside)
        for end in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                self.path.with_name(self.path.name + end).rename(aside.with_name(aside.name + end))
        return aside


def write_plain(source: Path, target: Path) -> None:
    """Copy a database into a new file, as it is at one instant. Without the pages that deleted rows leave
    behind: what was erased is in no backup made afterwards."""
    make_private(str(target))
    try:
        with closing(sqlite3.connect(source, timeout=WAIT_S, isolation_level=None)) as database:
            database.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise OperationRefused(_("The database cannot be read: %s.") % error) from error


@contextmanager
def _unpacked_beside(path: Path) -> Iterator[Path]:
    """The name of a file in a private folder on the same disk."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".unpacked-") as folder:
        yield Path(folder) / "database.sqlite3"


def _unpack(packed: Path, plain: Path) -> None:
    try:
        with gzip.open(packed, "rb") as source, plain.open("wb") as target:
            shutil.copyfileobj(source, target)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise OperationRefused(_("The copy of the database is damaged.")) from error


def _checked_counts(path: Path) -> Counts:
    try:
        with closing(sqlite3.connect(path)) as database:
            answer = database.execute("PRAGMA integrity_check").fetchone()
            lost = database.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise OperationRefused(_("The copy of the database is damaged.")) from error
    if answer != ("ok",) or lost is not None:
        raise OperationRefused(_("The copy of the database is damaged."))
    return _counts(path)


def _counts(path: Path) -> Counts:
    try:
        with closing(sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)) as database:
            database.execute("BEGIN DEFERRED")
            names = database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall()
            return {
                name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 of ours
                for (name,) in sorted(names)
            }
    except sqlite3.Error as error:
        raise OperationRefused(_("The database cannot be read: %s.") % error) from error
