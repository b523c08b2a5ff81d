"""What the council and those who pay read: published numbers in sentences and tables."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communes.models import Commune
from core.roles import Role
from tests.factories import make_agent, make_commune
from tests.reporting.publishing import Visit, begin, close, write

pytestmark = pytest.mark.django_db

JANUARY, FEBRUARY, MARCH, DECEMBER = (date(2026, month, 1) for month in (1, 2, 3, 12))


def body(response: Any) -> str:
    text: str = response.content.decode()
    return text


@pytest.fixture
def commune() -> Commune:
    return make_commune(name="Petit-Quevilly")


@pytest.fixture
def pages(client: Client, commune: Commune, tuesday: Any) -> Client:
    client.force_login(make_agent(commune, Role.ELECTED))
    return client


def by_people(month_on: date, people: int, **fields: Any) -> list[Visit]:
    return [Visit(month_on, f"someone {number}", **fields) for number in range(people)]


def words(text: str) -> str:
    return " ".join(text.replace("\xa0", " ").replace("\u202f", " ").split())


def read(pages: Client, name: str = "publication", **asked: Any) -> str:
    return words(body(pages.get(reverse(name), asked)))


def test_before_anything_is_published_it_says_when(pages: Client) -> None:
    assert "Rien n’est encore publié." in read(pages)
    assert "11 visites de 11 personnes" in read(pages, "publication-report")


def test_months_of_each_place_and_their_sum_are_shown(pages: Client, commune: Commune) -> None:
    begin(commune, JANUARY, 1, 2)
    write(commune, [*by_people(JANUARY, 1200), *by_people(FEBRUARY, 4), *by_people(MARCH, 12)])
    write(commune, by_people(MARCH, 15, site_ref=2))
    close(commune, MARCH)
    page = read(pages)
    assert '<th scope="row">Janvier</th><td class="number">1 200</td>' in page
    assert '<th scope="row">Février à mars</th><td class="number">16</td>' in page
    assert '<th scope="row">Janvier à mars</th><td class="number">15</td>' in page
    assert "<strong>1 231</strong> visites" in page and "dans 2 lieux" in page
    assert "C’est pourquoi certains mois sont ensemble." in page
    assert "jusqu’à fin mars 2026, arrêtés le 16 avril 2026" in page
    assert "16 janvier 2027" in page, "the tables come later"


def test_only_published_numbers_are_shown(pages: Client, commune: Commune) -> None:
    begin(commune, JANUARY)
    write(commune, [*by_people(JANUARY, 12), *by_people(FEBRUARY, 4)])
    close(commune, FEBRUARY)
    page = read(pages)
    assert "Février" not in page and "<strong>12</strong> visites" in page
    assert "certains mois sont ensemble" not in page


def test_a_closed_year_has_its_tables_all_or_none(pages: Client, commune: Commune) -> None:
    begin(commune, JANUARY, 1, 2)
    for place in (1, 2):
        write(commune, by_people(JANUARY, 30, site_ref=place, helped_by="helper"))
        write(commune, by_people(MARCH, 10 + place, site_ref=place, helped_by="nobody", theme="email"))
    close(commune, DECEMBER)
    for name in ("publication", "publication-report"):
        page = read(pages, name, annee=2026)
        assert "30 <small>(73 %)</small>" in page and "11 <small>(27 %)</small>" in page
        assert "60 <small>(72 %)</small>" in page and "23 <small>(28 %)</small>" in page
        assert "non publié" in page, "all came in the morning"
        assert "Nombres définitifs, arrêtés le 16 janvier 2027." in page
    assert page.index("Avec ou sans aidant") < page.index("Par lieu"), "those who pay read the tables first"


def test_a_year_that_is_carried_over_is_told_with_both_years(pages: Client, commune: Commune) -> None:
    begin(commune, date(2025, 11, 1))
    write(commune, [*by_people(date(2025, 11, 1), 5), *by_people(JANUARY, 11)])
    close(commune, JANUARY)
    assert "Novembre 2025 à janvier 2026" in read(pages)
    assert pages.get(reverse("publication"), {"annee": 2025}).status_code == 404


def test_the_year_before_is_named_once_the_year_is_over(pages: Client, commune: Commune) -> None:
    begin(commune, date(2025, 1, 1))
    write(commune, [*by_people(date(2025, 1, 1), 25), *by_people(JANUARY, 40)])
    close(commune, date(2026, 11, 1))
    assert "L’année précédente" not in read(pages)
    close(commune, DECEMBER)
    assert "L’année précédente, ce total était de 25." in read(pages)
    assert "<strong>25</strong> visites" in read(pages, annee=2025)


def test_a_year_in_which_the_publication_began_is_not_compared(pages: Client, commune: Commune) -> None:
    begin(commune, MARCH)
    write(commune, [*by_people(MARCH, 25), *by_people(date(2027, 1, 1), 40)])
    close(commune, date(2027, 12, 1))
    assert "<strong>40</strong> visites" in read(pages) and "L’année précédente" not in read(pages)


def test_the_report_is_of_a_year_that_is_over(pages: Client, commune: Commune) -> None:
    begin(commune, JANUARY)
    write(commune, [*by_people(JANUARY, 12), *by_people(date(2027, 1, 1), 13)])
    close(commune, date(2026, 11, 1))
    assert "Rien n’est encore publié." in read(pages, "publication-report")
    close(commune, date(2027, 1, 1))
    assert "<strong>12</strong> visites" in read(pages, "publication-report")
    assert pages.get(reverse("publication-report"), {"annee": 2027}).status_code == 404
    assert "<strong>13</strong> visites" in read(pages)


@pytest.mark.parametrize("asked", ["2024", "abc", "²", "9" * 30, "-1"])
def test_a_year_without_numbers_is_not_there(pages: Client, commune: Commune, asked: str) -> None:
    begin(commune, JANUARY)
    write(commune, by_people(JANUARY, 12))
    close(commune, JANUARY)
    assert pages.get(reverse("publication"), {"annee": asked}).status_code == 404


def test_the_numbers_of_another_commune_are_not_there(pages: Client) -> None:
    other = make_commune()
    begin(other, JANUARY)
    write(other, by_people(JANUARY, 12))
    close(other, JANUARY)
    assert "Rien n’est encore publié." in read(pages)


def test_nothing_of_the_managers_figures_is_in_it(pages: Client, commune: Commune) -> None:
    begin(commune, JANUARY)
    write(commune, by_people(JANUARY, 12))
    close(commune, JANUARY)
    names = {template.name for template in pages.get(reverse("publication")).templates}
    assert not {name for name in names if name and name.startswith("figures/")}
    assert "publication/council.html" in names


@pytest.mark.parametrize("years", [1, 5])
def test_many_years_and_places_take_no_more_queries(
    pages: Client, commune: Commune, years: int, django_assert_max_num_queries: Any
) -> None:
    begin(commune, date(2026 - years, 1, 1), *range(1, 1 + 2 * years))
    for year in range(years):
        for ref in range(1, 1 + 2 * years):
            write(commune, by_people(date(2026 - years + year, 1, 1), 12, site_ref=ref))
    close(commune, date(2025, 12, 1))
    with django_assert_max_num_queries(12):
        pages.get(reverse("publication"))
