"""Real processes contend for the same rows, on SQLite (a file) and on PostgreSQL alike."""

import multiprocessing
from collections import Counter
from contextlib import contextmanager
from datetime import datetime

import pytest
from django.db import connection

from booking.enums import EventKind, Status
from booking.models import Appointment, AppointmentEvent
from tests.booking.racers import PATIENCE_S, book_and_wait, book_at_random, book_the_same_slot
from tests.booking.towns import Town
from tests.factories import at, make_cabin, make_service, make_site

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 100
RACERS = 2

spawn = multiprocessing.get_context("spawn")


@contextmanager
def processes(target, arguments):
    """Run `target` once per tuple of `arguments`, each in a process of its own; none survives."""
    started = [spawn.Process(target=target, args=each, daemon=True) for each in arguments]
    for process in started:
        process.start()
    try:
        yield started
        for process in started:
            process.join(PATIENCE_S)
        assert [process.exitcode for process in started] == [0] * len(started)
    finally:
        for process in started:
            process.kill()


def overlaps(among=None):
    """Pairs of live appointments that share an instant on a cabin or helper; of all, or of the given ones."""
    among = Appointment.objects.all() if among is None else among
    rows = list(among.live().order_by("starts_at"))
    return [
        (one.pk, other.pk)
        for n, one in enumerate(rows)
        for other in rows[n + 1 :]
        if one.starts_at < other.blocked_until
        and other.starts_at < one.blocked_until
        and (one.cabin_id == other.cabin_id or (one.helper_id and one.helper_id == other.helper_id))
    ]


@pytest.mark.sample
def test_two_processes_booking_the_same_last_slot():
    town = Town()
    town.given(at(9, day=25))  # kept until 09:55, turnaround included
    start = at(9, 55, day=25)
    town.given(at(10, 50, day=25))
    barrier, answers = spawn.Barrier(RACERS + 1), spawn.Queue()
    database = connection.settings_dict["NAME"]
    racer = (database, barrier, answers, ROUNDS, town.service.pk, town.site.pk, start)
    with processes(book_the_same_slot, [racer] * RACERS):
        for number in range(ROUNDS):
            barrier.wait(PATIENCE_S)
            barrier.wait(PATIENCE_S)
            got = [answers.get(timeout=PATIENCE_S) for _ in range(RACERS)]
            assert sorted(got) == [(number, "SlotTaken", True), (number, "won", True)]
            booked = Appointment.objects.get(starts_at=start)
            assert [event.kind for event in booked.events.all()] == [EventKind.BOOKED]
            booked.delete()
            barrier.wait(PATIENCE_S)
    assert AppointmentEvent.objects.count() == 0


def test_many_at_random_in_a_nearly_full_week_leave_no_overlap_and_lose_no_event():
    town = Town()
    there = make_site(town.commune)
    rare = make_service(town.commune)
    make_cabin(there)
    town.add_cabin()
    for _ in range(2):
        town.add_helper(town.service, rare)
    town.add_helper(site=there)
    starts = [at(hour, minute, day=day) for day in (24, 25) for hour in (14, 15, 16) for minute in (0, 15)]
    ids = {"services": [town.service.pk, rare.pk], "sites": [town.site.pk, there.pk], "starts": starts}
    barrier, answers = spawn.Barrier(4), spawn.Queue()
    database = connection.settings_dict["NAME"]
    with processes(book_at_random, [(database, barrier, answers, seed, 40, ids) for seed in range(4)]):
        tally = sum((Counter(answers.get(timeout=PATIENCE_S)) for _ in range(4)), Counter())
    assert not [what for what in tally if what.startswith("error")], tally
    assert overlaps() == []
    events = Counter(AppointmentEvent.objects.values_list("kind", flat=True))
    assert events[EventKind.BOOKED] == tally["book"] == Appointment.objects.count()
    assert events[EventKind.MOVED] == tally["reschedule"]
    for appointment in Appointment.objects.all():
        # Writers of one appointment wait for each other, so its events have their ids in order.
        changes = appointment.events.order_by("pk").values_list("changes", flat=True)
        told = [change["starts_at"][1] for change in changes if "starts_at" in change]
        assert datetime.fromisoformat(told[-1]) == appointment.starts_at, "a move without its event"
    assert events[EventKind.CANCELLED] == tally["cancel"]
    assert Appointment.objects.filter(status=Status.CANCELLED).count() == tally["cancel"]
    assert tally["book"] and tally["slot_taken"]


@pytest.mark.crash
@pytest.mark.sample
def test_a_process_killed_in_the_middle_of_booking_leaves_nothing_half_done():
    town = Town()
    start = at(9, day=25)
    inside = spawn.Event()
    killed = spawn.Process(
        target=book_and_wait,
        args=(connection.settings_dict["NAME"], inside, town.service.pk, town.site.pk, start),
        daemon=True,
    )
    killed.start()
    try:
        assert inside.wait(PATIENCE_S)  # inserted and told, not yet committed
    finally:
        killed.kill()
        killed.join(PATIENCE_S)
    assert not Appointment.objects.exists()
    assert not AppointmentEvent.objects.exists()
    assert town.book(start).status == Status.BOOKED  # no lock is left behind either
