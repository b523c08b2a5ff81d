"""`manage.py worker` with real processes: it sends, restarts a frozen cluster, and stops in order."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config.worker import supervisor
from notifications.models import Heartbeat
from tests.factories import at
from tests.notifications.clusters import processes_of_clusters
from tests.once import ROOT, copy_database, migrated


def test_without_a_provider_the_worker_refuses_to_start(settings):
    settings.DEBUG = False

    with pytest.raises(CommandError, match="No provider"):
        call_command("worker")


def test_a_cluster_is_frozen_when_it_has_had_time_and_gives_no_sign(db):
    now = datetime.now(UTC)
    old, new = now - timedelta(minutes=10), now - timedelta(seconds=30)

    assert supervisor.is_frozen(since=old, now=now)  # never a sign
    assert not supervisor.is_frozen(since=new, now=now)  # it has just started
    Heartbeat.objects.create(name="sweep", at=new)
    assert not supervisor.is_frozen(since=old, now=now)
    Heartbeat.objects.update(at=old)
    assert supervisor.is_frozen(since=old, now=now)


def test_each_minute_everything_regular_is_queued_and_the_night_once(db, settings, set_clock):
    from django_q.models import OrmQ

    def names() -> list[str]:
        from django_q.signing import SignedPackage

        return [SignedPackage.loads(row.payload)["name"] for row in OrmQ.objects.order_by("id")]

    supervisor.each_minute()
    assert sorted(names()) == sorted(
        ["close_accounts", *["each_minute"] * 3, "sweep_all", "read_calendars", *["each_quarter"] * 2]
    )
    set_clock(at(10, 14))
    supervisor.each_minute()
    assert names().count("read_calendars") == 1
    set_clock(at(10, 16))
    supervisor.each_minute()
    assert names().count("read_calendars") == 2

    set_clock(at(4, 10, day=25))  # 3:10 in UTC
    supervisor.each_minute()
    supervisor.each_minute()
    assert names().count("tidy_up") == 2  # of accounts, and of messages
    assert [names().count(each) for each in ("purge_all", "each_night", "write_days")] == [1, 2, 1]


# ---- real processes ----------------------------------------------------------------------------------


class Worker:
    """A worker with a database of its own, in a folder."""

    def __init__(self, folder: Path, stale_s: int = 150) -> None:
        self.folder = folder
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if name not in ("DATABASE_URL", "TEST_DATABASE_URL")
            },
            "DEBUG": "1",
            "PERMANENCE_VAR": str(folder),
            "PYTHONUNBUFFERED": "1",
        }
        copy_database(migrated(), folder)
        code = (
            "import sys, os; sys.argv = ['manage.py', 'worker'];"
            "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings');"
            "import django; django.setup();"
            "from datetime import timedelta; from config.worker import supervisor;"
            f"supervisor.STALE = timedelta(seconds={stale_s}); supervisor.MINUTE_S = 3.0;"
            "supervisor.QUARTER = timedelta(seconds=3);"
            "supervisor.Supervisor().run()"
        )
        self.log = (folder / "worker.log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=self.environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def manage(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, check=True, timeout=120
        )

    def last_beat(self) -> datetime | None:
        with sqlite3.connect(self.folder / "permanence.sqlite3", timeout=10) as database:
            row = database.execute("select at from notifications_heartbeat where name='sweep'").fetchone()
        return datetime.fromisoformat(row[0]).replace(tzinfo=UTC) if row else None

    def children(self) -> list[int]:
        return processes_of_clusters(self.folder)

    def idle_workers(self, cluster: str) -> list[int]:
        """The task processes: those whose parent is the sentinel of that cluster, started first."""
        mine = [pid for pid in self.children() if cluster in command_of(pid)]
        parents = {pid: parent_of(pid) for pid in mine}
        sentinel = next(pid for pid in mine if sum(parent == pid for parent in parents.values()) > 1)
        return sorted(pid for pid, parent in parents.items() if parent == sentinel)[:2]

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        for pid in self.children():
            os.kill(pid, signal.SIGKILL)
        self.log.close()


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def wait_until(happens: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happens():
            return True
        time.sleep(0.2)
    return False


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def worker(folder: Path) -> Iterator[Worker]:
    running = Worker(folder, stale_s=12)
    yield running
    running.end()


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.crash
@linux_only
def test_the_worker_beats_and_stops_without_leaving_anyone_behind(worker: Worker):
    assert wait_until(worker.last_beat, 60)
    assert wait_until(lambda: len(worker.children()) >= 8, 60)

    worker.process.terminate()

    assert worker.process.wait(20) == 0
    assert worker.children() == []


FOLLOW_AN_INTERNAL_ADDRESS = """
from datetime import UTC, datetime
from agents.models import Agent
from planning.models import ExternalCalendar
agent = Agent.objects.create(username="ines", first_name="Inès")
ExternalCalendar.objects.create(agent=agent, url="http://127.0.0.1/a.ics", created_at=datetime.now(UTC))
"""


@pytest.mark.crash
@linux_only
def test_the_worker_reads_external_calendars_by_itself_and_notes_what_fails(worker: Worker):
    """An address that no one may reach is looked at, refused, and the refusal kept for its agent to see."""
    worker.manage("shell", "--no-imports", "-c", FOLLOW_AN_INTERNAL_ADDRESS)

    def problem() -> str:
        with sqlite3.connect(worker.folder / "permanence.sqlite3", timeout=10) as database:
            return str(database.execute("select problem from planning_externalcalendar").fetchone()[0])

    assert wait_until(lambda: problem() == "internal", 90)


@pytest.mark.crash
@linux_only
def test_a_cluster_frozen_by_the_death_of_an_idle_worker_is_started_again(worker: Worker):
    assert wait_until(worker.last_beat, 60)
    time.sleep(1)
    for pid in worker.idle_workers("default"):
        os.kill(pid, signal.SIGKILL)
    killed_at = datetime.now(UTC)

    def beats_again() -> bool:
        beat = worker.last_beat()
        return beat is not None and beat > killed_at + timedelta(seconds=1)

    assert wait_until(beats_again, 90)


@pytest.mark.crash
@linux_only
def test_a_cluster_that_was_still_starting_does_not_outlive_its_killed_worker(worker: Worker):
    assert wait_until(worker.children, 60)

    worker.process.kill()

    assert wait_until(lambda: not worker.children(), 60)
    time.sleep(3)
    assert worker.children() == []


@pytest.mark.crash
@linux_only
def test_clusters_do_not_outlive_a_killed_worker(worker: Worker):
    assert wait_until(worker.last_beat, 60)

    worker.process.kill()

    assert wait_until(lambda: not worker.children(), 30)
