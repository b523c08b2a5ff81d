"""The real worker reads a file that was sent, within its limits, and goes on with everything else."""

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notifications.test_worker import Worker, wait_until

SEND = """
from pathlib import Path
from agents.models import Agent
from core import clock
from planning import tasks
from planning.calendars.reading import keep_upload
for name in ("bomb-bysecond", "daily_infinite"):
    agent = Agent.objects.create(username=name, first_name=name)
    body = Path(f"tests/planning/calendars/{name}.ics").read_bytes()
    tasks.read_calendar_upload.enqueue(keep_upload(agent=agent, body=body, now=clock.now()).pk)
"""


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    running = Worker(tmp_path)
    yield running
    running.end()


@pytest.mark.crash
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_worker_refuses_a_bomb_and_reads_the_calendar_behind_it(worker: Worker) -> None:
    worker.manage("shell", "--no-imports", "-c", SEND)

    def ask(question: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(worker.folder / "permanence.sqlite3", timeout=10) as database:
            return database.execute(question).fetchall()

    assert wait_until(lambda: not ask("select id from planning_calendarupload"), 120)
    problems = "select problem, count(b.id) from planning_externalcalendar c"
    grouped = (
        f"{problems} left join planning_externalbusy b on b.calendar_id = c.id group by c.id order by c.id"
    )
    assert ask(grouped) == [("too_much", 0), ("", 366)]
    assert worker.last_beat() is not None, "messages are swept meanwhile"
