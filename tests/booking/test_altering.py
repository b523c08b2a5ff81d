"""« Changer sans déplacer »: what changes at the same time and place, and what does not fit."""

import pytest
from django.http import QueryDict

from booking import actions
from booking.enums import AskedBy, EventKind, Reason, Status
from booking.errors import NotOffered, ResidentBusy, SlotTaken, StatusRefused, TooLate
from booking.forms.altering import AlterForm
from booking.models import Appointment, Delay, WaitingEntry
from booking.pages.altering import read_effect
from communes.enums import Equipment, HelperPolicy
from core.edits import Edit, EditConflict
from core.errors import PermanenceError
from core.roles import Role
from tests.booking.towns import SYSTEM, Town, do, fresh, last_event, told
from tests.factories import TUESDAY, at, make_agent, make_resident, make_service

pytestmark = pytest.mark.django_db


def alter(appointment: Appointment, *, now=TUESDAY, **wanted) -> Appointment:
    how = {name: wanted.pop(name) for name in ("edit", "asked_by", "beside") if name in wanted}
    return actions.alter(appointment=appointment, wanted=wanted, by=SYSTEM, now=now, **how)


# ---- what fits -----------------------------------------------------------------------------------


def test_more_people_and_the_length_for_them_keep_cabin_helper_and_confirmation(town: Town) -> None:
    booked = town.book(at(14))
    do(actions.confirm, booked)
    alter(booked, party=3, length=90, asked_by=AskedBy.RELATIVE)
    after = fresh(booked)
    assert (after.party_size, after.starts_at, after.ends_at, after.blocked_until) == (
        3,
        at(14),
        at(15, 30),
        at(15, 40),
    )
    assert (after.cabin_id, after.helper_id, after.confirmed_at) == (town.cabin.pk, town.bob.pk, TUESDAY)
    event = last_event(booked)
    assert (event.kind, event.asked_by) == (EventKind.EDITED, AskedBy.RELATIVE)
    assert event.changes == {
        "party_size": [1, 3],
        "ends_at": ["2026-11-24T13:45:00+00:00", "2026-11-24T14:30:00+00:00"],
    }


def test_the_log_says_that_the_note_changed_and_never_its_text(town: Town) -> None:
    booked = town.book(at(14))
    alter(booked, note="bail")
    assert last_event(booked).changes == {"note": [False, True]}
    alter(booked, note="bail et scanner")
    assert last_event(booked).changes == {"note": [True, True]}
    alter(booked, note="")
    assert (fresh(booked).note, last_event(booked).changes) == ("", {"note": [True, False]})


def test_where_nothing_changes_nothing_is_written(town: Town) -> None:
    booked = town.book(at(14))
    alter(booked, service=town.service.pk, helper="1", party=1, length=45, note="")
    assert told(booked) == [EventKind.BOOKED]


def test_a_helper_for_a_service_that_takes_none_changes_nothing(town: Town) -> None:
    alone = make_service(town.commune, helper_policy=HelperPolicy.NONE)
    booked = town.book(at(14), service=alone)
    alter(booked, helper=f"c{town.bob.pk}")
    assert (fresh(booked).helper, told(booked)) == (None, [EventKind.BOOKED])


def test_another_service_takes_another_cabin_when_its_own_lacks_the_equipment(town: Town) -> None:
    scan = make_service(town.commune, equipment_needed=[Equipment.VIDEO], helper_policy=HelperPolicy.NONE)
    town.site.cabins.update(equipment=[Equipment.SCREEN])
    other = town.add_cabin(equipment=[Equipment.VIDEO])
    booked = town.book(at(14))
    alter(booked, service=scan.pk, helper="0")
    after = fresh(booked)
    assert (after.service, after.cabin, after.helper, after.with_helper) == (scan, other, None, False)
    assert last_event(booked).changes == {
        "service": [town.service.pk, scan.pk],
        "cabin": [town.cabin.pk, other.pk],
        "helper": [town.bob.pk, None],
        "with_helper": [True, False],
    }


def test_a_helper_asked_for_by_name_takes_over(town: Town) -> None:
    carla = town.add_helper()
    booked = town.book(at(14), helper=town.bob)
    alter(booked, helper=f"c{carla.pk}")
    assert (fresh(booked).helper, fresh(booked).helper_chosen) == (carla, True)
    alter(booked, helper="1")
    assert (fresh(booked).helper, fresh(booked).helper_chosen) == (carla, False)
    assert last_event(booked).changes == {"helper_chosen": [True, False]}


def test_a_shorter_visit_gives_its_time_back(town: Town) -> None:
    booked = town.book(at(14))
    with pytest.raises(SlotTaken):
        town.book(at(14, 30))
    alter(booked, length=20)
    assert town.book(at(14, 30)).starts_at == at(14, 30)


def test_a_longer_visit_has_another_one_change_helper_to_make_room(town: Town) -> None:
    carla = town.add_helper()
    town.add_cabin()
    town.add_cabin()
    booked = town.book(at(14), helper=town.bob)
    after = town.given(at(15), cabin=town.site.cabins.order_by("pk")[1], helper=town.bob, with_helper=True)
    alter(booked, length=75)
    assert (fresh(booked).ends_at, fresh(booked).helper) == (at(15, 15), town.bob)
    assert (fresh(after).helper, last_event(after).reason) == (carla, Reason.EXCHANGE)


def test_somebody_who_waited_for_the_new_service_waits_no_more(town: Town) -> None:
    other = make_service(town.commune)
    town.bob.memberships.get().skills.add(other)
    fatima = make_resident(town.commune)
    booked = town.book(at(14), resident=fatima)
    asked = actions.WaitingRequest(
        resident=fatima, service=other, with_helper=True, until_on=at(9, day=30).date()
    )
    entry = actions.join_waiting_list(request=asked, now=TUESDAY)
    alter(booked, service=other.pk)
    assert WaitingEntry.objects.get(pk=entry.pk).state == "booked"


def test_a_late_helper_who_is_replaced_makes_the_visit_late_no_more(town: Town) -> None:
    carla = town.add_helper()
    booked = town.book(at(14), helper=town.bob)
    Delay.objects.create(helper=town.bob, until_at=at(14, 30), said_at=TUESDAY)
    alter(booked, helper=f"c{carla.pk}")
    assert told(booked)[-2:] == [EventKind.EDITED, EventKind.ON_TIME]
    alter(booked, helper=f"c{town.bob.pk}")
    assert told(booked)[-2:] == [EventKind.EDITED, EventKind.DELAYED]


# ---- what does not fit ---------------------------------------------------------------------------


def test_a_length_that_runs_into_the_next_visit_is_refused_with_near_times(town: Town) -> None:
    booked = town.book(at(14))
    town.book(at(15))
    with pytest.raises(SlotTaken) as refused:
        alter(booked, party=3, length=90)
    assert (fresh(booked).party_size, told(booked)) == (1, [EventKind.BOOKED])
    assert refused.value.details["alternatives"][0].start == at(10, 30)


def test_a_length_beyond_closing_is_refused(town: Town) -> None:
    with pytest.raises(NotOffered):
        alter(town.book(at(16)), length=90)


@pytest.mark.parametrize("helper", ["c999999", "c", "cx", "c99999999999999999999"])
def test_a_helper_or_a_service_of_another_commune_is_refused(town: Town, helper: str) -> None:
    booked, elsewhere = town.book(at(14)), Town()
    for wanted in ({"helper": helper}, {"helper": f"c{elsewhere.bob.pk}"}, {"service": elsewhere.service.pk}):
        with pytest.raises(NotOffered):
            alter(booked, **wanted)


def test_a_service_that_is_no_longer_offered_is_refused_but_stays_where_it_is(town: Town) -> None:
    old = make_service(town.commune, is_active=False)
    town.bob.memberships.get().skills.add(old)
    with pytest.raises(NotOffered):
        alter(town.book(at(14)), service=old.pk)
    kept = town.given(at(16), service=old, helper=town.bob, with_helper=True)
    alter(kept, length=60, note="x")
    assert fresh(kept).ends_at == at(17)


def test_another_visit_of_the_person_in_the_added_time_is_asked_about(town: Town) -> None:
    town.add_cabin()
    fatima = make_resident(town.commune)
    booked = town.book(at(14), resident=fatima)
    other = town.book(at(15), resident=fatima, with_helper=False)
    with pytest.raises(ResidentBusy):
        alter(booked, length=90)
    alter(booked, length=90, beside={other.pk})
    assert fresh(booked).ends_at == at(15, 30)


def test_once_it_has_begun_only_the_note_and_the_number_of_people_change(town: Town) -> None:
    booked = town.book(at(14))
    alter(booked, now=at(14, 10), party=2, note="RIB")
    assert (fresh(booked).party_size, fresh(booked).note) == (2, "RIB")
    with pytest.raises(TooLate):
        alter(booked, now=at(14, 10), length=20)
    with pytest.raises(TooLate):
        alter(booked, now=at(14, 45), note="")


@pytest.mark.parametrize(
    "status", [each for each in Status if each not in (Status.BOOKED, Status.ARRIVED, Status.HELD)]
)
def test_what_is_not_to_come_is_not_changed(town: Town, status: Status) -> None:
    given = town.given(at(14), status=status, cancel_at=at(13))
    with pytest.raises(StatusRefused):
        alter(given, note="x")


# ---- two at once -----------------------------------------------------------------------------------


def test_two_desks_that_change_different_details_are_both_kept(town: Town) -> None:
    booked, nadia = town.book(at(14)), make_agent(town.commune, Role.DESK)
    start = {"service": town.service.pk, "helper": "1", "party": 1, "length": 45, "note": None}
    alter(fresh(booked), note="RIB", edit=Edit(start, nadia, TUESDAY))
    alter(fresh(booked), **{**start, "party": 2, "note": ""}, edit=(mine := Edit(start, nadia, TUESDAY)))
    assert (fresh(booked).party_size, fresh(booked).note, mine.kept) == (2, "RIB", ["note"])


def test_two_desks_that_change_the_same_differently_are_asked(town: Town) -> None:
    booked, nadia = town.book(at(14)), make_agent(town.commune, Role.DESK)
    start = {"party": 1, "length": 45}
    alter(fresh(booked), party=2, length=70, edit=Edit(start, nadia, TUESDAY))
    with pytest.raises(EditConflict) as conflict:
        alter(fresh(booked), party=3, length=90, edit=Edit(start, nadia, TUESDAY))
    assert conflict.value.names == ["party", "length"]
    assert fresh(booked).party_size == 2


# ---- what is said before is what is done ------------------------------------------------------------


@pytest.mark.parametrize("length", [20, 60, 75, 120, 200])
@pytest.mark.parametrize("helper", ["0", "1", "bob", "carla"])
@pytest.mark.parametrize("service", ["own", "video"])
def test_what_the_page_says_before_is_what_the_change_does(
    town: Town, length: int, helper: str, service: str
) -> None:
    video = make_service(town.commune, equipment_needed=[Equipment.VIDEO])
    town.bob.memberships.get().skills.add(video)
    carla = town.add_helper(town.service, video)
    town.site.cabins.update(equipment=[Equipment.SCREEN])
    town.add_cabin(equipment=[Equipment.SCREEN, Equipment.VIDEO])
    booked = town.book(at(14), helper=town.bob)
    town.book(at(15, 15), helper=town.bob)
    town.book(at(16), helper=carla)
    named = {"bob": f"c{town.bob.pk}", "carla": f"c{carla.pk}"}
    wanted = {"own": town.service, "video": video}[service]
    data = QueryDict(mutable=True)
    sent = {"service": wanted.pk, "helper": named.get(helper, helper), "party": 1, "length": length}
    data.update({name: str(value) for name, value in sent.items()})
    form = AlterForm(data, appointment=booked)
    assert form.is_valid(), form.errors
    said = read_effect(form, now=TUESDAY)
    assert said is not None
    try:
        alter(booked, **form.wanted_values())
    except PermanenceError:
        assert said.problem
        return
    after = Appointment.objects.select_related("cabin", "helper").get(pk=booked.pk)
    assert (said.problem, said.end) == ("", after.ends_at)
    if not said.keeps_place:
        assert said.cabin[1] == after.cabin.name
        assert said.helper[1] == (after.helper.short_name if after.helper else "")
        assert said.exchanges or (said.free_until or TUESDAY) >= after.ends_at
