"""A helper is late: whom it touches, what is kept of it, and how it ends."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models import Agent, Membership
from booking import actions
from booking.delays import read_late_starts
from booking.engine.knock_on import Turn, late_starts
from booking.enums import EventKind, Status
from booking.errors import NobodyWaits
from booking.log import Actor
from booking.models import Appointment, Delay
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_service,
    make_site,
)

SAID = at(10, 20)


def turn(hour: int, minute: int, *, minutes: int = 45, **fields: Any) -> Turn:
    start = at(hour, minute)
    end = start + timedelta(minutes=minutes)
    values = {"id": hour * 100 + minute, "status": Status.BOOKED, "starts_at": start, "ends_at": end}
    return Turn(**{**values, "blocked_until": end + timedelta(minutes=10), **fields})


def late(*turns: Turn, until: datetime) -> dict[int, datetime]:
    return late_starts(turns, until=until, said_at=SAID)


# ---- how it goes on, on its own --------------------------------------------------------------------


def test_a_delay_goes_on_until_a_gap_makes_up_for_it() -> None:
    day = [turn(10, 30), turn(11, 25), turn(12, 30), turn(14, 0)]
    assert late(*day, until=at(10, 45)) == {1030: at(10, 45), 1125: at(11, 40), 1230: at(12, 35)}
    assert late(*day, until=at(10, 40)) == {1030: at(10, 40), 1125: at(11, 35)}


def test_nobody_is_late_who_begins_when_the_helper_is_there() -> None:
    assert late(turn(10, 45), until=at(10, 45)) == {}


def test_what_began_meanwhile_counts_as_it_went() -> None:
    quick = turn(10, 30, status=Status.DONE, started_at=at(10, 40), ended_at=at(11, 0))  # free again at 11:10
    assert late(quick, turn(11, 25), until=at(10, 45)) == {}
    running = turn(10, 30, status=Status.IN_SESSION, started_at=at(10, 42))
    assert late(running, turn(11, 25), until=at(10, 45)) == {1125: at(11, 40)}


def test_what_ran_when_it_was_said_or_was_forgotten_does_not_count() -> None:
    running = turn(9, 30, status=Status.IN_SESSION, started_at=at(9, 31))
    forgotten = turn(8, 0)
    assert late(forgotten, running, turn(10, 30), until=at(10, 45)) == {1030: at(10, 45)}


@pytest.mark.parametrize("status", [Status.NO_SHOW, Status.CANCELLED])
def test_who_does_not_come_gives_their_time_back(status: Status) -> None:
    assert late(turn(10, 30, status=status), turn(11, 25), until=at(10, 45)) == {}


# ---- said and unsaid ---------------------------------------------------------------------------------


@pytest.fixture
def morning(cabin: Cabin, service: Service, bob: Agent) -> list[Appointment]:
    """Bob at 10:30 and 11:25, without a gap, then at 14:00."""
    return [make_appointment(cabin, service, start, helper=bob) for start in (at(10, 30), at(11, 25), at(14))]


def say(bob: Agent, commune: Commune, until: datetime, now: datetime = SAID) -> dict[int, datetime]:
    return actions.announce_delay(helper=bob, commune=commune, until=until, by=Actor.agent(bob), now=now)


def here(bob: Agent, commune: Commune, now: datetime) -> dict[int, datetime]:
    return actions.clear_delay(helper=bob, commune=commune, by=Actor.agent(bob), now=now)


def kinds(appointment: Appointment) -> list[str]:
    return [event.kind for event in appointment.events.order_by("id")]


def test_who_waits_is_told_by_an_event_each_and_the_screens_by_their_site(
    bob: Agent, commune: Commune, site: Site, morning: list[Appointment]
) -> None:
    first, second, afternoon = morning
    version = site.version
    assert say(bob, commune, at(10, 45)) == {first.pk: at(10, 45), second.pk: at(11, 40)}
    assert [kinds(each) for each in morning] == [["delayed"], ["delayed"], []]
    assert first.events.get().changes == {"expected_at": [None, "2026-11-24T09:45:00+00:00"]}
    site.refresh_from_db()
    assert site.version == version + 1
    assert read_late_starts(commune=commune, on=TUESDAY.date()) == {
        first.pk: at(10, 45),
        second.pk: at(11, 40),
    }
    assert afternoon.pk not in read_late_starts(commune=commune, on=TUESDAY.date())


def test_the_same_word_twice_tells_nobody_twice(
    bob: Agent, commune: Commune, morning: list[Appointment]
) -> None:
    say(bob, commune, at(10, 45))
    say(bob, commune, at(10, 45), now=at(10, 21))
    assert [kinds(each) for each in morning] == [["delayed"], ["delayed"], []]
    assert Delay.objects.count() == 1


def test_taking_it_back_before_the_time_leaves_nothing(
    bob: Agent, commune: Commune, morning: list[Appointment]
) -> None:
    say(bob, commune, at(10, 45))
    assert here(bob, commune, at(10, 24)) == {}
    assert not Delay.objects.exists()
    assert [kinds(each) for each in morning] == [["delayed", "on_time"], ["delayed", "on_time"], []]


def test_being_there_does_not_undo_what_the_next_visit_cannot_make_up_for(
    bob: Agent, commune: Commune, morning: list[Appointment]
) -> None:
    say(bob, commune, at(10, 45))
    first, second, _ = morning
    assert here(bob, commune, at(10, 41)) == {second.pk: at(11, 35)}
    assert kinds(first)[-1] == EventKind.ON_TIME
    assert kinds(second) == ["delayed", "delayed"]


def test_a_word_that_makes_nobody_wait_is_refused(
    bob: Agent, commune: Commune, morning: list[Appointment]
) -> None:
    for until in (at(10, 20), at(10, 30), at(9)):
        with pytest.raises(NobodyWaits):
            say(bob, commune, until)
    assert not Delay.objects.exists()
    assert not Appointment.objects.filter(events__isnull=False).exists()


def test_it_means_nothing_on_another_day_and_is_then_forgotten(
    bob: Agent, commune: Commune, morning: list[Appointment], cabin: Cabin, service: Service
) -> None:
    make_appointment(cabin, service, at(9, day=25), helper=bob)
    say(bob, commune, at(10, 45))
    assert read_late_starts(commune=commune, on=at(9, day=25).date()) == {}
    actions.forget_delays(now=at(10, day=25))
    assert Delay.objects.exists()
    actions.forget_delays(now=at(11, day=25))
    assert not Delay.objects.exists()


def test_a_delay_reaches_the_other_communes_of_the_helper(
    bob: Agent, commune: Commune, morning: list[Appointment]
) -> None:
    other = make_commune(name="Sotteville")
    Membership.objects.create(agent=bob, commune=other, is_helper=True)
    there = make_appointment(make_cabin(make_site(other)), make_service(other), at(12, 20), helper=bob)
    say(bob, commune, at(11))
    assert read_late_starts(commune=other, on=TUESDAY.date())[there.pk] == at(12, 50)
    stranger = make_commune(name="Rouen")
    assert read_late_starts(commune=stranger, on=TUESDAY.date()) == {}


@pytest.mark.parametrize("helpers", [5, 50])
def test_late_starts_are_read_at_once_whatever_the_number_of_helpers(
    commune: Commune, cabin: Cabin, service: Service, helpers: int, django_assert_num_queries: Any
) -> None:
    for _ in range(helpers):
        helper = make_agent(commune, Role.HELPER)
        make_appointment(make_cabin(cabin.site), service, at(10, 30), helper=helper)
        Delay.objects.create(helper=helper, until_at=at(10, 45), said_at=SAID)
    with django_assert_num_queries(1):
        assert len(read_late_starts(commune=commune, on=TUESDAY.date())) == helpers


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)), max_size=8),
    st.integers(-10, 120),
)
def test_it_is_as_if_the_helper_took_one_after_the_other(gaps: list[tuple[int, int]], late_min: int) -> None:
    """Against the plainest simulation: each begins at its time, or when the helper is free."""
    turns, clock = [], at(10, 20)
    for n, (gap, ticks) in enumerate(gaps):
        start = clock + timedelta(minutes=5 * gap)
        clock = start + timedelta(minutes=5 * ticks)
        turns.append(Turn(n, Status.BOOKED, start, clock, clock))
    until = at(10, 20) + timedelta(minutes=5 * late_min)
    free, expected = until, {}
    for each in turns:
        begins = max(each.starts_at, free)
        free = begins + (each.blocked_until - each.starts_at)
        if begins > each.starts_at:
            expected[each.id] = begins
    assert late(*turns, until=until) == expected
