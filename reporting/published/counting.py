"""What the rules work on: the visits of months by place, and who came, from records, sums and contacts."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count
from django.db.models.functions import TruncMonth

from booking.categories import CATEGORIES, HELP, MOMENT, THEME, categories_of, family, moment
from booking.enums import Status
from booking.models import MonthlySum, VisitContact, VisitRecord
from communes.models import Commune
from reporting.publication.rules import Month

CATEGORY_OF_SUM: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "helped_by": (HELP, str),
    "theme": (THEME, family),
    "half_hour": (MOMENT, lambda code: moment(int(code))),
}
"""Dimension of a sum → the table that it goes into, and the category of its codes."""


@dataclass
class _Tally:
    visits: int = 0
    by: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    contacts: set[str] = field(default_factory=set)
    contacts_by: dict[str, dict[str, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )

    def month(self, on: date) -> Month[date]:
        return Month(
            on,
            self.visits,
            frozenset(self.contacts),
            {table: dict(self.by[table]) for table in CATEGORIES},
            {
                table: {category: frozenset(people) for category, people in self.contacts_by[table].items()}
                for table in CATEGORIES
            },
        )


type Tallies = dict[tuple[int, date], _Tally]


class Counted:
    """The months from `first` to `last` of all places of a commune, for the publication of `year`."""

    def __init__(self, commune: Commune, first: date, last: date, *, year: int) -> None:
        self._found: Tallies = defaultdict(_Tally)
        _add_records(self._found, commune, first, last)
        _add_sums(self._found, commune, first, last)
        _add_contacts(self._found, commune, first, last, year)

    def months(self, site_ref: int, wanted: Iterable[date]) -> list[Month[date]]:
        return [self._found.get((site_ref, on), _Tally()).month(on) for on in wanted]


def next_month(on: date) -> date:
    return (on + timedelta(days=32)).replace(day=1)


def months_between(first: date, last: date) -> list[date]:
    """The first days of the months from that of `first` to that of `last`, both included."""
    on, found = first.replace(day=1), []
    while on <= last:
        found.append(on)
        on = next_month(on)
    return found


def _add_records(found: Tallies, commune: Commune, first: date, last: date) -> None:
    done = VisitRecord.objects.filter(
        commune=commune, ended_as=Status.DONE, day_on__gte=first, day_on__lt=next_month(last)
    )
    grouped = done.order_by().values("site_ref", "helped_by", "theme", "half_hour", on=TruncMonth("day_on"))
    for row in grouped.annotate(visits=Count("id")):
        tally = found[row["site_ref"], row["on"]]
        tally.visits += row["visits"]
        categories = categories_of(helped_by=row["helped_by"], theme=row["theme"], half_hour=row["half_hour"])
        for table, category in categories.items():
            tally.by[table][category] += row["visits"]


def _add_sums(found: Tallies, commune: Commune, first: date, last: date) -> None:
    rows = MonthlySum.objects.filter(commune=commune, month_on__gte=first, month_on__lte=last)
    wanted = rows.filter(dimension__in=["ended_as", *CATEGORY_OF_SUM]).order_by()
    for row in wanted:
        tally = found[row.site_ref, row.month_on]
        if row.dimension == "ended_as":
            tally.visits += row.visits if row.code == Status.DONE else 0
        else:
            table, category_of = CATEGORY_OF_SUM[row.dimension]
            tally.by[table][category_of(row.code)] += row.visits


def _add_contacts(found: Tallies, commune: Commune, first: date, last: date, year: int) -> None:
    rows = VisitContact.objects.filter(
        commune=commune, year=year, month_on__gte=first, month_on__lte=last
    ).order_by()
    for site_ref, on, table, category, contact in rows.values_list(
        "site_ref", "month_on", "dimension", "code", "contact"
    ):
        tally = found[site_ref, on]
        into = tally.contacts_by[table][category] if table else tally.contacts
        into.add(contact)
