"""What is known of a period: plain numbers from the same cells, so that they agree with each other. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

DONE, NO_SHOW, CANCELLED, UNRECORDED = "done", "no_show", "cancelled", "unrecorded"


@dataclass(slots=True)
class Sum:
    visits: int = 0
    persons: int = 0
    booked_min: int = 0
    used_min: int = 0

    def add(self, other: "Sum") -> None:
        self.visits += other.visits
        self.persons += other.persons
        self.booked_min += other.booked_min
        self.used_min += other.used_min


class CellRow(NamedTuple):
    """One cell of `booking.sums`, of one place."""

    site_ref: int
    dimension: str
    code: str
    label: str
    sum: Sum
    site_name: str = ""
    reserved: int = 0
    """Minutes to be held against opening hours."""


@dataclass(slots=True)
class Opening:
    """Minutes of cabins on days that are over."""

    open_min: int = 0
    closed_min: int = 0
    out_min: int = 0
    full_days: int = 0
    """Days of cabins that were booked for nine tenths of their time or more, out of `known_days`."""
    known_days: int = 0

    def add(self, more: "Opening") -> None:
        self.open_min += more.open_min
        self.closed_min += more.closed_min
        self.out_min += more.out_min
        self.full_days += more.full_days
        self.known_days += more.known_days


@dataclass(slots=True)
class Numbers:
    """All cells of a period, by dimension and code; and by place for the table of places."""

    by: dict[str, dict[str, Sum]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Sum)))
    by_site: dict[int, dict[str, dict[str, Sum]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(lambda: defaultdict(Sum)))
    )
    labels: dict[tuple[str, str], str] = field(default_factory=dict)
    opening: Opening = field(default_factory=Opening)
    opening_by_site: dict[int, Opening] = field(default_factory=lambda: defaultdict(Opening))
    reserved: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """Place → minutes of visits that took place or were missed, on days of which opening is known."""
    waits: dict[int, int] = field(default_factory=dict)
    """Minutes waited → visits; only of records, sums hold classes."""
    by_day: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    """ISO day → who helped → visits; only of records."""
    by_month: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    """First day of a month → who helped → visits; only of sums."""
    heat: dict[tuple[int, int], int] = field(default_factory=dict)
    """(ISO weekday, hour) → visits that began; only of records."""
    summed_months: int = 0
    """How many of its months are known by their sums alone, wholly or in part."""

    def take(self, rows: Iterable[CellRow]) -> None:
        for row in rows:
            self.by[row.dimension][row.code].add(row.sum)
            self.by_site[row.site_ref][row.dimension][row.code].add(row.sum)
            if row.label:
                self.labels[row.dimension, row.code] = row.label
            if row.reserved:
                self.reserved[row.site_ref] += row.reserved
            if row.site_name:
                self.labels["site", str(row.site_ref)] = row.site_name

    def ended(self, how: str) -> int:
        return self.by["ended_as"][how].visits if how in self.by["ended_as"] else 0

    @property
    def visits(self) -> int:
        """Visits that took place, walk-ins among them."""
        return self.ended(DONE)

    @property
    def persons(self) -> int:
        return self.by["ended_as"][DONE].persons if self.visits else 0

    @property
    def used_min(self) -> int:
        return self.by["ended_as"][DONE].used_min if self.visits else 0

    @property
    def booked_min(self) -> int:
        """Of visits that took place."""
        return self.by["ended_as"][DONE].booked_min if self.visits else 0

    @property
    def with_helper(self) -> int:
        return self._of("helped_by", "helper")

    @property
    def walk_ins(self) -> int:
        return self._of("walk_in", "yes")

    @property
    def appointments(self) -> int:
        """To which somebody was expected and of which is known whether they came: the whole that missed ones
        are a part of."""
        return self.visits - self.walk_ins + self.missed

    @property
    def missed(self) -> int:
        return self.ended(NO_SHOW)

    @property
    def is_empty(self) -> bool:
        return not any(each.visits for each in self.by["ended_as"].values())

    def _of(self, dimension: str, code: str) -> int:
        return self.by[dimension][code].visits if code in self.by[dimension] else 0

    def ranked(self, dimension: str) -> list[tuple[str, int]]:
        """(code, visits) of those that have any, the largest first, then by label."""
        rows = [(code, each.visits) for code, each in self.by[dimension].items() if each.visits]
        return sorted(rows, key=lambda row: (-row[1], self.labels.get((dimension, row[0]), row[0])))


def percent(part: float, whole: float) -> int | None:
    """A share in whole per cent, halves up; None of nothing."""
    return int(100 * part / whole + 0.5) if whole else None


def quantile(histogram: Mapping[int, int], share: float) -> int | None:
    """The least value that at least `share` of all do not exceed; None of nothing."""
    total = sum(histogram.values())
    reached = 0
    for value in sorted(histogram):
        reached += histogram[value]
        if reached >= share * total:
            return value
    return None
