"""More time for a session that runs: what is promised is granted, and nothing else."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.models import Shift
from booking import actions
from booking.engine.timeline import round_up
from booking.enums import Status
from booking.errors import CabinBusy, HelperBusy, NotOffered, TooLong
from communes.actions import declare_closure
from communes.enums import ClosureReason
from communes.models import Cabin
from tests.booking.towns import Town, do, fresh, last_event
from tests.factories import at, make_shift
from tests.profiles import SLOW_WORLDS, share

pytestmark = pytest.mark.django_db


def closed(site, since):
    declare_closure(site=site, starts_at=since, ends_at=at(18), reason=ClosureReason.WORKS)


def test_a_session_may_last_longer_when_nothing_stands_against_it(town):
    running = town.given(at(9, 30), helper=town.bob, status=Status.IN_SESSION)
    do(actions.extend, running, minutes=20)
    assert (fresh(running).ends_at, fresh(running).blocked_until) == (at(10, 35), at(10, 45))
    assert last_event(running).changes == {
        "ends_at": ["2026-11-24T09:15:00+00:00", "2026-11-24T09:35:00+00:00"]
    }


def test_more_time_counts_from_now_when_the_session_is_over_its_time(town):
    running = town.given(at(9), status=Status.IN_SESSION)
    do(actions.extend, running, minutes=10, now=at(9, 58))
    assert running.ends_at == at(10, 10)


def test_a_session_is_made_longer_only_until_the_next_needs_the_cabin(town):
    running = town.given(at(9, 30), status=Status.IN_SESSION)
    town.given(at(10, 45))
    with pytest.raises(CabinBusy) as refused:
        do(actions.extend, running, minutes=30)
    assert refused.value.details["until"] == at(10, 35)
    assert (
        "10\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}35" in str(refused.value),
        "10\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}45" in str(refused.value),
    ) == (True, True)
    do(actions.extend, running, minutes=20)
    with pytest.raises(CabinBusy) as refused:
        do(actions.extend, running, minutes=5)
    assert refused.value.details["until"] is None


def test_a_session_is_made_longer_only_until_the_cabin_is_retired(town):
    running = town.given(at(9, 30), status=Status.IN_SESSION)
    Cabin.objects.filter(pk=running.cabin_id).update(retired_at=at(10, 45))
    with pytest.raises(NotOffered) as refused:
        do(actions.extend, fresh(running), minutes=30)
    assert refused.value.details["until"] == at(10, 35)
    assert "retirée" in str(refused.value)


def test_a_session_is_made_longer_only_until_the_helper_is_needed(town):
    running = town.given(at(9, 30), helper=town.bob, status=Status.IN_SESSION)
    town.given(at(10, 30), cabin=town.add_cabin(), helper=town.bob)
    with pytest.raises(HelperBusy) as refused:
        do(actions.extend, running, minutes=30)
    assert refused.value.details["until"] == at(10, 20)


def test_of_two_who_wait_for_a_longer_session_the_sooner_says_until_when(town):
    """Else the desk would be told 10:40 first, and once it asks for that, 10:20."""
    running = town.given(at(9, 30), helper=town.bob, status=Status.IN_SESSION)
    town.given(at(10, 50))
    town.given(at(10, 30), cabin=town.add_cabin(), helper=town.bob)
    with pytest.raises(HelperBusy) as refused:
        do(actions.extend, running, minutes=60)
    assert refused.value.details["until"] == at(10, 20)


def test_a_session_that_nobody_ended_is_made_longer_up_to_two_days_and_no_more(town):
    running = town.given(
        at(9, day=22), ends_at=at(8, 30), blocked_until=at(8, 40), helper=town.bob, status=Status.IN_SESSION
    )
    with pytest.raises(TooLong):
        do(actions.extend, running, minutes=30, now=at(8, 30))
    assert fresh(running).ends_at == at(8, 30)
    do(actions.extend, fresh(running), minutes=20, now=at(8, 30))
    assert fresh(running).blocked_until == at(9)


def test_a_session_lasts_no_longer_than_the_place_is_open(town):
    running = town.given(at(11, 15), status=Status.IN_SESSION)
    with pytest.raises(NotOffered, match="ferme à 12") as refused:
        do(actions.extend, running, minutes=10, now=at(11, 50))
    assert refused.value.details["until"] is None
    running = town.given(at(14), cabin=town.add_cabin(), status=Status.IN_SESSION)
    closed(town.site, at(15))
    with pytest.raises(NotOffered) as refused:
        do(actions.extend, running, minutes=30, now=at(14, 30))
    assert refused.value.details["until"] == at(15)


def test_a_session_lasts_no_longer_than_its_helper_is_there(town):
    Shift.objects.filter(agent=town.bob).delete()
    make_shift(town.bob, town.site, at(9), at(9, 45))
    make_shift(town.bob, town.site, at(9, 45), at(10, 30))
    running = town.given(at(9, 30), helper=town.bob, status=Status.IN_SESSION)
    with pytest.raises(HelperBusy, match="part à 10") as refused:
        do(actions.extend, running, minutes=30)
    assert refused.value.details["until"] == at(10, 30)
    do(actions.extend, running, minutes=15)


def test_who_was_let_in_outside_the_hours_may_stay_longer(town):
    running = town.given(at(12, 15), helper=town.bob, status=Status.IN_SESSION)
    do(actions.extend, running, minutes=10, now=at(12, 50))
    assert running.ends_at == at(13, 10)


@pytest.mark.hypothesis
@settings(max_examples=share(0.2), deadline=None, suppress_health_check=SLOW_WORLDS)
@given(
    begun=st.integers(0, 59),
    now=st.integers(0, 90),
    then=st.none() | st.integers(12, 30),
    closes=st.none() | st.integers(12, 30),
    leaves=st.none() | st.integers(12, 30),
)
def test_what_is_promised_as_longer_is_granted_and_nothing_else(begun, now, then, closes, leaves):
    """Also between the ticks. `then`, `closes` and `leaves` are so many fives of minutes after nine."""
    with transaction.atomic():
        town = Town()
        start = at(9) + timedelta(minutes=begun)
        running = town.given(
            start,
            ends_at=start + timedelta(minutes=45),
            blocked_until=round_up(start + timedelta(minutes=45)) + timedelta(minutes=10),
            helper=town.bob,
            status=Status.IN_SESSION,
        )
        later = {name: at(9) + timedelta(minutes=5 * n) for name, n in (("c", closes), ("l", leaves)) if n}
        begins = at(9) + timedelta(minutes=5 * (then or 0))
        if begins >= running.blocked_until:
            town.given(begins)
        if "c" in later:
            closed(town.site, later["c"])
        if "l" in later:
            Shift.objects.filter(agent=town.bob, starts_at=at(9)).update(ends_at=later["l"])
        present = start + timedelta(minutes=now)
        limit = actions.session_limit(running, present)
        promised = dict(actions.possible_extensions(running, limit, (5, 10, 30, 60), present))
        for minutes in (5, 10, 30, 60):
            with transaction.atomic():
                try:
                    do(actions.extend, fresh(running), minutes=minutes, now=present)
                except (CabinBusy, HelperBusy, NotOffered):
                    assert minutes not in promised
                else:
                    assert promised[minutes] == fresh(running).ends_at
                transaction.set_rollback(True)
        transaction.set_rollback(True)


def test_an_expired_hold_does_not_keep_a_session_from_lasting(town):
    running = town.given(at(9, 30), status=Status.IN_SESSION)
    held = town.given(at(10, 30), status=Status.HELD, held_until=at(9, 50))
    do(actions.extend, running, minutes=30)
    assert fresh(held).status == Status.LAPSED
