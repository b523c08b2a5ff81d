"""An attack by trying all data that could be behind what is published: nobody's small number can be known.

For each small world (months of one place, visits of two categories in each) the whole publication is made,
and worlds with equal publications are put together: they are all that somebody who reads it cannot tell
apart. A number is *exact* if it is 1 to k - 1 and the same in all of them, and *narrow* if it is 1 to k - 1
in each. The same attack on other ways to publish finds both: it can fail.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.publication.rules import Atom, K, Month, atoms, breakdown, is_closed, years
from tests.profiles import share

type World = tuple[tuple[int, int], ...]
"""For each month, the visits of the categories a and b."""
type Publish = Callable[[World, int], Hashable]

MONTHS_A_YEAR = 2


def year_of(month: int) -> int:
    return month // MONTHS_A_YEAR


def months_of(world: World) -> list[Month[int]]:
    return [Month(number, a + b, by={"theme": {"a": a, "b": b}}) for number, (a, b) in enumerate(world)]


def by_the_rules(world: World, k: int) -> Hashable:
    months = months_of(world)
    found = atoms(months, k=k, counts_contacts=False)
    tables = {
        year: breakdown(months, own, "theme", ("a", "b"), k=k, counts_contacts=False)
        for year, own in years(found, year_of).items()
    }
    return tuple(found), tuple(
        (year, tuple(table.items()) if table else None) for year, table in tables.items()
    )


def with_calendar_years(world: World, k: int) -> Hashable:
    """R1, but breakdowns of calendar years."""
    tables: list[tuple[int, int] | None] = []
    for year in range(len(world) // MONTHS_A_YEAR):
        own = world[year * MONTHS_A_YEAR : (year + 1) * MONTHS_A_YEAR]
        sums = sum(a for a, _b in own), sum(b for _a, b in own)
        tables.append(sums if min(sums) >= k else None)
    found = atoms(months_of(world), k=k, counts_contacts=False)
    return tuple(found), tuple(tables)


def with_hidden_cells(world: World, k: int) -> Hashable:
    """« moins de k » in place of small numbers, with exact totals."""
    rows = tuple(tuple(n if n == 0 or n >= k else "few" for n in row) for row in world)
    return rows, tuple(sum(row) for row in world), tuple(map(sum, zip(*world, strict=True)))


def with_rounding(world: World, k: int) -> Hashable:
    """To the nearest five, each month and the year so far."""
    rounded = [5 * round((a + b) / 5) for a, b in world]
    so_far = [5 * round(sum(a + b for a, b in world[: n + 1]) / 5) for n in range(len(world))]
    return tuple(rounded), tuple(so_far)


def cells(world: World) -> Iterator[int]:
    """What one could want to know: each cell, each month, each category of a calendar year, two months."""
    for a, b in world:
        yield from (a, b, a + b)
    for year in range(len(world) // MONTHS_A_YEAR):
        own = world[year * MONTHS_A_YEAR : (year + 1) * MONTHS_A_YEAR]
        yield from (sum(a for a, _b in own), sum(b for _a, b in own))
    yield sum(world[0]) + sum(world[1])


def worlds_of(months: int, most: int) -> Iterator[World]:
    """All with so many visits in all. A bound on each cell would tell what no publication does."""
    if not months:
        yield ()
        return
    for a in range(most + 1):
        for b in range(most + 1 - a):
            for rest in worlds_of(months - 1, most - a - b):
                yield ((a, b), *rest)


def attack(publish: Publish, *, k: int, months: int, most: int) -> tuple[int, int]:
    return disclosures(worlds_of(months, most), lambda world: publish(world, k), cells, k=k)


def disclosures[W](
    worlds: Iterable[W], publish: Callable[[W], Hashable], secrets: Callable[[W], Iterable[int]], *, k: int
) -> tuple[int, int]:
    """How many secrets are narrow, and exact, over all groups of worlds that look the same."""
    looks_same: dict[Hashable, list[W]] = defaultdict(list)
    for world in worlds:
        looks_same[publish(world)].append(world)
    narrow = exact = 0
    for same in looks_same.values():
        for known in zip(*(secrets(world) for world in same), strict=True):
            values = set(known)
            if all(1 <= each < k for each in values):
                narrow += 1
                exact += len(values) == 1
    return narrow, exact


@pytest.mark.parametrize(("k", "months", "most"), [(2, 2, 12), (2, 3, 8), (2, 4, 6), (3, 2, 14), (3, 3, 9)])
def test_the_attack_finds_nobody_behind_what_the_rules_publish(k: int, months: int, most: int) -> None:
    assert attack(by_the_rules, k=k, months=months, most=most) == (0, 0)


@pytest.mark.long
@pytest.mark.parametrize(("k", "months", "most"), [(2, 4, 10), (3, 4, 11)])
def test_the_attack_finds_nobody_in_larger_worlds(k: int, months: int, most: int) -> None:
    assert attack(by_the_rules, k=k, months=months, most=most) == (0, 0)


@pytest.mark.parametrize(
    ("publish", "k", "months", "most"),
    [(with_calendar_years, 2, 4, 7), (with_hidden_cells, 2, 2, 6), (with_rounding, 3, 3, 8)],
)
def test_the_attack_finds_people_behind_other_ways_to_publish(
    publish: Publish, k: int, months: int, most: int
) -> None:
    narrow, exact = attack(publish, k=k, months=months, most=most)
    assert narrow > 0
    # Rounded numbers give exact ones in longer series only.
    assert exact > 0 or publish is with_rounding


# ---- eleven ----------------------------------------------------------------------------------------

counts = st.lists(st.integers(0, 25), min_size=1, max_size=30)


@given(counts)
@settings(max_examples=share(1))
def test_attack_on_eleven_each_atom_has_eleven_or_more_and_is_the_sum_of_its_months(
    visits: list[int],
) -> None:
    months = [Month(n, each, frozenset((n, i) for i in range(each))) for n, each in enumerate(visits)]
    found = atoms(months)
    assert all(atom.visits >= K for atom in found)
    assert all(atom.visits == sum(visits[on] for on in atom.months) for atom in found)
    covered = [on for atom in found for on in atom.months]
    assert covered == list(range(len(covered)))
    assert sum(visits[len(covered) :]) < K, "what waits is too little"
    # Without its last month an atom would have been too little: no month that could stand alone is hidden.
    assert all(sum(visits[on] for on in atom.months[:-1]) < K for atom in found)


@given(counts, st.integers(0, 30))
@settings(max_examples=share(1))
def test_attack_over_time_what_was_published_stays_and_later_months_only_add(
    visits: list[int], cut: int
) -> None:
    months = [Month(n, each) for n, each in enumerate(visits)]
    earlier = atoms(months[:cut], counts_contacts=False)
    assert atoms(months, counts_contacts=False)[: len(earlier)] == earlier


@given(st.lists(st.lists(st.integers(0, 12), max_size=30), min_size=1, max_size=12))
@settings(max_examples=share(1))
def test_attack_by_one_who_comes_often_each_atom_has_eleven_people(people: list[list[int]]) -> None:
    """Visits of a month are by these people, who may come more than once and in many months."""
    months = [Month(n, len(each), frozenset(each)) for n, each in enumerate(people)]
    for atom in atoms(months):
        assert len({person for on in atom.months for person in people[on]}) >= K
    assert not atoms([Month(n, 40, frozenset({"one person"})) for n in range(12)])


# ---- breakdowns ------------------------------------------------------------------------------------


def month(number: int, **by: int) -> Month[int]:
    return Month(number, sum(by.values()), by={"theme": by})


def test_a_breakdown_is_all_or_nothing_and_of_its_atoms_alone() -> None:
    months = [month(0, a=20, b=12), month(1, a=3, b=2), month(2, a=15, b=30)]
    found = atoms(months, counts_contacts=False)
    assert [each.months for each in found] == [(0,), (1, 2)]
    first, second = years(found, year_of)[0], years(found, year_of)[1]
    assert breakdown(months, first, "theme", ("a", "b"), counts_contacts=False) == {"a": 20, "b": 12}
    assert breakdown(months, second, "theme", ("a", "b"), counts_contacts=False) == {"a": 18, "b": 32}, (
        "with what was carried"
    )
    for categories, why in [(("a", "b", "c"), "c had nobody"), (("a",), "b was not fixed before"), ((), "")]:
        assert breakdown(months, first, "theme", categories, counts_contacts=False) is None, why
    assert breakdown(months, [], "theme", ("a", "b"), counts_contacts=False) is None


def test_an_atom_belongs_to_the_year_of_its_last_month() -> None:
    found = [Atom((date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)), 14)]
    assert years(found, lambda on: on.year) == {2027: found}


@pytest.mark.parametrize(
    ("today", "closed"), [("2026-12-15", False), ("2026-12-16", True), ("2026-11-30", False)]
)
def test_a_month_is_closed_at_a_fixed_day(today: str, closed: bool) -> None:
    assert is_closed(date(2026, 11, 1), date.fromisoformat(today)) == closed
