"""Counts the searches that gave up at the bound of the exchange.

A search only reads, so it writes nothing: each process counts in memory, and a thread adds the counts to the
day's row ten seconds later, or the process when it ends. A process that is killed loses the counts of its
last ten seconds.
"""

import os
import threading
from collections import Counter
from datetime import date, datetime, timedelta
from logging import getLogger
from multiprocessing.util import Finalize

from django.db import DatabaseError, IntegrityError, connection
from django.db.models import F

from booking.models import SearchesGivenUp
from communes.models import Commune

logger = getLogger(__name__)

KEPT_DAYS = 14


class _Counter:
    """The counts of this process that are not written yet; `delay_s`: how long they wait, None for ever."""

    def __init__(self, delay_s: float | None = 10) -> None:
        self.delay_s = delay_s
        self.lock = threading.Lock()
        self.waiting: Counter[tuple[int, date]] = Counter()
        self.is_due = self.ends_well = False

    def add(self, commune_id: int, on: date, number: int = 1) -> None:
        with self.lock:
            self.waiting[commune_id, on] += number
            if self.delay_s is None or self.is_due:
                return
            self.is_due = True
            if not self.ends_well:
                # Runs in every process that ends by itself, also in those that `multiprocessing` starts.
                Finalize(None, self.write, exitpriority=0)
                self.ends_well = True
            timer = threading.Timer(self.delay_s, self._write_later)
            timer.daemon = True
            timer.start()

    def _write_later(self) -> None:
        try:
            self.write()
        finally:
            connection.close()

    def write(self) -> None:
        """Add what was counted to the rows of the days. What a busy database refuses is kept for later."""
        with self.lock:
            found, self.waiting, self.is_due = self.waiting, Counter(), False
        for (commune_id, on), number in found.items():
            try:
                SearchesGivenUp.objects.update_or_create(
                    commune_id=commune_id,
                    on=on,
                    defaults={"count": F("count") + number},
                    create_defaults={"count": number},
                )
            except IntegrityError:
                logger.info("commune %s has gone: its searches are not counted", commune_id)
            except DatabaseError as error:
                logger.info("searches that gave up are written later: %s", error)
                self.add(commune_id, on, number)


counter = _Counter()


def count_given_up(commune: Commune, *, now: datetime) -> None:
    """Count one search, however many of its starts were given up."""
    counter.add(commune.pk, commune.local(now).date())


def given_up_today(*, now: datetime, commune: Commune | None = None) -> int:
    """How many searches were cut short today, on the calendar of each commune; in all or in one."""
    rows = SearchesGivenUp.objects.filter(on__gte=now.date() - timedelta(days=1)).select_related("commune")
    if commune is not None:
        rows = rows.filter(commune=commune)
    return sum(row.count for row in rows if row.on == row.commune.local(now).date())


def forget_given_up(*, commune: Commune, now: datetime) -> int:
    """Delete the counts of more than two weeks ago; returns how many rows."""
    last = commune.local(now).date() - timedelta(days=KEPT_DAYS)
    return SearchesGivenUp.objects.filter(commune=commune, on__lt=last).delete()[0]


def _of_the_child() -> None:
    """A forked process starts from nothing: its parent writes what was counted before."""
    global counter  # noqa: PLW0603
    counter = _Counter(counter.delay_s)


os.register_at_fork(after_in_child=_of_the_child)
