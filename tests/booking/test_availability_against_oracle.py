"""The engine and the oracle say the same about random worlds."""

from dataclasses import replace

from hypothesis import given, note, settings
from hypothesis import strategies as st

from booking.engine.assignment import ExchangePlan, assign, make_room
from booking.engine.availability import next_free, search
from booking.engine.snapshot import Offer, SlotRequest
from booking.engine.timeline import busy_span
from booking.enums import WhyEmpty
from tests.booking.oracle import Oracle, up_to_five
from tests.booking.stories import crowded_days, needs, stories
from tests.booking.worlds import Story, to_world
from tests.profiles import share


@given(st.data())
def test_offers_and_reasons_are_those_of_the_oracle(data: st.DataObject) -> None:
    story = data.draw(stories())
    need = data.draw(needs(story))
    oracle = Oracle(story, need)

    offers = search(to_world(story), need, exchange=False)

    assert [day.on for day in offers.days] == story.days()
    for day in offers.days:
        note(f"day {day.on}")
        expected = [(each.at, each.site_id) for each in oracle.starts(day.on) if each.offered]
        assert [(offer.start, offer.site_id) for offer in day.offers] == expected
        halves = [(day.morning, oracle.half(day.on, afternoon=False))]
        halves.append((day.afternoon, oracle.half(day.on, afternoon=True)))
        for half, (start, stop) in halves:
            assert all(start <= offer.start < stop for offer in half.offers)
            assert half.why_empty == (None if half.offers else oracle.why_empty(day.on, start, stop))
        whole = halves[0][1][0], halves[1][1][1]
        assert day.why_empty == (None if day.offers else oracle.why_empty(day.on, *whole))
    assert offers.duration_min == up_to_five(need.duration_min)
    assert offers.was_rounded_up == (need.duration_min % 5 > 0)


@settings(max_examples=share(0.5))
@given(st.data())
def test_candidates_are_those_of_the_oracle(data: st.DataObject) -> None:
    story = data.draw(stories(days=2))
    need = data.draw(needs(story))
    oracle, world = Oracle(story, need), to_world(story)

    for on in story.days():
        for start in oracle.starts(on):
            found = assign(world, need, start.at, start.site_id)
            assert bool(found) == start.offered
            if found or found.refusal == WhyEmpty.FULL:
                assert sorted(found.cabins) == sorted(start.cabins)
                assert sorted(found.helpers) == (sorted(start.helpers) if need.with_helper else [])


@settings(max_examples=share(0.5))
@given(st.data())
def test_the_first_free_time_is_the_first_of_the_offers(data: st.DataObject) -> None:
    story = data.draw(stories())
    need = data.draw(needs(story))
    world = to_world(story)

    for exchange in (False, True):
        offers = list(search(world, need, exchange=exchange))
        assert next_free(world, need, exchange=exchange).offer == (offers[0] if offers else None)


@settings(max_examples=share(0.5))
@given(st.data())
def test_exchange_offers_what_trying_everything_finds(data: st.DataObject) -> None:
    story = data.draw(stories(days=2, appointments=25))
    _exchange_is_exact(story, data.draw(needs(story)))


@given(crowded_days())
def test_exchange_on_a_crowded_day_is_exact(given: tuple[Story, SlotRequest]) -> None:
    _exchange_is_exact(*given)


def _exchange_is_exact(story: Story, need: SlotRequest) -> None:
    oracle, world = Oracle(story, need), to_world(story)

    offers = search(world, need)

    assert not offers.unsettled
    for day in offers.days:
        starts = [
            each for each in oracle.starts(day.on) if each.not_past and each.not_too_soon and each.not_too_far
        ]
        direct = [(each.at, each.site_id) for each in starts if each.offered]
        exchanged = [
            (each.at, each.site_id)
            for each in starts
            if not each.offered and oracle.possible_by_exchange(day.on, each)
        ]
        assert [(offer.start, offer.site_id) for offer in day.offers if not offer.via_exchange] == direct
        assert [(offer.start, offer.site_id) for offer in day.offers if offer.via_exchange] == exchanged
        for offer in day.offers:
            if offer.via_exchange:
                plan = make_room(world, need, offer.start, offer.site_id)
                assert isinstance(plan, ExchangePlan)
                _check_plan(story, oracle, need, offer, plan)


def _check_plan(story: Story, oracle: Oracle, need: SlotRequest, offer: Offer, plan: ExchangePlan) -> None:
    """Carried out, the plan makes a world in which nobody meets, nobody is unfit, and those who
    must not move have not; and in which the newcomer's places are free."""
    assert plan.cabins or plan.helpers
    site = next(site for site in story.sites if site.id == offer.site_id)
    by_id = {each.id: each for each in story.appointments}
    movable = {each.id for each in oracle.movable(offer.start.astimezone(story.tz).date(), site)}
    assert {*plan.cabins, *plan.helpers} <= movable
    assert not any(by_id[moved].helper_chosen for moved in plan.helpers)
    after = [
        replace(
            each,
            cabin_id=plan.cabins.get(each.id, each.cabin_id),
            helper_id=plan.helpers.get(each.id, each.helper_id),
        )
        for each in story.appointments
    ]
    for moved, cabin_id in plan.cabins.items():
        cabin = next(cabin for cabin in site.cabins if cabin.id == cabin_id)
        assert cabin.in_order
        assert cabin.out_until is None or by_id[moved].starts_at >= cabin.out_until
        assert cabin.retired is None or by_id[moved].blocked_until <= cabin.retired
        assert story.services[by_id[moved].service_id] <= cabin.equipment
    for moved, helper_id in plan.helpers.items():
        helper = next(helper for helper in story.helpers if helper.id == helper_id)
        assert by_id[moved].service_id in helper.skills
    for place in ("cabin_id", "helper_id"):
        taken = [
            (getattr(each, place), *busy_span(each.starts_at, each.blocked_until))
            for each in after
            if each.counts(story.now) and getattr(each, place) is not None
        ]
        assert not any(
            a[0] == b[0] and a[1] < b[2] and b[1] < a[2]
            for number, a in enumerate(taken)
            for b in taken[:number]
        )
    then = Oracle(replace(story, appointments=after), need)
    start = then.start(site, offer.start)
    assert plan.cabin_id in start.cabins
    assert not need.with_helper or plan.helper_id in start.helpers
