"""The month of the team as it is read and printed."""

from typing import Any

import pytest
from django.test import Client

from agents.enums import AbsenceKind
from agents.models import Absence, Agent, Membership
from agents.site_marks import site_marks
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from tests.factories import at, make_agent, make_appointment, make_commune, make_shift, make_site

pytestmark = pytest.mark.usefixtures("tuesday")

MONTH = "/equipe/mois/"


def month(client: Client, **query: Any) -> Any:
    return client.get(MONTH, query).context["month"]


@pytest.fixture
def page(client: Client, dana: Agent) -> Client:
    client.force_login(dana)
    return client


def test_everyone_of_the_commune_reads_the_month(
    client: Client, alice: Agent, bob: Agent, dana: Agent, site: Site
) -> None:
    make_shift(bob, site, at(9), at(12))
    for reader in (alice, bob, dana):
        client.force_login(reader)
        shown = client.get(MONTH).content.decode()
        assert "Novembre 2026" in shown and "9–12 Hôtel de ville" in shown and ">HV<" in shown


def test_hours_of_the_month_stand_against_a_twelfth_of_the_contract_of_a_year(
    page: Client, bob: Agent, commune: Commune, site: Site
) -> None:
    Membership.objects.filter(agent=bob).update(weekly_hours="35")
    for day in (2, 24, 30):
        make_shift(bob, site, at(9, day=day), at(12, day=day))
    make_shift(bob, site, at(9, day=1).replace(month=12), at(12, day=1).replace(month=12))
    Absence.objects.create(
        agent=bob, commune=commune, starts_at=at(11), ends_at=at(18), kind=AbsenceKind.LEAVE
    )
    november = month(page)
    (row,) = november.rows
    # Wednesday 11 November is a holiday; of Tuesday's shift one hour is leave, and the afternoon.
    assert (row.minutes, row.due_minutes) == (8 * 60, 151 * 60 + 40 - 7 * 60 - 60 - 210)
    assert november.weeks[2].helpers[0].due_minutes == 28 * 60
    weeks = {each.week.monday.isoformat(): each.helpers[0].minutes for each in november.weeks}
    # A week that two months share is counted whole in both.
    assert (weeks["2026-11-23"], weeks["2026-11-30"]) == (2 * 60, 6 * 60)
    assert month(page, month="2026-12").rows[0].minutes == 3 * 60


def test_each_day_says_where_helpers_lack(
    page: Client, bob: Agent, site: Site, cabin: Cabin, service: Service
) -> None:
    make_shift(bob, site, at(9), at(12))
    make_appointment(cabin, service, at(15), with_helper=True)
    november = month(page)
    (line,) = november.sites
    tuesday = line.covers[november.days.index(at(9).date())]
    assert (tuesday.morning.is_short, tuesday.afternoon.is_short, tuesday.orphans) == (False, True, 1)
    (week,) = [each for each in november.weeks if at(9).date() in each.days]
    assert {day.day for day, _ in week.gaps} == {24, 25, 26, 27}, "Monday is over"
    assert "/equipe/a-replacer/" in page.get(MONTH).content.decode()


def test_week_ends_and_other_places_show_only_when_asked_or_worked(
    page: Client, commune: Commune, bob: Agent, site: Site
) -> None:
    assert not [day for day in month(page).days if day.weekday() > 4]
    make_shift(bob, site, at(9, day=28), at(12, day=28))
    assert [day.day for day in month(page).days if day.weekday() > 4] == [28]
    other = make_site(commune, short_name="Verlaine")
    shown = month(page, site=other.pk)
    assert [line.site for line in shown.sites] == [other]
    assert not any(cell.stays for row in shown.rows for cell in row.cells)


def test_what_is_elsewhere_shows_only_that(page: Client, bob: Agent, site: Site) -> None:
    other = make_commune(name="Sotteville")
    make_shift(bob, make_site(other, short_name="Médiathèque"), at(14), at(17))
    shown = page.get(MONTH).content.decode()
    assert "14–17 ailleurs" in shown
    assert "Médiathèque" not in shown and month(page).rows[0].minutes == 0


@pytest.mark.parametrize("asked", ["", "hier", "2026-13", "0001-01", "9999-12", "2026-11-05"])
def test_a_month_that_makes_no_sense_is_this_month(page: Client, asked: str) -> None:
    assert month(page, month=asked).first.isoformat() == "2026-11-01"


def test_months_are_leafed_through_over_the_year_s_end(page: Client) -> None:
    december = month(page, month="2026-12")
    assert (december.before.isoformat(), december.after.isoformat()) == ("2026-11-01", "2027-01-01")
    assert [each.week.monday.day for each in december.weeks] == [30, 7, 14, 21, 28]


def test_a_commune_without_helpers_says_so(page: Client) -> None:
    assert "pas encore d’aidant" in page.get(MONTH).content.decode()


def test_places_are_told_apart_by_their_letters(commune: Commune) -> None:
    names = ("Hôtel de ville", "Hall Verlaine", "Saint-Julien", "Verlaine", "Vallès", "Vallès 2", "Le 7", "Ô")
    for name in names:
        make_site(commune, short_name=name)
    letters = [mark.letters for mark in site_marks(commune).values()]
    assert letters[:4] == ["HV", "Ha", "SJ", "V"]
    assert len(set(letters)) == len(names) and all(1 <= len(each) <= 3 for each in letters)


def test_the_law_is_warned_of_week_by_week(page: Client, bob: Agent, site: Site) -> None:
    for day in range(9, 15):
        make_shift(bob, site, at(8, day=day), at(18, 30, day=day))
    ((monday, said),) = month(page).rows[0].warned
    assert monday.isoformat() == "2026-11-09" and len(said) >= 2


@pytest.mark.parametrize("helpers", [5, 50])
def test_the_month_takes_as_many_queries_whatever_the_number_of_helpers(
    page: Client, commune: Commune, helpers: int, django_assert_num_queries: Any
) -> None:
    site = make_site(commune)
    for _ in range(helpers):
        agent = make_agent(commune, Role.HELPER)
        for day in (3, 4, 23, 24):
            make_shift(agent, site, at(9, day=day), at(12, day=day))
        Absence.objects.create(agent=agent, commune=commune, starts_at=at(9, day=26), ends_at=at(12, day=26))
    page.get(MONTH)
    # Who asks (2), places (2), helpers, shifts, absences, appointments (2), closures.
    with django_assert_num_queries(10):
        assert page.get(MONTH).status_code == 200
