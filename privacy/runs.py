"""The rows that say what a night's deletion did: who writes them, and how two purges keep apart."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Max, Q

from agents.models import Agent
from communes.models import Commune
from core import clock
from privacy.enums import RunState, RunTrouble
from privacy.guards import Stop
from privacy.models import ErasedResident, PurgeCount, PurgeRun
from privacy.over import Rows
from privacy.retention import Kind

LEASE = timedelta(minutes=2)
"""A run without a sign of life for so long was killed. Each batch is one; none takes so long."""
ALLOWED_FOR = timedelta(days=2)
"""Whoever said to go on saw who would go then, by the clock of then: a later night is looked at again."""
LOOKS = 3
"""So often the counts are compared: another purge or an erasure may be between two of them."""


@transaction.atomic
def begin(commune: Commune | None, now: datetime) -> PurgeRun | None:
    """The row of this night, now ours; None where another process is at it. Earlier runs that were killed
    are said to be interrupted."""
    night = (commune.local(now) if commune is not None else now).date()
    alive = _alive(clock.machine_now())
    running = PurgeRun.objects.filter(commune=commune, state=RunState.RUNNING)
    if running.filter(alive).exists():
        return None
    running.exclude(night=night).update(state=RunState.INTERRUPTED, interruptions=F("interruptions") + 1)
    run, is_new = PurgeRun.objects.get_or_create(
        commune=commune, night=night, defaults={"began_at": now, "alive_at": clock.machine_now()}
    )
    if is_new:
        return run
    # Of two that come at once one waits for the row here, and then finds the other's sign of life.
    ours = PurgeRun.objects.filter(pk=run.pk).filter(~Q(state=RunState.RUNNING) | ~alive)
    was_killed = int(run.state == RunState.RUNNING)
    changed = ours.update(
        state=RunState.RUNNING,
        alive_at=clock.machine_now(),
        ended_at=None,
        why="",
        due=None,
        interruptions=F("interruptions") + was_killed,
    )
    run.refresh_from_db()
    return run if changed else None


def _alive(now: datetime) -> Q:
    """A sign of life of an instant still to come was given by a clock that was wrong."""
    return Q(alive_at__gt=now - LEASE, alive_at__lte=now + LEASE)


def is_allowed(run: PurgeRun) -> bool:
    """Whether somebody said to go on: of this night, or of the night before which then did not end."""
    if run.allowed_at is not None:
        return True
    before = PurgeRun.objects.filter(commune=run.commune_id, pk__lt=run.pk).order_by("-pk").first()
    if before is None or before.allowed_at is None or before.state == RunState.DONE:
        return False
    return timedelta(0) <= run.began_at - before.allowed_at <= ALLOWED_FOR


def stop(run: PurgeRun, stop: Stop, now: datetime) -> None:
    run.state, run.why, run.due, run.ended_at = RunState.STOPPED, stop.why, stop.due, now
    run.save(update_fields=["state", "why", "due", "ended_at"])


def allow(*, run: PurgeRun, by: Agent | None, now: datetime) -> bool:
    """Somebody says to go on with a run that stopped; False if it has gone on meanwhile."""
    stopped = PurgeRun.objects.filter(pk=run.pk, state=RunState.STOPPED)
    return bool(stopped.update(allowed_at=now, allowed_by=by))


def open_count(run: PurgeRun, kind: Kind, rows: Rows, limit: datetime) -> PurgeCount:
    """Note how many rows there are before the first of them goes; once a night."""
    kept = rows.kept(run.commune)
    found = kept.aggregate(n=Count("pk"))
    top = kept.aggregate(top=Max("pk"))["top"] if rows.has_numbers else 0
    return PurgeCount.objects.get_or_create(
        run=run,
        kind=kind.key,
        table=rows.table,
        defaults={"limit_at": limit, "before": found["n"], "top": top or 0},
    )[0]


def add(count: PurgeCount, deleted: int) -> None:
    """Note that a batch went, in its transaction."""
    PurgeCount.objects.filter(pk=count.pk).update(deleted=F("deleted") + deleted)
    PurgeRun.objects.filter(pk=count.run_id).update(alive_at=clock.machine_now())


def close_count(count: PurgeCount, rows: Rows) -> bool:
    """Note what is there after the last batch; whether the counts add up."""
    is_right = False
    for _look in range(LOOKS):
        count.refresh_from_db()
        newer = {"newer": Count("pk", filter=Q(pk__gt=count.top))} if rows.has_numbers else {}
        found = rows.kept(count.run.commune).aggregate(all=Count("pk"), **newer)
        count.after, count.created = found["all"], found.get("newer", 0)
        is_right = _adds_up(count, rows)
        if is_right:
            break
    count.save(update_fields=["after", "created"])
    return is_right


def _adds_up(count: PurgeCount, rows: Rows) -> bool:
    """Of residents: before - deleted + created = after, but for those whom somebody erased meanwhile. Of what
    agents may delete or change at any hour: nothing is left of what was over."""
    assert count.after is not None
    if rows.is_exact:
        missing = count.before - count.deleted + count.created - count.after
        return 0 <= missing <= _erased(count.run)
    left = rows.over(count.run.commune, count.limit_at)
    return not (left.filter(pk__lte=count.top) if rows.has_numbers else left).exists()


def _erased(run: PurgeRun) -> int:
    """How many records of residents somebody erased since this run began."""
    return ErasedResident.objects.filter(commune=run.commune_id, at__gte=run.began_at).count()


def end(run: PurgeRun, now: datetime, *, adds_up: bool) -> None:
    run.state, run.ended_at = RunState.DONE, now
    run.why = "" if adds_up else RunTrouble.SUM
    run.save(update_fields=["state", "ended_at", "why"])
