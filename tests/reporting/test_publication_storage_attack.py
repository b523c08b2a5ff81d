"""The attack on what is really stored: small worlds are written as visits, closed night by night while old
ones are folded, and what came out is compared; and larger ones come out as the rules say.

The threshold of the product is eleven, so each visit of a small world stands for several, each by somebody
else: six for a threshold of two (two of them are twelve), four for one of three (three of them are twelve).
"""

from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.categories import CATEGORIES
from communes.models import Commune
from reporting.models import PublishedNumber
from reporting.publication.rules import Publication, publication
from reporting.published.counting import Counted, months_between
from tests.factories import make_commune
from tests.profiles import share
from tests.reporting.publishing import Visit, begin, close, told, write
from tests.reporting.test_publication_attack import World, cells, disclosures, worlds_of

pytestmark = pytest.mark.django_db

MONTHS = (date(2025, 11, 1), date(2025, 12, 1), date(2026, 11, 1), date(2026, 12, 1))
"""Two of each of two years; in the months between them, nobody came to any of the places."""
WEIGHTS = {2: 6, 3: 4}
HELPED = ("helper", "nobody")


def play(worlds: list[World], weight: int) -> Commune:
    """Each world is a place of one commune."""
    commune = make_commune(retention_months=3)
    begin(commune, MONTHS[0], *range(1, len(worlds) + 1))
    visits = []
    for number, world in enumerate(worlds):
        for (on, row), (category, helped_by) in product(zip(MONTHS, world, strict=False), enumerate(HELPED)):
            for nth in range(row[category] * weight):
                who = f"{on} {helped_by} {nth}"
                visits.append(Visit(on, who, number + 1, helped_by, half_hour=20))
    write(commune, visits)
    for on in months_between(MONTHS[0], MONTHS[len(worlds[0]) - 1]):
        close(commune, on, folds=True)
    return commune


@pytest.mark.parametrize(("k", "months", "most"), [(2, 2, 4)])
def test_attack_on_what_is_stored_finds_nobody(k: int, months: int, most: int) -> None:
    attack_on_what_is_stored(k, months, most)


@pytest.mark.long
@pytest.mark.parametrize(("k", "months", "most"), [(2, 4, 5), (3, 2, 6), (3, 3, 6)])
def test_attack_on_what_is_stored_finds_nobody_in_larger_worlds(k: int, months: int, most: int) -> None:
    attack_on_what_is_stored(k, months, most)


def attack_on_what_is_stored(k: int, months: int, most: int) -> None:
    worlds = list(worlds_of(months, most))
    commune = play(worlds, WEIGHTS[k])
    seen: dict[int, list[tuple[Any, ...]]] = {}
    rows = PublishedNumber.objects.filter(commune=commune).order_by("id")
    for ref, *row in rows.values_list("site_ref", "first_on", "last_on", "table", "category", "number"):
        seen.setdefault(ref, []).append(tuple(row))
    assert any(row[2] for told in seen.values() for row in told), "tables were published too"
    look_of = {world: tuple(seen.get(number + 1, ())) for number, world in enumerate(worlds)}
    assert disclosures(worlds, look_of.__getitem__, cells, k=k) == (0, 0)


# ---- eleven ------------------------------------------------------------------------------------------

LAST = date(2026, 2, 1)
people = st.sampled_from(["", *(f"someone {number}" for number in range(16))])
visit = st.builds(
    Visit,
    st.sampled_from(months_between(date(2025, 9, 1), LAST)),
    people,
    st.sampled_from([1, 2]),
    st.sampled_from(HELPED),
    st.sampled_from(["email", "justice"]),
    st.sampled_from([18, 31]),
)


@given(st.lists(visit, min_size=40, max_size=200), st.sets(st.integers(0, 5)), st.booleans())
@settings(
    max_examples=share(0.02), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_attack_on_eleven_what_is_stored_is_what_the_rules_let_out(
    db: Any, visits: list[Visit], nights: set[int], folds: bool
) -> None:
    """Whichever nights the worker is awake, and whatever is folded before."""
    commune = make_commune(retention_months=3)
    months = months_between(date(2025, 9, 1), LAST)
    begin(commune, months[0], 1, 2)
    write(commune, visits)
    expected = {ref: by_the_rules(commune, ref, months) for ref in (1, 2)}
    for number in sorted({*nights, len(months) - 1}):
        close(commune, months[number], folds=folds)
    assert {ref: told(commune, ref) for ref in (1, 2)} == expected


def by_the_rules(commune: Commune, ref: int, months: list[date]) -> list[tuple[date, date, str, str, int]]:
    """What the pure rules let out of these months, year by year with the contacts of that year."""
    found: list[tuple[date, date, str, str, int]] = []
    begun = months[0]
    for year in sorted({on.year for on in months}):
        own = months_between(begun, min(date(year, 12, 1), months[-1]))
        counted = Counted(commune, own[0], own[-1], year=year).months(ref, own)
        made: Publication[date, int] = publication(
            counted, CATEGORIES, year_of=lambda on: on.year, year_is_closed=lambda year: year < LAST.year
        )
        found += [(*days(atom.months), "", "", atom.visits) for atom in made.atoms]
        for each, tables in made.tables.items():
            assert each == year
            covered = [on for atom in made.atoms for on in atom.months]
            for table, sums in tables.items():
                found += [(*days(covered), table, category, n) for category, n in (sums or {}).items()]
        if made.atoms:
            begun = date.fromordinal(days(made.atoms[-1].months)[1].toordinal() + 1)
    return sorted(found, key=lambda row: (row[1], row[2], row[3]))


def days(months: Any) -> tuple[date, date]:
    last = months[-1]
    end = date(last.year + last.month // 12, last.month % 12 + 1, 1)
    return months[0], date.fromordinal(end.toordinal() - 1)
