"""Django's SQLite, whose file only its owner can read: it holds names, phones and what helps a visit."""

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base

from core.outage import FEWEST_FREE_BYTES, busy, disk, outage

_OWNER_ONLY = 0o600
_BESIDE = ("", "-wal", "-shm")
"""SQLite gives new files beside the database the mode of the database; those that are there keep theirs."""


class DatabaseWrapper(base.DatabaseWrapper):
    _changes_before = 0
    """Rows that this connection had changed when a transaction last ended, however it began: by Django, by
    hand, or each statement by itself."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        make_private(str(conn_params["database"]))
        connection = super().get_new_connection(conn_params)
        self._changes_before = 0
        outage.answered()
        return connection

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # unknown to the stubs
        if self.connection is None:
            return
        before, self._changes_before = self._changes_before, self.connection.total_changes
        # A nearly full disk still takes what fits into pages that are there: that is no sign of room.
        if busy.is_on:  # each transaction begins by taking the lock
            busy.answered()
        if disk.is_on and self._changes_before > before and self._has_room():
            disk.answered()

    def _rollback(self) -> None:
        super()._rollback()  # type: ignore[misc]
        if self.connection is not None:
            self._changes_before = self.connection.total_changes

    def _has_room(self) -> bool:
        try:
            return shutil.disk_usage(Path(str(self.settings_dict["NAME"])).parent).free >= FEWEST_FREE_BYTES
        except OSError:
            return False


def make_private(name: str) -> None:
    """Create the file with its mode, so that it is never open to others; close one that is. What belongs to
    somebody else, or cannot be created, is left to SQLite, which says what is wrong.

    The file is never opened here: a process that closes any descriptor of a file loses all its locks on it,
    also those of SQLite (sqlite.org/howtocorrupt.html, 2.2).
    """
    if name.startswith((":memory:", "file:")):
        return
    with suppress(OSError):
        os.mknod(name, stat.S_IFREG | _OWNER_ONLY)  # macOS refuses: closed when connected again
    for path in (Path(f"{name}{end}") for end in _BESIDE):
        with suppress(OSError):
            if path.stat().st_mode & 0o077:
                path.chmod(_OWNER_ONLY)
