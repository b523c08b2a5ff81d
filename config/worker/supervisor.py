"""The worker's parent process: starts the task clusters, enqueues periodic tasks, restarts a frozen cluster.

django-q2 1.11 freezes when an idle worker process is killed: the process dies holding the lock of the queue,
and the other processes wait for that lock for ever while everything looks alive. So the sweep records a
heartbeat. A cluster without one is killed with all its processes and started again. This is safe: tasks are
idempotent, and messages left in `sending` are looked up at the provider.
"""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
import types
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from typing import Any

from django.db import close_old_connections, connections
from django.db.models import Q

from config import systemd
from core import clock, outage, periodic
from core.periodic import Every
from notifications.models import Heartbeat
from notifications.sending.sweep import HEARTBEAT

logger = logging.getLogger(__name__)

CLUSTERS = ("default", "long")
TICK_S = 0.5
MINUTE_S = 60.0
STALE = timedelta(seconds=150)
"""Two missed minutes and the length of a sweep."""
NIGHT_HOUR = 3
QUARTER = timedelta(minutes=15)
GRACE_S = 8.0
RESTART_PAUSE_S = 2.0
PARENT = "PERMANENCE_WORKER_PID"
"""Environment variable that gives a cluster the process id of its parent."""
NO_POOL = {"DATABASE_POOL_SIZE": "0"}
"""A cluster forks its processes. The threads that serve a pool do not live on in a fork: each process would
wait for a connection that never comes, and each needs only one."""


@dataclass
class Cluster:
    """One cluster of django-q2 in its own process group, so that all its processes can be killed together."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def start(self) -> None:
        self.started_at = datetime.now(UTC)
        self.process = subprocess.Popen(
            [sys.executable, sys.argv[0], "worker", "--cluster", self.name],
            env={**os.environ, **NO_POOL, "Q_CLUSTER_NAME": self.name, PARENT: str(os.getpid())},
            start_new_session=True,
        )

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.process and self.is_alive:
            self.process.terminate()

    def kill(self) -> None:
        """Kill every process of the group, also those that a killed parent left running."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Supervisor:
    def __init__(self) -> None:
        self.clusters = [Cluster(name) for name in CLUSTERS]
        self.stopping = False
        self.failed_at = datetime.min.replace(tzinfo=UTC)
        """When the database last failed."""

    def run(self) -> None:
        """Run until SIGTERM or SIGINT. Running tasks then have GRACE_S seconds to finish."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        for cluster in self.clusters:
            cluster.start()
        next_minute = time.monotonic()
        systemd.tell(systemd.READY)
        next_sign = next_minute
        try:
            while not self.stopping:
                if (pause := systemd.each_s()) is not None and time.monotonic() >= next_sign:
                    systemd.tell(systemd.ALIVE)
                    next_sign = time.monotonic() + pause
                if time.monotonic() >= next_minute:
                    # Count from the planned minute, not from now, so that minutes do not drift.
                    next_minute += MINUTE_S * max(1, 1 + (time.monotonic() - next_minute) // MINUTE_S)
                    self._guarded(each_minute)
                self._guarded(self._look_after)
                time.sleep(TICK_S)
        finally:
            self._end()

    def _stop(self, signum: int, frame: types.FrameType | None) -> None:
        self.stopping = True

    def _guarded(self, step: Callable[[], None]) -> None:
        """Run a step. If the database does not answer, log it and go on: the next round tries again."""
        try:
            close_old_connections()
            step()
        except outage.FAILURES as error:
            if not outage.note(error):
                logger.warning("a step of the worker failed", exc_info=True)
            self.failed_at = datetime.now(UTC)
            connections.close_all()

    def _look_after(self) -> None:
        """Start again what has ended or is frozen; only while the database answers: without it a cluster ends
        as it starts."""
        default = self.clusters[0]
        # Looked at before the database is asked: one that ended because the database went away is not told.
        ended = [cluster for cluster in self.clusters if not cluster.is_alive]
        # A cluster that waited for the database has not had time yet to give a sign of life.
        frozen = is_frozen(since=max(default.started_at, self.failed_at), now=datetime.now(UTC))
        for cluster in ended:
            if not self.stopping:
                if self.failed_at < cluster.started_at:
                    logger.error("cluster %s has ended; starting it again", cluster.name)
                cluster.kill()
                time.sleep(RESTART_PAUSE_S)
                cluster.start()
        if frozen:
            logger.error("cluster %s gives no sign of life; starting it again", default.name)
            default.kill()
            default.start()

    def _end(self) -> None:
        systemd.tell(systemd.STOPPING)
        for cluster in self.clusters:
            cluster.ask_to_stop()
        deadline = time.monotonic() + GRACE_S
        while time.monotonic() < deadline and any(cluster.is_alive for cluster in self.clusters):
            time.sleep(0.1)
        for cluster in self.clusters:
            cluster.kill()


def is_frozen(*, since: datetime, now: datetime) -> bool:
    """Whether a cluster started at `since` had enough time (STALE) and yet no sweep finished recently."""
    # It is always read: so the worker learns within a round that the database is away, or back.
    beat = Heartbeat.objects.filter(name=HEARTBEAT).values_list("at", flat=True).first()
    return now - since >= STALE and (beat is None or now - beat > STALE)


def each_minute() -> None:
    """Enqueue the periodic tasks that are due. Apps register them in `core.periodic`: for each minute, each
    quarter of an hour, and each night (in the UTC hour NIGHT_HOUR)."""
    due = [Every.MINUTE]
    now = clock.now()
    if _is_first_since("quarter", now - QUARTER, now):
        due.append(Every.QUARTER)
    if now.hour == NIGHT_HOUR and _is_first_since("night", now - timedelta(hours=20), now):
        due.append(Every.NIGHT)
    for every in due:
        for task in periodic.registered(every):
            task.enqueue()


def _is_first_since(name: str, since: datetime, now: datetime) -> bool:
    """True for the first worker that asks since then, False for all others until it is due again."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=datetime(2000, 1, 1, tzinfo=UTC))], ignore_conflicts=True
    )
    # A simulated clock may have been set back.
    due = Q(at__lte=since) | Q(at__gt=now)
    return bool(Heartbeat.objects.filter(due, name=name).update(at=now))


# ---- inside a cluster --------------------------------------------------------------------------------


def run_cluster(name: str) -> None:
    """Run django-q2's cluster until it is asked to stop or its parent has ended."""
    from django_q.cluster import Cluster as DjangoQCluster

    # The parent gives its id itself: it may have died while this process was starting.
    parent = int(os.environ.get(PARENT) or os.getppid())
    _die_with_parent()
    if os.getppid() != parent:
        return
    outage.outage.is_quiet = outage.disk.is_quiet = outage.busy.is_quiet = (
        True  # the parent asks the database too, and says it
    )
    end_in_silence_without_the_database()
    cluster = DjangoQCluster()
    try:
        cluster.start()
    except RuntimeError:  # one of its processes ended while it started
        if outage.outage.is_on:
            sys.exit(1)  # the parent starts it again once the database answers
        raise
    while cluster.sentinel.is_alive():
        if os.getppid() != parent:
            _stop_or_die(cluster)
            return
        time.sleep(TICK_S)


def end_in_silence_without_the_database() -> None:
    """Have each process that is forked from here end without a traceback if the database goes away under it:
    django-q starts it again. (The one that stores results asks the database where nothing catches it.)"""
    run = BaseProcess.run

    def guarded(process: BaseProcess) -> None:
        try:
            run(process)
        except outage.FAILURES as error:
            if not outage.note(error):
                raise
            sys.exit(1)

    BaseProcess.run = guarded  # type: ignore[assignment]


def _die_with_parent() -> None:
    """Have the kernel send SIGTERM to this process when its parent dies, however it dies (Linux only)."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def _stop_or_die(cluster: Any) -> None:
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(os.getpid(), signal.SIGKILL))
    signal.alarm(int(GRACE_S))
    cluster.stop()
