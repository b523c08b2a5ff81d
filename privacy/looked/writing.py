"""Writes consultations down: one statement after the answer, whatever it showed.

What a busy or absent database refuses waits in this process and is written with the next ones. A process
that is killed loses what waits there; `permanence_consultations_waiting` and `…_lost` say how much that is.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from core.looked import NOBODY, Shown
from core.outage import FAILURES, note
from privacy.looked.stretches import stretch_of
from privacy.models import Consultation

logger = logging.getLogger(__name__)

MOST_WAITING = 5000
SQLITE_WAIT_MS = 1000
"""Nobody waits for the log, and a thread that does answers nobody else."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one answer showed. `origin`: the name of the page before, "" if it is not one of ours."""

    commune_id: int
    agent_id: int
    at: datetime
    tz: ZoneInfo
    shown: tuple[tuple[Shown, int], ...]
    origin: str = ""

    def rows(self) -> Iterator[Consultation]:
        # Always in one order: two processes that write the same would otherwise wait for each other.
        for kind, resident_id in sorted(self.shown):
            yield Consultation(
                commune_id=self.commune_id,
                agent_id=self.agent_id,
                resident_id=None if resident_id == NOBODY else resident_id,
                at=self.at,
                stretch_at=stretch_of(kind, self.at, self.tz),
                kind=kind,
                origin=self.origin,
            )


class _Waiting:
    """The consultations of this process that could not be written yet; `lost`: how many never will be."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.rows: deque[Consultation] = deque()
        self.lost = 0

    def take(self) -> list[Consultation]:
        with self.lock:
            taken = list(self.rows)
            self.rows.clear()
        return taken

    def keep(self, rows: Iterable[Consultation]) -> None:
        with self.lock:
            self.rows.extend(rows)
            while len(self.rows) > MOST_WAITING:
                self.rows.popleft()
                self.lost += 1


waiting = _Waiting()


def write(look: Look) -> None:
    """Write this one down, with what waits. Never raises because of the database."""
    rows = [*waiting.take(), *look.rows()]
    try:
        with _short_wait():
            Consultation.objects.bulk_create(rows, ignore_conflicts=True)
    except FAILURES as error:
        if note(error):
            waiting.keep(rows)
        else:
            waiting.lost += len(rows)
            what = type(error).__name__  # its text may hold values
            logger.error("%s consultations of agent %s are lost: %s", len(rows), look.agent_id, what)


@contextmanager
def _short_wait() -> Iterator[None]:
    """SQLite has one writer at a time, and pages wait up to twenty seconds for their turn."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    before = connection.settings_dict["OPTIONS"].get("timeout", 5) * 1000
    connection.connection.execute(f"PRAGMA busy_timeout = {SQLITE_WAIT_MS}")
    try:
        yield
    finally:
        if connection.connection is not None:
            connection.connection.execute(f"PRAGMA busy_timeout = {before}")
