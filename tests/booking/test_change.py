"""Moving, cancelling and back, confirming, editing."""

from datetime import timedelta

import pytest
from django.utils import translation

from booking import actions
from booking.enums import EventKind, Reason, Status
from booking.errors import NotOffered, SlotTaken, StatusRefused, TooLate
from booking.models import Appointment, AppointmentEvent
from communes.models import Closure, Site
from tests.booking.towns import SYSTEM, counts, do, fresh, last_event, told
from tests.factories import TUESDAY, at, make_cabin, make_resident, make_site

pytestmark = pytest.mark.django_db


def move(town, appointment, start, **how):
    values = {"site": town.site, "by": SYSTEM, "now": TUESDAY, **how}
    return actions.reschedule(appointment=appointment, start=start, **values)


# ---- moving --------------------------------------------------------------------------------------


def test_a_move_says_from_where_to_where(town):
    booked = town.book(at(14))
    do(actions.confirm, booked)
    move(town, booked, at(9, day=25), reason=Reason.RESIDENT_ASKED)
    moved = fresh(booked)
    assert (moved.starts_at, moved.ends_at, moved.blocked_until) == (
        at(9, day=25),
        at(9, 45, day=25),
        at(9, 55, day=25),
    )
    assert (moved.status, moved.confirmed_at, moved.number) == (Status.BOOKED, None, booked.number)
    assert told(booked) == [EventKind.BOOKED, EventKind.CONFIRMED, EventKind.MOVED]
    event = last_event(booked)
    assert event.reason == "resident_asked"
    assert event.changes == {
        "starts_at": ["2026-11-24T13:00:00+00:00", "2026-11-25T08:00:00+00:00"],
        "ends_at": ["2026-11-24T13:45:00+00:00", "2026-11-25T08:45:00+00:00"],
        "site": [town.site.pk, town.site.pk],
        "cabin": [town.cabin.pk, town.cabin.pk],
        "helper": [town.bob.pk, town.bob.pk],
    }


def test_an_appointment_may_move_into_its_own_old_time(town):
    booked = town.book(at(14))
    move(town, booked, at(14, 15))
    assert fresh(booked).starts_at == at(14, 15)


def test_a_move_to_where_it_is_already_tells_nobody(town):
    booked = town.book(at(14))
    do(actions.confirm, booked)
    move(town, booked, at(14))
    assert (told(booked)[-1], fresh(booked).confirmed_at) == (EventKind.CONFIRMED, TUESDAY)


def test_a_move_to_the_same_time_finds_another_helper_when_one_is_absent(town):
    carla = town.add_helper()
    booked = town.book(at(14), helper=town.bob)
    town.bob.absences.create(starts_at=at(14), ends_at=at(17))
    with pytest.raises(NotOffered):
        move(town, booked, at(14))
    move(town, booked, at(14), with_helper=True)
    assert (booked.helper, last_event(booked).changes["helper"]) == (carla, [town.bob.pk, carla.pk])


def test_a_refused_move_leaves_the_appointment_where_it_was(town):
    booked = town.book(at(14))
    town.book(at(15))
    with pytest.raises(SlotTaken) as refused:
        move(town, booked, at(14, 30))
    assert (fresh(booked).starts_at, told(booked)) == (at(14), [EventKind.BOOKED])
    offers = [offer.start for offer in refused.value.details["alternatives"]]
    assert at(14, 5) not in offers and at(16) in offers


def test_moving_to_another_site_tells_both(town):
    there = make_site(town.commune)
    make_cabin(there)
    town.add_helper(site=there)
    booked = town.book(at(14))
    versions = dict(Site.objects.values_list("pk", "version"))
    move(town, booked, at(14), site=there)
    assert fresh(booked).site == there
    assert last_event(booked).changes["site"] == [town.site.pk, there.pk]
    for pk, version in Site.objects.values_list("pk", "version"):
        assert version > versions[pk]


def test_the_helper_and_the_length_stay_where_nothing_else_is_said(town):
    town.add_cabin()
    carla = town.add_helper()
    booked = town.book(at(14), helper=carla, duration_min=60)
    town.given(at(9, day=25), helper=carla, helper_chosen=True)
    with pytest.raises(SlotTaken):
        move(town, booked, at(9, day=25))
    move(town, booked, at(10, day=25))
    assert (booked.helper, booked.helper_chosen, booked.ends_at) == (carla, True, at(11, day=25))


def test_a_move_may_drop_the_choice_of_a_helper(town):
    town.add_cabin()
    carla = town.add_helper()
    booked = town.book(at(14), helper=carla)
    town.given(at(9, day=25), helper=carla, helper_chosen=True)
    move(town, booked, at(9, day=25), with_helper=True)
    assert (booked.helper, booked.helper_chosen) == (town.bob, False)
    move(town, booked, at(10, day=25), with_helper=False)
    assert (booked.helper, booked.with_helper) == (None, False)
    move(town, booked, at(11, day=25), with_helper=True, helper=carla)
    assert (booked.helper, booked.with_helper, booked.helper_chosen) == (carla, True, True)


def test_someone_waiting_who_is_moved_to_later_today_still_waits(town):
    booked = town.book(at(11))
    do(actions.check_in, booked, now=at(10, 30))
    move(town, booked, at(14), now=at(11))
    assert (booked.status, booked.arrived_at) == (Status.ARRIVED, at(10, 30))
    move(town, booked, at(9, day=25), now=at(11, 5))
    assert (booked.status, fresh(booked).arrived_at) == (Status.BOOKED, None)
    assert last_event(booked).changes["status"] == ["arrived", "booked"]


def test_only_what_is_still_to_come_is_moved(town):
    booked = town.book(at(14))
    do(actions.cancel, booked)
    with pytest.raises(StatusRefused) as refused:
        move(town, booked, at(15))
    with translation.override("en"):
        assert str(refused.value) == "The appointment is cancelled."


def test_one_who_saw_an_older_state_is_told_that_it_changed(town):
    booked = town.book(at(14))
    seen = fresh(booked)
    move(town, booked, at(15))
    for verb in (actions.cancel, actions.confirm, actions.check_in):
        with pytest.raises(StatusRefused):
            do(verb, fresh_as(seen))
    with pytest.raises(StatusRefused):
        move(town, fresh_as(seen), at(16))
    assert told(booked) == [EventKind.BOOKED, EventKind.MOVED]


def fresh_as(seen):
    """The same stale view again: an action brings its instance up to date even when it refuses."""
    copy = Appointment.objects.get(pk=seen.pk)
    copy.status, copy.starts_at = seen.status, seen.starts_at
    return copy


# ---- cancelling and back -------------------------------------------------------------------------


def test_a_cancelled_appointment_frees_its_place_and_is_counted(town):
    booked = town.book(at(14))
    do(actions.cancel, booked, reason=Reason.RESIDENT_ASKED)
    assert (told(booked), last_event(booked).reason) == (
        [EventKind.BOOKED, EventKind.CANCELLED],
        "resident_asked",
    )
    assert counts() == {Status.CANCELLED: 1}
    town.book(at(14))


def test_cancelling_twice_is_refused(town):
    booked = town.book(at(14))
    twin = fresh(booked)
    do(actions.cancel, booked)
    for again in (twin, fresh(booked)):
        with pytest.raises(StatusRefused):
            do(actions.cancel, again)
    assert counts() == {Status.CANCELLED: 1}


def test_a_mistaken_cancel_is_undone_in_the_same_place(town):
    rich = town.cabin
    town.add_cabin(equipment=[])
    resident = make_resident(town.commune)
    booked = town.given(at(14), cabin=rich, helper=town.bob, resident=resident)
    do(actions.cancel, booked)
    do(actions.restore, booked)
    assert (booked.status, booked.cabin, booked.helper) == (Status.BOOKED, rich, town.bob)
    assert told(booked) == [EventKind.CANCELLED, EventKind.RESTORED]
    assert last_event(booked).changes == {"status": ["cancelled", "booked"]}
    assert counts() == {}


def test_undoing_a_cancel_takes_another_place_when_its_own_is_gone(town):
    booked = town.book(at(14))
    do(actions.cancel, booked)
    town.book(at(14))
    other, carla = town.add_cabin(), town.add_helper()
    do(actions.restore, booked)
    assert (booked.cabin, booked.helper) == (other, carla)
    assert last_event(booked).changes["cabin"] == [town.cabin.pk, other.pk]


def test_a_cancel_cannot_be_undone_when_the_time_has_gone(town):
    booked = town.book(at(14))
    do(actions.cancel, booked)
    town.book(at(14))
    with pytest.raises(SlotTaken) as refused:
        do(actions.restore, booked)
    assert refused.value.details["alternatives"]
    assert fresh(booked).status == Status.CANCELLED


def test_a_cancel_cannot_be_undone_when_the_site_is_closed_or_the_time_over(town):
    booked = town.book(at(14))
    do(actions.cancel, booked)
    with pytest.raises(TooLate):
        do(actions.restore, booked, now=at(14, 45))
    Closure.objects.create(site=town.site, starts_at=at(14), ends_at=at(15))
    with pytest.raises(NotOffered):
        do(actions.restore, booked)


def test_a_cancel_of_a_moment_ago_is_undone_after_the_start_too(town):
    booked = town.book(at(14))
    do(actions.cancel, booked, now=at(14, 5))
    do(actions.restore, booked, now=at(14, 6))
    assert booked.status == Status.BOOKED
    do(actions.cancel, booked, now=at(14, 7))
    town.given(at(14, 30))
    with pytest.raises(SlotTaken):
        do(actions.restore, booked, now=at(14, 8))


def test_an_appointment_that_comes_back_never_shares_its_number(town):
    booked = town.book(at(14))
    number = booked.number
    do(actions.cancel, booked)
    town.given(at(15), number=number)
    do(actions.restore, booked)
    assert booked.number != number and fresh(booked).number == booked.number


def test_someone_waiting_who_cancels_and_comes_back_has_not_arrived(town):
    booked = town.book(at(14))
    do(actions.check_in, booked, now=at(13))
    do(actions.cancel, booked, now=at(13, 5))
    do(actions.restore, booked, now=at(13, 6))
    assert (booked.status, fresh(booked).arrived_at) == (Status.BOOKED, None)


# ---- confirming and editing ----------------------------------------------------------------------


def test_confirming_twice_is_told_once(town):
    booked = town.book(at(14))
    do(actions.confirm, booked)
    do(actions.confirm, booked, now=TUESDAY + timedelta(minutes=5))
    assert fresh(booked).confirmed_at == TUESDAY
    assert told(booked) == [EventKind.BOOKED, EventKind.CONFIRMED]
    do(actions.cancel, booked)
    with pytest.raises(StatusRefused):
        do(actions.confirm, booked)


def test_notes_stay_out_of_the_log(town):
    booked = town.book(at(14))
    do(actions.edit, booked, note="relevé d’identité bancaire")
    assert fresh(booked).note == "relevé d’identité bancaire"
    assert (told(booked)[-1], last_event(booked).changes) == (EventKind.EDITED, {"note": [False, True]})
    do(actions.edit, booked, note="relevé d’identité bancaire")
    assert AppointmentEvent.objects.filter(appointment=booked).count() == 2


def test_a_walk_in_gets_a_name_later(town):
    walk_in = town.given(at(9), status=Status.IN_SESSION, is_walk_in=True)
    resident = make_resident(town.commune)
    do(actions.edit, walk_in, resident=resident)
    assert fresh(walk_in).resident == resident
    assert last_event(walk_in).changes == {"resident": [None, resident.pk]}
