"""What the page and the yearly report show. All of it is worked out from published numbers alone (R4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from booking.categories import CATEGORIES
from communes.models import Commune
from reporting.models import Edition, PublishedNumber
from reporting.published.words import CATEGORIES as CATEGORY_NAMES
from reporting.published.words import EXPLAINED, TABLES, months


@dataclass(frozen=True)
class Line:
    """One published number: these months together."""

    months: str
    number: int
    is_of_several: bool


@dataclass
class Place:
    name: str
    lines: list[Line] = field(default_factory=list)
    first_on: date = date.max
    last_on: date = date.min

    @property
    def number(self) -> int:
        return sum(line.number for line in self.lines)

    @property
    def months(self) -> str:
        return months(self.first_on, self.last_on)


@dataclass(frozen=True)
class Row:
    """`cells`: one for each category, with its share of the row in per cent; empty: not published."""

    name: str
    cells: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Table:
    title: str
    explained: str
    heads: list[str]
    rows: list[Row]
    total: Row | None
    """Of the places that are published, where there are several."""


@dataclass(frozen=True)
class Publication:
    """One year. `before`: what was published of the year before, 0 unless it is known from its January on;
    `closed_on`: the day of the last edition of this year."""

    year: int
    years: list[int]
    closed_years: list[int]
    places: list[Place]
    tables: list[Table]
    number: int
    before: int
    is_year_closed: bool
    until: date | None
    closed_on: date | None

    @property
    def stands_together(self) -> bool:
        return any(line.is_of_several for place in self.places for line in place.lines)

    @property
    def has_all_tables(self) -> bool:
        return all(row.cells for table in self.tables for row in table.rows)


def read(commune: Commune, year: int | None, *, only_closed: bool = False) -> Publication | None:
    """The published numbers of that year, or of the last one that has any; None where that year has none.
    `only_closed`: years that go on have none either."""
    totals = PublishedNumber.objects.filter(commune=commune, table="")
    years = [day.year for day in totals.order_by().dates("last_on", "year")]
    closed = Edition.objects.filter(commune=commune, month_on__month=12).values_list(
        "month_on__year", flat=True
    )
    closed_years = [each for each in years if each in set(closed)]
    wanted = closed_years if only_closed else years
    if year is None and wanted:
        year = wanted[-1]
    if year is None or year not in wanted:
        return None
    numbers = list(PublishedNumber.objects.filter(commune=commune, last_on__year=year).order_by("last_on"))
    places = _places(row for row in numbers if not row.table)
    editions = Edition.objects.filter(commune=commune, month_on__year=year).order_by("-month_on")
    edition = editions.first()
    return Publication(
        year=year,
        years=years,
        closed_years=closed_years,
        places=sorted(places.values(), key=lambda place: place.name),
        tables=_tables(places, [row for row in numbers if row.table]) if year in closed_years else [],
        number=sum(place.number for place in places.values()),
        before=_before(list(totals.filter(last_on__year=year - 1)), year - 1),
        is_year_closed=year in closed_years,
        until=edition.month_on if edition else None,
        closed_on=edition.closed_on if edition else None,
    )


def _before(rows: list[PublishedNumber], year: int) -> int:
    """The sum of a year; 0 where the publication began within it: it cannot be compared."""
    is_whole = rows and min(row.first_on for row in rows) <= date(year, 1, 1)
    return sum(row.number for row in rows) if is_whole else 0


def _places(rows: Iterable[PublishedNumber]) -> dict[int, Place]:
    found: dict[int, Place] = {}
    for row in rows:
        place = found.setdefault(row.site_ref, Place(row.site_name))
        place.name = row.site_name  # the latest
        is_of_several = (row.first_on.year, row.first_on.month) != (row.last_on.year, row.last_on.month)
        place.lines.append(Line(months(row.first_on, row.last_on), row.number, is_of_several))
        place.first_on = min(place.first_on, row.first_on)
        place.last_on = max(place.last_on, row.last_on)
    return found


def _tables(places: dict[int, Place], rows: list[PublishedNumber]) -> list[Table]:
    known = {(row.table, row.site_ref, row.category): row.number for row in rows}
    found = []
    for table, categories in CATEGORIES.items():
        numbers = {
            ref: [known[table, ref, each] for each in categories if (table, ref, each) in known]
            for ref in sorted(places, key=lambda ref: places[ref].name)
        }
        told = [each for each in numbers.values() if each]
        found.append(
            Table(
                title=str(TABLES[table]),
                explained=str(EXPLAINED[table]),
                heads=[str(CATEGORY_NAMES[each]) for each in categories],
                rows=[_row(places[ref].name, each) for ref, each in numbers.items()],
                total=_row("", [sum(column) for column in zip(*told, strict=True)])
                if len(told) > 1
                else None,
            )
        )
    return found


def _row(name: str, numbers: list[int]) -> Row:
    """Shares are rounded to add up to a hundred: the last one is what is left."""
    whole, cells, left = sum(numbers), list[tuple[int, int]](), 100
    for number in numbers[:-1]:
        share = int(100 * number / whole + 0.5)
        cells.append((number, share))
        left -= share
    return Row(name, [*cells, (numbers[-1], left)] if numbers else [])
