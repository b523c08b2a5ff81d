"""The same visit several times, all or nothing."""

from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse

from booking import actions
from booking.actions import weekly
from booking.engine.assignment import make_room
from booking.enums import EventKind, WhyEmpty
from booking.errors import NotOffered, SeriesRefused
from booking.free import weekly as weekly_dates
from booking.free.weekly import WeeklyDates
from booking.models import Appointment, AppointmentEvent
from core.roles import Role
from tests.booking.towns import asked_by_system, told
from tests.factories import TUESDAY, at, make_agent, make_resident, make_service

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


def test_a_date_for_which_not_everything_was_tried_is_not_said_to_be_full(town, monkeypatch):
    """Bob, who alone knows the rare service, has a visit that his colleague could take."""
    rare = make_service(town.commune)
    town.bob.memberships.get().skills.add(rare)
    town.add_helper()
    town.add_cabin()
    town.given(at(10, day=25), helper=town.bob)
    first = town.hold(at(10), service=rare)

    def refusal():
        look = WeeklyDates(town.commune, first, [at(10, day=25)], [], TUESDAY)
        return look.check(at(10, day=25), lambda start, end: True).refusal

    assert refusal() is None
    monkeypatch.setattr(weekly_dates, "make_room", partial(make_room, bound=0))
    assert refusal() == WhyEmpty.NOT_FOUND


# ---- on the page of each ----


def page_of(client, agent, visit):
    client.force_login(agent)
    response = client.get(reverse("appointment", args=[visit.pk]))
    return response.context["series"], response.content.decode().replace("&nbsp;", " ")


def test_the_page_of_each_says_which_of_how_many_it_is_and_leads_to_the_others(town, client, set_clock):
    set_clock(TUESDAY)
    desk = make_agent(town.commune, Role.DESK)
    resident = make_resident(town.commune)
    booked = series(town, *weekly(at(14), 4, town.commune), resident=resident)
    town.given(at(16), resident=resident)
    for visit, place in zip(booked, ("1er de 4", "2ᵉ de 4", "3ᵉ de 4", "4ᵉ de 4"), strict=True):
        found, page = page_of(client, desk, visit)
        assert found.place == place and f"{place} :" in page
        others = [each for each in booked if each != visit]
        assert all(f'href="{reverse("appointment", args=[each.pk])}"' in page for each in others)


def test_a_series_is_told_by_its_present_times_and_a_single_visit_is_none(town, client, set_clock):
    set_clock(TUESDAY)
    desk = make_agent(town.commune, Role.DESK)
    resident = make_resident(town.commune)
    first, second = series(town, *weekly(at(14), 2, town.commune), resident=resident)
    Appointment.objects.filter(pk=first.pk).update(
        starts_at=at(14, day=25) + timedelta(weeks=2),
        ends_at=at(15, day=25) + timedelta(weeks=2),
        blocked_until=at(15, day=25) + timedelta(weeks=2),
    )
    assert page_of(client, desk, second)[0].place == "1er de 2"
    alone = town.given(at(16), resident=resident)
    assert page_of(client, desk, alone)[0] is None


def test_a_helper_is_led_to_no_page_of_a_colleague(town, client, set_clock):
    set_clock(TUESDAY)
    mine, theirs = series(town, *weekly(at(14), 2, town.commune), resident=make_resident(town.commune))
    Appointment.objects.filter(pk=mine.pk).update(helper=town.bob)
    found, page = page_of(client, town.bob, mine)
    assert found.place == "1er de 2" and "1er déc." in page
    assert reverse("appointment", args=[theirs.pk]) not in page
