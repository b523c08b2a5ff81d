"""The days and half-days that suit: a search for them finds what a plain filter leaves of all times."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from booking.engine.availability import DayOffers, next_free, search
from booking.engine.snapshot import ANY_DAY, DayFilter, Offer, days_between
from booking.free.loading import load_snapshot
from booking.free.slots import find_first, find_slots
from communes.models import Commune
from tests.booking.stories import needs, stories
from tests.booking.test_loading import DAY, DAYS
from tests.booking.test_loading_against_oracle import told_as_rows
from tests.booking.worlds import to_world
from tests.factories import at, make_cabin, make_service, make_site
from tests.profiles import share


@st.composite
def filters(draw: st.DrawFn) -> DayFilter:
    weekdays = draw(st.frozensets(st.integers(0, 6), max_size=4))
    mornings, afternoons = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
    return DayFilter(weekdays, mornings, afternoons)


def plain(days: tuple[DayOffers, ...], suiting: DayFilter) -> list[Offer]:
    """What is left of all offers when one looks at the calendar and the clock alone."""
    return [
        offer
        for day in days
        if not suiting.weekdays or day.on.weekday() in suiting.weekdays
        for offer in (
            *(day.morning.offers if suiting.mornings else ()),
            *(day.afternoon.offers if suiting.afternoons else ()),
        )
    ]


@settings(max_examples=share(0.5))
@given(st.data())
def test_a_filtered_search_finds_what_a_plain_filter_leaves(data: st.DataObject) -> None:
    story = data.draw(stories())
    need, suiting, world = data.draw(needs(story)), data.draw(filters()), to_world(story)
    days = days_between(story.first, story.last, story.tz, suiting)
    assume(days)
    everything = search(world, need)
    assume(not everything.unsettled)

    asked = replace(need, mornings=suiting.mornings, afternoons=suiting.afternoons)
    narrowed = replace(world, days=days)
    found = search(narrowed, asked)

    expected = plain(everything.days, suiting)
    assert list(found) == expected
    assert next_free(narrowed, asked).offer == (expected[0] if expected else None)
    reasons = {day.on: (day.morning.why_empty, day.afternoon.why_empty) for day in everything.days}
    for day in found.days:
        morning, afternoon = reasons[day.on]
        assert not suiting.mornings or day.morning.why_empty == morning
        assert not suiting.afternoons or day.afternoon.why_empty == afternoon


@settings(max_examples=share(0.5))
@given(st.data())
def test_a_site_without_offers_has_the_reason_that_it_would_have_alone(data: st.DataObject) -> None:
    story = data.draw(stories())
    need, world = data.draw(needs(story)), to_world(story)

    found = search(world, need, by_site=True)

    for site in world.sites:
        alone = search(replace(world, sites=(site,)), need)
        for day, lonely in zip(found.days, alone.days, strict=True):
            for part, single in (
                (day, lonely),
                (day.morning, lonely.morning),
                (day.afternoon, lonely.afternoon),
            ):
                if any(offer.site_id == site.id for offer in part.offers):
                    assert site.id not in part.why_by_site
                else:
                    assert part.why_by_site[site.id] == single.why_empty


class TestRows(TestCase):
    @settings(max_examples=share(0.1))
    @given(st.data())
    def test_rows_of_the_days_that_suit_give_the_same(self, data: st.DataObject) -> None:
        story = replace(data.draw(stories(days=4, appointments=20)), holidays=frozenset())
        need, suiting = data.draw(needs(story)), data.draw(filters())
        assume(any(suiting.days(story.first, story.last)))
        commune, story = told_as_rows(story)

        def look(suiting: DayFilter) -> tuple[DayOffers, ...]:
            asked = replace(need, mornings=suiting.mornings, afternoons=suiting.afternoons)
            loaded = load_snapshot(
                commune=commune, need=need, first=story.first, last=story.last, now=story.now, suiting=suiting
            )
            offers = search(loaded.snapshot, asked)
            assume(not offers.unsettled)
            return offers.days

        assert plain(look(suiting), ANY_DAY) == plain(look(ANY_DAY), suiting)


def test_a_place_open_round_the_clock_counts_its_starts_from_each_midnight(commune: Commune) -> None:
    make_cabin(make_site(commune, opening_hours="24/7"))
    service = make_service(commune, duration_min=60, turnaround_min=0, start_step_min=100)
    thursdays = DayFilter(frozenset({3}), afternoons=False)

    found = find_slots(
        commune=commune,
        service=service,
        with_helper=False,
        start=DAY,
        end=DAY + 14 * DAYS,
        now=at(6),
        suiting=thursdays,
    )

    assert [day.on for day in found.offers.days] == [DAY + 2 * DAYS, DAY + 9 * DAYS]
    for day in found.offers.days:
        local = [commune.local(offer.start) for offer in day.offers]
        assert [f"{each:%H:%M}" for each in local] == [
            f"{minute // 60:02}:{minute % 60:02}" for minute in range(0, 720, 100)
        ]


def test_the_first_time_that_suits_is_never_after_the_last_day(
    commune: Commune,
) -> None:
    make_cabin(make_site(commune, opening_hours="Mo-Fr 09:00-12:00,14:00-17:00"))
    service = make_service(commune, duration_min=30)
    fridays = DayFilter(frozenset({4}), mornings=False)

    def first(last: date | None = None) -> Offer | None:
        return find_first(
            commune=commune, service=service, with_helper=False, now=at(6), suiting=fridays, last=last
        )

    found = first()
    assert found is not None
    assert found.start == at(14, day=27)
    assert first(last=DAY + 2 * DAYS) is None
    assert first(last=DAY - timedelta(days=1)) is None
