"""What is kept for figures when an appointment ends, and how it is taken back, closed and folded."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from booking import actions
from booking.enums import CancelledBy, Lead, Notice, Origin, Outcome, Reason, Status, ToldBy
from booking.errors import AlreadyCounted
from booking.log import Actor
from booking.models import Appointment, MonthlySum, VisitRecord
from booking.records import Cancelling, cancelled_by, lead, notice, record_of
from booking.sums import waited
from communes.models import Service
from core.days import months_before
from tests.booking.towns import SYSTEM, Town, counts, do
from tests.factories import TUESDAY, at, make_resident, make_service

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def town(set_clock: Any) -> Town:
    return Town()


def ended(town: Town, start: datetime, **fields: Any) -> Appointment:
    """A visit that took place, ended at its hour; the clock of the actions is that of the visit."""
    booked = town.given(start, helper=town.bob, **fields)
    do(actions.check_in, booked, now=start - timedelta(minutes=5))
    do(actions.start_session, booked, now=start + timedelta(minutes=7, seconds=50))
    do(actions.end_session, booked, now=start + timedelta(minutes=40), outcome=Outcome.SOLVED)
    return booked


# ---- what a record says ----------------------------------------------------------------------------


def test_a_visit_says_where_when_for_what_and_how_long(town: Town) -> None:
    visit = ended(town, at(14, 30), party_size=3, origin=Origin.API, created_at=TUESDAY - 2 * DAY)
    record = VisitRecord.objects.get()
    assert (record.day_on, record.half_hour) == (visit.starts_at.date(), 29)
    assert (record.site_ref, record.site_name) == (town.site.pk, town.site.name)
    assert (record.cabin_name, record.service_name) == (town.cabin.name, town.service.name)
    assert (record.theme, record.ended_as, record.outcome) == (town.service.theme, "done", "solved")
    assert (record.booked_min, record.used_min, record.waited_min) == (visit.duration_min, 32, 7)
    assert (record.helped_by, record.persons, record.origin) == ("helper", 3, "api")
    assert (record.lead, record.is_walk_in, record.notice) == (Lead.DAYS_1_2, False, "")


def test_it_names_neither_resident_nor_agent_nor_appointment(town: Town) -> None:
    resident = make_resident(town.commune, first_name="Fatima", last_name="Bensaïd")
    visit = ended(town, at(14), resident=resident)
    record = VisitRecord.objects.get()
    related = {field.name for field in VisitRecord._meta.get_fields() if field.is_relation}
    assert related == {"commune"}
    held = {str(value) for value in vars(record).values()}
    assert not held & {"Fatima", "Bensaïd", town.bob.first_name, visit.number}
    assert record.key and str(visit.pk) != record.key


def test_the_day_is_that_of_the_commune_whatever_the_clock_does(town: Town) -> None:
    """Shortly after midnight, and in both hours of the night in which clocks go back."""
    for start, half_hour, day in (
        (at(0, 10), 0, 24),
        (datetime.fromisoformat("2026-10-25T02:10+02:00"), 4, 25),
        (datetime.fromisoformat("2026-10-25T02:10+01:00"), 4, 25),
    ):
        record = record_of(town.given(start, status=Status.DONE))
        assert (record.half_hour, record.day_on.day) == (half_hour, day)


@pytest.mark.parametrize(
    ("arrived", "started", "is_walk_in", "minutes"),
    [
        (None, at(14, 5), False, None),
        (at(14, 5), at(14, 5), False, None),  # noted with the start: nobody knows
        (at(14, 5), at(14, 5), True, 0),
        (at(13, 20), at(14), False, 0),
        (at(13, 20), at(14, 12), False, 12),
        (at(14, 10), at(14, 12), False, 2),
        (at(13, 20), at(13, 40), False, 0),
        (at(14, 10), None, False, None),
    ],
)
def test_waiting_begins_with_the_hour_or_a_later_arrival(
    town: Town, arrived: Any, started: Any, is_walk_in: bool, minutes: int | None
) -> None:
    fields = {"arrived_at": arrived, "started_at": started, "is_walk_in": is_walk_in}
    assert record_of(town.given(at(14), status=Status.DONE, **fields)).waited_min == minutes


def test_what_did_not_take_place_has_no_minutes_and_no_outcome(town: Town) -> None:
    do(actions.mark_no_show, town.given(at(9), helper=town.bob), now=at(9, 20))
    record = VisitRecord.objects.get()
    assert (record.ended_as, record.used_min, record.waited_min, record.outcome) == (
        "no_show",
        None,
        None,
        "",
    )
    assert record.helped_by == "helper"


@pytest.mark.parametrize(
    ("reason", "by", "found"),
    [
        (Reason.CANNOT_COME, SYSTEM, CancelledBy.RESIDENT),
        (Reason.NOT_NEEDED, SYSTEM, CancelledBy.RESIDENT),
        (Reason.NONE, Actor.resident(), CancelledBy.RESIDENT),
        (Reason.NONE, Actor.screen(), CancelledBy.RESIDENT),
        (Reason.NONE, Actor.api(), CancelledBy.UNKNOWN),
        (Reason.OTHER, SYSTEM, CancelledBy.UNKNOWN),
        (Reason.MISTAKE, Actor.resident(), CancelledBy.MISTAKE),
        (Reason.SITE_CLOSED, SYSTEM, CancelledBy.MAIRIE),
        (Reason.FAULT, SYSTEM, CancelledBy.MAIRIE),
        (Reason.HELPER_ABSENT, Actor.resident(), CancelledBy.MAIRIE),
    ],
)
def test_who_could_not_is_read_from_the_reason(reason: Reason, by: Actor, found: CancelledBy) -> None:
    assert cancelled_by(Cancelling(TUESDAY, reason, by.kind)) == found


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        (-0.1, Notice.NONE),
        (0, Notice.NONE),
        (2, Notice.HOURS_2),
        (2.1, Notice.HOURS_24),
        (24, Notice.HOURS_24),
        (72, Notice.DAYS_3),
        (73, Notice.MORE),
    ],
)
def test_how_late_it_was_cancelled(hours: float, found: Notice) -> None:
    assert notice(TUESDAY + timedelta(hours=hours), TUESDAY) == found


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (-3, "same_day"),
        (0, "same_day"),
        (1, "days_1_2"),
        (3, "days_3_7"),
        (8, "days_8_14"),
        (30, "days_15_30"),
    ],
)
def test_how_long_before_it_was_booked(days: int, found: str) -> None:
    assert lead(days) == found
    assert lead(31) == Lead.DAYS_31


def test_a_cancellation_with_a_grace_counts_from_its_beginning(town: Town) -> None:
    booked = town.given(at(14))
    now = at(11, 58)
    do(actions.cancel_with_grace, booked, reason=Reason.CANNOT_COME, asked_by="resident", now=now)
    assert counts() == {}
    actions.finish_due_cancellations(now=at(12, 20))
    record = VisitRecord.objects.get()
    assert (record.notice, record.cancelled_by) == (Notice.HOURS_24, CancelledBy.RESIDENT)


def test_how_they_were_told_may_be_known_before_and_after_the_end(town: Town) -> None:
    visit = town.given(at(14), helper=town.bob)
    actions.note_told([(visit, ToldBy.VOICE)])
    do(actions.start_session, visit, now=at(14))
    do(actions.end_session, visit, now=at(14, 30))
    assert VisitRecord.objects.get().told_by == "voice"
    actions.note_told([(visit, ToldBy.SMS)])
    assert VisitRecord.objects.get().told_by == "sms"
    actions.close_days(now=TUESDAY + 9 * DAY)
    actions.note_told([(visit, ToldBy.EMAIL)])
    assert VisitRecord.objects.get().told_by == "sms"


# ---- closing ---------------------------------------------------------------------------------------


def test_an_undo_takes_the_record_back_until_its_day_is_closed(town: Town) -> None:
    missed = town.given(at(9))
    do(actions.mark_no_show, missed, now=at(9, 20))
    do(actions.undo_no_show, missed, now=TUESDAY + 7 * DAY)
    assert counts() == {}
    do(actions.mark_no_show, missed, now=TUESDAY + 7 * DAY)
    assert actions.close_days(now=TUESDAY + 7 * DAY) == 0
    assert actions.close_days(now=TUESDAY + 8 * DAY) == 1
    assert VisitRecord.objects.get().key == ""
    before = Appointment.objects.values().get()
    with pytest.raises(AlreadyCounted):
        do(actions.undo_no_show, missed, now=TUESDAY + 8 * DAY)
    assert Appointment.objects.values().get() == before
    assert counts() == {Status.NO_SHOW: 1}


def test_a_day_is_closed_by_the_calendar_of_its_commune(town: Town) -> None:
    """Half past midnight in Paris is the evening before in Martinique."""
    town.commune.time_zone = "America/Martinique"
    town.commune.save()
    do(actions.mark_no_show, town.given(at(20)), now=at(21))
    midnight = at(0, 30) + 8 * DAY
    assert actions.close_days(now=midnight) == 0
    assert actions.close_days(now=midnight + timedelta(hours=5)) == 1


def test_a_key_that_was_changed_meanwhile_still_finds_the_record(town: Town, settings: Any) -> None:
    missed = town.given(at(9))
    do(actions.mark_no_show, missed, now=at(9, 20))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key that was made today"
    do(actions.undo_no_show, missed, now=at(9, 30))
    assert counts() == {}


# ---- folding ---------------------------------------------------------------------------------------


def a_year_ago(town: Town) -> datetime:
    return months_before(TUESDAY, town.commune.retention_months)


def test_old_records_go_into_sums_that_hold_the_same_and_nothing_twice(town: Town) -> None:
    other = make_service(town.commune, name="Impôts", slug="impots")
    old = a_year_ago(town)
    worlds: tuple[dict[str, Any], ...] = (
        {"status": Status.DONE, "party_size": 2},
        {
            "status": Status.DONE,
            "service": other,
            "started_at": old,
            "ended_at": old + timedelta(minutes=20),
        },
        {"status": Status.NO_SHOW},
        {"status": Status.UNRECORDED},
    )
    for hours, fields in enumerate(worlds):
        record_of(town.given(old - timedelta(hours=hours), **fields)).save()
    young = record_of(town.given(old + DAY, status=Status.DONE))
    young.save()

    assert actions.fold_records(commune=town.commune, now=TUESDAY) == 4
    assert actions.fold_records(commune=town.commune, now=TUESDAY) == 0
    assert list(VisitRecord.objects.all()) == [young]
    assert sums("ended_as") == {"done": 2, "no_show": 1, "unrecorded": 1}
    assert sums("service") == {str(town.service.pk): 1, str(other.pk): 1}
    assert sums("missed_told") == {"none": 1}
    assert sums("outcome") == {"unknown": 2}
    row = MonthlySum.objects.get(dimension="ended_as", code="done")
    assert (row.persons, row.used_min) == (3, 20)

    assert actions.fold_records(commune=town.commune, now=TUESDAY + 2 * DAY) == 1
    assert sums("ended_as")["done"] == 3


def sums(dimension: str) -> dict[str, int]:
    found: Counter[str] = Counter()
    for row in MonthlySum.objects.filter(dimension=dimension):
        found[row.code] += row.visits
    return dict(found)


def test_deleting_and_renaming_a_service_changes_no_figure(town: Town) -> None:
    record = record_of(town.given(a_year_ago(town), status=Status.DONE))
    record.save()
    actions.fold_records(commune=town.commune, now=TUESDAY)
    Appointment.objects.all().delete()
    name = town.service.name
    Service.objects.all().delete()
    assert MonthlySum.objects.get(dimension="service").label == name


def test_what_is_written_to_one_that_has_ended_is_not_refused_when_its_day_is_closed(town: Town) -> None:
    one, two = make_resident(town.commune), make_resident(town.commune)
    ended(town, at(14), resident=two)
    actions.close_days(now=TUESDAY + 9 * DAY)
    actions.merge_residents(keep=one, duplicate=two, by=SYSTEM, now=TUESDAY + 9 * DAY)
    assert Appointment.objects.get().resident == one and counts() == {Status.DONE: 1}


def test_another_communes_records_stay_where_they_are(town: Town) -> None:
    there = Town()
    record_of(there.given(a_year_ago(town), status=Status.DONE)).save()
    assert actions.fold_records(commune=town.commune, now=TUESDAY) == 0
    assert VisitRecord.objects.get().commune == there.commune


def test_merging_two_residents_changes_no_record(town: Town) -> None:
    one, two = make_resident(town.commune), make_resident(town.commune)
    ended(town, at(14), resident=two)
    before = VisitRecord.objects.values().get()
    actions.merge_residents(keep=one, duplicate=two, by=SYSTEM, now=at(15))
    assert VisitRecord.objects.values().get() == before


@pytest.mark.parametrize(
    ("minutes", "code"), [(None, "unknown"), (0, "0"), (1, "1-4"), (5, "5-9"), (19, "10-19"), (20, "20+")]
)
def test_waits_are_summed_by_class(minutes: int | None, code: str) -> None:
    assert waited(minutes) == code
