"""Sending: 10,000 messages due in the same minute, two workers, a provider that answers in 150 ms.

The provider is the fake of the tests, in a separate process, used through the real client. The workers are
processes that run the second half of the sweep until nothing is due. The time in the database is measured
around every query of the workers. PostgreSQL only: SQLite has one writer.
"""

import json
import multiprocessing
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.report import Report

DATABASES = ("postgresql",)
SCALE = float(os.environ.get("BENCH_SCALE", "1"))
MESSAGES = max(100, round(10_000 * min(1, SCALE)))
WORKERS = 2
ANSWERS_IN_S = 0.15
LIMIT_S = 600
ROOT = Path(__file__).resolve().parent.parent
spawn = multiprocessing.get_context("spawn")


def run(report: Report) -> None:
    from notifications.enums import State
    from notifications.models import Message
    from tests.factories import make_cabin, make_commune, make_service, make_site
    from tests.notifications.many import make_messages

    report.note(f"{MESSAGES} messages due at once")
    commune = make_commune(insee_code="76498", sender="+33199000010")
    make_messages(commune, make_cabin(make_site(commune)), make_service(commune), MESSAGES)
    with provider() as url:
        seconds, database_s = _send_all(url)
        counts = taken_by(url)
    sent = Message.objects.filter(state=State.SENT).count()
    assert sent == len(counts) == MESSAGES, f"{sent} sent, {len(counts)} taken, {MESSAGES} due"
    report.figure("messages_per_second", MESSAGES / seconds, "/s")
    report.figure("messages_db_ms_each", 1000 * database_s / MESSAGES, "ms")
    claimed_twice = Message.objects.filter(attempts__gt=1).count()
    report.figure("messages_claimed_twice", claimed_twice)
    report.figure("messages_sent_twice", sum(1 for times in counts.values() if times > 1))


def _send_all(url: str) -> tuple[float, float]:
    """The seconds from the start of all workers to the end of the last, and their seconds in queries."""
    barrier, answers = spawn.Barrier(WORKERS + 1), spawn.Queue()
    processes = [spawn.Process(target=work, args=(url, barrier, answers)) for _ in range(WORKERS)]
    for process in processes:
        process.start()
    try:
        barrier.wait(120)
        began = time.monotonic()
        spent = [answers.get(timeout=LIMIT_S) for _ in processes]
        return time.monotonic() - began, sum(spent)
    finally:
        for process in processes:
            process.join(10)
            process.kill()


def work(url: str, barrier: Any, answers: Any) -> None:
    """One worker: sends until no message is due; puts its seconds in queries on `answers`."""
    import django

    django.setup()
    from django.db import connection

    from notifications.providers.twilio import conf
    from notifications.sending.send import Elapsing, send_due
    from tests.factories import TUESDAY
    from tests.notifications.fake_twilio import ACCOUNT, TOKEN

    conf.ACCOUNT_SID, conf.AUTH_TOKEN, conf.BASE_URL = ACCOUNT, TOKEN, url
    spent = 0.0

    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal spent
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent += time.perf_counter() - began

    barrier.wait(120)
    with connection.execute_wrapper(timed):
        while send_due(clock=Elapsing.since(TUESDAY), stop_at=time.monotonic() + LIMIT_S):
            pass
    answers.put(spent)


@contextmanager
def provider() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.notifications.fake_twilio", "--delay", str(ANSWERS_IN_S)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def taken_by(url: str) -> dict[str, int]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/_count", timeout=30) as response:
        counts: dict[str, int] = json.load(response)
    return counts
