"""Kill -9 of the web process in the middle of booking leaves nothing half-done."""

import os
import signal
import threading
import time
from itertools import count
from pathlib import Path
from random import Random

import pytest
from django.db import connection
from django.db.models import Count

from bench import web
from bench.bench_booking import booking
from bench.clients import Client
from bench.databases import environment
from bench.worlds import World, make_place, slots_of, staff
from booking.enums import EventKind, Status
from booking.models import Appointment, AppointmentEvent, Resident, UnreadEvent
from communes.models import Site
from tests.kiosk.test_streams import database_url

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

KILLS = 6
MOST_KILLS = 15
"""Not every kill meets a booking: as many as are needed for `KILLS` that did, within a bound."""
CLIENTS = 4
NOTICED_WITHIN_S = 2.0


class Bookers:
    """Clients that book one slot after the other, whatever becomes of the server."""

    def __init__(self, world: World, port: int) -> None:
        self.world = world
        self.port = port
        self.numbers = count()
        self.slots = [at for on in world.days() for at in slots_of(on)]
        self.confirmed: list[str] = []
        self.cut_off = 0
        self.refused: list[bytes] = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._work, daemon=True) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _work(self) -> None:
        client = Client(self.port)
        while not self.over.is_set():
            number = next(self.numbers)
            call = booking(
                self.world,
                self.slots[number % len(self.slots)],
                self.world.keys[number % len(self.world.keys)],
                number,
            )
            _, status, body = client.timed(call)
            if status == 201:
                self.confirmed.append(body.decode())
            elif status == 0:
                self.cut_off += body != b"ConnectionRefusedError"
                time.sleep(0.02)
            else:
                self.refused.append(body)

    def stop(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive()


def test_killing_the_web_process_leaves_nothing_half_done(tmp_path: Path) -> None:
    world = make_place("Killed", cabins=4, helpers=4)
    staff(world)
    random, port = Random(4), web.free_port()
    env = environment(database_url(), tmp_path) | {"DEBUG": "1"}  # without collected static files
    bookers = None
    cut = 0
    for _ in range(MOST_KILLS):
        if cut == KILLS:
            break
        with web.web(env, port) as process:
            bookers = bookers or Bookers(world, port)
            before, answered = bookers.cut_off, len(bookers.confirmed)
            deadline = time.monotonic() + 30
            while len(bookers.confirmed) < answered + 3 and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(random.uniform(0, 0.25))
            # As the kernel does when memory runs out: no farewell, not even to the database.
            os.killpg(process.pid, signal.SIGKILL)
            noticed = time.monotonic() + NOTICED_WITHIN_S
            while bookers.cut_off == before and time.monotonic() < noticed:
                time.sleep(0.01)
            cut += bookers.cut_off > before
    assert bookers is not None
    bookers.stop()

    assert bookers.refused == []
    assert cut == KILLS, "no booking was under way when the server was killed"
    _wait_for_abandoned_transactions()
    made = Appointment.objects.annotate(written=Count("events"))
    assert made.count() >= len(bookers.confirmed) >= 3 * KILLS
    assert set(made.values_list("status", "written")) == {(Status.BOOKED, 1)}
    assert set(AppointmentEvent.objects.values_list("kind", flat=True)) == {EventKind.BOOKED}
    assert AppointmentEvent.objects.count() == made.count()
    readers = UnreadEvent.objects.values("reader").distinct().count()
    assert UnreadEvent.objects.count() == readers * made.count() > 0
    assert Resident.objects.filter(appointments=None).count() == 0
    assert Site.objects.get(pk=world.site.pk).version == made.count()
    numbers = set(made.values_list("number", flat=True))
    assert all(any(number in body for number in numbers) for body in bookers.confirmed)


def _wait_for_abandoned_transactions() -> None:
    """PostgreSQL notices within moments that nobody is at the other end, and rolls back."""
    if connection.vendor != "postgresql":
        return
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.1)
    raise AssertionError("a transaction of a killed process is still open")
