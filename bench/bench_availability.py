"""Availability of one day, one week, four and eight weeks in world A: by calling the function, and through
the API with four clients; compared with the floor (bench/floor.py) and django-appointment.

The measured programs take turns in short rounds, so that other load on the machine affects all of them
alike.
"""

import json
import os
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import cycle

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import floor, peers
from bench.clients import Call, Task, ask
from bench.databases import environment, settle
from bench.report import Report
from bench.web import command, free_port, web
from bench.worlds import World, make_a
from booking.free.slots import find_slots
from core.clock import now

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
SPANS = {"1d": 1, "1w": 7, "4w": 28, "8w": 56}
ROUNDS = max(1, round(6 * min(SCALE, 1)))
PEER_TASKS = {"1d": 16, "1w": 4, "4w": 4}
PER_ROUND = {"1d": 80, "1w": 60, "4w": 40, "8w": 24}

type Subjects = dict[str, Callable[[str], Task]]


def run(report: Report) -> None:
    report.note("world A, and A with ten times the staff and bookings")
    world, tenfold = make_a(), make_a(name="A10", cabins=100, helpers=100)
    settle()
    _check_against_floor(world)
    _in_process(report, world)
    _queries(report, world)
    _through_http(report, world, tenfold)
    _ratios(report)


def first_day(world: World, span: str, number: int) -> date:
    """The first day of a search: another one each time, such that the span stays within the eight weeks."""
    if span == "1d":
        days = world.days()
        return days[number * 7 % len(days)]
    return world.first + timedelta(weeks=number % (8 - SPANS[span] // 7 + 1))


def api_path(world: World, span: str, first: date) -> str:
    return f"/api/v1/availability?service={world.service.pk}&from={first}&days={SPANS[span]}"


def floor_path(world: World, span: str, first: date) -> str:
    return (
        f"/floor?commune={world.commune.pk}&site={world.site.pk}&from={first}&days={SPANS[span]}"
        f"&cabins={len(world.cabins)}&helpers={len(world.helpers)}"
    )


# ---- in the process ------------------------------------------------------------------------------


def _search(world: World, first: date, days: int) -> list[int]:
    found = find_slots(
        commune=world.commune,
        service=world.service,
        with_helper=True,
        start=first,
        end=first + timedelta(days=days),
        now=now(),
        public=True,
    )
    return [offer.tick for offer in found.offers]


def _bare(world: World, first: date, days: int) -> list[int]:
    rows = floor.rows(world.commune.pk, first, days)
    by_day = floor.free_starts(rows, first, days, len(world.cabins), len(world.helpers))
    return [tick for ticks in by_day for tick in ticks]


def _check_against_floor(world: World) -> None:
    """Check that the floor gives the same answer, without which the comparison means nothing."""
    for first, days in ((world.first, 56), (world.first + timedelta(days=9), 1)):
        ours, bare = sorted(set(_search(world, first, days))), _bare(world, first, days)
        assert ours == bare, f"the floor and the product differ: {set(ours) ^ set(bare)}"


def _in_process(report: Report, world: World) -> None:
    for span, days in SPANS.items():
        seconds: dict[str, list[float]] = defaultdict(list)
        for number in range(ROUNDS * 5):
            first = first_day(world, span, number)
            for name, subject in (("function", _search), ("bare", _bare)):
                began = time.perf_counter()
                subject(world, first, days)
                seconds[name].append(time.perf_counter() - began)
        report.timing(f"availability_{span}_function", seconds["function"])
        report.timing(f"availability_{span}_bare", seconds["bare"])
        report.ratio(
            f"availability_{span}_function_vs_bare",
            f"availability_{span}_function_ms",
            f"availability_{span}_bare_ms",
        )


def _queries(report: Report, world: World) -> None:
    """The queries of one request, including the one for the API key."""
    client = Client(headers={"host": "127.0.0.1", "authorization": f"Bearer {world.keys[0]}"})
    for span in SPANS:
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(api_path(world, span, world.first))
        assert answer.status_code == 200, answer.content
        report.figure(f"availability_{span}_queries", len(captured), "queries")


# ---- through HTTP --------------------------------------------------------------------------------


def _through_http(report: Report, world: World, tenfold: World) -> None:
    env = environment(os.environ["DATABASE_URL"], os.environ["PERMANENCE_VAR"])
    keys = {each.commune.pk: cycle(each.keys) for each in (world, tenfold)}
    numbers = iter(range(10**9))

    def api(asked: World) -> Callable[[str], Task]:
        def task(span: str) -> Task:
            path = api_path(asked, span, first_day(asked, span, next(numbers)))
            return [Call.get(path, next(keys[asked.commune.pk]))]

        return task

    def bare(asked: World) -> Callable[[str], Task]:
        return lambda span: [Call(floor_path(asked, span, first_day(asked, span, next(numbers))))]

    with ExitStack() as stack:
        product, yardstick = free_port(), free_port()
        stack.enter_context(web(env, product, quiet=True))
        stack.enter_context(web(env, yardstick, floor_command(yardstick), quiet=True))
        _same_answer(product, yardstick, world)
        subjects: dict[str, tuple[int, Callable[[str], Task]]] = {
            "": (product, api(world)),
            "_floor": (yardstick, bare(world)),
            "_10x": (product, api(tenfold)),
            "_10x_floor": (yardstick, bare(tenfold)),
        }
        measured = _measure(subjects)
    for (name, span), seconds in measured.items():
        report.timing(f"availability_{span}{name}", seconds)
    _peer(report, world)


def floor_command(port: int) -> list[str]:
    """The same server command, running the floor."""
    return [
        "bench.floor:application" if each == "config.asgi:application" else each for each in command(port)
    ]


def _same_answer(product: int, yardstick: int, world: World) -> None:
    """Check that both give the same times, byte for byte, through HTTP too."""
    ours = ask(product, [[Call.get(api_path(world, "4w", world.first), world.keys[0])]], keep=True)
    bare = ask(yardstick, [[Call(floor_path(world, "4w", world.first))]], keep=True)
    times = [[day["times"] for day in json.loads(each.bodies[0])["days"]] for each in (ours, bare)]
    assert times[0] == times[1], "the floor and the API differ"


def _measure(
    subjects: dict[str, tuple[int, Callable[[str], Task]]],
) -> dict[tuple[str, str], list[float]]:
    seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
    for span in SPANS:
        for number in range(ROUNDS + 1):
            for name, (port, task) in subjects.items():
                count = max(8, round(PER_ROUND[span] * min(1, SCALE * 4)))
                answers = ask(port, [task(span) for _ in range(count)])
                assert set(answers.statuses) == {200}, (name, answers.statuses, answers.codes)
                if number:  # the first round is a warm-up
                    seconds[name, span] += answers.seconds
    return seconds


def _peer(report: Report, world: World) -> None:
    with peers.django_appointment(report, world) as peer:
        if peer is None:
            return
        report.figure("django_appointment_1d_queries", peer.queries_per_day, "queries")
        for span, tasks in PEER_TASKS.items():
            count = max(4, round(tasks * min(1, SCALE)))
            firsts = [first_day(world, span, number) for number in range(count)]
            answers = ask(peer.port, [peer.availability(first, SPANS[span]) for first in firsts])
            assert set(answers.statuses) == {200}, answers.statuses
            report.timing(f"django_appointment_{span}", answers.seconds)


def _ratios(report: Report) -> None:
    for span in SPANS:
        report.ratio(
            f"availability_{span}_vs_yardstick", f"availability_{span}_ms", f"availability_{span}_floor_ms"
        )
        report.ratio(
            f"availability_{span}_vs_django_appointment",
            f"django_appointment_{span}_ms",
            f"availability_{span}_ms",
        )
    report.ratio("availability_growth_10x", "availability_1d_10x_ms", "availability_1d_ms")
    report.ratio("availability_growth_10x_floor", "availability_1d_10x_floor_ms", "availability_1d_floor_ms")
