"""An appointment of the wrong person becomes somebody else's: what stays, what goes, what is refused."""

from datetime import timedelta

import pytest

from booking import actions
from booking.actions import NewResident, PhoneInput
from booking.enums import EventKind, Reason, Status, WaitingState
from booking.errors import HoldExpired, ResidentInvalid, SeriesRefused, StatusRefused, TooLate
from booking.models import Resident, WaitingEntry
from tests.booking.towns import SYSTEM, asked_by_system, do, fresh, last_event, told
from tests.factories import TUESDAY, at, make_commune, make_resident, make_shift


@pytest.fixture
def abdelkader(town):
    return make_resident(town.commune, "+33639982054", first_name="Abdelkader", last_name="Mansouri")


@pytest.fixture
def zoe(town):
    return make_resident(town.commune, "+33639984107", first_name="Zoé", last_name="Inconnue")


@pytest.fixture
def booked(town, abdelkader):
    return town.book(at(14), resident=abdelkader, note="avis d’impôt")


def newcomer(town, **fields):
    return NewResident(town.commune, "Zoé", "Inconnue", [PhoneInput("+33639984107")], fields)


def test_another_person_gets_the_same_time_and_the_log_says_from_whom_to_whom(town, booked, abdelkader, zoe):
    place = (booked.starts_at, booked.cabin_id, booked.helper_id, booked.status, booked.note)
    do(actions.give_to, booked, resident=zoe)
    now = fresh(booked)
    assert now.resident == booked.resident == zoe
    assert (now.starts_at, now.cabin_id, now.helper_id, now.status, now.note) == place
    assert told(booked) == [EventKind.BOOKED, EventKind.GIVEN]
    event = last_event(booked)
    assert (event.reason, event.changes) == (Reason.MISTAKE, {"resident": [abdelkader.pk, zoe.pk]})


def test_the_screens_of_the_place_are_told(town, booked, zoe):
    town.site.refresh_from_db()
    before = town.site.version
    do(actions.give_to, booked, resident=zoe)
    town.site.refresh_from_db()
    assert town.site.version > before


def test_the_number_on_the_first_ones_paper_and_their_yes_are_worth_nothing_any_more(town, booked, zoe):
    do(actions.confirm, booked)
    number = booked.number
    do(actions.give_to, booked, resident=zoe)
    assert fresh(booked).number not in ("", number)
    assert fresh(booked).confirmed_at is None


def test_someone_new_is_recorded_with_it_or_not_at_all(town, booked):
    do(actions.give_to, booked, resident=newcomer(town, birth_year=1990))
    zoe = Resident.objects.get(appointments=booked)
    assert (str(zoe), zoe.birth_year, zoe.phones.get().number) == ("Zoé Inconnue", 1990, "+33639984107")
    people = Resident.objects.count()
    with pytest.raises(TooLate):
        do(actions.give_to, booked, resident=newcomer(town), now=at(14, 1))
    assert Resident.objects.count() == people


def test_a_nameless_appointment_can_be_given_to_somebody(town, zoe):
    booked = town.book(at(14))
    do(actions.give_to, booked, resident=zoe)
    assert last_event(booked).changes == {"resident": [None, zoe.pk]}


@pytest.mark.parametrize("now", [at(14), at(14, 10)])
def test_what_has_begun_is_refused(town, booked, zoe, now):
    with pytest.raises(TooLate):
        do(actions.give_to, booked, resident=zoe, now=now)
    assert fresh(booked).resident != zoe


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.BOOKED}))
def test_only_what_is_booked_is_given(town, abdelkader, zoe, status):
    given = town.given(at(14), status=status, resident=abdelkader, held_until=at(13))
    with pytest.raises(StatusRefused):
        do(actions.give_to, given, resident=zoe)
    assert (fresh(given).resident, told(given)) == (abdelkader, [])


def test_nobody_of_another_commune_nor_an_emptied_record_nor_the_same_person_again(
    town, booked, abdelkader, zoe
):
    stranger = make_resident(make_commune(name="Rouen"))
    twin = make_resident(town.commune)
    actions.merge_residents(keep=zoe, duplicate=twin, by=SYSTEM, now=TUESDAY)
    for who in (stranger, twin, abdelkader, NewResident(stranger.commune, "Zoé", "Inconnue")):
        with pytest.raises(ResidentInvalid):
            do(actions.give_to, booked, resident=who)
    assert fresh(booked).resident == abdelkader


def test_whoever_was_faster_is_not_overruled(town, booked, zoe):
    stale = fresh(booked)
    do(actions.give_to, booked, resident=zoe)
    other = make_resident(town.commune, first_name="Georges")
    with pytest.raises(StatusRefused):
        do(actions.give_to, stale, resident=other)
    assert fresh(booked).resident == zoe


# ---- the waiting list ----------------------------------------------------------------------------


def wait(town, resident, **fields):
    wish = actions.WaitingRequest(
        resident=resident, service=town.service, with_helper=True, until_on=at(9, day=30).date()
    )
    return actions.join_waiting_list(request=wish, now=fields.pop("now", TUESDAY - timedelta(days=1)))


def state(entry):
    return WaitingEntry.objects.get(pk=entry.pk).state


def test_who_lost_their_turn_by_it_waits_again_and_who_gets_it_no_longer_does(town, abdelkader, zoe):
    lost, answered = wait(town, abdelkader), wait(town, zoe)
    booked = town.book(at(14), resident=abdelkader)
    assert state(lost) == WaitingState.BOOKED
    do(actions.give_to, booked, resident=zoe)
    assert (state(lost), state(answered)) == (WaitingState.WAITING, WaitingState.BOOKED)
    assert WaitingEntry.objects.get(pk=lost.pk).joined_at == TUESDAY - timedelta(days=1)


def test_who_has_another_appointment_for_it_does_not_wait_again(town, abdelkader, zoe):
    entry = wait(town, abdelkader)
    booked = town.book(at(14), resident=abdelkader)
    town.book(at(15), resident=abdelkader)
    do(actions.give_to, booked, resident=zoe)
    assert state(entry) == WaitingState.BOOKED


# ---- someone new, recorded with the booking itself -------------------------------------------------


def test_a_held_time_is_booked_with_someone_new_in_one_go(town):
    held = town.hold(at(14))
    do(actions.book_hold, held, resident=newcomer(town))
    assert str(fresh(held).resident) == "Zoé Inconnue"
    assert last_event(held).changes["resident"] == [None, fresh(held).resident_id]


def test_a_hold_that_is_over_records_nobody(town):
    held = town.hold(at(14))
    with pytest.raises(HoldExpired):
        do(actions.book_hold, held, resident=newcomer(town), now=TUESDAY + timedelta(hours=1))
    assert not Resident.objects.exists()


def test_a_series_records_someone_new_once_or_not_at_all(town):
    week = timedelta(weeks=1)
    starts = actions.weekly(at(14), 2, town.commune)
    visits = [(town.site, start) for start in starts]
    how = {"service": town.service, "site": town.site, "start": starts[0], "with_helper": True}
    with pytest.raises(SeriesRefused):
        asked_by_system(actions.book_series, visits=visits, resident=newcomer(town), **how)
    assert not Resident.objects.exists()
    make_shift(town.bob, town.site, at(14) + week, at(17) + week)
    booked = asked_by_system(actions.book_series, visits=visits, resident=newcomer(town), **how)
    assert {each.resident for each in booked} == {Resident.objects.get()}
