"""Making room: other helpers and cabins at the same time, all or nothing."""

from datetime import timedelta

import pytest

from booking import actions
from booking.actions import Reassignment
from booking.enums import EventKind, Reason, Status
from booking.errors import NotOffered, SlotTaken, StatusRefused
from booking.free.slots import find_slots
from communes.enums import Equipment
from tests.booking.towns import SYSTEM, do, fresh, last_event, told
from tests.factories import TUESDAY, at, make_service, make_shift

pytestmark = pytest.mark.django_db

AFTERNOON = at(14, day=25)


@pytest.fixture
def rare(town):
    """A service that only carla can help with; bob and carla can both do the common one."""
    service = make_service(town.commune, name="Téléconsultation")
    town.carla = town.add_helper(town.service, service)
    town.add_cabin()
    return service


def swap(*pairs, **how):
    values = {"reason": Reason.HELPER_ABSENT, "by": SYSTEM, "now": TUESDAY, **how}
    return actions.reassign(
        moves=[Reassignment(appointment, **what) for appointment, what in pairs], **values
    )


# ---- exchanges within book() ---------------------------------------------------------------------


def test_a_helper_who_was_not_chosen_makes_room_for_a_rare_skill(town, rare):
    common = town.given(AFTERNOON, helper=town.carla)
    booked = town.book(AFTERNOON, service=rare)
    assert booked.helper == town.carla
    assert fresh(common).helper == town.bob
    assert told(common) == [EventKind.REASSIGNED]
    event = last_event(common)
    assert (event.reason, event.changes) == ("exchange", {"helper": [town.carla.pk, town.bob.pk]})
    assert told(booked) == [EventKind.BOOKED]


@pytest.mark.parametrize(
    "fixed",
    [{"helper_chosen": True}, {"status": Status.ARRIVED}, {"status": Status.IN_SESSION}],
)
def test_a_chosen_helper_and_those_already_here_stay(town, rare, fixed):
    common = town.given(AFTERNOON, helper=town.carla, **fixed)
    with pytest.raises(SlotTaken):
        town.book(AFTERNOON, service=rare)
    assert fresh(common).helper == town.carla
    assert told(common) == []


def test_what_begins_within_two_hours_stays(town, rare):
    town.given(AFTERNOON, helper=town.carla)
    with pytest.raises(SlotTaken):
        town.book(AFTERNOON, service=rare, now=at(12, 1, day=25))
    town.book(AFTERNOON, service=rare, now=at(12, day=25))


def test_a_cabin_is_exchanged_for_its_equipment(town):
    rich = town.cabin
    plain = town.add_cabin(equipment=[Equipment.SCREEN])
    video = make_service(town.commune, equipment_needed=[Equipment.VIDEO])
    common = town.given(AFTERNOON, cabin=rich)
    booked = town.book(AFTERNOON, service=video, with_helper=False)
    assert (booked.cabin, fresh(common).cabin) == (rich, plain)
    assert last_event(common).changes == {"cabin": [rich.pk, plain.pk]}


def test_a_chain_of_exchanges_is_made_at_once(town, rare):
    """carla → bob's place, bob → dan's place: three in a row, each told once."""
    third = make_service(town.commune)
    dan = town.add_helper(third)
    town.add_cabin()
    town.bob.memberships.get().skills.add(third)
    one = town.given(AFTERNOON, helper=town.carla)
    other = town.given(AFTERNOON, service=third, helper=town.bob, cabin=town.add_cabin())
    booked = town.book(AFTERNOON, service=rare)
    assert (booked.helper, fresh(one).helper, fresh(other).helper) == (town.carla, town.bob, dan)
    assert told(one) == told(other) == [EventKind.REASSIGNED]


def test_who_makes_room_may_take_what_the_moved_one_leaves(town):
    """Two equal cabins; the one at ten moves to a quarter past, and the other takes the cabin it leaves."""
    other = town.add_cabin()
    quick = make_service(town.commune, duration_min=30, turnaround_min=0)
    ten, half_past = at(10, day=25), at(10, 30, day=25)
    moved = town.given(ten, service=quick, cabin=other)
    after = town.given(half_past, service=quick, cabin=other)
    beside = town.given(ten, service=quick)
    offered = [offer.start for offer in offers_for(moved)]
    assert at(10, 15, day=25) in offered
    actions.reschedule(appointment=moved, site=town.site, start=at(10, 15, day=25), by=SYSTEM, now=TUESDAY)
    assert (fresh(moved).cabin, fresh(beside).cabin, fresh(after).cabin) == (town.cabin, other, other)


def offers_for(appointment):
    return find_slots(
        commune=appointment.commune,
        service=appointment.service,
        with_helper=appointment.with_helper,
        start=appointment.starts_at.date(),
        end=appointment.starts_at.date() + timedelta(days=1),
        moving=appointment,
        now=TUESDAY,
    ).offers


def test_a_hold_that_ran_out_beside_the_new_visit_does_not_hinder_the_exchange(town, rare):
    """The common visit lasts longer than the rare one, and what it would move to was held after it."""
    long = make_service(town.commune, duration_min=90)
    quick = make_service(town.commune, duration_min=30, turnaround_min=0)
    rare.duration_min, rare.turnaround_min = 30, 0
    rare.save()
    for helper in (town.bob, town.carla):
        helper.memberships.get().skills.add(long, quick)
    common = town.given(AFTERNOON, service=long, helper=town.carla)
    town.given(
        at(15, day=25),
        service=quick,
        helper=town.bob,
        cabin=town.add_cabin(),
        status=Status.HELD,
        held_until=TUESDAY,
    )
    booked = town.book(AFTERNOON, service=rare, now=TUESDAY)
    assert (booked.helper, fresh(common).helper) == (town.carla, town.bob)


def test_two_who_swap_cabins_never_overlap_on_the_way(town):
    """A swap that no order of single updates could make, since constraints are checked row by row."""
    other = town.add_cabin()
    one, two = town.given(AFTERNOON), town.given(AFTERNOON, cabin=other)
    swap((one, {"cabin_id": other.pk}), (two, {"cabin_id": town.cabin.pk}))
    assert (fresh(one).cabin, fresh(two).cabin) == (other, town.cabin)
    assert (fresh(one).status, fresh(two).status) == (Status.BOOKED, Status.BOOKED)


def test_nothing_is_moved_when_the_newcomer_fails_after_all(town, rare, monkeypatch):
    common = town.given(AFTERNOON, helper=town.carla)

    def fail(appointment):
        raise ConnectionError

    monkeypatch.setattr("booking.actions.bookings.insert", fail)
    with pytest.raises(ConnectionError):
        town.book(AFTERNOON, service=rare)
    assert (fresh(common).helper, told(common)) == (town.carla, [])


# ---- reassigning -----------------------------------------------------------------------------------


def test_appointments_get_other_helpers_all_at_once(town):
    carla = town.add_helper()
    town.add_cabin()
    one = town.given(AFTERNOON, helper=town.bob, helper_chosen=True)
    other = town.given(at(15, day=25), helper=town.bob)
    swap((one, {"helper_id": carla.pk}), (other, {"helper_id": carla.pk}))
    assert (fresh(one).helper, fresh(one).helper_chosen) == (carla, False)
    assert fresh(other).helper == carla
    assert (told(one), last_event(one).reason) == ([EventKind.REASSIGNED], "helper_absent")


def test_helpers_swap(town):
    carla = town.add_helper()
    one = town.given(AFTERNOON, helper=town.bob)
    other = town.given(AFTERNOON, helper=carla, cabin=town.add_cabin())
    swap((one, {"helper_id": carla.pk}), (other, {"helper_id": town.bob.pk}))
    assert (fresh(one).helper, fresh(other).helper) == (carla, town.bob)


def test_one_that_cannot_be_moved_keeps_all_in_place(town):
    carla = town.add_helper()
    other_cabin = town.add_cabin()
    one = town.given(AFTERNOON, helper=town.bob)
    other = town.given(at(15, day=25), helper=town.bob)
    town.given(at(15, 30, day=25), helper=carla, cabin=other_cabin)
    with pytest.raises(SlotTaken):
        swap((one, {"helper_id": carla.pk}), (other, {"helper_id": carla.pk}))
    assert (fresh(one).helper, told(one)) == (town.bob, [])


def test_a_helper_who_is_not_there_or_lacks_the_skill_is_refused(town):
    one = town.given(AFTERNOON, helper=town.bob)
    unskilled = town.add_helper(make_service(town.commune))
    absent = town.add_helper()
    absent.absences.create(starts_at=at(15, day=25).replace(hour=14, minute=30), ends_at=at(17, day=25))
    for helper in (unskilled, absent):
        with pytest.raises(NotOffered):
            swap((one, {"helper_id": helper.pk}))
    assert fresh(one).helper == town.bob


def test_a_cabin_that_is_out_of_order_is_refused(town):
    broken = town.add_cabin(in_order=False)
    one = town.given(AFTERNOON)
    with pytest.raises(NotOffered):
        swap((one, {"cabin_id": broken.pk}))


def test_an_appointment_that_changed_since_the_preview_stops_everything(town):
    carla = town.add_helper()
    town.add_cabin()
    one, other = town.given(AFTERNOON, helper=town.bob), town.given(at(15, day=25), helper=town.bob)
    seen = fresh(other)
    do(actions.cancel, other)
    with pytest.raises(StatusRefused):
        swap((one, {"helper_id": carla.pk}), (seen, {"helper_id": carla.pk}))
    assert fresh(one).helper == town.bob
    town.given(at(15, day=25), helper=town.bob)
    with pytest.raises(StatusRefused):
        swap((fresh(other), {"helper_id": carla.pk}))


def test_who_waits_already_is_reassigned_too(town):
    carla = town.add_helper()
    make_shift(carla, town.site, at(12), at(14))
    waiting = town.given(at(9, 45), helper=town.bob, status=Status.ARRIVED)
    swap((waiting, {"helper_id": carla.pk}))
    assert fresh(waiting).helper == carla
