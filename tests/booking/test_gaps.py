"""What a gap promises is what the oracle finds, cabin by cabin and helper by helper."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.engine.gaps import SHORTEST_MIN, Begin, Vacancies
from booking.engine.snapshot import CabinWorld, SiteWorld, SlotRequest
from booking.engine.timeline import Window, ceil_tick, floor_tick, mask_of, round_up, spans_of, tick_start
from tests.booking.oracle import MINUTE, Oracle, minutes_of, up_to_five
from tests.booking.stories import needs, stories
from tests.booking.worlds import PARIS, Cabin, Helper, Site, Story, on_the_wall, to_world
from tests.profiles import share


@given(st.integers(0, 2**40 - 1))
def test_the_stretches_of_a_mask_make_the_mask(mask: int) -> None:
    window = Window(7, 40)
    spans = list(spans_of(window, mask))
    assert mask_of(window, spans) == mask
    assert all(a < b for a, b in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def in_business(story: Story) -> Story:
    """The same on its first day, in the hours when people come: else most of it would be past."""
    minute = story.now.astimezone(story.tz)
    inside = on_the_wall(story.first, 8 * 60 + (minute.day * 37 + minute.minute) % 600, story.tz)
    return replace(story, now=inside + timedelta(seconds=17))


def ticks_of(story: Story) -> list[datetime]:
    """The days' ticks from the one of the present on."""
    first = max(floor_tick(story.now), ceil_tick(on_the_wall(story.first, 0, story.tz)))
    return [tick_start(tick) for tick in range(first, ceil_tick(on_the_wall(story.last, 1440, story.tz)))]


def places(story: Story, vacancies: Vacancies) -> list[tuple[Site, Cabin, SiteWorld, CabinWorld]]:
    return [
        (site, cabin, world_site, world_cabin)
        for site, world_site in zip(story.sites, vacancies.snapshot.sites, strict=True)
        for cabin, world_cabin in zip(site.cabins, world_site.cabins, strict=True)
    ]


@settings(max_examples=share(0.25))
@given(st.data())
def test_a_gap_of_a_cabin_holds_what_the_oracle_would_book_in_that_cabin(data: st.DataObject) -> None:
    story = data.draw(stories(days=2, helpers=3, appointments=30))
    story = in_business(story) if data.draw(st.booleans()) else story
    wants = [replace(data.draw(needs(story)), helper_id=None, seen_last_id=n) for n in range(2)]
    oracles = [Oracle(story, need) for need in wants]
    vacancies = Vacancies(to_world(story), wants)
    for site, cabin, world_site, world_cabin in places(story, vacancies):
        gaps = vacancies.of_cabin(world_site, world_cabin)
        free = {tick_start(tick) for gap in gaps for tick in range(gap.start, gap.stop)}
        assert free == {
            tick
            for tick in ticks_of(story)
            if cabin.in_order
            and all(oracles[0].is_open(site, minute) for minute in minutes_of(tick, 5))
            and not any(oracles[0].cabin_taken(cabin, minute) for minute in minutes_of(tick, 5))
        }
        expected = {
            (number, start.at)
            for number, oracle in enumerate(oracles)
            for on in story.days()
            for start in oracle.starts(on)
            if start.offered and start.site_id == site.id and cabin.id in start.cabins
        }
        fits = [(gap, vacancies.fits_cabin(world_site, world_cabin, gap)) for gap in gaps]
        found = [(wants.index(fit.need), at) for _, each in fits for fit in each for at in fit.starts]
        assert sorted(found) == sorted(expected)
        for gap, each in fits:
            assert gap.is_useful == bool(each)
            begins = {wants.index(fit.need): fit.begin.ends_at for fit in each if fit.begin}
            told = (
                {n: begin_in(oracle, site, cabin) for n, oracle in enumerate(oracles)} if gap.is_now else {}
            )
            assert begins == {number: ends_at for number, ends_at in told.items() if ends_at}


@settings(max_examples=share(0.25))
@given(st.data())
def test_a_gap_of_a_helper_holds_what_a_resident_who_chose_them_could_book(data: st.DataObject) -> None:
    story = data.draw(stories(days=2, helpers=3, appointments=30))
    story = in_business(story) if data.draw(st.booleans()) else story
    wants = [
        replace(data.draw(needs(story)), helper_id=None, with_helper=True, seen_last_id=n) for n in range(2)
    ]
    vacancies = Vacancies(to_world(story), wants)
    for site, world_site in zip(story.sites, vacancies.snapshot.sites, strict=True):
        for helper, world_helper in zip(story.helpers, vacancies.snapshot.helpers, strict=True):
            oracles = [Oracle(story, replace(need, helper_id=helper.id)) for need in wants]
            gaps = vacancies.of_helper(world_site, world_helper)
            expected = {
                (number, start.at)
                for number, oracle in enumerate(oracles)
                for on in story.days()
                for start in oracle.starts(on)
                if start.offered and start.site_id == site.id
            }
            fits = [(gap, vacancies.fits_helper(world_site, world_helper, gap)) for gap in gaps]
            found = [(wants.index(fit.need), at) for _, each in fits for fit in each for at in fit.starts]
            assert sorted(found) == sorted(expected)
            for gap, each in fits:
                assert gap.is_useful == bool(each)
                for fit in each:
                    if fit.begin:
                        check_begin(oracles[wants.index(fit.need)], site, helper, fit.begin)


def begin_in(oracle: Oracle, site: Site, cabin: Cabin) -> datetime | None:
    """Until when a visit begun this minute in this cabin could last, trying every end."""
    need = oracle.need
    if not oracle.suits(cabin):
        return None
    helpers = [helper for helper in oracle.story.helpers if oracle.may_serve(helper)]
    for ends_at in ends_to_try(oracle):
        if not can_last(oracle, site, cabin, None, ends_at):
            continue
        if not need.with_helper or any(can_last(oracle, site, cabin, each, ends_at) for each in helpers):
            return ends_at
    return None


def check_begin(oracle: Oracle, site: Site, helper: Helper, begin: Begin) -> None:
    cabin = next(cabin for cabin in site.cabins if cabin.id == begin.cabin_id)
    suitable = [each for each in site.cabins if oracle.suits(each)]
    assert cabin in suitable
    best = next(
        ends_at
        for ends_at in ends_to_try(oracle)
        if any(can_last(oracle, site, each, helper, ends_at) for each in suitable)
    )
    assert begin.helper_id == helper.id
    assert begin.ends_at == best
    assert can_last(oracle, site, cabin, helper, begin.ends_at)


def ends_to_try(oracle: Oracle) -> list[datetime]:
    """The usual length, else the ends of ticks, down to the shortest that is of use."""
    starts_at = oracle.story.now.replace(second=0, microsecond=0)
    usual = starts_at + oracle.need.duration_min * MINUTE
    shortest = starts_at + min(SHORTEST_MIN, oracle.need.duration_min) * MINUTE
    ticks = [tick_start(tick) for tick in range(ceil_tick(shortest), ceil_tick(usual))]
    return [usual, *reversed(ticks)]


def can_last(oracle: Oracle, site: Site, cabin: Cabin, helper: Helper | None, ends_at: datetime) -> bool:
    start = tick_start(floor_tick(oracle.story.now))
    served = minutes_of(start, (round_up(ends_at) - start) // MINUTE)
    kept = minutes_of(start, len(served) + up_to_five(oracle.need.turnaround_min))
    return (
        all(oracle.is_open(site, minute) for minute in served)
        and not any(oracle.cabin_unusable(cabin, minute) for minute in kept)
        and (
            helper is None
            or (
                all(oracle.helper_present(helper, site, minute) for minute in served)
                and not any(oracle.helper_taken(helper, minute) for minute in kept)
            )
        )
    )


NINE_TO_TWELVE = Site(
    1, {1: [(540, 720)]}, shut_on_holidays=True, closures=[], cabins=[Cabin(10, frozenset(), in_order=True)]
)
CAF = SlotRequest(service_id=1, duration_min=45, turnaround_min=10)


def a_tuesday(minute: int) -> Story:
    on = date(2026, 11, 24)
    now = on_the_wall(on, minute, PARIS)
    return Story(PARIS, on, on, now, frozenset(), {1: frozenset()}, [NINE_TO_TWELVE], [], [])


def test_where_a_session_runs_beyond_its_time_nothing_begins_now() -> None:
    world = to_world(a_tuesday(10 * 60 + 2))
    site = world.sites[0]
    (gap,) = Vacancies(world, [CAF]).of_cabin(site, site.cabins[0])
    assert gap.is_now
    (gap,) = Vacancies(world, [CAF], cabins_in_session=[10]).of_cabin(site, site.cabins[0])
    assert not gap.is_now
    assert gap.start == floor_tick(world.now) + 1


def test_a_short_rest_before_closing_takes_a_short_visit_then_nothing() -> None:
    for minute, until in ((11 * 60 + 30, 12 * 60), (11 * 60 + 49, 12 * 60), (11 * 60 + 51, None)):
        world = to_world(a_tuesday(minute))
        site = world.sites[0]
        vacancies = Vacancies(world, [CAF])
        (gap,) = vacancies.of_cabin(site, site.cabins[0])
        fits = vacancies.fits_cabin(site, site.cabins[0], gap)
        ends = [fit.begin.ends_at.astimezone(a_tuesday(0).tz) for fit in fits if fit.begin]
        assert [end.hour * 60 + end.minute for end in ends] == ([until] if until else [])
        assert gap.is_useful == (until is not None)
