"""What people, programs and monitors see while the database is away or the disk full, played for real."""

import itertools
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bench import sse
from config.server.handler import THREADS
from tests.config.outage_servers import (
    Answer,
    Tried,
    ask,
    can_mount,
    can_start_postgres,
    postgres_server,
    running,
    small_disk,
    wait_for,
)
from tests.once import ROOT

pytestmark = [pytest.mark.process]

PAGES = ["/", "/equipe/", "/rendez-vous/", "/compte/"]


@pytest.mark.skipif(not can_start_postgres(), reason="no PostgreSQL to start")
def test_a_database_that_goes_and_comes_back(tmp_path: Path) -> None:
    with (
        postgres_server() as server,
        running(
            tmp_path,
            processes=("web", "worker"),
            DATABASE_URL=server.url,
            DATABASE_POOL_SIZE="5",  # one file of settings for both: the worker has no use for a pool
            METRICS_TOKEN="x",
        ) as tried,
        ExitStack() as stack,
    ):
        wait_for(lambda: ask(f"{tried.url}/health").status == 200, 90)
        assert ask(f"{tried.url}/").status == 302
        stream = sse.Stream("/ecran/flux/", screen_cookie(tried))
        stack.enter_context(sse.Listeners(tried.port, [stream]))
        sse.wait_for(lambda: bool(stream.told), 30)
        server.stop()
        began = time.monotonic()
        with ThreadPoolExecutor(THREADS) as pool:
            rounds = [list(pool.map(ask, [f"{tried.url}{page}" for page in PAGES])) for _ in range(2)]
        for answer in itertools.chain(*rounds):
            assert (answer.status, answer.headers["Retry-After"]) == (503, "20")
            assert "Permanence ne peut pas répondre" in answer.text
        # A server that waits for its database does so each time; a busy machine stops once.
        assert min(max(answer.seconds for answer in answers) for answers in rounds) < 3

        checks = [ask(f"{tried.url}/health") for _ in range(3)]
        for health in checks:
            assert (health.status, json.loads(health.text)["database"]) == (503, "unreachable")
        assert min(health.seconds for health in checks) < 1
        metrics = ask(f"{tried.url}/metrics")  # a monitor still reads how many requests fail
        assert metrics.status == 200 and "permanence_database_up 0.0" in metrics.text
        assert 'permanence_requests_total{route="/",status="5xx"}' in metrics.text
        api = ask(f"{tried.url}/api/v1/sites")
        assert (api.status, json.loads(api.text)["error"]["code"]) == (503, "unavailable")

        for _ in range(20):
            ask(f"{tried.url}/")
        # A screen would take silence for « no change »: its stream ends, and it says that it is alone.
        wait_for(lambda: not stream.is_open, 40)
        assert sse.fetch(tried.port, [(stream.path, stream.cookie)])[0].status == 503
        wait_for(lambda: bool(tried.log("worker")), 60)
        for name in ("web", "worker"):  # one line, and another each minute
            lines = tried.log(name)
            assert 1 <= len(lines) <= 1 + (time.monotonic() - began) // 60, lines
            assert all("The database does not answer" in line for line in lines)

        server.start()
        wait_for(lambda: ask(f"{tried.url}/").status == 302, 60)
        wait_for(lambda: ask(f"{tried.url}/health").status == 200, 90)
        metrics = ask(f"{tried.url}/metrics")
        assert "permanence_database_up 1.0" in metrics.text and "permanence_pool{state=" in metrics.text
        again = sse.Stream(stream.path, stream.cookie)
        stack.enter_context(sse.Listeners(tried.port, [again]))
        sse.wait_for(lambda: bool(again.told), 30)
        assert ["answers again" in line for line in tried.log("web")][-2:] == [False, True]
        wait_for(lambda: "answers again" in "".join(tried.log("worker")), 60)
        assert not [line for line in tried.log("worker") if "sign of life" in line or "has ended" in line]


def screen_cookie(tried: Tried) -> str:
    """A screen in that database, and the cookie of its browser."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.in_django", "tests.config.screen_row"],
        cwd=ROOT,
        env={**os.environ, **tried.environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_full_disk_is_said_and_room_is_enough_to_go_on(tmp_path: Path) -> None:
    if not can_mount(tmp_path):
        pytest.skip("no small disk can be mounted here")
    with (
        small_disk(tmp_path / "disk", "160m") as disk,
        running(tmp_path, processes=("web",), DATABASE_URL=f"sqlite:///{disk}/permanence.sqlite3") as tried,
    ):
        found = json.loads(ask(f"{tried.url}/health").text)
        assert found["problems"] == [] and found["free_bytes"]["database"] > 100 * 1024 * 1024
        filling = disk / "filling"
        with suppress(OSError), filling.open("wb") as file:
            while True:
                file.write(b"x" * 4096)
                file.flush()
        health = ask(f"{tried.url}/health")
        found = json.loads(health.text)
        assert (health.status, found["problems"], found["free_bytes"]["database"]) == (503, ["disk_full"], 0)

        began = time.monotonic()
        refused: list[Answer] = []
        while len(refused) < 5:  # what the file has room for is still written
            answer = try_to_log_in(tried.url, f"nobody{time.monotonic_ns()}")
            refused += [answer] if answer.status != 200 else []
        for answer in refused:
            assert answer.status == 503 and "Permanence ne peut pas répondre" in answer.text
        assert "cannot write" in tried.log("web")[0]
        assert len(tried.log("web")) <= 1 + (time.monotonic() - began) // 60, tried.log("web")

        filling.unlink()
        assert try_to_log_in(tried.url, "somebody").status == 200
        assert json.loads(ask(f"{tried.url}/health").text)["problems"] == []
        assert "can write again" in tried.log("web")[-1]
        lines = len(tried.log("web"))
        assert try_to_log_in(tried.url, "somebody else").status == 200
        assert len(tried.log("web")) == lines


def try_to_log_in(url: str, name: str) -> Answer:
    """A wrong password, which is written down."""
    token = "a" * 32
    form = urlencode({"csrfmiddlewaretoken": token, "username": name, "password": "faux"})
    return ask(f"{url}/connexion/", form.encode(), cookie=f"csrftoken={token}")
