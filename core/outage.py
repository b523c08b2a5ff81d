"""Whether the database answers this process and can write, and the log of it.

The log gets one line when it stops, one a minute while it lasts, and one when the database answers or writes
again, however many requests fail meanwhile.
"""

import logging
import mmap
import sqlite3
import threading
import time
from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError, OperationalError

logger = logging.getLogger(__name__)

FAILURES = (DatabaseError, InterfaceError)
"""What Django raises where a database fails; the second is none of the first."""

LOG_EVERY_S = 60.0
PROBE_EVERY_S = 1.0
FEWEST_FREE_BYTES = 100 * 1024 * 1024
"""Enough to go on while somebody makes room."""
RETRY_AFTER_S = 20
"""When a program that was refused should ask again."""

_AWAY_STATES = ("08", "57P", "533")
"""SQLSTATE of PostgreSQL: the connection failed; the server stops or starts; it takes no more connections.
Most others are faults of one statement, or of statements that met."""
_FULL_STATE = "53100"
_BUSY_SQLITE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FULL_SQLITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}


_SINCE, _LOGGED, _PROBED, _FAILED = range(4)


class Away(OperationalError):
    """Raised without asking the database, which did not answer a moment ago."""


def is_away(error: BaseException | None) -> bool:
    """Whether this was raised, at the bottom, because the database cannot be reached."""
    return any(_is_away(each) for each in _chain(error))


def is_full(error: BaseException | None) -> bool:
    """Whether this was raised, at the bottom, because the database cannot write: a full or broken disk."""
    return any(_state(each) == _FULL_STATE or _sqlite_code(each) in _FULL_SQLITE for each in _chain(error))


def is_busy(error: BaseException | None) -> bool:
    """Whether this was raised, at the bottom, because another writer held SQLite's only lock for longer than
    a writer waits (`timeout` in core/env.py)."""
    return any(_sqlite_code(each) in _BUSY_SQLITE for each in _chain(error))


def note(error: BaseException | None) -> bool:
    """Log, as seldom as this module says, an error that is of the database as a whole; False for others."""
    if error is None:
        return False
    if is_full(error):
        disk.failed(error)
        return True
    if is_away(error):
        outage.failed(error)
        return True
    if is_busy(error):
        busy.failed(error)
        return True
    return False


def _is_away(error: BaseException) -> bool:
    if isinstance(error, Away) or _sqlite_code(error) == sqlite3.SQLITE_CANTOPEN:
        return True
    if _state(error) is None:
        return False
    return _state(error) == "" or str(_state(error)).startswith(_AWAY_STATES)


def _sqlite_code(error: BaseException) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _state(error: BaseException) -> str | None:
    """The SQLSTATE of an error of psycopg; "" where the server did not even send one, None for others."""
    names = {each.__name__ for each in type(error).__mro__}
    if not hasattr(error, "sqlstate") or not names & {"OperationalError", "InterfaceError"}:
        return None
    return error.sqlstate or ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


class Outage:
    """The state of one process, shared by its threads and by the processes that it forks."""

    def __init__(self, what: str, over: str) -> None:
        self._what, self._over = what, over
        self._lock = threading.Lock()
        self._times = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("d")
        """Since when it lasts (0: it does not), when it was logged, when the database was asked again, when
        it failed last."""
        self.is_quiet = False
        """Whether another process writes the line."""

    @property
    def is_on(self) -> bool:
        return self._times[_SINCE] > 0

    def failed(self, error: BaseException) -> None:
        now = time.monotonic()
        with self._lock:
            self._times[_FAILED] = now
            if not self.is_on:
                self._times[_SINCE] = self._times[_PROBED] = now
            elif now - self._times[_LOGGED] < LOG_EVERY_S:
                return
            self._times[_LOGGED] = now
            silent_s = now - self._times[_SINCE]
        if not self.is_quiet:
            logger.error("%s, for %.0f s: %s", self._what, silent_s, _name(error))

    def answered(self, *, quiet_s: float = 0) -> None:
        """It is over. `quiet_s`: only if nothing has failed for so long."""
        if not self.is_on or time.monotonic() - self._times[_FAILED] < quiet_s:
            return
        with self._lock:
            since, self._times[_SINCE] = self._times[_SINCE], 0.0
        if since and not self.is_quiet:
            logger.warning("%s, after %.0f s.", self._over, time.monotonic() - since)

    def refuse(self) -> None:
        """Raise Away while it lasts, but for one caller a second, who is to ask the database itself."""
        now = time.monotonic()
        with self._lock:
            if not self.is_on:
                return
            if now - self._times[_PROBED] >= PROBE_EVERY_S:
                self._times[_PROBED] = now
                return
        raise Away("The database did not answer a moment ago.")


def _name(error: BaseException) -> str:
    """Of what failed first: no text, which may hold values."""
    first = list(_chain(error))[-1]
    return getattr(first, "sqlite_errorname", "") or type(first).__name__


outage = Outage("The database does not answer", "The database answers again")
busy = Outage("The database is locked by another writer", "The database takes writes again")
disk = Outage("The database cannot write", "The database can write again")
