"""The waiting list: freed times are offered, one person at a time, in order."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from booking import actions, tasks
from booking.enums import EventKind, OfferAnswer, Origin, Status, WaitingState
from booking.errors import HoldExpired, StatusRefused, WaitingRefused
from booking.models import Appointment, WaitingEntry, WaitingOffer, WaitingSearch
from communes.enums import HelperPolicy
from reporting.purge import purge
from tests.booking.towns import SYSTEM, Town, do, fresh, told
from tests.factories import TUESDAY, at, make_cabin, make_commune, make_resident, make_service, make_site

pytestmark = pytest.mark.django_db

MORNING_25, AFTERNOON_25 = 4, 5  # Wednesday
LAST = date(2026, 11, 25)


@pytest.fixture
def full(town: Town) -> Town:
    """Every helper's time of both days is taken: 14:00 to 17:00 on the 24th, all of the 25th."""
    for start, end in (
        (at(9), at(12)),
        (at(14), at(17)),
        (at(9, day=25), at(12, day=25)),
        (at(14, day=25), at(17, day=25)),
    ):
        town.given(start, ends_at=end, blocked_until=end, helper=town.bob)
    return town


def wait(town, *, name="Fatima", now=TUESDAY, **how):
    values = {
        "resident": make_resident(town.commune, first_name=name),
        "service": town.service,
        "with_helper": True,
        "until_on": LAST,
        **how,
    }
    return actions.join_waiting_list(request=actions.WaitingRequest(**values), now=now)


def free(town, start):
    """Someone gives the time from `start` back."""
    do(actions.cancel, Appointment.objects.get(starts_at=start, status=Status.BOOKED))


def offer(now=TUESDAY):
    return actions.offer_freed_times(now=now)


def state(entry):
    return WaitingEntry.objects.get(pk=entry.pk).state


def offered_to(entry):
    """The time on offer, or None."""
    pending = WaitingOffer.objects.filter(entry=entry, answer=OfferAnswer.PENDING).first()
    return pending.appointment if pending else None


def test_nobody_is_offered_anything_while_all_is_full(full):
    entry = wait(full)
    assert offer() == 0
    assert state(entry) == WaitingState.WAITING


def test_a_freed_time_is_held_for_half_an_hour_for_the_first_in_order(full):
    first, second = wait(full), wait(full, name="Karim")
    free(full, at(14))
    full.given(at(15), ends_at=at(17), blocked_until=at(17), helper=full.bob)
    assert offer() == 1
    held = offered_to(first)
    assert (held.starts_at, held.status, held.resident) == (at(14), Status.HELD, first.resident)
    assert (held.held_until, held.origin) == (TUESDAY + timedelta(minutes=30), Origin.WAITING_LIST)
    assert told(held) == [EventKind.HELD]
    assert (state(first), state(second)) == (WaitingState.OFFERED, WaitingState.WAITING)
    assert offer() == 0


def test_when_it_lapses_the_next_is_asked_by_the_clock(full, tuesday):
    first, second = wait(full), wait(full, name="Karim")
    free(full, at(14))
    full.given(at(14, 55), ends_at=at(17), blocked_until=at(17), helper=full.bob)
    tasks.each_minute.call()
    held = offered_to(first)
    Appointment.objects.filter(pk=held.pk).update(held_until=TUESDAY)
    tasks.each_minute.call()
    assert fresh(held).status == Status.LAPSED
    assert state(first) == WaitingState.WAITING
    assert offered_to(second).starts_at == at(14)
    # the same time is not offered to the first again
    do(actions.release_hold, offered_to(second))
    assert offer() == 0
    assert WaitingOffer.objects.get(entry=second).answer == OfferAnswer.DECLINED


def test_three_who_are_silent_are_each_asked_once_about_one_gap(full):
    """From 14:00 to 15:00 a visit of 30 minutes fits at many times, which are one and the same gap."""
    full.service.duration_min, full.service.turnaround_min = 30, 0
    full.service.save()
    waiting = [wait(full, name=name) for name in ("Fatima", "Karim", "Rosa")]
    free(full, at(14))
    full.given(at(15), ends_at=at(17), blocked_until=at(17), helper=full.bob)
    asked = []
    for n in range(12):
        offer(now=TUESDAY + timedelta(minutes=5 * n))
        for each in waiting:
            if held := offered_to(each):
                asked.append((each.resident.first_name, held.starts_at))
                Appointment.objects.filter(pk=held.pk).update(held_until=TUESDAY)
        actions.lapse_holds(now=TUESDAY + timedelta(minutes=5 * n))
    assert {state(each) for each in waiting} == {WaitingState.WAITING}
    for each in waiting:
        starts = [start for name, start in asked if name == each.resident.first_name]
        assert sorted(starts) == [at(14), at(14, 30)]


def test_nothing_is_searched_as_long_as_nothing_has_changed(full, django_assert_num_queries):
    entry = wait(full)
    assert offer() == 0
    with django_assert_num_queries(6):
        assert offer(now=TUESDAY + timedelta(minutes=1)) == 0
    free(full, at(14))
    assert offer(now=TUESDAY + timedelta(minutes=2)) == 1
    assert offered_to(entry).starts_at == at(14)


def test_another_wish_is_looked_at_without_a_change_of_the_place(full):
    free(full, at(14))
    entry = wait(full, half_days=[MORNING_25])
    assert offer() == 0
    actions.join_waiting_list(
        request=replace(wish_of(entry), half_days=[]), now=TUESDAY + timedelta(minutes=1)
    )
    assert offer(now=TUESDAY + timedelta(minutes=1)) == 1


def test_an_offer_that_is_taken_becomes_the_appointment(full):
    entry = wait(full)
    free(full, at(14))
    offer()
    held = offered_to(entry)
    do(actions.book_hold, held, resident=held.resident)
    assert (fresh(held).status, state(entry)) == (Status.BOOKED, WaitingState.BOOKED)
    assert WaitingOffer.objects.get().answer == OfferAnswer.TAKEN
    assert offer() == 0


def test_an_offer_that_ran_out_cannot_be_taken(full):
    entry = wait(full)
    free(full, at(14))
    offer()
    with pytest.raises(HoldExpired):
        do(actions.book_hold, offered_to(entry), resident=entry.resident, now=TUESDAY + timedelta(minutes=30))


def test_an_offer_ends_an_hour_before_the_time_and_is_not_made_too_late(full):
    wait(full)
    free(full, at(14))
    full.given(at(14, 55), ends_at=at(17), blocked_until=at(17), helper=full.bob)
    assert offer(now=at(12, 55)) == 0
    WaitingSearch.objects.all().delete()
    assert offer(now=at(12, 45)) == 1
    assert Appointment.objects.get(status=Status.HELD).held_until == at(13)


@pytest.mark.parametrize(
    ("wish", "suits"),
    [
        ({"half_days": [AFTERNOON_25]}, True),
        ({"half_days": [MORNING_25]}, False),
        ({"from_on": date(2026, 11, 25)}, True),
        ({"until_on": date(2026, 11, 24)}, False),
        ({"with_helper": False}, True),
    ],
)
def test_only_what_suits_is_offered(full, wish, suits):
    wait(full, **wish)
    free(full, at(14, day=25))
    assert offer() == suits


def test_a_site_that_was_not_wanted_is_not_offered(full):
    there = make_site(full.commune)
    entry = wait(full, sites=[there])
    free(full, at(14))
    assert offer() == 0
    entry.sites.add(full.site)
    assert offer() == 1


def test_two_freed_times_are_offered_to_two_people(full):
    first, second = wait(full), wait(full, name="Karim")
    free(full, at(14))
    free(full, at(14, day=25))
    assert offer() == 2
    assert {offered_to(first).starts_at, offered_to(second).starts_at} == {at(14), at(14, 55)}


@pytest.mark.parametrize(
    ("now", "asked"),
    [(at(8, 59), 0), (at(9), 1), (at(18, 29), 1), (at(18, 30), 0), (at(10, day=22), 0)],
    ids=["early", "nine", "evening", "late", "Sunday"],
)
def test_people_are_asked_when_they_may_be_called(full, now, asked):
    wait(full)
    free(full, at(14, day=25))
    assert offer(now=now) == asked


def test_one_who_does_not_answer_is_left_in_peace_after_three_offers(full):
    entry = wait(full)
    free(full, at(14, day=25))
    for _ in range(3):
        assert offer() == 1
        Appointment.objects.filter(pk=offered_to(entry).pk).update(held_until=TUESDAY)
        actions.lapse_holds(now=TUESDAY)
    assert (state(entry), offer()) == (WaitingState.SILENT, 0)
    again = wait(full, resident=entry.resident)
    assert (again.pk, again.joined_at, offer()) == (entry.pk, TUESDAY, 1)


def test_asking_again_replaces_the_wish_and_keeps_the_turn(full):
    entry = wait(full, half_days=[MORNING_25])
    wait(full, resident=entry.resident, half_days=[AFTERNOON_25], now=TUESDAY + timedelta(hours=1))
    row = WaitingEntry.objects.get()
    assert (row.half_days, row.joined_at) == ([AFTERNOON_25], TUESDAY)


def test_one_who_leaves_is_offered_nothing_more(full):
    entry = wait(full)
    actions.leave_waiting_list(entry=entry)
    free(full, at(14))
    assert (state(entry), offer()) == (WaitingState.LEFT, 0)
    with pytest.raises(StatusRefused):
        actions.leave_waiting_list(entry=entry)


def test_one_who_leaves_while_having_an_offer_may_still_take_it(full):
    entry = wait(full)
    free(full, at(14))
    offer()
    held = offered_to(entry)
    actions.leave_waiting_list(entry=entry)
    do(actions.book_hold, held, resident=entry.resident)
    assert state(entry) == WaitingState.BOOKED


def test_one_who_books_in_another_way_waits_no_longer(full):
    entry = wait(full)
    other = wait(full, resident=entry.resident, service=make_service(full.commune))
    free(full, at(14))
    full.book(at(14), resident=entry.resident)
    assert (state(entry), state(other)) == (WaitingState.BOOKED, WaitingState.WAITING)


def test_what_makes_no_sense_is_refused(full):
    elsewhere = make_commune()
    for wrong in (
        {"until_on": date(2026, 11, 23)},
        {"from_on": date(2026, 11, 26)},
        {"half_days": [14]},
        {"service": make_service(elsewhere)},
        {"sites": [make_site(elsewhere)]},
        {"service": make_service(full.commune, is_active=False)},
    ):
        with pytest.raises(WaitingRefused):
            wait(full, **wrong)
    assert not WaitingEntry.objects.exists()


def test_those_who_want_the_same_are_looked_up_once(full, django_assert_max_num_queries):
    for number in range(6):
        wait(full, name=f"Nom{number}")
    with django_assert_max_num_queries(19):
        assert offer() == 0


def test_a_merge_keeps_the_turn_and_a_purge_leaves_those_who_wait(full):
    entry = wait(full, service=make_service(full.commune, helper_policy=HelperPolicy.NONE))
    keep = make_resident(full.commune, created_at=TUESDAY - timedelta(days=500))
    actions.merge_residents(keep=keep, duplicate=entry.resident, by=SYSTEM, now=TUESDAY)
    assert WaitingEntry.objects.get().resident == keep
    assert purge(commune=full.commune, now=TUESDAY).residents == 0


# ---- what is free while they are on the telephone ----------------------------------------------------


def wish_of(entry, **changes):
    return replace(actions.WaitingRequest.of(entry), **changes)


def starts(found):
    return [each.start for each in found]


def join_all_the_same(request, now=TUESDAY):
    """On the list, although something is free now: it does not suit."""
    free = actions.free_now(request=request, now=now)
    return actions.join_waiting_list(request=request, declined=free, now=now)


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"half_days": [MORNING_25]},
        {"half_days": [AFTERNOON_25]},
        {"from_on": LAST},
        {"until_on": date(2026, 11, 24)},
        {"party_size": 2},
        {"with_helper": False},
    ],
)
def test_free_now_is_what_the_clock_would_offer(full, wish):
    free(full, at(14))
    free(full, at(9, day=25))
    entry = wait(full, **wish)
    shown = actions.free_now(request=wish_of(entry), now=TUESDAY)
    offer()
    held = offered_to(entry)
    assert (shown[0].start if shown else None) == (held.starts_at if held else None)
    assert bool(shown) == (wish != {"half_days": [AFTERNOON_25]})


def test_what_is_free_leaves_out_when_they_are_expected_elsewhere(full):
    free(full, at(14))
    full.given(at(15), ends_at=at(17), blocked_until=at(17), helper=full.bob)
    entry = wait(full)
    assert starts(actions.free_now(request=wish_of(entry), now=TUESDAY)) == [at(14)]
    elsewhere = make_cabin(make_site(full.commune))
    full.given(at(14, 30), cabin=elsewhere, resident=entry.resident)
    assert actions.free_now(request=wish_of(entry), now=TUESDAY) == []


def test_a_time_that_the_agent_keeps_for_them_counts_as_free(full):
    free(full, at(14))
    full.given(at(14, 55), ends_at=at(17), blocked_until=at(17), helper=full.bob)
    entry = wait(full)
    kept = full.hold(at(14))
    assert actions.free_now(request=wish_of(entry), now=TUESDAY) == []
    assert starts(actions.free_now(request=wish_of(entry), besides=kept, now=TUESDAY)) == [at(14)]


def test_what_did_not_suit_is_not_offered_and_what_is_freed_later_is(full):
    free(full, at(14))
    entry = join_all_the_same(wish_of(wait(full)))
    assert offer() == 0
    assert state(entry) == WaitingState.WAITING
    free(full, at(14, day=25))
    assert offer() == 1
    assert offered_to(entry).starts_at == at(14, day=25)


def test_a_start_that_a_later_visit_brings_about_was_free_before(full):
    """14:40 is not one of the quarters of an hour that were shown; it is when a visit booked since ends."""
    free(full, at(14))
    entry = join_all_the_same(wish_of(wait(full)))
    full.given(at(14), ends_at=at(14, 30), blocked_until=at(14, 40), helper=full.bob)
    again = wait(full, name="Karim")
    assert starts(actions.free_now(request=wish_of(again), now=TUESDAY))[0] == at(14, 40)
    assert offer() == 1
    assert (offered_to(entry), offered_to(again).starts_at) == (None, at(14, 40))


def test_what_did_not_suit_at_one_place_is_offered_at_another(full):
    free(full, at(14))
    entry = join_all_the_same(wish_of(wait(full, until_on=date(2026, 11, 24))))
    full.add_helper(site=(there := make_site(full.commune)))
    make_cabin(there)
    assert offer() == 1
    assert offered_to(entry).site == there


def test_asking_again_replaces_what_did_not_suit(full):
    free(full, at(14))
    entry = join_all_the_same(wish_of(wait(full)))
    wait(full, resident=entry.resident)
    assert offer() == 1
    assert offered_to(entry).starts_at == at(14)


def test_looking_at_what_is_free_takes_few_queries(full, django_assert_num_queries):
    free(full, at(14))
    request = wish_of(wait(full, sites=[full.site]))
    request = replace(request, sites=list(request.sites))
    with django_assert_num_queries(4):
        assert actions.free_now(request=request, now=TUESDAY)
