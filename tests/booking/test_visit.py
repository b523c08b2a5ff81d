"""Arriving, starting, ending, not coming, and every way back."""

import pytest

from agents.models import Absence, Shift
from booking import actions
from booking.enums import ALLOWED, EventKind, Outcome, Status
from booking.errors import (
    CabinBusy,
    HelperBusy,
    NotOffered,
    SlotTaken,
    StatusRefused,
    TooEarly,
    TooLate,
)
from booking.log import Actor
from booking.models import Appointment, AppointmentEvent, VisitRecord
from communes.enums import Equipment
from communes.models import Cabin
from tests.booking.towns import asked_by_system, counts, do, fresh, last_event, told
from tests.factories import TUESDAY, at, make_resident, make_service

pytestmark = pytest.mark.django_db

SCREEN = Actor.screen()


def test_a_visit_from_arrival_to_end(town):
    booked = town.book(at(14))
    do(actions.check_in, booked, now=at(13, 50))
    do(actions.start_session, booked, now=at(14, 2))
    do(actions.end_session, booked, now=at(14, 40), outcome=Outcome.SOLVED)
    visit = fresh(booked)
    assert visit.status == Status.DONE
    assert (visit.arrived_at, visit.started_at, visit.ended_at) == (at(13, 50), at(14, 2), at(14, 40))
    assert visit.outcome == Outcome.SOLVED
    assert told(booked) == [EventKind.BOOKED, EventKind.ARRIVED, EventKind.STARTED, EventKind.ENDED]
    assert counts() == {"done": 1}


def test_every_step_has_its_way_back(town):
    booked = town.book(at(14))
    do(actions.check_in, booked)
    do(actions.undo_check_in, booked)
    assert (booked.status, fresh(booked).arrived_at) == (Status.BOOKED, None)
    do(actions.check_in, booked, now=at(13, 55))
    do(actions.start_session, booked, now=at(14))
    do(actions.undo_start, booked, now=at(14, 1))
    assert (booked.status, fresh(booked).started_at, booked.arrived_at) == (Status.ARRIVED, None, at(13, 55))
    do(actions.start_session, booked, now=at(14, 2))
    do(actions.end_session, booked, now=at(14, 3))
    do(actions.undo_end, booked, now=at(14, 4))
    visit = fresh(booked)
    assert (visit.status, visit.ended_at, visit.outcome) == (Status.IN_SESSION, None, "")
    assert counts() == {}
    assert told(booked)[1:] == [
        EventKind.ARRIVED,
        EventKind.ARRIVAL_UNDONE,
        EventKind.ARRIVED,
        EventKind.STARTED,
        EventKind.START_UNDONE,
        EventKind.STARTED,
        EventKind.ENDED,
        EventKind.END_UNDONE,
    ]


def test_someone_who_starts_at_once_has_arrived(town):
    booked = town.book(at(14))
    do(actions.start_session, booked, now=at(14, 2))
    assert fresh(booked).arrived_at == at(14, 2)
    assert last_event(booked).changes == {
        "status": ["booked", "in_session"],
        "started_at": [None, "2026-11-24T13:02:00+00:00"],
        "arrived_at": [None, "2026-11-24T13:02:00+00:00"],
    }


# ---- what the table forbids ----------------------------------------------------------------------

VERBS = {
    actions.check_in: {Status.BOOKED, Status.NO_SHOW},
    actions.undo_check_in: {Status.ARRIVED},
    actions.start_session: {Status.BOOKED, Status.ARRIVED},
    actions.undo_start: {Status.IN_SESSION},
    actions.end_session: {Status.IN_SESSION},
    actions.undo_end: {Status.DONE},
    actions.mark_no_show: {Status.BOOKED, Status.ARRIVED},
    actions.undo_no_show: {Status.NO_SHOW},
    actions.cancel: {Status.BOOKED, Status.ARRIVED, Status.CANCELLING},
    actions.restore: {Status.CANCELLING, Status.CANCELLED},
    actions.release_hold: {Status.HELD},
    actions.confirm: {Status.BOOKED, Status.ARRIVED},
}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("verb", list(VERBS), ids=lambda verb: verb.__name__)
def test_each_verb_works_from_its_states_and_is_refused_from_all_others(town, verb, status):
    held_until = at(20) if status == Status.HELD else None
    appointment = town.given(at(14), helper=town.bob, status=status, held_until=held_until)
    before = Appointment.objects.values().get()
    if status in VERBS[verb]:
        do(verb, appointment, now=at(14, 10))
        assert AppointmentEvent.objects.count() == 1
        after = fresh(appointment).status
        assert after == status or after in ALLOWED[status]
    else:
        with pytest.raises(StatusRefused) as refused:
            do(verb, appointment, now=at(14, 10))
        assert str(refused.value) != str(StatusRefused())  # says what is the matter
        assert not AppointmentEvent.objects.exists()
        assert Appointment.objects.values().get() == before


@pytest.mark.parametrize("verb", [actions.check_in, actions.mark_no_show, actions.start_session])
def test_the_second_of_two_at_once_is_told_that_it_changed(town, verb):
    one = town.book(at(14))
    other = fresh(one)
    do(verb, one, now=at(14, 5))
    with pytest.raises(StatusRefused):
        do(verb, other, now=at(14, 5))
    assert len(told(one)) == 2


# ---- windows -------------------------------------------------------------------------------------


def test_a_screen_takes_arrivals_from_an_hour_before_until_the_end(town):
    booked = town.book(at(14))
    with pytest.raises(TooEarly) as refused:
        actions.check_in(appointment=booked, by=SCREEN, now=at(12, 59))
    assert refused.value.details["from_at"] == at(13)
    assert str(refused.value).endswith("à partir de 13\N{NO-BREAK SPACE}h.")
    with pytest.raises(TooLate):
        actions.check_in(appointment=booked, by=SCREEN, now=at(14, 45))
    actions.check_in(appointment=booked, by=SCREEN, now=at(13))
    assert booked.status == Status.ARRIVED


def test_an_agent_notes_an_arrival_all_day_but_on_no_other_day(town):
    booked = town.book(at(9, day=25))
    with pytest.raises(TooEarly) as refused:
        do(actions.check_in, booked, now=at(23, 59))
    assert str(refused.value).endswith("à partir du mercredi 25 novembre à 0\N{NO-BREAK SPACE}h.")
    with pytest.raises(TooEarly):
        do(actions.start_session, booked, now=at(23, 59))
    do(actions.check_in, booked, now=at(0, day=25))
    do(actions.undo_check_in, booked, now=at(0, 1, day=25))
    with pytest.raises(TooLate):
        do(actions.check_in, booked, now=at(0, day=26))


def test_a_screen_without_network_tells_late_when_someone_came(town):
    booked = town.book(at(14))
    actions.check_in(appointment=booked, by=SCREEN, now=at(14, 20), arrived_at=at(13, 58))
    assert fresh(booked).arrived_at == at(13, 58)
    assert last_event(booked).at == at(14, 20)


def test_nobody_is_late_before_the_time(town):
    booked = town.book(at(14))
    with pytest.raises(TooEarly):
        do(actions.mark_no_show, booked, now=at(13, 59))
    do(actions.mark_no_show, booked, now=at(14))
    assert counts() == {"no_show": 1}


def test_one_who_comes_after_all_is_taken_back(town):
    booked = town.book(at(14))
    do(actions.mark_no_show, booked, now=at(14, 20))
    do(actions.check_in, booked, now=at(14, 25))
    assert (booked.status, told(booked)[-1], counts()) == (Status.ARRIVED, EventKind.ARRIVED, {})


def test_a_mistaken_no_show_is_undone_unless_the_time_has_gone(town):
    booked = town.book(at(14))
    do(actions.mark_no_show, booked, now=at(14, 20))
    do(actions.undo_no_show, booked, now=at(14, 21))
    assert (booked.status, counts()) == (Status.BOOKED, {})
    do(actions.mark_no_show, booked, now=at(14, 22))
    town.given(at(14, 30))
    with pytest.raises(SlotTaken):
        do(actions.undo_no_show, booked, now=at(14, 23))


def test_one_who_waited_and_left_waits_again_when_that_is_undone(town):
    booked = town.book(at(14))
    do(actions.check_in, booked, now=at(13, 50))
    do(actions.mark_no_show, booked, now=at(14, 30))
    do(actions.undo_no_show, booked, now=at(14, 31))
    assert booked.status == Status.ARRIVED


# ---- one session at a time -----------------------------------------------------------------------


def test_a_cabin_holds_one_session(town):
    running = town.given(at(9), status=Status.IN_SESSION)
    waiting = town.book(at(10, 0), with_helper=False)
    with pytest.raises(CabinBusy):
        do(actions.start_session, waiting)
    do(actions.end_session, running)
    do(actions.start_session, waiting)


def test_a_helper_is_in_one_session(town):
    other = town.add_cabin()
    town.given(at(9), cabin=other, helper=town.bob, status=Status.IN_SESSION)
    waiting = town.book(at(10, 0))
    with pytest.raises(HelperBusy):
        do(actions.start_session, waiting)
    do(actions.start_session, waiting, without_helper=True)
    assert (waiting.helper, waiting.with_helper) == (None, False)
    assert last_event(waiting).changes["helper"] == [town.bob.pk, None]


def test_a_colleague_may_take_a_visit_over_if_free(town):
    carla = town.add_helper()
    booked = town.book(at(10), helper=town.bob)
    other = town.add_cabin()
    rival = town.given(at(10, 30), cabin=other, helper=carla)
    with pytest.raises(HelperBusy):
        do(actions.start_session, booked, helper=carla)
    do(actions.cancel, rival)
    do(actions.start_session, booked, helper=carla)
    assert fresh(booked).helper == carla


def test_an_end_cannot_be_undone_once_the_next_has_begun(town):
    ended = town.given(at(9), status=Status.IN_SESSION)
    do(actions.end_session, ended)
    town.given(at(9, 55), status=Status.IN_SESSION)
    with pytest.raises(CabinBusy):
        do(actions.undo_end, ended)


# ---- walk-ins ------------------------------------------------------------------------------------


def walk_in(town, *, now=TUESDAY, **how):
    values = {"service": town.service, "cabin": town.cabin, "with_helper": False, **how}
    return asked_by_system(actions.start_walk_in, site=town.site, start=now, now=now, **values)


def test_a_walk_in_begins_now_and_is_told_once(town):
    visit = walk_in(town, now=at(10, 7).replace(second=40))
    assert (visit.starts_at, visit.ends_at, visit.blocked_until) == (at(10, 7), at(10, 52), at(11, 5))
    assert (visit.status, visit.is_walk_in, visit.resident) == (Status.IN_SESSION, True, None)
    assert told(visit) == [EventKind.STARTED]
    do(actions.end_session, visit)
    row = VisitRecord.objects.get()
    assert (row.ended_as, row.is_walk_in, row.helped_by, row.lead) == ("done", True, "nobody", "same_day")


def test_a_walk_in_lasts_until_the_cabin_is_retired(town):
    Cabin.objects.filter(pk=town.cabin.pk).update(retired_at=at(10, 45))
    visit = walk_in(town, now=at(10, 7))
    assert (visit.ends_at, visit.blocked_until) == (at(10, 35), at(10, 45))


def test_a_walk_in_that_the_retirement_of_the_cabin_leaves_no_time_is_refused(town):
    Cabin.objects.filter(pk=town.cabin.pk).update(retired_at=at(10, 20))
    with pytest.raises(CabinBusy) as refused:
        walk_in(town, now=at(10, 7))
    assert (refused.value.details["until"], "retirée" in str(refused.value)) == (at(10, 20), True)


def test_a_walk_in_lasts_until_the_next_appointment_needs_the_cabin(town):
    town.given(at(10, 45))
    assert walk_in(town).ends_at == at(10, 35)


def test_a_walk_in_too_short_to_help_is_refused(town):
    town.given(at(10, 15))
    with pytest.raises(CabinBusy) as refused:
        walk_in(town)
    assert refused.value.details["until"] == at(10, 15)
    assert "10\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}15" in str(refused.value)


def test_a_cabin_in_use_or_kept_takes_no_walk_in(town):
    kept = town.given(at(9, 45))
    with pytest.raises(CabinBusy) as refused:
        walk_in(town)
    assert refused.value.details["until"] == at(10, 40)
    do(actions.start_session, kept)
    with pytest.raises(CabinBusy):
        walk_in(town)
    # over its time: nobody else may begin all the same
    with pytest.raises(CabinBusy):
        walk_in(town, now=at(11, 30))


def test_a_walk_in_with_a_helper_needs_one_on_duty_and_free(town):
    carla = town.add_helper()
    town.given(at(11), cabin=town.add_cabin(), helper=town.bob)
    assert walk_in(town, with_helper=True).helper == carla
    town.add_cabin()
    third = town.add_cabin()
    with pytest.raises(HelperBusy):
        walk_in(town, with_helper=True, helper=carla, cabin=third)
    short = walk_in(town, with_helper=True, cabin=third)
    assert (short.helper, short.ends_at) == (town.bob, at(10, 45))


def test_a_walk_in_lasts_no_longer_than_its_helper_is_there(town):
    with pytest.raises(HelperBusy):
        walk_in(town, with_helper=True, now=at(11, 52))
    assert walk_in(town, with_helper=True, now=at(11, 30)).ends_at == at(12)


def test_the_helper_who_stays_the_longest_takes_the_walk_in(town):
    leaving = town.add_helper()
    Shift.objects.filter(agent=leaving, starts_at=at(9)).update(ends_at=at(10, 30))
    assert walk_in(town, with_helper=True).helper == town.bob


def test_a_walk_in_ends_before_its_helper_leaves(town):
    Absence.objects.create(agent=town.bob, starts_at=at(10, 30), ends_at=at(11, 30))
    assert walk_in(town, with_helper=True).ends_at == at(10, 30)


def test_no_helper_on_duty_takes_no_assisted_walk_in(town):
    with pytest.raises(HelperBusy):
        walk_in(town, with_helper=True, now=at(12, 30))
    assert walk_in(town, with_helper=True, helper=town.bob, now=at(12, 30)).helper == town.bob


def test_a_cabin_out_of_order_or_without_the_equipment_takes_no_walk_in(town):
    with pytest.raises(NotOffered):
        walk_in(town, service=make_service(town.commune, equipment_needed=[Equipment.MEDICAL_KIT]))
    town.cabin.in_order = False
    with pytest.raises(NotOffered):
        walk_in(town)
    town.cabin.out_until = at(10)
    assert walk_in(town, now=at(10)).cabin == town.cabin


def test_a_walk_in_of_someone_known(town):
    resident = make_resident(town.commune)
    visit = walk_in(town, resident=resident, party_size=2, duration_min=20)
    assert (visit.resident, visit.party_size, visit.ends_at) == (resident, 2, at(10, 20))
