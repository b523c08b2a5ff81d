"""The rules of availability, one example each; the oracle tests try the rest."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from booking.engine.assignment import ExchangePlan, NotFound, assign, make_room
from booking.engine.availability import Offers, next_free, search
from booking.engine.snapshot import (
    Booked,
    CabinWorld,
    HelperWorld,
    Pin,
    SiteWorld,
    SlotRequest,
    Snapshot,
    days_between,
)
from booking.engine.timeline import Span, floor_tick
from booking.enums import WhyEmpty

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = date(2026, 11, 24)
CAF, RARE = 1, 2


def at(hour: int, minute: int = 0, on: date = TUESDAY) -> datetime:
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=PARIS)


def span(start: tuple[int, int], stop: tuple[int, int], on: date = TUESDAY) -> Span:
    return floor_tick(at(*start, on=on)), floor_tick(at(*stop, on=on))


MORNING = span((9, 0), (12, 0))


def cabin(number: int = 10, *busy: Span, **fields: Any) -> CabinWorld:
    return CabinWorld(number, busy=busy, **fields)


def helper(number: int = 100, *busy: Span, skills: tuple[int, ...] = (CAF,), **fields: Any) -> HelperWorld:
    values: dict[str, Any] = {"shifts": {1: [MORNING]}, **fields}
    return HelperWorld(number, frozenset(skills), busy=busy, **values)


def world(*cabins: CabinWorld, **fields: Any) -> Snapshot:
    values: dict[str, Any] = {
        "now": at(6),
        "days": days_between(TUESDAY, TUESDAY, PARIS),
        "sites": (SiteWorld(1, [MORNING], cabins=cabins or [cabin()]),),
        **fields,
    }
    return Snapshot(**values)


def need(minutes: int = 45, **fields: Any) -> SlotRequest:
    return SlotRequest(CAF, minutes, **{"start_step_min": 60, **fields})


def times(offers: Offers) -> list[str]:
    return [f"{offer.start.astimezone(PARIS):%H:%M}" for offer in offers]


def test_starts_are_counted_from_the_opening() -> None:
    assert times(search(world(), need(start_step_min=50))) == ["09:00", "09:50", "10:40"]


def test_a_start_touches_the_end_of_a_turnaround() -> None:
    taken = cabin(10, span((9, 0), (9, 55)))
    assert times(search(world(taken), need())) == ["09:55", "10:00", "11:00"]


def test_an_end_in_a_cabin_that_does_not_suit_is_no_start() -> None:
    taken = cabin(10, span((9, 0), (9, 55)), equipment=frozenset({"screen"}))
    other = cabin(11, equipment=frozenset({"scanner"}))
    assert times(search(world(taken, other), need(equipment=frozenset({"scanner"})))) == [
        "09:00",
        "10:00",
        "11:00",
    ]


def test_an_end_at_the_first_instant_of_the_days_is_a_start() -> None:
    midnight = days_between(TUESDAY, TUESDAY, PARIS)[0].start
    night = SiteWorld(1, [(midnight - 25, midnight + 25)], cabins=[cabin(10, (midnight - 9, midnight))])
    before = datetime(2026, 11, 23, 12, tzinfo=PARIS)
    assert times(search(world(sites=(night,), now=before), need())) == ["00:00", "00:55"]
    idle = replace(night, cabins=[cabin()])
    assert times(search(world(sites=(idle,), now=before), need())) == ["00:55"]


def test_the_turnaround_may_run_past_closing_and_past_the_shift() -> None:
    offers = search(world(helpers=(helper(),)), need(60, turnaround_min=30, with_helper=True))
    assert times(offers) == ["09:00", "10:00", "11:00"]
    assert [offer.blocked_until for offer in offers][-1] == at(12, 30)


def test_the_turnaround_keeps_off_the_next_appointment() -> None:
    taken = cabin(10, span((11, 0), (12, 0)))
    assert times(search(world(taken), need(60, turnaround_min=5))) == ["09:00"]


def test_a_helper_serves_where_they_are_on_shift() -> None:
    elsewhere = helper(shifts={2: [MORNING]})
    both = helper(shifts={2: [span((9, 0), (10, 0))], 1: [span((10, 0), (12, 0))]})
    assert search(world(helpers=(elsewhere,)), need(with_helper=True)).days[0].why_empty == WhyEmpty.NO_HELPER
    assert times(search(world(helpers=(both,)), need(with_helper=True))) == ["10:00", "11:00"]


def test_lengths_are_rounded_up_to_the_tick_each_for_itself() -> None:
    offers = search(world(), need(32, turnaround_min=8))
    first = next(iter(offers))
    assert (first.end, first.blocked_until) == (at(9, 35), at(9, 45))
    assert (offers.asked_min, offers.duration_min, offers.was_rounded_up) == (32, 35, True)


def test_halves_of_a_day_are_told_apart_at_local_noon() -> None:
    opens = [MORNING, span((14, 0), (17, 0))]
    full = cabin(10, MORNING)
    day = search(world(sites=(SiteWorld(1, opens, cabins=[full]),)), need()).days[0]
    assert (day.morning.why_empty, day.afternoon.why_empty, day.why_empty) == (WhyEmpty.FULL, None, None)
    assert len(day.offers) == len(day.afternoon.offers) == 3


@pytest.mark.parametrize(
    ("fields", "asked", "why"),
    [
        ({"sites": ()}, {}, WhyEmpty.CLOSED),
        ({"sites": (SiteWorld(1, [MORNING], [MORNING], [cabin()]),)}, {}, WhyEmpty.CLOSED),
        ({"sites": (SiteWorld(1, []),), "holidays": frozenset({TUESDAY})}, {}, WhyEmpty.HOLIDAY),
        # Open on holidays, but closed on this one by a closure.
        (
            {"sites": (SiteWorld(1, [MORNING], [MORNING]),), "holidays": frozenset({TUESDAY})},
            {},
            WhyEmpty.CLOSED,
        ),
        ({"sites": (SiteWorld(1, [span((9, 0), (9, 30))], (), [cabin()]),)}, {}, WhyEmpty.TOO_SHORT),
        ({"now": at(13)}, {}, WhyEmpty.PAST),
        ({}, {"earliest": at(13)}, WhyEmpty.TOO_SOON),
        ({}, {"latest": at(8)}, WhyEmpty.TOO_FAR),
        ({}, {"equipment": frozenset({"scanner"})}, WhyEmpty.NO_CABIN),
        ({"sites": (SiteWorld(1, [MORNING], (), [cabin(in_order=False)]),)}, {}, WhyEmpty.NO_CABIN),
        ({}, {"with_helper": True}, WhyEmpty.NO_HELPER),
        ({"helpers": (helper(),)}, {"with_helper": True, "helper_id": 101}, WhyEmpty.NO_HELPER),
        ({"helpers": (helper(100, MORNING),)}, {"with_helper": True}, WhyEmpty.FULL),
    ],
)
def test_an_empty_day_says_why(fields: dict[str, Any], asked: dict[str, Any], why: WhyEmpty) -> None:
    day = search(world(**fields), need(**asked)).days[0]
    assert (day.offers, day.why_empty) == ((), why)


@pytest.mark.parametrize(
    ("first", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (TUESDAY, 24)]
)
def test_nine_stays_nine_across_a_clock_change(first: date, hours: int) -> None:
    days = days_between(first, first + timedelta(days=1), PARIS)
    assert days[0].stop - days[0].start == hours * 12
    opens = [span((9, 0), (10, 0), on=day.on) for day in days]
    offers = search(
        world(sites=(SiteWorld(1, opens, cabins=[cabin()]),), days=days, now=at(0, on=first)), need()
    )
    assert times(offers) == ["09:00", "09:00"]


def test_next_free_is_found_past_days_without_any() -> None:
    days = days_between(TUESDAY, TUESDAY + timedelta(days=60), PARIS)
    opens = [MORNING, span((9, 0), (12, 0), on=days[50].on)]
    offer = next_free(
        world(sites=(SiteWorld(1, opens, cabins=[cabin(10, MORNING)]),), days=days), need()
    ).offer
    assert offer is not None
    assert offer.start == at(9, on=days[50].on)


# ---- who gets it ---------------------------------------------------------------------------------


def test_the_plainest_cabin_and_the_known_helper_come_first() -> None:
    rich, plain = (
        cabin(number, equipment=frozenset(equipment))
        for number, equipment in ((10, {"scanner", "video"}), (11, {"scanner"}))
    )
    helpers = (helper(100, span((9, 0), (9, 30))), helper(101), helper(102))
    asked = need(with_helper=True, equipment=frozenset({"scanner"}))
    found = assign(world(rich, plain, helpers=helpers), asked, at(10), 1)
    assert (found.cabins, found.helpers) == ((11, 10), (101, 102, 100))
    found = assign(world(rich, plain, helpers=helpers), replace(asked, seen_last_id=102), at(10), 1)
    assert found.helpers == (102, 101, 100)


def test_a_start_between_the_offered_ones_can_still_be_judged() -> None:
    assert assign(world(), need(), at(9, 10), 1).cabins == (10,)


def test_the_turnaround_of_a_candidate_may_run_past_the_shift() -> None:
    asked = need(60, turnaround_min=30, with_helper=True)
    assert assign(world(helpers=(helper(),)), asked, at(11), 1).helpers == (100,)


def test_nobody_is_found_outside_the_days_or_the_sites() -> None:
    assert assign(world(), need(), at(9), 7).refusal == WhyEmpty.CLOSED
    assert assign(world(), need(), at(9, on=TUESDAY + timedelta(days=1)), 1).refusal == WhyEmpty.CLOSED


# ---- exchange ------------------------------------------------------------------------------------


def crossed(**fields: Any) -> Snapshot:
    """The only helper with the rare skill sits in a common appointment, a colleague is idle."""
    start, stop = span((9, 0), (10, 0))
    common = Booked(1, 10, 100, CAF, start, stop, stop)
    helpers = (helper(100, (start, stop), skills=(CAF, RARE)), helper(101))
    return world(
        cabin(10, (start, stop)),
        cabin(11),
        **{
            "helpers": helpers,
            "booked": [common],
            "equipment_by_service": {CAF: frozenset(), RARE: frozenset()},
            **fields,
        },
    )


RARE_NEED = SlotRequest(RARE, 60, start_step_min=60, with_helper=True)


def test_a_time_is_offered_if_a_colleague_can_take_over() -> None:
    offers = list(search(crossed(), RARE_NEED))
    assert [(offer.start, offer.via_exchange) for offer in offers] == [
        (at(9), True),
        (at(10), False),
        (at(11), False),
    ]
    assert make_room(crossed(), RARE_NEED, at(9), 1) == ExchangePlan(11, 100, {}, {1: 101})
    assert next_free(crossed(), RARE_NEED).offer == offers[0]
    assert next_free(crossed(), RARE_NEED, exchange=False).offer == offers[1]


def test_what_the_search_gave_up_is_not_found_and_not_full() -> None:
    start, stop = span((9, 0), (12, 0))
    common = Booked(1, 10, 100, CAF, start, stop, stop)
    full = crossed(booked=[common], helpers=(helper(100, (start, stop), skills=(CAF, RARE)), helper(101)))
    (settled,) = search(full, RARE_NEED).days
    assert [offer.via_exchange for offer in settled.offers] == [True] * 3
    given_up = search(full, RARE_NEED, bound=0)
    assert given_up.unsettled == 3
    (day,) = given_up.days
    assert (day.offers, day.morning.why_empty, day.why_empty) == ((), WhyEmpty.NOT_FOUND, WhyEmpty.NOT_FOUND)
    (day,) = search(full, RARE_NEED, exchange=False).days
    assert day.why_empty == WhyEmpty.FULL


@pytest.mark.parametrize("pin", [Pin.HELPER, Pin.ALL])
def test_whom_a_resident_chose_or_met_is_not_exchanged(pin: int) -> None:
    fixed = crossed(booked=[crossed().booked[0]._replace(pin=pin)])
    assert times(search(fixed, RARE_NEED)) == ["10:00", "11:00"]
    assert make_room(fixed, RARE_NEED, at(9), 1) == NotFound(bound_hit=False)


def test_what_starts_within_two_hours_is_not_exchanged() -> None:
    assert times(search(crossed(now=at(7)), RARE_NEED)) == ["09:00", "10:00", "11:00"]
    assert times(search(crossed(now=at(7, 1)), RARE_NEED)) == ["10:00", "11:00"]


def test_a_colleague_without_the_skill_or_the_shift_cannot_take_over() -> None:
    expert = crossed().helpers[0]
    for colleague in (helper(101, skills=()), helper(101, shifts={2: [MORNING]})):
        assert times(search(crossed(helpers=(expert, colleague)), RARE_NEED)) == ["10:00", "11:00"]


def test_a_turnaround_can_be_left_to_a_colleague_whose_shift_is_over() -> None:
    start, stop = span((9, 0), (10, 0))
    common = Booked(1, 10, 100, CAF, start, stop, stop + 2)
    expert = helper(100, (start, stop + 2), skills=(CAF, RARE))
    early = helper(101, shifts={1: [(start, stop)]})
    offers = search(crossed(helpers=(expert, early), booked=[common]), RARE_NEED)
    assert [(offer.start, offer.via_exchange) for offer in offers] == [
        (at(9), True),
        (at(10), True),
        (at(10, 10), False),
        (at(11), False),
    ]


def test_cabins_are_exchanged_as_helpers_are() -> None:
    start, stop = span((9, 0), (10, 0))
    rich, plain = cabin(10, (start, stop), equipment=frozenset({"video"})), cabin(11)
    given = world(
        rich,
        plain,
        booked=[Booked(1, 10, None, CAF, start, stop, stop)],
        equipment_by_service={CAF: frozenset(), RARE: frozenset({"video"})},
    )
    asked = SlotRequest(RARE, 60, start_step_min=60, equipment=frozenset({"video"}))
    assert times(search(given, asked)) == ["09:00", "10:00", "11:00"]
    assert make_room(given, asked, at(9), 1) == ExchangePlan(10, None, {1: 11}, {})


def test_nobody_is_moved_into_a_cabin_that_is_out_of_order() -> None:
    start, stop = span((9, 0), (10, 0))
    rich = cabin(10, (start, stop), equipment=frozenset({"video", "scanner"}))
    spare = cabin(11, equipment=frozenset({"scanner"}))
    asked = SlotRequest(RARE, 60, start_step_min=60, equipment=frozenset({"video"}))

    def offered(spare: CabinWorld) -> list[str]:
        given = world(
            rich,
            spare,
            cabin(12),
            booked=[Booked(1, 10, None, CAF, start, stop, stop)],
            equipment_by_service={CAF: frozenset({"scanner"}), RARE: frozenset({"video"})},
        )
        return times(search(given, asked))

    assert offered(spare) == ["09:00", "10:00", "11:00"]
    assert offered(replace(spare, in_order=False)) == ["10:00", "11:00"]


def test_an_appointment_may_stay_in_a_cabin_that_is_out_of_order() -> None:
    start, stop = span((9, 0), (10, 0))
    given = world(
        cabin(10, (start, stop), in_order=False),
        cabin(11),
        booked=[Booked(1, 10, None, CAF, start, stop, stop)],
        equipment_by_service={CAF: frozenset()},
    )
    assert times(search(given, need(60))) == ["09:00", "10:00", "11:00"]


def test_past_the_bound_the_answer_is_not_found_and_counted() -> None:
    assert make_room(crossed(), RARE_NEED, at(9), 1, bound=1) == NotFound(bound_hit=True)
    offers = search(crossed(), RARE_NEED, bound=1)
    assert (times(offers), offers.unsettled) == (["10:00", "11:00"], 1)
    assert search(crossed(), RARE_NEED).unsettled == 0
    first = next_free(crossed(), RARE_NEED, bound=1)
    assert (first.offer, first.unsettled) == (next(iter(offers)), 1)
    assert next_free(crossed(), RARE_NEED).unsettled == 0


def test_nothing_reaches_into_the_time_after_a_cabin_is_retired() -> None:
    retired = replace(cabin(10), retired_from=span((10, 0), (12, 0))[0])
    assert times(search(world(retired), need(60))) == ["09:00"]
    assert times(search(world(retired, cabin(11)), need(60))) == ["09:00", "10:00", "11:00"]


def test_a_day_after_the_only_cabin_is_retired_says_that_there_is_none() -> None:
    retired = replace(cabin(10), retired_from=span((0, 0), (12, 0))[0])
    assert search(world(retired), need(60)).days[0].why_empty is WhyEmpty.NO_CABIN
