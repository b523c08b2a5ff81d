"""A helper's coming week: where they are, who comes, when they are away."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from agents.enums import AbsenceKind
from agents.models import Absence, Agent, Membership
from booking.enums import Status
from booking.pages.my_week import MyWeek
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from tests.factories import (
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_resident,
    make_service,
    make_shift,
    make_site,
)

pytestmark = pytest.mark.usefixtures("tuesday")

WEEK = "/ma-journee/semaine/"


@pytest.fixture
def page(client: Client, bob: Agent) -> Client:
    client.force_login(bob)
    return client


def read(page: Client, **query: str) -> MyWeek:
    week: MyWeek = page.get(WEEK, query).context["week"]
    return week


def text(page: Client) -> str:
    return " ".join(page.get(WEEK).content.decode().split())


def test_seven_days_from_today_with_places_visits_and_absences(
    page: Client, commune: Commune, bob: Agent, site: Site, cabin: Cabin, service: Service
) -> None:
    make_shift(bob, site, at(9, day=25), at(12, day=25))
    make_appointment(cabin, service, at(9, 30, day=25), helper=bob, resident=make_resident(commune))
    make_appointment(cabin, service, at(10, 30, day=25), helper=bob, status=Status.CANCELLED)
    Absence.objects.create(
        agent=bob, commune=commune, starts_at=at(14, day=26), ends_at=at(0, day=28), kind=AbsenceKind.LEAVE
    )
    week = read(page)
    assert [day.on.day for day in week.days] == [24, 25, 26, 27, 28, 29, 30]
    assert [day.is_free for day in week.days] == [True, False, False, False, True, True, True]
    assert [len(day.visits) for day in week.days] == [0, 1, 0, 0, 0, 0, 0]
    assert [away.is_all_day for day in week.days for away in day.away] == [False, True]
    assert week.days[2].away[0].starts_at == at(14, day=26)
    shown = text(page)
    assert "9:00–12:00" in shown and "Fatima B." in shown and "Cabine du hall" in shown
    assert "Bensaïd" not in shown, "a printed week lies about"
    assert 'href="/ma-journee/?day=2026-11-25"' in shown


def test_weeks_are_leafed_through(page: Client) -> None:
    week = read(page, day="2026-12-28")
    assert (week.before.isoformat(), week.after.isoformat()) == ("2026-12-21", "2027-01-04")


def test_colleagues_and_cancelled_visits_are_not_in_it(
    page: Client, commune: Commune, cabin: Cabin, service: Service
) -> None:
    make_appointment(cabin, service, at(9, day=25), helper=make_agent(commune, Role.HELPER))
    assert read(page).count == 0
    assert all(day.is_free for day in read(page).days)


def test_another_commune_shows_hours_only_and_no_reason_of_an_absence(page: Client, bob: Agent) -> None:
    other = make_commune(name="Sotteville")
    Membership.objects.create(agent=bob, commune=other, is_helper=True)
    zoe = make_resident(other, first_name="Zoé", last_name="Martin")
    make_appointment(
        make_cabin(make_site(other)), make_service(other), at(15, day=25), helper=bob, resident=zoe
    )
    Absence.objects.create(
        agent=bob, commune=other, starts_at=at(0, day=26), ends_at=at(0, day=27), kind=AbsenceKind.SICK
    )
    shown = text(page)
    assert "Sotteville" in shown and "15:00" in shown
    assert "Zoé" not in shown
    assert [away.kind for day in read(page).days for away in day.away] == [""]


@pytest.mark.parametrize("number", [5, 50])
def test_a_week_takes_as_many_queries_whatever_is_in_it(
    page: Client,
    commune: Commune,
    site: Site,
    bob: Agent,
    number: int,
    django_assert_num_queries: Any,
) -> None:
    short = make_service(commune, duration_min=15, turnaround_min=0)
    for n in range(number):
        start = at(8, day=25) + timedelta(days=n % 5, minutes=30 * (n // 5))
        make_appointment(
            make_cabin(site), short, start, helper=bob, resident=make_resident(commune, "+33639981234")
        )
        make_shift(bob, site, start, start + timedelta(minutes=30))
    page.get(WEEK)
    with django_assert_num_queries(7):  # session, agent; visits, shifts, absences; who looked
        page.get(WEEK)
