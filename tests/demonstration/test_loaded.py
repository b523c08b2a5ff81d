"""The demonstration as it stands after the first run, on a Tuesday morning and on a Saturday evening."""

import re
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db.models import F

from agents.models import Absence, Shift
from booking.enums import LIVE, EventKind, Status
from booking.models import Appointment, Resident, VisitRecord
from demo.build import Town, open_spans
from demo.spots import day_shown
from tests.demonstration.loaded import ON_ONE_WORKER, TUESDAY_MORNING

pytestmark = [pytest.mark.django_db, ON_ONE_WORKER]

FICTION = re.compile(r"\+33(26191|63998)\d{4}")


# What is there


def test_sixty_residents_reached_in_every_way(town: Town):
    residents = town.commune.residents.prefetch_related("phones")
    assert len(residents) == 60
    ways = Counter(
        "mobile" if any(phone.is_mobile for phone in phones) else "landline" if phones else "no phone"
        for phones in ([*resident.phones.all()] for resident in residents)
    )
    assert ways == {"mobile": 35, "landline": 20, "no phone": 5}
    numbers = Counter(phone.number for resident in residents for phone in resident.phones.all())
    assert all(FICTION.fullmatch(number) for number in numbers)
    assert sorted(numbers.values())[-3:] == [1, 2, 2]


def test_fatima_bensaid_came_three_times_with_camille(town: Town):
    fatima = Resident.objects.get(phones__number="+33639981234")
    visits = list(fatima.appointments.order_by("starts_at").select_related("service", "helper"))
    assert str(fatima) == "Fatima Bensaïd"
    assert [visit.service.name for visit in visits] == ["CAF", "Impôts", "CAF"]
    assert {(visit.helper.first_name if visit.helper else "", visit.status) for visit in visits} == {
        ("Camille", Status.DONE)
    }
    assert town.commune.local(visits[-1].starts_at).date() == date(2026, 10, 12)


def test_the_agents_have_the_roles_that_the_pages_need(town: Town):
    roles = {
        membership.agent.username: {str(role) for role in membership.roles}
        for membership in town.commune.memberships.select_related("agent")
    }
    assert roles == {
        "nadia": {"desk"},
        "sophie": {"manager"},
        "camille": {"helper"},
        "yanis": {"helper"},
        "odile": {"helper"},
        "marc": {"desk", "helper"},
        "theo": {"technician"},
        "helene": {"elected"},
    }


def test_every_way_a_visit_can_end_is_shown(town: Town):
    ended = Counter(Appointment.objects.filter(starts_at__lt=town.now).values_list("status", flat=True))
    assert min(ended[status] for status in (Status.DONE, Status.NO_SHOW, Status.CANCELLED)) >= 5
    assert ended[Status.DONE] > 100
    assert Appointment.objects.filter(is_walk_in=True, resident=None).count() >= 5
    assert (
        not Appointment.objects.filter(status__in=LIVE, ends_at__lt=town.now)
        .exclude(starts_at__gte=town.midnight(town.today))
        .exists()
    )


def test_two_people_have_lost_their_helper(town: Town):
    absent = Absence.objects.filter(
        agent=F("agent__appointments__helper"),
        agent__appointments__status=Status.BOOKED,
        agent__appointments__starts_at__gte=F("starts_at"),
        agent__appointments__starts_at__lt=F("ends_at"),
    )
    assert absent.count() == 2


def test_four_weeks_are_on_the_rota_and_two_are_booked(town: Town):
    monday = town.today - timedelta(days=town.today.weekday())
    weeks = {
        (town.commune.local(shift.starts_at).date() - monday).days // 7
        for shift in Shift.objects.filter(starts_at__gte=town.midnight(monday))
    }
    assert weeks == {0, 1, 2, 3}
    coming = Appointment.objects.filter(starts_at__gt=town.now, status=Status.BOOKED)
    days = {town.commune.local(appointment.starts_at).date() for appointment in coming}
    assert coming.count() >= 40
    assert {(day - town.today).days // 7 for day in days} == {0, 1}


# What must be true of it


def test_every_status_is_the_last_that_its_log_tells(town: Town):
    for appointment in Appointment.objects.prefetch_related("events"):
        told = [event.changes["status"][1] for event in appointment.events.all() if "status" in event.changes]
        assert told[-1] == appointment.status


def test_every_log_begins_with_a_booking_and_never_goes_back_in_time(town: Town):
    for appointment in Appointment.objects.prefetch_related("events"):
        events = sorted(appointment.events.all(), key=lambda event: event.pk)
        begun = {EventKind.STARTED} if appointment.is_walk_in else {EventKind.BOOKED}
        assert events[0].kind in begun
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert events[-1].at <= town.now


def test_every_ended_visit_is_in_the_anonymous_figures(town: Town):
    ended = (Status.DONE, Status.NO_SHOW, Status.CANCELLED)
    played = town.commune.local(Appointment.objects.earliest("starts_at").starts_at).date()
    records = VisitRecord.objects.filter(ended_as__in=ended, day_on__gte=played).count()
    assert records == Appointment.objects.filter(status__in=ended).count()


def test_everyone_comes_while_the_place_is_open_and_the_helper_there(town: Town):
    absences = list(Absence.objects.all())
    for appointment in Appointment.objects.select_related("site__commune"):
        day = town.commune.local(appointment.starts_at).date()
        assert any(
            opens <= appointment.starts_at and appointment.ends_at <= closes
            for opens, closes in open_spans(appointment.site, day)
        )
        if appointment.helper_id:
            assert Shift.objects.filter(
                agent=appointment.helper_id,
                site=appointment.site,
                starts_at__lte=appointment.starts_at,
                ends_at__gte=appointment.ends_at,
            ).exists()
    assert len(absences) == 3


def test_camilles_day_is_there_on_the_next_open_day(town: Town):
    day = date(2026, 11, 24) if town.now == TUESDAY_MORNING else date(2026, 11, 23)
    assert day_shown(town) == day
    midnight = town.midnight(day)
    expected = Appointment.objects.filter(
        starts_at__gte=midnight, starts_at__lt=midnight + timedelta(days=1), helper__username="camille"
    )
    assert expected.count() >= 3
    assert {"Mehdi", "Aminata", "Georges"} <= {each.resident.first_name for each in expected if each.resident}
