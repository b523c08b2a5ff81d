"""The nightly deletion of all that is kept no longer, kind after kind (`privacy/retention.py`).

It goes in small batches, each a transaction of its own, so that nobody waits for it. It counts what was there
before and after, stops before it begins where something looks wrong (`privacy/guards.py`), and goes on the
next night wherever it was interrupted.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from booking.actions.base import action
from booking.models import Appointment
from communes.models import Commune
from core.retention import forget_kind, registered
from privacy import over, runs
from privacy.enums import RunTrouble
from privacy.guards import reason_to_stop
from privacy.models import PurgeCount, PurgeRun
from privacy.over import Rows
from privacy.retention import Kind, purged

BATCH = 200
"""How many rows with all that hangs from them one transaction deletes: few enough not to make others wait."""

RESIDENT, APPOINTMENT = "booking.Resident", "booking.Appointment"


@dataclass(frozen=True, slots=True)
class Purged:
    """What went, or would go: by kind, and by table. `stopped`: why nothing went; "" if it came to its end.
    `is_busy`: another process is at it."""

    kinds: Mapping[str, int] = field(default_factory=dict)
    tables: Mapping[str, int] = field(default_factory=dict)
    stopped: str = ""
    is_busy: bool = False
    run: PurgeRun | None = None

    @property
    def residents(self) -> int:
        return self.tables.get(RESIDENT, 0)

    @property
    def appointments(self) -> int:
        return self.tables.get(APPOINTMENT, 0)


def purge(*, commune: Commune | None, now: datetime, dry_run: bool = False, anyway: bool = False) -> Purged:
    """Delete what a commune keeps no longer, or (None) what the installation keeps no longer. A resident goes
    with all visits, the commune's months after the last one; one who never had an appointment that long
    after being recorded, or put on the waiting list.

    `dry_run` only counts. `anyway`: somebody has looked, and nothing is wrong.
    """
    if dry_run:
        return would_go(commune, now)
    run = runs.begin(commune, now)
    if run is None:
        return Purged(is_busy=True)
    stop = None if anyway or runs.is_allowed(run) else reason_to_stop(commune, now)
    if stop is not None:
        runs.stop(run, stop, now)
        return Purged(stopped=stop.why, run=run)
    gone = _Gone()
    adds_up = True
    for kind, period, rows in purged():
        adds_up &= _purge_rows(run, kind, rows, period.limit(commune, now), now, gone)
    if commune is not None:
        for name in sorted(set(registered().values()) - {kind.key for kind, *_ in purged()}):
            gone.kinds[name] += forget_kind(name, commune=commune, now=now)
    runs.end(run, now, adds_up=adds_up)
    return Purged(gone.kinds, gone.tables, "" if adds_up else RunTrouble.SUM, run=run)


def would_go(commune: Commune | None, now: datetime) -> Purged:
    """What a purge at `now` would delete."""
    gone = _Gone()
    for kind, period, rows in purged():
        limit = period.limit(commune, now)
        number = rows.over(commune, limit).count()
        gone.kinds[kind.key] += number
        gone.tables[rows.table] += number
        if rows is over.RESIDENTS and number:
            theirs = Appointment.objects.filter(resident__in=rows.over(commune, limit))
            gone.tables[APPOINTMENT] += theirs.count()
    return Purged(gone.kinds, gone.tables)


class _Gone:
    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.tables: Counter[str] = Counter()

    def add(self, kind: Kind, rows: Rows, deleted: Mapping[str, int]) -> None:
        self.kinds[kind.key] += deleted.get(rows.table, 0)
        self.tables.update(deleted)


def _purge_rows(run: PurgeRun, kind: Kind, rows: Rows, limit: datetime, now: datetime, gone: _Gone) -> bool:
    """Delete the rows of one table that are over; whether the counts add up."""
    commune, last = run.commune, None
    if not rows.over(commune, limit).exists():
        return all(
            runs.close_count(count, rows)
            for count in run.counts.filter(kind=kind.key, table=rows.table, after=None)
        )
    count = runs.open_count(run, kind, rows, limit)
    if rows.by_app:
        number = forget_kind(kind.key, commune=commune, now=now)
        runs.add(count, number)
        gone.add(kind, rows, {rows.table: number})
        return runs.close_count(count, rows)
    while ids := _next_ids(rows, commune, limit, last):
        gone.add(kind, rows, _batch(count, rows, commune, ids, limit))
        last = ids[-1]
    return runs.close_count(count, rows)


def _next_ids(rows: Rows, commune: Commune | None, limit: datetime, last: int | None) -> list[int]:
    """Those after `last`: one that has come back meanwhile is passed over, and keeps no other from going."""
    found = rows.over(commune, limit).order_by("pk")
    if last is not None:
        found = found.filter(pk__gt=last)
    return list(found.values_list("pk", flat=True)[:BATCH])


@action
def _batch(
    count: PurgeCount, rows: Rows, commune: Commune | None, ids: list[int], limit: datetime
) -> Mapping[str, int]:
    gone = rows.delete(commune, ids, limit)
    runs.add(count, gone.get(rows.table, 0))
    return gone
