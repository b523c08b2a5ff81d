"""What is free now, said while somebody is on the telephone, before they are put on the waiting list."""

from dataclasses import replace
from datetime import date

import pytest

from booking import actions
from booking.enums import WaitingState
from tests.booking.waiting_list import AFTERNOON_25, LAST, MORNING_25, free, offer, offered_to, state, wait
from tests.factories import TUESDAY, at, make_cabin, make_site

pytestmark = pytest.mark.django_db


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
