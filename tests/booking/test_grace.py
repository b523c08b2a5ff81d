"""Cancelling by the desk: for some minutes the place is kept and nobody is told, then it is final."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from agents.models import Agent
from booking import actions, tasks
from booking.enums import ActorKind, AskedBy, EventKind, OfferAnswer, Reason, Status
from booking.errors import SlotTaken, StatusRefused, TooLate
from booking.log import Actor
from booking.models import Appointment, WaitingOffer
from booking.search import search
from core.roles import Role
from tests.booking.towns import SYSTEM, Town, counts, do, fresh, last_event, told
from tests.factories import TUESDAY, at, make_agent, make_resident, make_service

pytestmark = pytest.mark.django_db

GRACE = timedelta(minutes=5)
OVER = TUESDAY + GRACE
WHY = {"reason": Reason.CANNOT_COME, "asked_by": AskedBy.RELATIVE}


@pytest.fixture
def nadia(town: Town) -> Agent:
    return make_agent(town.commune, Role.DESK)


def cancel_with_grace(appointment, *, now=TUESDAY, by=SYSTEM, **how):
    values = {**WHY, **how}
    return actions.cancel_with_grace(appointment=appointment, by=by, now=now, **values)


# ---- the grace -------------------------------------------------------------------------------------


def test_a_cancelled_appointment_keeps_its_place_until_the_grace_is_over(town):
    booked = town.book(at(14))
    cancel_with_grace(booked)
    assert (fresh(booked).status, fresh(booked).cancel_at) == (Status.CANCELLING, OVER)
    with pytest.raises(SlotTaken):
        town.book(at(14), now=OVER - timedelta(seconds=1))
    assert counts() == {}
    assert told(booked) == [EventKind.BOOKED, EventKind.CANCELLING]


def test_the_database_itself_keeps_the_place(town):
    booked = town.book(at(14))
    cancel_with_grace(booked)
    for other in ({"helper": town.bob, "cabin": town.add_cabin()}, {"helper": town.add_helper()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            town.given(at(14), **other)
    with pytest.raises(IntegrityError), transaction.atomic():
        town.given(at(16), number=booked.number)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.filter(pk=booked.pk).update(cancel_at=None)


def test_the_task_of_the_minute_makes_it_final_as_its_agent_meant_it(town, nadia, set_clock):
    booked = town.book(at(14))
    cancel_with_grace(booked, by=Actor.agent(nadia))
    set_clock(OVER - timedelta(seconds=1))
    tasks.each_minute.func()
    assert fresh(booked).status == Status.CANCELLING
    set_clock(OVER)
    tasks.each_minute.func()
    tasks.each_minute.func()
    assert (fresh(booked).status, fresh(booked).cancel_at) == (Status.CANCELLED, None)
    assert told(booked) == [EventKind.BOOKED, EventKind.CANCELLING, EventKind.CANCELLED]
    event = last_event(booked)
    assert (event.at, event.actor, event.agent) == (OVER, ActorKind.AGENT, nadia)
    assert (event.reason, event.asked_by) == (Reason.CANNOT_COME, AskedBy.RELATIVE)
    assert counts() == {Status.CANCELLED: 1}


def test_a_booking_past_the_grace_gets_the_place_without_waiting_for_the_worker(town, nadia):
    booked = town.book(at(14))
    cancel_with_grace(booked, by=Actor.agent(nadia))
    other = town.book(at(14), now=OVER)
    assert (other.cabin, other.helper) == (booked.cabin, booked.helper)
    assert (fresh(booked).status, last_event(booked).agent) == (Status.CANCELLED, nadia)
    assert counts() == {Status.CANCELLED: 1}


def test_a_hold_a_move_and_a_walk_in_past_the_grace_get_the_place_too(town):
    for take in (
        lambda: town.hold(at(14), now=OVER),
        lambda: actions.reschedule(
            appointment=town.book(at(16)), site=town.site, start=at(14), by=SYSTEM, now=OVER
        ),
    ):
        booked = town.book(at(14))
        cancel_with_grace(booked)
        taken = take()
        assert (taken.starts_at, fresh(booked).status) == (at(14), Status.CANCELLED)
        Appointment.objects.all().delete()


def test_the_waiting_list_gets_its_offer_only_when_it_is_final(town):
    for start, end in ((at(9), at(12)), (at(15), at(17)), (at(9, day=25), at(17, day=25))):
        town.given(start, ends_at=end, blocked_until=end, helper=town.bob)
    booked = town.book(at(14))
    request = actions.WaitingRequest(
        resident=make_resident(town.commune),
        service=town.service,
        with_helper=True,
        until_on=at(9, day=25).date(),
    )
    actions.join_waiting_list(request=request, now=TUESDAY)
    cancel_with_grace(booked)
    assert actions.offer_freed_times(now=OVER - timedelta(seconds=1)) == 0
    assert actions.offer_freed_times(now=OVER) == 1
    assert WaitingOffer.objects.get(answer=OfferAnswer.PENDING).appointment.starts_at == at(14)
    assert fresh(booked).status == Status.CANCELLED


# ---- undone, or at once ------------------------------------------------------------------------------


def test_undone_in_the_grace_it_is_as_it_was(town, nadia):
    booked = town.book(at(14))
    do(actions.confirm, booked)
    before = Appointment.objects.filter(pk=booked.pk).values().get()
    cancel_with_grace(booked)
    do(actions.restore, booked, now=TUESDAY + timedelta(minutes=2))
    assert Appointment.objects.filter(pk=booked.pk).values().get() == before
    assert told(booked)[2:] == [EventKind.CANCELLING, EventKind.CANCEL_UNDONE]
    assert actions.finish_due_cancellations(now=OVER) == 0
    assert counts() == {}


def test_someone_who_waits_here_still_waits_when_it_is_undone(town):
    booked = town.book(at(14))
    do(actions.check_in, booked, now=at(13))
    cancel_with_grace(booked, now=at(13, 5))
    do(actions.restore, booked, now=at(13, 6))
    assert (fresh(booked).status, fresh(booked).arrived_at) == (Status.ARRIVED, at(13))


def test_it_can_be_cancelled_again_after_an_undo_with_the_later_reason(town):
    booked = town.book(at(14))
    cancel_with_grace(booked)
    do(actions.restore, booked)
    cancel_with_grace(booked, reason=Reason.MISTAKE, asked_by=AskedBy.MAIRIE)
    actions.finish_due_cancellations(now=OVER)
    assert (last_event(booked).reason, last_event(booked).asked_by) == (Reason.MISTAKE, AskedBy.MAIRIE)


def test_sent_at_once_it_is_final_at_once(town, nadia):
    booked = town.book(at(14))
    cancel_with_grace(booked, by=Actor.agent(nadia))
    actions.finish_cancelling(appointment=booked, now=TUESDAY + timedelta(minutes=1))
    assert fresh(booked).status == Status.CANCELLED
    assert (last_event(booked).agent, last_event(booked).reason) == (nadia, Reason.CANNOT_COME)


def test_residents_who_cancel_in_the_grace_themselves_make_it_final(town):
    booked = town.book(at(14))
    cancel_with_grace(booked)
    actions.cancel(
        appointment=booked,
        reason=Reason.RESIDENT_ASKED,
        by=Actor.resident(),
        now=TUESDAY + timedelta(minutes=1),
    )
    assert told(booked)[1:] == [EventKind.CANCELLING, EventKind.CANCELLED]
    assert last_event(booked).actor == ActorKind.RESIDENT
    assert counts() == {Status.CANCELLED: 1}


@pytest.mark.parametrize(
    ("minutes_before", "grace_min"), [(36, 5), (32, 2), (30, None), (10, None), (-10, None)]
)
def test_shortly_before_the_start_the_grace_is_shorter_or_none(town, minutes_before, grace_min):
    booked = town.book(at(14))
    instant = at(14) - timedelta(minutes=minutes_before)
    cancel_with_grace(booked, now=instant)
    if grace_min is None:
        assert fresh(booked).status == Status.CANCELLED
    else:
        assert fresh(booked).cancel_at == instant + timedelta(minutes=grace_min)


@pytest.mark.parametrize(("minutes", "status"), [(0, Status.CANCELLED), (10, Status.CANCELLING)])
def test_a_commune_says_how_long_its_grace_lasts(town, minutes, status):
    town.commune.cancel_grace_min = minutes
    town.commune.save()
    booked = town.book(at(14))
    cancel_with_grace(booked)
    assert fresh(booked).status == status
    if minutes:
        assert fresh(booked).cancel_at == TUESDAY + timedelta(minutes=minutes)


# ---- what is refused in the grace --------------------------------------------------------------------


def move(*, appointment, by, now):
    actions.reschedule(appointment=appointment, site=appointment.site, start=at(16), by=by, now=now)


def edit(*, appointment, by, now):
    actions.edit(appointment=appointment, note="autre", by=by, now=now)


def give(*, appointment, by, now):
    other = make_resident(appointment.commune, first_name="Karim")
    actions.give_to(appointment=appointment, resident=other, by=by, now=now)


@pytest.mark.parametrize(
    "verb", [move, edit, give, actions.check_in, actions.confirm, actions.start_session, actions.mark_no_show]
)
def test_what_is_being_cancelled_must_first_be_restored(town, verb):
    booked = town.book(at(14))
    cancel_with_grace(booked)
    with pytest.raises(StatusRefused) as refused:
        verb(appointment=booked, by=SYSTEM, now=at(13))
    with translation.override("en"):
        assert str(refused.value) == "The appointment is cancelled."
    assert told(booked)[1:] == [EventKind.CANCELLING]


@pytest.mark.parametrize("first", [actions.restore, move, actions.check_in])
def test_one_who_did_not_see_the_cancellation_is_told_that_it_changed(town, first):
    booked = town.book(at(14))
    seen = fresh(booked)
    cancel_with_grace(booked)
    with pytest.raises(StatusRefused):
        first(appointment=seen, by=SYSTEM, now=TUESDAY)
    assert fresh(booked).status == Status.CANCELLING


def test_an_undo_that_comes_after_the_end_of_the_grace_is_told_that_it_changed(town):
    """What leaves now was not announced by the page on which the agent pressed « Rétablir »."""
    booked = town.book(at(14))
    cancel_with_grace(booked)
    seen = fresh(booked)
    actions.finish_due_cancellations(now=OVER)
    with pytest.raises(StatusRefused):
        do(actions.restore, seen, now=OVER)
    assert fresh(booked).status == Status.CANCELLED
    do(actions.restore, fresh(booked), now=OVER)
    assert told(booked)[-1] == EventKind.RESTORED


def test_a_grace_forgotten_while_no_worker_ran_is_not_undone_after_the_visit(town):
    booked = town.book(at(14))
    cancel_with_grace(booked)
    with pytest.raises(TooLate):
        do(actions.restore, booked, now=at(15))


def test_making_room_for_another_never_moves_what_is_being_cancelled(town):
    """It comes back where it was, if it is undone."""
    small = town.add_cabin(equipment=[])
    scan = make_service(town.commune, equipment_needed=town.cabin.equipment[:1])
    town.add_helper(scan, town.service)
    for start, cancelled in ((at(14), False), (at(16), True)):
        booked = town.given(start, cabin=town.cabin)
        if cancelled:
            cancel_with_grace(booked)
            with pytest.raises(SlotTaken):
                town.book(start, service=scan)
        else:
            assert town.book(start, service=scan).cabin == town.cabin
        assert fresh(booked).cabin == (town.cabin if cancelled else small)


def test_records_merged_in_the_grace_change_nothing_of_it(town):
    fatima, double = make_resident(town.commune), make_resident(town.commune)
    booked = town.book(at(14), resident=double)
    cancel_with_grace(booked)
    seen = fresh(booked)
    actions.merge_residents(keep=fatima, duplicate=double, by=SYSTEM, now=TUESDAY)
    assert actions.finish_due_cancellations(now=OVER) == 1
    assert (fresh(booked).resident, fresh(booked).status) == (fatima, Status.CANCELLED)
    with pytest.raises(StatusRefused):
        do(actions.restore, seen, now=OVER)


def test_one_of_a_weekly_series_is_cancelled_alone(town):
    first, second = town.book(at(14)), town.book(at(14, day=25))
    cancel_with_grace(first)
    actions.finish_due_cancellations(now=OVER)
    assert (fresh(first).status, fresh(second).status) == (Status.CANCELLED, Status.BOOKED)


def test_a_search_for_a_resident_does_not_count_it_among_what_is_to_come(town):
    fatima = make_resident(town.commune, first_name="Fatima", last_name="Bensaïd")
    booked = town.book(at(14), resident=fatima)
    cancel_with_grace(booked)
    found = search(commune=town.commune, text="Bensaïd", now=TUESDAY)
    assert [match.coming for match in found.residents] == [[]]
