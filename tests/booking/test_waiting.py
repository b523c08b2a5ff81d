"""The waiting list: freed times are offered, one person at a time, in order."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from booking import actions, tasks
from booking.enums import EventKind, OfferAnswer, Origin, Status, WaitingState
from booking.errors import HoldExpired, StatusRefused, WaitingRefused
from booking.models import Appointment, WaitingEntry, WaitingOffer, WaitingSearch
from communes.enums import HelperPolicy
from privacy.purge import purge
from tests.booking.towns import SYSTEM, do, fresh, told
from tests.booking.waiting_list import AFTERNOON_25, MORNING_25, free, offer, offered_to, state, wait
from tests.factories import TUESDAY, at, make_commune, make_resident, make_service, make_site

pytestmark = pytest.mark.django_db


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
        request=replace(actions.WaitingRequest.of(entry), half_days=[]), now=TUESDAY + timedelta(minutes=1)
    )
    assert offer(now=TUESDAY + timedelta(minutes=1)) == 1


def test_no_time_is_offered_whose_hour_another_organisation_sets(full):
    """The doctor is not there because a cabin has become free."""
    full.service.hour_set_elsewhere = True
    full.service.save()
    entry = wait(full)
    free(full, at(14))
    assert offer() == 0
    assert state(entry) == WaitingState.WAITING
    full.service.hour_set_elsewhere = False
    full.service.save()
    assert offer() == 1


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


@pytest.mark.parametrize(
    ("policy", "wished", "waits_for_a_helper"),
    [
        (HelperPolicy.NONE, True, False),
        (HelperPolicy.REQUIRED, False, True),
        (HelperPolicy.OPTIONAL, True, True),
    ],
)
def test_the_service_has_the_last_word_over_who_waits_for_a_helper(full, policy, wished, waits_for_a_helper):
    entry = wait(full, service=make_service(full.commune, helper_policy=policy), with_helper=wished)
    assert entry.with_helper is waits_for_a_helper


def test_a_merge_keeps_the_turn_and_a_purge_leaves_those_who_wait(full):
    entry = wait(full, service=make_service(full.commune, helper_policy=HelperPolicy.NONE))
    keep = make_resident(full.commune, created_at=TUESDAY - timedelta(days=500))
    actions.merge_residents(keep=keep, duplicate=entry.resident, by=SYSTEM, now=TUESDAY)
    assert WaitingEntry.objects.get().resident == keep
    assert purge(commune=full.commune, now=TUESDAY).residents == 0


def test_two_offers_to_one_person_are_never_at_the_same_time(town):
    """Fatima waits for two services, both of which are free at the same times."""
    town.add_helper()
    town.add_cabin()
    one = wait(town)
    other = wait(town, resident=one.resident, service=make_service(town.commune), with_helper=False)
    assert offer() == 2
    first, second = offered_to(one), offered_to(other)
    assert first.ends_at <= second.starts_at
    # what was offered a while ago counts as well
    third = wait(town, resident=one.resident, service=make_service(town.commune), with_helper=False)
    assert offer() == 1
    assert offered_to(third).starts_at >= second.ends_at
    assert not named_beside_offers(third)


def named_beside_offers(entry):
    """Of what the desk would name, what meets another offer of theirs."""
    theirs = WaitingOffer.objects.filter(entry__resident=entry.resident, answer=OfferAnswer.PENDING)
    held = [each.appointment for each in theirs]
    found = actions.free_now(request=actions.WaitingRequest.of(entry), now=TUESDAY)
    return [
        each.start for each in found if any(o.starts_at < each.end and each.start < o.ends_at for o in held)
    ]
