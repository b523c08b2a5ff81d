"""More attacks by trying all data: by who reads every edition, subtracts tables, or compares places.

Each attack is tried against the rules and against the nearest careless way, where it finds somebody.
"""

from collections.abc import Hashable, Iterator
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.publication.rules import K, Month, Publication, atoms, breakdown, is_year_closed, publication
from tests.profiles import share
from tests.reporting.test_publication_attack import disclosures

type Cells = tuple[int, ...]

THEMES = ("a", "b")


def splits(cells: int, most: int) -> Iterator[Cells]:
    """All ways to have `most` visits or fewer in so many cells."""
    if not cells:
        yield ()
        return
    for first in range(most + 1):
        for rest in splits(cells - 1, most - first):
            yield (first, *rest)


def rows(world: Cells, width: int) -> list[Cells]:
    return [world[start : start + width] for start in range(0, len(world), width)]


def seen(made: Publication[int, int]) -> Hashable:
    """A publication as something that can be compared."""
    return tuple(made.atoms), repr(sorted(made.tables.items()))


# ---- every edition ---------------------------------------------------------------------------------


def editions(world: Cells, *, k: int, months_a_year: int, keeps_back: bool) -> Hashable:
    """What is public after each month; a careless mairie does not keep back the running year's table."""
    months = [
        Month(n, sum(row), by={"theme": dict(zip(THEMES, row, strict=True))})
        for n, row in enumerate(rows(world, 2))
    ]
    return tuple(
        seen(
            publication(
                months[:count],
                {"theme": THEMES},
                year_of=lambda month: month // months_a_year,
                year_is_closed=lambda year: not keeps_back or count >= (year + 1) * months_a_year,  # noqa: B023
                k=k,
                counts_contacts=False,
            )
        )
        for count in range(1, len(months) + 1)
    )


def themes_and_months(world: Cells) -> Iterator[int]:
    for row in rows(world, 2):
        yield from (*row, sum(row))
    for first in range(2):
        yield sum(world[first::2])
    yield sum(world[:4])


@pytest.mark.parametrize(("k", "months_a_year", "most"), [(2, 2, 6), (2, 4, 6), (3, 2, 8), (3, 4, 8)])
def test_attack_by_a_reader_of_all_editions_finds_nobody(k: int, months_a_year: int, most: int) -> None:
    def found(keeps_back: bool) -> tuple[int, int]:
        return disclosures(
            splits(8, most),
            lambda world: editions(world, k=k, months_a_year=months_a_year, keeps_back=keeps_back),
            themes_and_months,
            k=k,
        )

    assert found(keeps_back=True) == (0, 0)
    if (k, months_a_year) == (2, 4):
        narrow, exact = found(keeps_back=False)
        assert narrow > 0 and exact > 0


@pytest.mark.parametrize(
    ("today", "closed"), [("2026-12-31", False), ("2027-01-15", False), ("2027-01-16", True)]
)
def test_a_year_is_closed_with_its_last_month(today: str, closed: bool) -> None:
    assert is_year_closed(2026, date.fromisoformat(today)) == closed


# ---- what a table leaves out -----------------------------------------------------------------------


@pytest.mark.parametrize(("k", "most"), [(2, 7), (3, 9)])
def test_attack_by_subtraction_finds_no_visit_without_a_theme(k: int, most: int) -> None:
    """Two months; in each, visits of a, of b, and of no theme."""

    def months(world: Cells) -> list[Month[int]]:
        return [
            Month(n, sum(row), by={"theme": dict(zip(THEMES, row[:2], strict=True))})
            for n, row in enumerate(rows(world, 3))
        ]

    def by_the_rules(world: Cells) -> Hashable:
        return seen(
            publication(
                months(world),
                {"theme": THEMES},
                year_of=lambda _month: 0,
                year_is_closed=lambda _year: True,
                k=k,
                counts_contacts=False,
            )
        )

    def leaving_out(world: Cells) -> Hashable:
        found = atoms(months(world), k=k, counts_contacts=False)
        covered = [row for n, row in enumerate(rows(world, 3)) if any(n in atom.months for atom in found)]
        sums = [sum(row[theme] for row in covered) for theme in range(2)]
        return tuple(found), tuple(sums) if min(sums) >= k else None

    def secrets(world: Cells) -> Cells:
        return (*world, *(sum(world[column::3]) for column in range(3)))

    assert disclosures(splits(6, most), by_the_rules, secrets, k=k) == (0, 0)
    narrow, exact = disclosures(splits(6, most), leaving_out, secrets, k=k)
    assert narrow > 0 and exact > 0


def test_a_breakdown_with_visits_in_no_category_is_not_published() -> None:
    months = [Month(0, 25, by={"theme": {"a": 11, "b": 11}})]
    assert (
        breakdown(months, atoms(months, counts_contacts=False), "theme", THEMES, counts_contacts=False)
        is None
    )


# ---- two tables, two places ------------------------------------------------------------------------


@pytest.mark.parametrize(("k", "most"), [(2, 6), (3, 7)])
def test_attack_by_two_tables_of_a_year_finds_nobody(k: int, most: int) -> None:
    """Two months; visits by theme, and by with a helper or alone. Only a table of both tells cells."""

    def made(world: Cells, both: bool) -> Hashable:
        months = [
            Month(n, sum(row), by={
                "theme": {"a": row[0] + row[1], "b": row[2] + row[3]},
                "helper": {"with": row[0] + row[2], "alone": row[1] + row[3]},
            })
            for n, row in enumerate(rows(world, 4))
        ]  # fmt: skip
        result = publication(
            months,
            {"theme": THEMES, "helper": ("with", "alone")},
            year_of=lambda _month: 0,
            year_is_closed=lambda _year: True,
            k=k,
            counts_contacts=False,
        )
        crossed = tuple(sum(world[cell::4]) for cell in range(4))
        return seen(result), crossed if both else None

    def secrets(world: Cells) -> Iterator[int]:
        a_with, a_alone, b_with, b_alone = (sum(world[cell::4]) for cell in range(4))
        yield from (*world, a_with, a_alone, b_with, b_alone)
        yield from (a_with + a_alone, b_with + b_alone, a_with + b_with, a_alone + b_alone)

    assert disclosures(splits(8, most), lambda world: made(world, False), secrets, k=k) == (0, 0)
    narrow, exact = disclosures(splits(8, most), lambda world: made(world, True), secrets, k=k)
    assert narrow > 0 and exact > 0


@pytest.mark.parametrize(("k", "most"), [(2, 7), (3, 9)])
def test_attack_by_comparing_two_places_finds_nobody(k: int, most: int) -> None:
    """Three months of two places. The commune's numbers are sums of published ones (R4)."""

    def places(world: Cells) -> list[Hashable]:
        return [
            tuple(atoms([Month(n, visits) for n, visits in enumerate(row)], k=k, counts_contacts=False))
            for row in rows(world, 3)
        ]

    def with_months_of_the_commune(world: Cells) -> Hashable:
        return tuple(places(world)), tuple(map(sum, zip(*rows(world, 3), strict=True)))

    def secrets(world: Cells) -> Iterator[int]:
        yield from world
        yield from map(sum, zip(*rows(world, 3), strict=True))
        yield from map(sum, rows(world, 3))

    assert disclosures(splits(6, most), lambda world: tuple(places(world)), secrets, k=k) == (0, 0)
    narrow, exact = disclosures(splits(6, most), with_months_of_the_commune, secrets, k=k)
    assert narrow > 0 and exact > 0


# ---- eleven people ---------------------------------------------------------------------------------

visits = st.lists(st.tuples(st.integers(0, 14), st.sampled_from(THEMES)), min_size=8, max_size=60)


@given(st.lists(visits, min_size=1, max_size=6))
@settings(max_examples=share(1))
def test_attack_on_eleven_each_category_has_eleven_people(story: list[list[tuple[int, str]]]) -> None:
    """The visits of a month are persons with their theme; a person may come in many months."""
    months = [
        Month(
            n,
            len(came),
            frozenset(person for person, _theme in came),
            {"theme": {name: sum(theme == name for _person, theme in came) for name in THEMES}},
            {
                "theme": {
                    name: frozenset(person for person, theme in came if theme == name) for name in THEMES
                }
            },
        )
        for n, came in enumerate(story)
    ]
    made = publication(months, {"theme": THEMES}, year_of=lambda _month: 0, year_is_closed=lambda _year: True)
    for table in (tables["theme"] for tables in made.tables.values()):
        inside = [visit for atom in made.atoms for n in atom.months for visit in story[n]]
        people = [{person for person, theme in inside if theme == name} for name in THEMES]
        sums = {name: sum(theme == name for _person, theme in inside) for name in THEMES}
        assert table == (sums if min(map(len, people)) >= K else None)


def test_a_category_of_one_person_who_comes_often_takes_its_table_with_it() -> None:
    def month(people_of_b: int) -> Month[int]:
        a, b = frozenset(range(29)), frozenset(range(100, 100 + people_of_b))
        return Month(0, 40, a | b, {"theme": {"a": 29, "b": 11}}, {"theme": {"a": a, "b": b}})

    for people_of_b, table in [(1, None), (10, None), (11, {"a": 29, "b": 11})]:
        months = [month(people_of_b)]
        assert breakdown(months, atoms(months), "theme", THEMES) == table
