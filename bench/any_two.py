"""Two different actions, drawn at random, meet round after round: in two processes that act, and over HTTP in
two web processes. What must hold is looked at after each round."""

import multiprocessing
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.db import connection, connections

from bench.databases import environment
from bench.pressed import PRESSED, Visitors
from bench.report import Report
from bench.web import free_port, web
from booking.models import AppointmentEvent
from core.errors import PermanenceError
from tests.booking.meetings import meetings
from tests.booking.pairs import VERBS, Hand, take_orders, what_came_of
from tests.booking.towns import Town

MINUTES = float(os.environ.get("RACE_MINUTES", "1.5"))
"""For one database: one half in processes, the other over HTTP."""
PATIENCE_S = 120
SHOWN = 5
"""So many of the rounds that broke something are printed."""
BY_THE_WORKER = ("offer", "purge", "sweep")
"""What no page does, but the worker, at any moment."""

# Forked after Django is set up and without an open connection.
fork = multiprocessing.get_context("fork")


def in_processes(report: Report) -> Counter[str]:
    return _race(report, "any_two", VERBS, _two_processes)


def over_http(report: Report) -> Counter[str]:
    ports = [free_port(), free_port()]
    clock = Path(os.environ["PERMANENCE_VAR"]) / "clock"
    env = environment(os.environ["DATABASE_URL"], os.environ["PERMANENCE_VAR"]) | {
        # Visits are of one day in November 2026, and only DEBUG lets the clock be set.
        "DEBUG": "1",
        "PERMANENCE_NOW_FILE": str(clock),
        "SECRET_KEY": settings.SECRET_KEY,
    }
    with ExitStack() as stack:
        _set(clock, datetime.fromisoformat("2026-11-24T08:00+01:00"))
        for port in ports:
            stack.enter_context(web(env, port, quiet=True))
        meet = partial(_two_requests, ports, clock)
        return _race(report, "any_two_over_http", [*PRESSED, *BY_THE_WORKER], meet)


def _race(report: Report, name: str, verbs: Any, opened: Any) -> Counter[str]:
    seed = int(os.environ.get("RACE_SEED") or time.time_ns())
    report.note(f"{name}: seed {seed}")
    until = time.monotonic() + 30 * MINUTES
    tally, came = Counter[str](), Counter[str]()
    before = _written()
    for each in meetings(Random(seed), verbs, opened):
        tally["pairs"] += 1
        tally["errors"] += len(each.errors)
        tally["broken"] += bool(each.faults)
        came.update(f"{verb} {why}" for verb, why in each.came)
        if (each.errors or each.faults) and tally["shown"] < SHOWN:
            tally["shown"] += 1
            report.note(f"{name}: {each}"[:2000])
        if time.monotonic() > until:
            break
    report.note(f"{name}: " + ", ".join(f"{number} × {what}" for what, number in sorted(came.items())))
    report.figure(f"race_{name}_rounds", tally["pairs"])
    report.figure(f"race_{name}_events", _written() - before)
    report.figure(f"race_{name}_broken", tally["broken"])
    report.figure(f"race_{name}_errors", tally["errors"])
    return Counter(errors=tally["errors"], broken=tally["broken"])


def _written() -> int:
    return AppointmentEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


# ---- in two processes ------------------------------------------------------------------------------


@contextmanager
def _two_processes(town: Town) -> Iterator[Any]:
    barrier, answers, orders = fork.Barrier(2), fork.Queue(), [fork.Queue(), fork.Queue()]
    connections.close_all()
    started = [
        fork.Process(target=take_orders, args=(barrier, each, answers, town.commune.pk), daemon=True)
        for each in orders
    ]
    for process in started:
        process.start()

    def meet(pair: list[str], seeds: list[int], now: datetime) -> list[tuple[str, str]]:
        for queue, verb, seed in zip(orders, pair, seeds, strict=True):
            queue.put((verb, seed, now))
        return [answers.get(timeout=PATIENCE_S) for _ in pair]

    try:
        yield meet
        for queue in orders:
            queue.put(None)
        for process in started:
            process.join(PATIENCE_S)
    finally:
        for process in started:
            process.kill()


# ---- over HTTP -------------------------------------------------------------------------------------


@contextmanager
def _two_requests(ports: list[int], clock: Path, town: Town) -> Iterator[Any]:
    """Each of two servers gets one request, at the same moment; what to send is chosen before."""
    visitors = Visitors(town)

    def ready(port: int, verb: str, seed: int, now: datetime) -> Callable[[], str]:
        hand = Hand(Random(seed), now, town.commune.pk)
        if verb in BY_THE_WORKER:
            return lambda: what_came_of(partial(VERBS[verb], hand))
        try:
            visitor, press = visitors.who_presses(verb, hand)
        except IndexError:
            return lambda: "nothing to do"
        except PermanenceError as refusal:  # the page before would not have offered the button
            return partial(str, refusal.code)
        return partial(visitor.send, port, press)

    def meet(pair: list[str], seeds: list[int], now: datetime) -> list[tuple[str, str]]:
        _set(clock, now)
        acts = [ready(*each, now) for each in zip(ports, pair, seeds, strict=True)]
        return list(zip(pair, _at_once(acts), strict=True))

    yield meet


def _at_once(acts: Sequence[Callable[[], str]]) -> list[str]:
    barrier = threading.Barrier(len(acts))
    came = ["error: no answer"] * len(acts)

    def work(number: int, act: Callable[[], str]) -> None:
        barrier.wait(PATIENCE_S)
        try:
            came[number] = act()
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=each, daemon=True) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    return came


def _set(clock: Path, now: datetime) -> None:
    """The clock of the servers; written beside and renamed, since they read it at each request."""
    beside = clock.with_suffix(".new")
    beside.write_text(f"{now.isoformat()} @{time.time()}", encoding="ascii")
    beside.replace(clock)
