"""Booking and holding: who gets it, who is refused, and what a refused one is offered instead."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from booking import actions
from booking.actions import base, request
from booking.enums import EventKind, Origin, Status, WhyEmpty
from booking.errors import HoldExpired, NotOffered, ResidentInvalid, SlotTaken, StatusRefused
from booking.free.slots import check_slot
from booking.models import Appointment, AppointmentEvent, Resident
from communes.enums import Booker, Equipment, HelperPolicy
from communes.models import Site
from tests.booking.towns import SYSTEM, asked_by_system, do, fresh, last_event, told
from tests.factories import (
    TUESDAY,
    at,
    make_cabin,
    make_commune,
    make_resident,
    make_service,
    make_shift,
    make_site,
)

pytestmark = pytest.mark.django_db


def test_a_booking_takes_a_cabin_and_a_helper_and_says_so_once(town):
    resident = make_resident(town.commune)
    before = Site.objects.get(pk=town.site.pk).version
    booked = town.book(at(14), resident=resident, note="carte d’identité", origin=Origin.API)
    assert (booked.cabin, booked.helper, booked.status) == (town.cabin, town.bob, Status.BOOKED)
    assert (booked.starts_at, booked.ends_at, booked.blocked_until) == (at(14), at(14, 45), at(14, 55))
    assert (booked.resident, booked.note, booked.origin) == (resident, "carte d’identité", Origin.API)
    assert len(booked.number) == 6 and booked.number.isdigit()
    assert told(booked) == [EventKind.BOOKED]
    assert last_event(booked).changes == {
        "status": [None, "booked"],
        "starts_at": [None, "2026-11-24T13:00:00+00:00"],
        "ends_at": [None, "2026-11-24T13:45:00+00:00"],
        "site": [None, town.site.pk],
        "cabin": [None, town.cabin.pk],
        "helper": [None, town.bob.pk],
        "resident": [None, resident.pk],
    }
    assert Site.objects.get(pk=town.site.pk).version > before


def test_a_time_that_is_taken_is_refused_until_its_turnaround_is_over(town):
    town.book(at(9, day=25))  # 09:00 to 09:45, kept until 09:55
    for minute in (0, 15, 45, 50):
        with pytest.raises(SlotTaken):
            town.book(at(9, minute, day=25))
    assert town.book(at(9, 55, day=25)).starts_at == at(9, 55, day=25)
    assert Appointment.objects.count() == AppointmentEvent.objects.count() == 2


def test_the_nearest_other_offers_come_with_the_refusal(town):
    town.book(at(14))
    with pytest.raises(SlotTaken) as refused:
        town.book(at(14, 15))
    offers = refused.value.details["alternatives"]
    assert [offer.start for offer in offers][:2] == [at(14, 55), at(15)]
    assert refused.value.code == "slot_taken"
    for offer in offers:
        assert offer.site_id == town.site.pk
    town.book(offers[0].start)


def test_on_a_full_day_the_nearest_offers_are_on_other_days(town):
    for start in (at(14), at(14, 55), at(15, 50)):
        town.book(start)
    with pytest.raises(SlotTaken) as refused:
        town.book(at(14), now=at(13))
    assert [offer.start for offer in refused.value.details["alternatives"]][:2] == [
        at(9, day=25),
        at(9, 15, day=25),
    ]


@pytest.mark.parametrize(
    ("start", "why"),
    [
        (at(13), WhyEmpty.CLOSED),
        (at(16, 30), WhyEmpty.TOO_SHORT),
        (at(9, 30), WhyEmpty.PAST),
        (at(14, day=29), WhyEmpty.CLOSED),
        (at(14, day=26), WhyEmpty.NO_HELPER),
    ],
)
def test_what_nobody_could_serve_is_not_offered_and_says_why(town, start, why):
    with pytest.raises(NotOffered) as refused:
        town.book(start)
    assert refused.value.details["why"] == why
    assert not Appointment.objects.exists()


def test_a_start_between_two_ticks_is_not_offered(town):
    with pytest.raises(NotOffered):
        town.book(at(14, 2))


def test_a_start_off_the_grid_can_be_booked_if_it_is_possible(town):
    assert town.book(at(14, 5)).starts_at == at(14, 5)


def test_a_service_of_another_commune_or_no_longer_offered_is_refused(town):
    with pytest.raises(NotOffered):
        town.book(at(14), service=make_service(make_commune()))
    with pytest.raises(NotOffered):
        town.book(at(14), service=make_service(town.commune, is_active=False))


def test_residents_book_within_the_lead_times_and_only_what_is_open_to_them(town):
    desk_only = make_service(town.commune, booker=Booker.DESK, helper_policy=HelperPolicy.NONE)
    with pytest.raises(NotOffered):
        town.book(at(14), service=desk_only, with_helper=False, public=True)
    town.service.lead_min_hours = 24
    town.service.save()
    with pytest.raises(NotOffered) as refused:
        town.book(at(14), public=True)
    assert refused.value.details["why"] == WhyEmpty.TOO_SOON
    assert town.book(at(14)).pk


def test_the_service_decides_whether_there_is_a_helper(town):
    alone = make_service(town.commune, helper_policy=HelperPolicy.NONE)
    assert town.book(at(14), service=alone, with_helper=True).helper is None
    town.service.helper_policy = HelperPolicy.REQUIRED
    town.service.save()
    assert town.book(at(15), with_helper=False).helper == town.bob


def test_the_plainest_cabin_that_suffices_is_taken_first(town):
    plain = town.add_cabin(equipment=[Equipment.SCREEN])
    needs_video = make_service(town.commune, equipment_needed=[Equipment.VIDEO])
    assert town.book(at(14), with_helper=False).cabin == plain
    assert town.book(at(14), with_helper=False, service=needs_video).cabin == town.cabin
    with pytest.raises(SlotTaken):
        town.book(at(14), with_helper=False)


def test_the_helper_who_saw_the_resident_last_comes_first_else_the_least_loaded(town):
    town.add_cabin()
    carla = town.add_helper()
    resident = make_resident(town.commune)
    town.given(at(9, day=10), helper=carla, resident=resident, status=Status.DONE)
    town.given(at(9, day=25), helper=carla)
    assert town.book(at(14, day=25), resident=resident).helper == carla
    assert town.book(at(15, 50, day=25)).helper == town.bob


def test_a_helper_chosen_by_name_is_kept_or_nobody(town):
    town.add_cabin()
    carla = town.add_helper()
    chosen = town.book(at(14), helper=carla)
    assert (chosen.helper, chosen.helper_chosen) == (carla, True)
    with pytest.raises(SlotTaken):
        town.book(at(14), helper=carla)
    assert town.book(at(14)).helper_chosen is False


def test_lengths_are_rounded_up_to_five_minutes(town):
    odd = make_service(town.commune, duration_min=32, turnaround_min=7, helper_policy=HelperPolicy.NONE)
    booked = town.book(at(14), service=odd)
    assert (booked.ends_at, booked.blocked_until) == (at(14, 35), at(14, 45))


def test_several_people_take_longer(town):
    assert actions.minutes_for(town.service, 1) == 45
    assert actions.minutes_for(town.service, 3) == 95
    party = town.book(at(14), party_size=3)
    assert (party.party_size, party.ends_at) == (3, at(15, 35))
    assert town.book(at(16), duration_min=20).ends_at == at(16, 20)


@pytest.fixture
def late(monkeypatch, town):
    """Someone takes the town's cabin after we have looked and before we insert, once."""
    rivals = iter([lambda: town.given(at(14), cabin=town.cabin)])

    def look_and_be_late(**how):
        case = check_slot(**how)
        assert case.candidates
        next(rivals, lambda: None)()
        return case

    monkeypatch.setattr(request, "check_slot", look_and_be_late)


def test_the_next_cabin_is_tried_when_the_database_refuses_the_first(town, late):
    other = town.add_cabin()
    assert town.book(at(14), with_helper=False).cabin == other


def test_the_time_is_lost_when_the_only_cabin_goes_at_the_last_moment(town, monkeypatch):
    def look_too_late(**how):
        case = check_slot(**how)
        assert case.candidates
        town.given(at(14), cabin=town.cabin)
        monkeypatch.setattr(request, "check_slot", check_slot)
        return case

    monkeypatch.setattr(request, "check_slot", look_too_late)
    with pytest.raises(SlotTaken) as refused:
        town.book(at(14), with_helper=False)
    assert at(14) not in [offer.start for offer in refused.value.details["alternatives"]]
    assert not AppointmentEvent.objects.exists()


def test_a_number_that_is_taken_is_drawn_again(town, monkeypatch):
    numbers = iter(["111111", "111111", "111111", "222222"])
    monkeypatch.setattr(base, "new_number", lambda: next(numbers))
    assert town.book(at(14)).number == "111111"
    assert town.book(at(15)).number == "222222"


def test_numbers_run_out_only_after_many_draws(town, monkeypatch):
    monkeypatch.setattr(base, "new_number", lambda: "111111")
    town.book(at(14))
    with pytest.raises(IntegrityError):
        town.book(at(15))


# ---- holds ---------------------------------------------------------------------------------------


def test_a_hold_keeps_the_time_and_becomes_a_booking(town):
    held = town.hold(at(14))
    assert (held.status, held.held_until) == (Status.HELD, TUESDAY + timedelta(minutes=10))
    with pytest.raises(SlotTaken):
        town.book(at(14))
    resident = make_resident(town.commune)
    do(actions.book_hold, held, resident=resident, note="avis d’imposition")
    booked = fresh(held)
    assert (booked.status, booked.resident, booked.note) == (Status.BOOKED, resident, "avis d’imposition")
    assert booked.held_until is None
    assert told(held) == [EventKind.HELD, EventKind.BOOKED]
    assert last_event(held).changes == {
        "status": ["held", "booked"],
        "resident": [None, resident.pk],
        "note": [False, True],
    }


def test_an_expired_hold_cannot_be_booked_even_before_it_is_swept(town):
    held = town.hold(at(14))
    with pytest.raises(HoldExpired):
        do(actions.book_hold, held, resident=None, now=TUESDAY + timedelta(minutes=10))
    assert told(held) == [EventKind.HELD]


def test_a_hold_is_booked_once(town):
    held = town.hold(at(14))
    twin = fresh(held)
    do(actions.book_hold, held, resident=None)
    for late in (twin, fresh(held)):
        with pytest.raises(StatusRefused):
            do(actions.book_hold, late, resident=None)


def test_a_hold_given_back_frees_the_time(town):
    held = town.hold(at(14))
    do(actions.release_hold, held)
    assert (held.status, last_event(held).reason) == (Status.LAPSED, "released")
    town.book(at(14))
    with pytest.raises(StatusRefused):
        do(actions.release_hold, held)
    with pytest.raises(HoldExpired):
        do(actions.book_hold, held, resident=None)


def test_expired_holds_lapse_before_a_booking_is_inserted(town):
    held = town.hold(at(14))
    booked = town.book(at(14, 30), now=TUESDAY + timedelta(minutes=10))
    assert fresh(held).status == Status.LAPSED
    assert told(held) == [EventKind.HELD, EventKind.LAPSED]
    assert last_event(held).reason == "expired"
    assert booked.status == Status.BOOKED


def test_an_expired_hold_on_a_shared_helper_in_another_commune_lapses_too(town):
    other = make_commune()
    there = make_site(other)
    elsewhere = make_service(other)
    membership = town.bob.memberships.create(commune=other, is_helper=True)
    membership.skills.set([elsewhere])
    make_shift(town.bob, there, at(14), at(17))
    make_cabin(there)
    held = town.hold(at(14), service=elsewhere, site=there)
    assert held.helper == town.bob
    with pytest.raises(SlotTaken):
        town.book(at(14))
    assert town.book(at(14), now=TUESDAY + timedelta(minutes=11)).helper == town.bob
    assert fresh(held).status == Status.LAPSED


def test_the_sweep_ends_what_has_expired_and_nothing_else(town):
    town.add_cabin()
    town.add_helper()
    old, young = town.hold(at(14)), town.hold(at(14), until=TUESDAY + timedelta(minutes=30))
    assert actions.lapse_holds(now=TUESDAY + timedelta(minutes=10)) == 1
    assert actions.lapse_holds(now=TUESDAY + timedelta(minutes=10)) == 0
    assert (fresh(old).status, fresh(young).status) == (Status.LAPSED, Status.HELD)


def test_queries_do_not_grow_with_the_commune(town, django_assert_max_num_queries):
    for _ in range(4):
        town.add_cabin()
        town.add_helper()
    resident = make_resident(town.commune)
    with django_assert_max_num_queries(21):
        town.book(at(14), resident=resident)


# ---- what nobody can rightly ask for ---------------------------------------------------------------


@pytest.mark.parametrize("people", [0, 7, -1])
def test_one_to_six_people_come_together(town, people):
    for verb in (town.book, town.hold):
        with pytest.raises(NotOffered):
            verb(at(14), party_size=people)
    assert town.book(at(14), party_size=1).party_size == 1


def test_a_resident_of_another_commune_is_refused_everywhere(town):
    stranger = make_resident(make_commune())
    held = town.hold(at(15))
    walk_in = town.given(at(9), status=Status.IN_SESSION)
    for attempt in (
        lambda: town.book(at(14), resident=stranger),
        lambda: do(actions.book_hold, held, resident=stranger),
        lambda: do(actions.edit, walk_in, resident=stranger),
        lambda: asked_by_system(
            actions.start_walk_in,
            service=town.service,
            site=town.site,
            cabin=town.add_cabin(),
            start=TUESDAY,
            with_helper=False,
            resident=stranger,
        ),
    ):
        with pytest.raises((NotOffered, ResidentInvalid)):
            attempt()
    assert not stranger.appointments.exists()


def test_who_was_merged_meanwhile_is_booked_under_the_record_that_is_left(town):
    keep, duplicate = make_resident(town.commune), make_resident(town.commune)
    stale = Resident.objects.get(pk=duplicate.pk)
    actions.merge_residents(keep=keep, duplicate=duplicate, by=SYSTEM, now=TUESDAY)
    assert town.book(at(14), resident=stale).resident == keep
    assert do(actions.book_hold, town.hold(at(15)), resident=stale).resident == keep
    assert do(actions.edit, town.given(at(9)), resident=stale).resident == keep
    assert not stale.appointments.exists()


def test_who_was_purged_meanwhile_is_refused_in_words(town):
    gone = make_resident(town.commune)
    stale = Resident.objects.get(pk=gone.pk)
    gone.delete()
    with pytest.raises(ResidentInvalid):
        town.book(at(14), resident=stale)
