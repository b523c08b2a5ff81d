"""Booking through the API: one after the other, at a fixed rate, and fifty clients for one last slot.

In world A; one request in twenty asks for a full slot, and must be refused cleanly.
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import count, cycle, islice
from random import Random

from django.db import connection
from django.test import Client as TestClient
from django.test.utils import CaptureQueriesContext

from bench import peers
from bench.clients import Answers, Call, Client, at_once, offer
from bench.databases import environment, settle
from bench.report import Report
from bench.web import free_port, web
from bench.worlds import World, make_a, make_place, slots_of, staff
from booking.models import Appointment, AppointmentEvent, UnreadEvent

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
SECONDS = float(os.environ.get("BENCH_SECONDS", str(max(2.0, 60 * min(1, SCALE)))))
RATE = 20
SEQUENTIAL = max(20, round(400 * min(1, SCALE)))
LAPS = 10
CROWD = 50
CROWDS = max(2, round(10 * min(1, SCALE)))


def run(report: Report) -> None:
    report.note("world A, to be booked")
    world = make_a()
    crowded = make_place("Crowd", cabins=1, helpers=1)
    staff(crowded)
    settle()
    calls = bookings(world)
    _queries(report, calls)
    with ExitStack() as stack:
        port = free_port()
        stack.enter_context(
            web(environment(os.environ["DATABASE_URL"], os.environ["PERMANENCE_VAR"]), port, quiet=True)
        )
        one_by_one = _sequential(report, port, calls, world)
        at_rate = offer(port, calls, per_second=RATE, seconds=SECONDS)
        report.timing("booking_at_20rps", at_rate.seconds)
        report.figure("booking_p95_ms_at_20rps", report.value("booking_at_20rps_p95_ms") or 0, "ms")
        _clean(report, one_by_one, at_rate)
        _crowds(report, port, crowded)
    _whole(report)


def bookings(world: World, seed: int = 7) -> Iterator[Call]:
    """A call for each free slot, in random order; one call in twenty asks for a full slot."""
    random = Random(seed)
    width = len(world.cabins)
    taken: dict[datetime, int] = dict.fromkeys((at for on in world.days() for at in slots_of(on)), 0)
    for at in Appointment.objects.live().filter(commune=world.commune).values_list("starts_at", flat=True):
        taken[at] += 1
    free = [at for at, number in taken.items() for _ in range(width - number)]
    full = [at for at, number in taken.items() if number == width]
    random.shuffle(free)
    keys = cycle(world.keys)
    for number, at in enumerate(free):
        if full and number % 20 == 19:
            yield booking(world, random.choice(full), next(keys), number)
        yield booking(world, at, next(keys), number)


def booking(world: World, at: datetime, key: str, number: int) -> Call:
    body = {
        "service": world.service.pk,
        "site": world.site.pk,
        "start": at.isoformat(),
        "resident": {
            "first_name": "Fatima",
            "last_name": f"Bensaid {chr(97 + number % 26)}{number}",
            "phone": f"06 39 98 {number // 100 % 100:02d} {number % 100:02d}",
        },
    }
    return Call.json("/api/v1/appointments", body, key)


def _queries(report: Report, calls: Iterator[Call]) -> None:
    """The queries of the second booking: the first one also queues the task that plans its messages."""
    for call in islice(calls, 2):
        client = TestClient(
            headers={"host": "127.0.0.1", "authorization": dict(call.headers)["Authorization"]}
        )
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(call.path, call.body, content_type="application/json")
        assert answer.status_code == 201, answer.content
    report.figure("booking_queries", len(captured), "queries")


def _clean(report: Report, *measured: Answers) -> None:
    refused = sum(each.codes["slot_taken"] for each in measured)
    others = sum(sum(each.statuses.values()) - each.statuses[201] for each in measured) - refused
    report.figure("booking_refused", refused)
    report.figure("booking_errors", others)
    assert not others, [(each.statuses, each.codes) for each in measured]


def _crowds(report: Report, port: int, world: World) -> None:
    """Fifty clients ask for the only cabin at the same moment, again and again."""
    keys, seconds = cycle(world.keys), []
    slots = (at for on in world.days() for at in slots_of(on))
    for number, at in zip(range(CROWDS), slots, strict=False):
        calls = [booking(world, at, next(keys), number * CROWD + n) for n in range(CROWD)]
        answers = at_once(port, calls)
        assert answers.statuses == {201: 1, 409: CROWD - 1}, (answers.statuses, answers.codes)
        assert answers.codes == {"slot_taken": CROWD - 1}, answers.codes
        seconds.append(answers.took)
    report.timing("booking_crowd_of_50", seconds)


def _whole(report: Report) -> None:
    """Check that nothing was lost: each appointment made here has one event, unread by each reader."""
    made = Appointment.objects.filter(origin="api").count()
    events = AppointmentEvent.objects.count()
    assert events == made, (made, events)
    assert UnreadEvent.objects.values("event").distinct().count() == events


def _sequential(report: Report, port: int, calls: Iterator[Call], world: World) -> Answers:
    """Book one after the other, in turns here and in django-appointment, so that other load on the machine
    affects both alike. django-appointment is measured twice: with all requests of a browser, and with
    its two forms alone."""
    ours, client = Answers(), Client(port)
    seconds: dict[bool, float] = {True: 0, False: 0}
    with peers.django_appointment(report, world) as peer:
        peers_client, numbers = Client(peer.port if peer else 0), count()
        for lap in range(LAPS + 1):
            warm = lap > 0
            for call in islice(calls, SEQUENTIAL // LAPS):
                took, status, body = client.timed(call)
                if warm:
                    ours.add(took, status, body)
            if not peer:
                continue
            for as_browser in seconds:
                began = time.perf_counter()
                for number in islice(numbers, SEQUENTIAL // LAPS):
                    assert peer.book(peers_client, number, as_browser=as_browser)
                seconds[as_browser] += (time.perf_counter() - began) * warm
    client.close()
    peers_client.close()
    report.figure("booking_per_second", len(ours.seconds) / sum(ours.seconds), "/s")
    report.timing("booking_sequential", ours.seconds)
    if peer:
        asked = SEQUENTIAL // LAPS * LAPS
        for name, as_browser in (("booking", True), ("booking_forms", False)):
            report.figure(f"django_appointment_{name}_per_second", asked / seconds[as_browser], "/s")
        for name in ("booking", "booking_forms"):
            report.ratio(
                f"{name}_vs_django_appointment", "booking_per_second", f"django_appointment_{name}_per_second"
            )
    return ours
