"""A search that gives up at the bound of the exchange is counted, and an operator sees how many did."""

import threading
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.actions import BookingRequest, book
from booking.engine.assignment import make_room
from booking.engine.availability import next_free, search
from booking.errors import RoomNotFound, SlotTaken
from booking.free import given_up, slots
from booking.models import SearchesGivenUp
from core.retention import forget_kind
from tests.booking.racers import PATIENCE_S, search_and_give_up
from tests.booking.test_race import processes, spawn
from tests.booking.towns import SYSTEM, Town
from tests.factories import TUESDAY, at, make_resident, make_service

ON = TUESDAY.date()


@pytest.fixture
def town(db: None, monkeypatch: pytest.MonkeyPatch) -> Town:
    """The only helper with the rare skill sits in a common appointment; the search tries one position."""
    monkeypatch.setattr(slots, "search", partial(search, bound=1))
    monkeypatch.setattr(slots, "next_free", partial(next_free, bound=1))
    return crossed_town()


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> given_up._Counter:
    """A counter that writes when the test says so."""
    made = given_up._Counter(delay_s=None)
    monkeypatch.setattr(given_up, "counter", made)
    return made


def crossed_town() -> Town:
    town = Town()
    town.add_cabin()
    rare = make_service(town.commune, name="Téléconsultation")
    able = town.add_helper(town.service, rare)
    town.given(at(9), helper=able)
    return town


def look(town: Town, **how: Any) -> Any:
    rare = town.commune.services.get(name="Téléconsultation")
    return slots.find_slots(
        commune=town.commune,
        service=rare,
        with_helper=True,
        start=ON,
        end=ON + timedelta(days=1),
        now=at(8),
        **how,
    )


def test_a_search_that_gives_up_is_counted_once_and_writes_nothing_itself(
    town: Town, counter: given_up._Counter
) -> None:
    found = look(town)
    assert found.offers.unsettled > 1
    assert counter.waiting == {(town.commune.pk, ON): 1}
    assert not SearchesGivenUp.objects.exists()
    look(town)
    counter.write()
    counter.write()
    assert [(row.commune, row.on, row.count) for row in SearchesGivenUp.objects.all()] == [
        (town.commune, ON, 2)
    ]
    look(town)
    counter.write()
    assert SearchesGivenUp.objects.get().count == 3


def test_a_search_that_tries_everything_is_not_counted(town: Town, counter: given_up._Counter) -> None:
    look(town, exchange=False)
    assert not counter.waiting


def test_a_look_for_the_first_time_counts_too(town: Town, counter: given_up._Counter) -> None:
    rare = town.commune.services.get(name="Téléconsultation")
    assert slots.find_first(commune=town.commune, service=rare, with_helper=True, now=at(8)) is not None
    assert counter.waiting == {(town.commune.pk, ON): 1}


def rare_at_nine(town: Town) -> BookingRequest:
    rare = town.commune.services.get(name="Téléconsultation")
    return BookingRequest(
        service=rare, site=town.site, start=at(9), with_helper=True, resident=make_resident(town.commune)
    )


def test_a_booking_where_not_everything_was_tried_is_not_called_taken(
    town: Town, counter: given_up._Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has come first: the search for an exchange ended, and says so."""
    monkeypatch.setattr(slots, "make_room", partial(make_room, bound=1))
    with pytest.raises(RoomNotFound) as refused:
        book(request=rare_at_nine(town), by=SYSTEM, now=at(6))
    assert refused.value.code == "room_not_found"
    assert "tout essayer" in str(refused.value)
    assert "alternatives" in refused.value.details
    assert counter.waiting == {(town.commune.pk, ON): 1}


def test_a_booking_where_everything_was_tried_is_taken(town: Town, counter: given_up._Counter) -> None:
    first = book(request=rare_at_nine(town), by=SYSTEM, now=at(6))
    assert first.starts_at == at(9)
    with pytest.raises(SlotTaken) as refused:
        book(request=rare_at_nine(town), by=SYSTEM, now=at(6))
    assert refused.value.code == "slot_taken"
    assert not counter.waiting


def test_what_a_busy_database_refuses_is_written_later(town: Town, counter: given_up._Counter) -> None:
    look(town)
    with connection.execute_wrapper(_refuse):
        counter.write()
    assert counter.waiting == {(town.commune.pk, ON): 1}
    counter.write()
    assert SearchesGivenUp.objects.get().count == 1


def _refuse(*_args: Any) -> Any:
    from django.db import OperationalError

    raise OperationalError("database is locked")


@pytest.mark.django_db(transaction=True)
def test_a_thread_writes_what_was_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here at once; on SQLite the database is a file, so that the thread reads the same one."""
    town, written = crossed_town(), threading.Event()
    counter = given_up._Counter(delay_s=0)
    write = counter.write

    def write_and_tell() -> None:
        write()
        written.set()

    monkeypatch.setattr(counter, "write", write_and_tell)
    counter.add(town.commune.pk, ON)
    assert written.wait(PATIENCE_S)
    assert SearchesGivenUp.objects.get().count == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_searches_of_two_processes_add_up() -> None:
    """Each writes what it counted when it ends."""
    town = crossed_town()
    barrier = spawn.Barrier(2)
    rare = town.commune.services.get(name="Téléconsultation")
    given = (connection.settings_dict["NAME"], barrier, rare.pk, at(8))
    with processes(search_and_give_up, [given] * 2):
        pass
    assert SearchesGivenUp.objects.get().count == 2


@pytest.fixture
def counted(town: Town, charlie: Agent) -> Town:
    """Three today and five yesterday, four today in another commune."""
    other = charlie.memberships.get().commune
    for commune, on, count in (
        (town.commune, ON, 3),
        (town.commune, ON - timedelta(days=1), 5),
        (other, ON, 4),
    ):
        SearchesGivenUp.objects.create(commune=commune, on=on, count=count)
    return town


@pytest.mark.usefixtures("tuesday")
def test_a_monitor_and_the_page_of_the_screens_say_how_many_today(
    client: Client, counted: Town, charlie: Agent
) -> None:
    assert client.get("/health").json()["searches_given_up"] == 7
    client.force_login(charlie)
    page = client.get(reverse("screens")).content.decode()
    assert "Recherches arrêtées avant la fin aujourd’hui\u00a0: 4" in page


def test_counts_are_deleted_after_two_weeks(counted: Town) -> None:
    kept = TUESDAY + timedelta(days=given_up.KEPT_DAYS)
    forget_kind("given_up", commune=counted.commune, now=kept)
    rows = SearchesGivenUp.objects.filter(commune=counted.commune)
    assert [row.on for row in rows] == [ON]
    forget_kind("given_up", commune=counted.commune, now=kept + timedelta(days=1))
    assert not rows.all().exists()
