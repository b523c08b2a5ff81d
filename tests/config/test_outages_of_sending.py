"""What people and monitors see while the worker is dead or the provider takes no more, played for real: web,
worker and provider are processes of their own, and no message is lost or doubled."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from scripts import run
from tests.browser.installation import _end, free_port
from tests.config.outage_servers import Answer, Tried, ask, wait_for
from tests.notifications.clusters import processes_of_clusters
from tests.notifications.fake_twilio import ACCOUNT, TOKEN
from tests.once import DATABASE, ROOT, copy_database, migrated

pytestmark = [pytest.mark.crash, pytest.mark.sqlite]

MESSAGES = 80
FEW = 20
"""One batch."""
ALARM = "/messages/alarme/"
"""What every page of agents fetches each minute, and shows above itself."""
TUESDAY = datetime.fromisoformat("2026-11-24T10:00")
# A minute of the worker takes two seconds; its clusters are the product's own.
QUICK_WORKER = (
    "import sys, os; sys.argv = ['manage.py', 'worker'];"
    "import django; django.setup();"
    "from config.worker import supervisor; supervisor.MINUTE_S = 2.0;"
    "supervisor.Supervisor().run()"
)


@contextmanager
def provider(delay_s: float) -> Iterator[str]:
    """The provider, in a process of its own; yields its address."""
    command = [sys.executable, "-m", "tests.notifications.fake_twilio", "--delay", str(delay_s)]
    process = subprocess.Popen(
        [*command, "--now", TUESDAY.isoformat()], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


class Town:
    """A commune with messages to send, its processes, and what each of them says."""

    def __init__(self, folder: Path, provider_url: str) -> None:
        self.provider_url = provider_url
        self.processes = Tried(
            folder,
            free_port(),
            clock_file=folder / "now",
            chosen={
                "DEBUG": "1",  # which lets the clock be set
                "PERMANENCE_NOW_FILE": str(folder / "now"),
                "DATABASE_URL": "",
                "TWILIO_ACCOUNT_SID": ACCOUNT,
                "TWILIO_AUTH_TOKEN": TOKEN,
                "TWILIO_BASE_URL": provider_url,
            },
            worker_command=[sys.executable, "-c", QUICK_WORKER],
        )
        copy_database(migrated(), folder)
        self.now = TUESDAY
        self.later(timedelta())

    def later(self, by: timedelta) -> None:
        self.now += by
        self.processes.set_clock(self.now.isoformat())

    def write_messages(self, count: int) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "tests.in_django", "tests.config.sending_rows", str(count)],
            cwd=ROOT,
            env={**os.environ, **self.processes.environment},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        self.cookie = done.stdout.strip()

    def page(self, path: str) -> Answer:
        return ask(f"{self.processes.url}{path}", cookie=self.cookie)

    def health(self) -> tuple[int, dict[str, object]]:
        answer = ask(f"{self.processes.url}/health")
        return answer.status, json.loads(answer.text)

    def is_well(self) -> bool:
        return self.health()[0] == 200

    def age_the_last_sign_of_life(self, by: timedelta) -> None:
        """As if the worker had been dead for longer."""
        with closing(connect(self.processes.folder)) as database, database:
            back = f"-{int(by.total_seconds())} seconds"
            database.execute("UPDATE notifications_heartbeat SET at = datetime(at, ?)", (back,))

    def web_log(self) -> list[str]:
        """Without what only DEBUG writes."""
        return [line for line in self.processes.log("web") if not line.endswith("/health/…")]

    def states(self) -> dict[str, int]:
        with closing(connect(self.processes.folder)) as database:
            return dict(
                database.execute(
                    "SELECT state, count(*) FROM notifications_message GROUP BY state"
                ).fetchall()
            )

    def taken(self) -> dict[str, int]:
        counts: dict[str, int] = json.loads(fetch(f"{self.provider_url}/_count"))
        return counts

    def answer_with(self, *, code: int, status: int) -> None:
        """What the provider answers from now on; 201 takes messages again."""
        fetch(f"{self.provider_url}/_answers", urlencode({"code": code, "status": status}).encode())


def connect(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / DATABASE, timeout=20)


def fetch(url: str, data: bytes | None = None) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, data, timeout=10) as response:
        body: bytes = response.read()
    return body


@contextmanager
def town(folder: Path, *, messages: int, delay_s: float) -> Iterator[Town]:
    with provider(delay_s) as url:
        made = Town(folder, url)
        try:
            made.write_messages(messages)
            made.processes._start("web")
            run.wait_until_it_answers(made.processes.port, made.processes.processes)
            yield made
        finally:
            _end(made.processes.processes)


def is_all_sent_once(sent: Town, count: int) -> bool:
    return sent.states() == {"sent": count} and set(sent.taken().values()) == {1}


def test_a_dead_worker_is_said_and_the_next_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with town(tmp_path, messages=MESSAGES, delay_s=1) as dead:
        dead.processes._start("worker")
        wait_for(lambda: bool(dead.taken()), 200)
        # Among messages that the provider has and messages that it has not, and no process says farewell.
        worker = dead.processes.processes["worker"]
        for pid in [worker.pid, *processes_of_clusters(tmp_path)]:
            os.kill(pid, signal.SIGKILL)
        worker.wait()
        assert dead.states().get("sending"), dead.states()
        dead.age_the_last_sign_of_life(timedelta(minutes=4))

        status, found = dead.health()
        assert status == 503 and int(str(found["heartbeat_age_s"])) >= 240
        assert "l’envoi est arrêté" in dead.page(ALARM).text
        assert dead.page("/messages/a-rappeler/").status == 200
        assert dead.web_log() == []

        dead.later(timedelta(minutes=5))
        dead.processes._start("worker")
        wait_for(lambda: is_all_sent_once(dead, MESSAGES), 300)
        assert len(dead.taken()) == MESSAGES
        wait_for(dead.is_well, 10)
        assert "notice" not in dead.page(ALARM).text
        assert dead.processes.log("worker") == []


def test_a_killed_cluster_is_started_again_within_seconds_and_loses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    with town(tmp_path, messages=MESSAGES, delay_s=1) as hurt:
        hurt.processes._start("worker")
        wait_for(lambda: bool(hurt.taken()), 200)
        for pid in processes_of_clusters(tmp_path, "default"):
            os.kill(pid, signal.SIGKILL)
        (line,) = waited_for_lines(hurt, 1)
        assert "cluster default has ended; starting it again" in line

        hurt.later(timedelta(minutes=5))
        wait_for(lambda: is_all_sent_once(hurt, MESSAGES), 300)
        assert hurt.is_well()
        assert len(hurt.processes.log("worker")) == 1
        assert hurt.web_log() == []


def waited_for_lines(of: Town, count: int) -> list[str]:
    wait_for(lambda: len(of.processes.log("worker")) >= count, 200)
    return of.processes.log("worker")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        pytest.param(20429, 429, id="too many requests"),
        pytest.param(63038, 429, id="daily limit", marks=pytest.mark.long),
        pytest.param(20003, 401, id="no credit", marks=pytest.mark.long),
    ],
)
def test_a_provider_that_takes_no_more_is_said_and_all_leaves_when_it_does(
    tmp_path: Path, code: int, status: int
) -> None:
    with town(tmp_path, messages=FEW, delay_s=0) as refused:
        refused.answer_with(code=code, status=status)
        refused.processes._start("worker")
        (line,) = waited_for_lines(refused, 1)
        assert f"refused: {code} (account), of {FEW} in all" in line
        health_status, found = refused.health()
        assert (health_status, found["provider_alarm"]) == (503, True)
        assert f"code {code}" in refused.page(ALARM).text
        assert refused.states() == {"owed": FEW}

        refused.later(timedelta(minutes=11))  # one of them tries
        assert f"refused: {code} (account), of 1 in all" in waited_for_lines(refused, 2)[1]
        assert refused.states() == {"owed": FEW}
        assert refused.taken() == {}

        refused.answer_with(code=0, status=201)
        refused.later(timedelta(minutes=11))
        wait_for(lambda: is_all_sent_once(refused, FEW), 120)
        assert len(refused.taken()) == FEW
        assert refused.is_well()
        assert "notice" not in refused.page(ALARM).text
        lines = refused.processes.log("worker")
        assert len(lines) == 3 and "takes messages again" in lines[2], lines
        assert refused.web_log() == []
