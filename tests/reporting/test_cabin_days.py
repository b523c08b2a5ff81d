"""How long a cabin could be used on a day: written once, in the night after it."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communes.actions import restore_cabin, restore_cabins, set_out_of_service
from communes.models import Cabin, Closure, Commune, Site
from core.edits import Edit
from core.roles import Role
from reporting.cabin_days import Change, minutes, out_spans, write_cabin_days
from reporting.models import CabinDay
from tests.clocks import SetClock
from tests.factories import TUESDAY, at, make_agent, make_cabin, make_commune, make_site

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NIGHT = at(4, day=25)
HOURS = "Mo-Fr 09:00-12:00,14:00-17:00"


@pytest.fixture
def place(commune: Commune) -> Site:
    return make_site(commune, opening_hours=HOURS)


@pytest.fixture
def booth(place: Site) -> Cabin:
    return make_cabin(place, in_service_at=at(0))


def tuesdays(cabin: Cabin) -> tuple[int, int, int]:
    """Open, closed and out of order on Tuesday, in minutes."""
    row = CabinDay.objects.get(cabin_ref=cabin.pk, day_on=date(2026, 11, 24))
    return row.open_min, row.closed_min, row.out_min


@pytest.fixture
def edit_at(commune: Commune) -> Any:
    agent = make_agent(commune, Role.MANAGER)
    return lambda cabin, instant: Edit({"order": [cabin.in_order, cabin.out_until]}, agent, instant)


def test_an_ordinary_day_is_its_opening_hours(booth: Cabin) -> None:
    assert write_cabin_days(now=NIGHT) == 1
    assert tuesdays(booth) == (360, 0, 0)


def test_a_closure_and_a_cabin_out_of_order_are_told_apart(
    place: Site, booth: Cabin, edit_at: Any, set_clock: SetClock
) -> None:
    Closure.objects.create(site=place, starts_at=at(11), ends_at=at(14, 30))
    set_out_of_service(cabin=booth, edit=edit_at(booth, at(10, 30)))
    restore_cabin(cabin=booth, edit=edit_at(booth, at(15)))
    write_cabin_days(now=NIGHT)
    assert tuesdays(booth) == (270, 90, 60)


def test_a_known_end_ends_it_even_if_the_worker_came_later(booth: Cabin, edit_at: Any) -> None:
    set_out_of_service(cabin=booth, until=at(11), edit=edit_at(booth, at(10)))
    restore_cabins(now=at(16))
    write_cabin_days(now=NIGHT)
    assert tuesdays(booth) == (360, 0, 60)


def test_a_cabin_that_has_been_out_of_order_since_before_the_log_counts_whole(place: Site) -> None:
    booth = make_cabin(place, in_service_at=at(0), in_order=False)
    write_cabin_days(now=NIGHT)
    assert tuesdays(booth) == (360, 0, 360)


def test_hours_that_are_edited_later_change_nothing(place: Site, booth: Cabin) -> None:
    write_cabin_days(now=NIGHT)
    before = CabinDay.objects.values().get()
    Site.objects.update(opening_hours="24/7", name="Autre nom")
    Cabin.objects.update(name="Autre cabine", in_order=False)
    assert write_cabin_days(now=NIGHT + timedelta(hours=1)) == 0
    assert CabinDay.objects.values().get() == before
    Cabin.objects.all().delete()
    assert CabinDay.objects.values().get() == before


def test_nights_that_were_missed_are_written_once_and_not_the_present_day(booth: Cabin) -> None:
    assert write_cabin_days(now=NIGHT + 3 * DAY) == 4
    assert write_cabin_days(now=NIGHT + 3 * DAY) == 0
    days = [each.isoformat() for each in CabinDay.objects.values_list("day_on", flat=True)]
    assert days == ["2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"]


def test_a_cabin_counts_from_when_it_is_there_until_it_is_retired(place: Site) -> None:
    new = make_cabin(place, name="nouvelle", in_service_at=at(15))
    old = make_cabin(place, name="ancienne", in_service_at=at(0), retired_at=at(10))
    write_cabin_days(now=NIGHT)
    assert (tuesdays(new), tuesdays(old)) == ((120, 0, 0), (60, 0, 0))


@pytest.mark.parametrize(("day", "minutes_open"), [("2026-03-29", 1380), ("2026-10-25", 1500)])
def test_days_on_which_clocks_change_have_their_own_length(
    commune: Commune, day: str, minutes_open: int
) -> None:
    on = date.fromisoformat(day)
    noon = datetime.fromisoformat(f"{day}T12:00+00:00")
    make_cabin(make_site(commune, opening_hours="24/7"), in_service_at=noon - DAY)
    write_cabin_days(now=noon + DAY)
    assert CabinDay.objects.get(day_on=on).open_min == minutes_open


def test_yesterday_is_that_of_the_commune() -> None:
    there = make_commune(time_zone="America/Martinique")
    make_cabin(make_site(there, opening_hours="24/7"), in_service_at=TUESDAY - DAY)
    write_cabin_days(now=at(4, day=25))  # in Martinique it is eleven in the evening
    assert CabinDay.objects.filter(day_on=date(2026, 11, 24)).count() == 0
    write_cabin_days(now=at(6, day=25))
    assert CabinDay.objects.get(day_on=date(2026, 11, 24)).open_min == 1440


def test_its_queries_do_not_grow_with_the_cabins(
    commune: Commune, place: Site, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        make_cabin(place, name=f"cabine {number}", in_service_at=TUESDAY - 5 * DAY)
    with django_assert_max_num_queries(12):
        assert write_cabin_days(now=NIGHT) > 100


# ---- against the minutes of a clock ----------------------------------------------------------------

STEP = timedelta(minutes=10)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.booleans(), st.none() | st.integers(0, 70)), max_size=6),
    st.booleans(),
)
def test_the_log_of_states_is_read_as_somebody_would_minute_by_minute(
    drawn: list[tuple[int, bool, int | None]], is_in_order: bool
) -> None:
    begin = at(0)
    changes: list[Change] = [
        (begin + STEP * step, in_order, None if in_order or until is None else begin + STEP * until)
        for step, in_order, until in sorted(drawn, key=lambda each: each[0])
    ]
    now = begin + STEP * 65
    found = out_spans(changes, is_in_order=is_in_order, until=None, now=now)

    def is_out(instant: datetime) -> bool:
        before = [each for each in changes if each[0] <= instant]
        if before:
            _at, in_order, until = before[-1]
            return not in_order and (until is None or instant < until)
        return changes[0][1] if changes else not is_in_order

    asked = [begin + STEP * step + STEP / 2 for step in range(65)]
    assert [any(start <= each < end for start, end in found) for each in asked] == [
        is_out(each) for each in asked
    ]
    assert all(end <= after for (_, end), (after, _) in pairwise(found))


def test_minutes_are_rounded_down_once() -> None:
    half = timedelta(seconds=30)
    assert minutes([(TUESDAY, TUESDAY + half), (TUESDAY + DAY, TUESDAY + DAY + half)]) == 1
