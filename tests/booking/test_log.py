"""The log: one row per change, read by whoever has not read it yet."""

import threading

import pytest
from django.db import connection, transaction

from booking import log
from booking.enums import ActorKind, EventKind, Reason
from booking.log import Actor
from booking.models import AppointmentEvent, UnreadEvent
from tests.booking.towns import SYSTEM
from tests.factories import TUESDAY, at, make_appointment


@pytest.fixture
def reader(monkeypatch):
    monkeypatch.setattr(log, "_readers", [])
    log.register_reader("tests")
    return "tests"


@pytest.fixture
def rings(monkeypatch):
    """How often the doorbell rang."""
    heard = []
    monkeypatch.setattr(log, "_subscribers", [])
    log.subscribe(lambda: heard.append(1))
    return heard


def write(appointment, kind=EventKind.BOOKED, **how):
    return log.write(appointment=appointment, kind=kind, at=TUESDAY, by=SYSTEM, **how)


@pytest.mark.django_db
def test_an_event_says_who_did_what_and_from_what_to_what(cabin, service, alice):
    appointment = make_appointment(cabin, service, at(14))
    event = log.write(
        appointment=appointment,
        kind=EventKind.CANCELLED,
        at=TUESDAY,
        by=Actor.agent(alice),
        reason=Reason.MISTAKE,
        changes={"status": ("booked", "cancelled")},
    )
    event.refresh_from_db()
    assert (event.actor, event.agent, event.reason) == (ActorKind.AGENT, alice, "mistake")
    assert event.changes == {"status": ["booked", "cancelled"]}


@pytest.mark.django_db
def test_readers_take_what_they_have_not_marked_as_read(cabin, service, reader):
    log.register_reader("others")
    log.register_reader("others")
    appointment = make_appointment(cabin, service, at(14))
    one, other = write(appointment), write(appointment, EventKind.MOVED)
    assert list(log.unread("tests")) == list(log.unread("others")) == [one, other]
    log.mark_read("tests", [one])
    assert (list(log.unread("tests")), list(log.unread("others"))) == ([other], [one, other])


@pytest.mark.django_db(transaction=True)
def test_an_event_cannot_be_written_apart_from_its_change(cabin, service):
    appointment = make_appointment(cabin, service, at(14))
    with pytest.raises(transaction.TransactionManagementError):
        write(appointment)
    assert not AppointmentEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_once_after_the_commit(cabin, service, rings):
    appointment = make_appointment(cabin, service, at(14))
    with transaction.atomic():
        write(appointment)
        with transaction.atomic():
            write(appointment)
        assert rings == []
    assert rings == [1]


@pytest.mark.django_db(transaction=True)
def test_the_bell_does_not_ring_for_what_was_rolled_back(cabin, service, rings):
    appointment = make_appointment(cabin, service, at(14))

    def roll_back():
        with transaction.atomic():
            write(appointment)
            raise LookupError

    with transaction.atomic(), pytest.raises(LookupError):
        roll_back()
    assert rings == []
    with transaction.atomic():
        with pytest.raises(LookupError):
            roll_back()
        write(appointment)
    assert rings == [1]


@pytest.mark.django_db(transaction=True)
def test_a_bell_that_fails_keeps_neither_the_change_nor_other_bells_from_working(cabin, service, monkeypatch):
    def broken():
        raise RuntimeError

    heard = []
    monkeypatch.setattr(log, "_subscribers", [broken, lambda: heard.append(1)])
    appointment = make_appointment(cabin, service, at(14))
    with transaction.atomic():
        write(appointment)
    assert (AppointmentEvent.objects.count(), heard) == (1, [1])


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_events_committed_in_the_reverse_order_of_their_ids_are_all_read(cabin, service, reader):
    """Two transactions at once: the one that wrote first commits last.

    On SQLite a second writer waits until the first has committed, so that this order cannot come
    about; there the same transactions run one after the other.
    """
    one, other = make_appointment(cabin, service, at(14)), make_appointment(cabin, service, at(16))
    wrote, may_commit = threading.Event(), threading.Event()
    if connection.vendor == "sqlite":
        may_commit.set()

    def slow():
        try:
            with transaction.atomic():
                write(one)
                wrote.set()
                assert may_commit.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert wrote.wait(10)
    if connection.vendor == "sqlite":
        thread.join(10)
    with transaction.atomic():
        second = write(other)
    seen = list(log.unread(reader))
    log.mark_read(reader, seen)
    may_commit.set()
    thread.join(10)
    first = AppointmentEvent.objects.get(appointment=one)
    assert first.pk < second.pk
    if connection.vendor == "postgresql":
        assert seen == [second]  # committed before the event with the lower id
        assert list(log.unread(reader)) == [first]
    else:
        assert seen == [first, second]
    log.mark_read(reader, log.unread(reader))
    assert not UnreadEvent.objects.exists()
