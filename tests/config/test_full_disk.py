"""The log says that the database can write again once something has been written, whoever began the
transaction. The whole outage: test_outages.py."""

import logging
from collections.abc import Callable, Iterator

import pytest
from django.db import DatabaseError, connection, transaction

from core import outage
from notifications.models import Heartbeat
from tests.factories import at

pytestmark = pytest.mark.django_db(transaction=True)

needs_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="knows its disk")
needs_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="does not know its disk")


@pytest.fixture
def full() -> Iterator[None]:
    """The database could not write a moment ago; there is room again."""
    outage.disk.failed(DatabaseError())
    yield
    outage.disk.answered()


def write() -> None:
    Heartbeat.objects.update_or_create(name="tried", defaults={"at": at(10)})


def by_django() -> None:
    with transaction.atomic():
        write()


def within_a_savepoint() -> None:
    with transaction.atomic(), transaction.atomic():
        write()


def without_autocommit() -> None:
    transaction.set_autocommit(False)
    try:
        write()
        transaction.commit()
    finally:
        transaction.rollback()
        transaction.set_autocommit(True)


def begun_by_hand() -> None:
    with connection.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("INSERT INTO notifications_heartbeat (name, at) VALUES ('sweep', '2026-11-24')")
    connection.commit()


@needs_sqlite
@pytest.mark.parametrize("way", [by_django, within_a_savepoint, without_autocommit, begun_by_hand])
def test_what_is_written_shows_that_there_is_room(
    way: Callable[[], None], full: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "core.outage"):
        way()
    assert [record.message for record in caplog.records if "can write again" in record.message] != []
    assert not outage.disk.is_on


@needs_sqlite
def test_what_is_only_read_or_taken_back_shows_nothing(full: None) -> None:
    with transaction.atomic():
        Heartbeat.objects.count()
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    with transaction.atomic():
        Heartbeat.objects.count()
    assert outage.disk.is_on


@needs_postgresql
def test_postgresql_that_takes_writes_again_for_a_minute_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with connection.cursor() as cursor, pytest.raises(DatabaseError) as refused:
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$")
    assert outage.note(refused.value)
    assert outage.disk.is_on
    by_django()
    assert outage.disk.is_on  # a nearly full disk takes some writes and refuses others

    outage.disk._times[outage._FAILED] -= outage.LOG_EVERY_S + 1  # so long ago
    with transaction.atomic():
        Heartbeat.objects.count()
    assert outage.disk.is_on
    with caplog.at_level(logging.WARNING, "core.outage"):
        by_django()
        by_django()
    assert len([record for record in caplog.records if "can write again" in record.message]) == 1
    assert not outage.disk.is_on
