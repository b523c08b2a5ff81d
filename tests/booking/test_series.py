"""The same visit several times, all or nothing."""

from datetime import timedelta

import pytest

from booking import actions
from booking.actions import weekly
from booking.enums import EventKind, WhyEmpty
from booking.errors import NotOffered, SeriesRefused
from booking.models import Appointment, AppointmentEvent
from tests.booking.towns import asked_by_system, told
from tests.factories import TUESDAY, at, make_resident

pytestmark = pytest.mark.django_db


def series(town, *starts, **how):
    values = {"service": town.service, "site": town.site, "start": TUESDAY, "with_helper": False}
    visits = [(town.site, start) for start in starts]
    return asked_by_system(actions.book_series, visits=visits, **{**values, **how})


def test_the_hour_stays_the_same_across_a_clock_change(town):
    starts = weekly(at(10).replace(month=10, day=13), 3, town.commune)
    assert [f"{town.commune.local(start):%d %H:%M}" for start in starts] == [
        "13 10:00",
        "20 10:00",
        "27 10:00",
    ]
    assert [start.utcoffset() for start in starts] == [timedelta(hours=2)] * 2 + [timedelta(hours=1)]
    two_weeks = weekly(at(10), 2, town.commune, every_weeks=2)
    assert two_weeks[1] - two_weeks[0] == timedelta(days=14)


def test_all_dates_are_booked_each_with_its_event(town):
    resident = make_resident(town.commune)
    booked = series(town, *weekly(at(14), 4, town.commune), resident=resident, note="permis")
    assert [visit.starts_at for visit in booked] == [at(14) + timedelta(weeks=n) for n in range(4)]
    assert {visit.resident for visit in booked} == {resident}
    assert [told(visit) for visit in booked] == [[EventKind.BOOKED]] * 4


def test_one_date_that_fails_keeps_all_from_being_booked_and_is_told_with_others_near(town):
    starts = weekly(at(14), 5, town.commune)
    town.given(starts[1])
    town.site.closures.create(starts_at=starts[3], ends_at=starts[3] + timedelta(hours=3))
    with pytest.raises(SeriesRefused) as refused:
        series(town, *starts)
    taken, shut = refused.value.details["failed"]
    assert (taken.start, taken.code) == (starts[1], "slot_taken")
    assert taken.alternatives[0].start == starts[1] + timedelta(minutes=55)
    assert (shut.start, shut.code, shut.message) == (starts[3], "not_offered", str(WhyEmpty.CLOSED.label))
    assert refused.value.details["possible"] == [starts[0], starts[2], starts[4]]
    assert Appointment.objects.count() == 1
    assert not AppointmentEvent.objects.exists()


def test_dates_may_not_repeat_nor_be_too_many(town):
    for starts in ([], [at(14), at(14)], weekly(at(14), 27, town.commune)):
        with pytest.raises(NotOffered):
            series(town, *starts)


def test_two_dates_of_one_series_do_not_overlap(town):
    with pytest.raises(SeriesRefused) as refused:
        series(town, at(14), at(14, 30))
    assert [failed.start for failed in refused.value.details["failed"]] == [at(14, 30)]
