"""Six rules by which counts of visits become public (docs/decisions/0033). Pure: months in, numbers out.

R1 A month of a place with fewer than `k` visits, none included, is carried into the next until the sum is `k`
   or more: an *atom*, such as « janvier à février : 17 ».
R2 A breakdown (by theme, say) is of a year, by one thing at a time, and all or nothing: each category that
   was fixed before has `k` or more, else none is published. Each visit counts in one category: visits in
   none of them could be known as the total less the table.
R3 An atom belongs to the year of its last month, and a year's breakdown covers exactly its atoms: the months
   of their own, not those of the calendar.
R4 Every other published number is worked out from published ones.
R5 A month is closed at a fixed day, a year with its last month: a table of a running year, published again a
   month later, would tell that month. What was published is never changed; later months only add to it.
R6 As R1 and R2, with `k` distinct contacts too: eleven visits of one person are one person. The contacts of
   several months are put together, not added; so one person has the same hash in all months of an atom and of
   a year.

`k` is 11: the threshold of Insee for natural persons and of the health data of the state.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

K = 11
CLOSED_AFTER = timedelta(days=15)
"""So long after its end a month is closed: what became of a visit may be noted for seven days, and records
are closed a day later."""


@dataclass(frozen=True, slots=True)
class Month[M: Hashable]:
    """One month of one place. `by`: dimension → category → visits; `contacts`: keyed hashes of those who
    came, each once; `contacts_by`: the same as dimension → category → hashes."""

    on: M
    visits: int
    contacts: frozenset[Hashable] = frozenset()
    by: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    contacts_by: Mapping[str, Mapping[str, frozenset[Hashable]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Atom[M: Hashable]:
    """Months that are published as one number, in their order."""

    months: tuple[M, ...]
    visits: int

    @property
    def last(self) -> M:
        return self.months[-1]


def atoms[M: Hashable](
    months: Sequence[Month[M]], *, k: int = K, counts_contacts: bool = True
) -> list[Atom[M]]:
    """The atoms of one place (R1, R6), oldest first. What is left at the end is not published yet: it waits
    for the next month. `months` follow each other without a gap, from the first on."""
    found: list[Atom[M]] = []
    carried: list[Month[M]] = []
    for month in months:
        carried.append(month)
        atom = joined(carried, k=k, counts_contacts=counts_contacts)
        if atom is not None:
            found.append(atom)
            carried = []
    return found


def joined[M: Hashable](
    months: Sequence[Month[M]], *, k: int = K, counts_contacts: bool = True
) -> Atom[M] | None:
    """All these months as one number; None where they have too few visits, or too few people came (R6)."""
    visits = sum(each.visits for each in months)
    people = len(frozenset[Hashable]().union(*(each.contacts for each in months)))
    if visits < k or (people < k and counts_contacts):
        return None
    return Atom(tuple(each.on for each in months), visits)


def breakdown[M: Hashable](
    months: Sequence[Month[M]],
    own: Iterable[Atom[M]],
    dimension: str,
    categories: Collection[str],
    *,
    k: int = K,
    counts_contacts: bool = True,
) -> dict[str, int] | None:
    """The visits of a year's atoms by category (R2, R3, R6); None where one of them has too few, or where the
    table is not the sum of the atoms. `categories` were fixed before the year."""
    own = list(own)
    covered = {on for atom in own for on in atom.months}
    inside = [month for month in months if month.on in covered]
    sums = {
        category: sum(month.by.get(dimension, {}).get(category, 0) for month in inside)
        for category in categories
    }
    if not sums or min(sums.values()) < k or sum(sums.values()) != sum(atom.visits for atom in own):
        return None
    if counts_contacts:
        for category in sums:
            groups = (month.contacts_by.get(dimension, {}).get(category, frozenset()) for month in inside)
            if len(frozenset[Hashable]().union(*groups)) < k:
                return None
    return sums


def years[M: Hashable, Y: Hashable](
    found: Iterable[Atom[M]], year_of: Callable[[M], Y]
) -> dict[Y, list[Atom[M]]]:
    """The atoms by the year of their last month (R3)."""
    by_year: dict[Y, list[Atom[M]]] = {}
    for atom in found:
        by_year.setdefault(year_of(atom.last), []).append(atom)
    return by_year


def is_closed(month_on: date, today: date) -> bool:
    """Whether the month that begins at `month_on` is closed (R5)."""
    end = (month_on + timedelta(days=32)).replace(day=1)
    return today >= end + CLOSED_AFTER


def is_year_closed(year: int, today: date) -> bool:
    """Whether the last month of the year is closed, and with it the year's breakdowns (R5)."""
    return is_closed(date(year, 12, 1), today)


@dataclass(frozen=True, slots=True)
class Publication[M: Hashable, Y: Hashable]:
    """All that is public of one place. `tables`: closed year → dimension → category → visits, or None where a
    breakdown has too few."""

    atoms: list[Atom[M]]
    tables: dict[Y, dict[str, dict[str, int] | None]]


def publication[M: Hashable, Y: Hashable](
    closed_months: Sequence[Month[M]],
    categories: Mapping[str, Collection[str]],
    *,
    year_of: Callable[[M], Y],
    year_is_closed: Callable[[Y], bool],
    k: int = K,
    counts_contacts: bool = True,
) -> Publication[M, Y]:
    """What the six rules let out of one place. `closed_months` follow each other without a gap; `categories`:
    dimension → categories fixed before the year."""
    found = atoms(closed_months, k=k, counts_contacts=counts_contacts)
    return Publication(
        found,
        {
            year: {
                dimension: breakdown(
                    closed_months, own, dimension, fixed, k=k, counts_contacts=counts_contacts
                )
                for dimension, fixed in categories.items()
            }
            for year, own in years(found, year_of).items()
            if year_is_closed(year)
        },
    )
