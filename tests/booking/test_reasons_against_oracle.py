"""Why nothing is offered, at all places and at one that was chosen: each reason is the oracle's."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from hypothesis import given, note, settings
from hypothesis import strategies as st

from booking.engine.availability import DayOffers, HalfDay, Offers, search
from booking.engine.snapshot import SlotRequest
from booking.enums import WhyEmpty
from booking.free.slots import SlotSearch
from booking.pages.times import DayChoices, Times
from booking.pages.when import AFTERNOON, MORNING, When
from communes.models import Site
from tests.booking.oracle import Oracle, Start
from tests.booking.stories import crowded_days, needs, stories
from tests.booking.worlds import Story, to_world
from tests.profiles import share

type Stretch = tuple[datetime, datetime]

HALVES = st.sampled_from([{MORNING, AFTERNOON}, {MORNING, AFTERNOON}, {MORNING}, {AFTERNOON}])


def at_one_place(story: Story, site_id: int) -> Story:
    """The story as somebody sees it who asks at one site alone."""
    return replace(story, sites=[site for site in story.sites if site.id == site_id])


def timely(starts: Iterable[Start], stretch: Stretch) -> list[Start]:
    return [
        each
        for each in starts
        if stretch[0] <= each.at < stretch[1]
        if each.not_past and each.not_too_soon and each.not_too_far
    ]


class Judge:
    """Says of each reason whether it is true. `halves`: those that were asked for."""

    def __init__(self, story: Story, need: SlotRequest, offers: Offers) -> None:
        self.story, self.offers = story, offers
        self.everywhere = Oracle(story, need)
        self.at = {site.id: Oracle(at_one_place(story, site.id), need) for site in story.sites}

    def of_stretch(self, day: DayOffers, part: DayOffers | HalfDay, stretch: Stretch) -> None:
        self._one(day, part.why_empty, self.everywhere, stretch, found=bool(part.offers))
        there = {offer.site_id for offer in part.offers}
        assert set(part.why_by_site) == {site.id for site in self.story.sites} - there
        for site_id, why in part.why_by_site.items():
            note(f"site {site_id}")
            self._one(day, why, self.at[site_id], stretch, found=False)

    def _one(
        self, day: DayOffers, why: WhyEmpty | None, oracle: Oracle, stretch: Stretch, *, found: bool
    ) -> None:
        """« Full » only where nobody could make room, however many would have to change; where that was not
        tried to the end, « not found »."""
        if found:
            assert why is None
            return
        expected = oracle.why_empty(day.on, *stretch)
        if why is WhyEmpty.NOT_FOUND:
            assert self.offers.unsettled
            assert expected is WhyEmpty.FULL
            return
        assert why is expected
        if why is WhyEmpty.FULL:
            starts = timely(oracle.starts(day.on), stretch)
            assert not any(each.offered or oracle.possible_by_exchange(day.on, each) for each in starts)


def _check_all(story: Story, need: SlotRequest, offers: Offers) -> None:
    judge, oracle = Judge(story, need, offers), Oracle(story, need)
    for day in offers.days:
        note(f"day {day.on}")
        morning, afternoon = oracle.half(day.on, afternoon=False), oracle.half(day.on, afternoon=True)
        judge.of_stretch(day, day.morning, morning)
        judge.of_stretch(day, day.afternoon, afternoon)
        judge.of_stretch(day, day, (morning[0], afternoon[1]))


@settings(max_examples=share(0.35))
@given(st.data())
def test_the_reason_of_each_place_is_that_of_the_oracle(data: st.DataObject) -> None:
    story = data.draw(stories(days=2, appointments=25))
    need = data.draw(needs(story))
    _check_all(story, need, search(to_world(story), need, by_site=True))


@settings(max_examples=share(0.7))
@given(crowded_days(), st.sampled_from([0, 1, 2, 3, 5, 8, 20_000]))
def test_where_the_search_gives_up_nobody_says_full(given: tuple[Story, SlotRequest], bound: int) -> None:
    story, need = given
    offers = search(to_world(story), need, bound=bound, by_site=True)
    assert bound < 20_000 or not offers.unsettled
    _check_all(story, need, offers)


@settings(max_examples=share(0.3))
@given(st.data(), HALVES, st.booleans())
def test_the_page_says_the_reason_of_the_place_and_of_the_halves_that_were_chosen(
    data: st.DataObject, halves: set[str], somewhere: bool
) -> None:
    story = data.draw(stories(days=2, appointments=25))
    need = data.draw(needs(story))
    need = replace(need, mornings=MORNING in halves, afternoons=AFTERNOON in halves)
    sites = [Site(pk=site.id, short_name=f"Site {site.id}") for site in story.sites]
    chosen = data.draw(st.sampled_from(sites)).pk if somewhere else None
    when = When(today=story.first, week=story.first, weekdays=frozenset(range(7)), halves=frozenset(halves))
    found = SlotSearch(search(to_world(story), need, by_site=True), sites, {})

    days = Times(found, when, chosen, None).days()

    told = story if chosen is None else at_one_place(story, chosen)
    assert [day.on for day in days] == story.days()
    for day in days:
        note(f"day {day.on}")
        _check_page(Oracle(told, need), day, halves)


def _check_page(oracle: Oracle, day: DayChoices, halves: set[str]) -> None:
    parts = {"morning": (MORNING, False), "afternoon": (AFTERNOON, True)}
    assert [half.name for half in day.halves] == [name for name, (code, _) in parts.items() if code in halves]
    times = []
    for half in day.halves:
        stretch = oracle.half(day.on, afternoon=parts[half.name][1])
        expected = {
            (each.at, each.site_id)
            for each in timely(oracle.starts(day.on), stretch)
            if each.offered or oracle.possible_by_exchange(day.on, each)
        }
        times.append(expected)
        assert {(each.start, each.site.pk) for each in (*half.first, *half.more)} == expected
        why = "" if expected else str(oracle.why_empty(day.on, *stretch).label)
        assert half.why_empty == why
    asked = [oracle.half(day.on, afternoon=parts[half.name][1]) for half in day.halves]
    whole = asked[0][0], asked[-1][1]
    assert day.why_empty == ("" if any(times) else str(oracle.why_empty(day.on, *whole).label))
