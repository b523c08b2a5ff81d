"""A cluster of tasks that is at work, or just starting, when the database goes away: the log gets no
traceback of it (the parent writes one line)."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from config.worker import supervisor
from core.outage import Away, outage
from tests.once import ROOT


def test_a_process_that_loses_the_database_ends_without_a_traceback_and_no_other() -> None:
    command = [sys.executable, "-m", "tests.in_django", "tests.config.lost_process"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "1"]
    assert "server closed" not in done.stderr
    assert done.stderr.count("Traceback") == 1 and "a fault of ours" in done.stderr
    assert done.stderr.count("The database does not answer") == 1


@dataclass
class Ended(supervisor.Cluster):
    """Its process has ended; starting it again is only noted."""

    starts: int = 0

    def start(self) -> None:
        self.starts += 1

    @property
    def is_alive(self) -> bool:
        return self.starts > 0


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[supervisor.Supervisor]:
    monkeypatch.setattr(supervisor, "RESTART_PAUSE_S", 0)
    worker = supervisor.Supervisor()
    worker.clusters = [Ended("default", started_at=datetime.now(UTC) - timedelta(minutes=1))]
    yield worker
    outage.answered()  # else the next test of this process would be refused the database


def test_a_cluster_is_not_started_again_while_the_database_is_away(
    worker: supervisor.Supervisor, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.setattr(supervisor, "is_frozen", away)
    worker._guarded(worker._look_after)
    assert not worker.clusters[0].is_alive


def away(**asked: datetime) -> bool:
    raise OperationalError from Away()


def test_a_cluster_that_ends_as_the_database_goes_is_not_told_of(
    worker: supervisor.Supervisor,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    db: None,
) -> None:
    cluster = Ended("default", starts=1, started_at=datetime.now(UTC) - timedelta(minutes=1))
    worker.clusters = [cluster]

    def the_last_answer(**asked: datetime) -> bool:
        cluster.starts = 0
        return False

    monkeypatch.setattr(supervisor, "is_frozen", the_last_answer)
    worker._guarded(worker._look_after)
    monkeypatch.setattr(supervisor, "is_frozen", away)
    worker._guarded(worker._look_after)
    assert not [text for text in caplog.messages if "has ended" in text]


def test_that_an_outage_ended_a_cluster_is_not_said_again(
    worker: supervisor.Supervisor, caplog: pytest.LogCaptureFixture, db: None
) -> None:
    worker.failed_at = datetime.now(UTC)
    worker._look_after()
    assert worker.clusters[0].is_alive
    assert caplog.messages == []


def test_a_cluster_that_ended_by_itself_is_told_of(
    worker: supervisor.Supervisor, caplog: pytest.LogCaptureFixture, db: None
) -> None:
    worker._look_after()
    assert worker.clusters[0].is_alive
    assert caplog.messages == ["cluster default has ended; starting it again"]
