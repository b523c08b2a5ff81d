"""The share of its opening time during which a cabin was in order, by month."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from communes.enums import SetupChangeKind
from communes.incident_rules import WITHDRAWS
from communes.models import Cabin, Commune, Incident, SetupChange
from communes.open_hours import open_spans
from core.days import day_span
from core.edits import record_name
from core.localtime import Span, cut, merged, overlapping, subtract


@dataclass(frozen=True, slots=True)
class MonthShare:
    """Of one month on the commune's calendar: how long the cabin was open, and without something of it."""

    month_on: date
    open_for: timedelta
    broken_for: timedelta

    @property
    def percent(self) -> int | None:
        """Of the opening time, rounded down so that only a month without a fault has 100; None if the cabin
        was never open."""
        if not self.open_for:
            return None
        return int((self.open_for - self.broken_for) * 100 // self.open_for)

    @property
    def broken_min(self) -> int:
        return -(-self.broken_for // timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class CabinShares:
    cabin: Cabin
    months: list[MonthShare]


def month_starts(commune: Commune, now: datetime, count: int) -> list[date]:
    """The first days of the last `count` months, the present one last."""
    month = commune.local(now).date().replace(day=1)
    found = [month]
    while len(found) < count:
        month = (month - timedelta(days=1)).replace(day=1)
        found.insert(0, month)
    return found


def shares(
    commune: Commune, cabins: Collection[Cabin], months: Sequence[date], now: datetime
) -> list[CabinShares]:
    """Of each of these cabins (their sites loaded) and months, until `now`: its opening time by the present
    hours and closures of its site, and how much of it a confirmed fault had withdrawn equipment. A fault
    counts from its report until it was closed. Nothing counts from before a cabin was entered: nobody could
    report a fault of it. Four queries, however many cabins and months."""
    bounds = [_span_of(month, commune) for month in months]
    sites = {cabin.site_id: cabin.site for cabin in cabins}
    opened = open_spans(sites.values(), commune, months[0], _next(months[-1]))
    faults = _faults(cabins, bounds[0][0], now)
    entered = _entered(cabins)
    found = []
    for cabin in cabins:
        begins = [each for each in (cabin.in_service_at, entered.get(cabin.pk)) if each]
        there = max([bounds[0][0], *begins]), min(cabin.retired_at or now, now)
        own = _within(merged(opened[cabin.site_id]), there)
        by_month = []
        for month, (start, end) in zip(months, bounds, strict=True):
            spans = _within(own, (start, end))
            whole = [piece for span in spans for piece in subtract(span, faults[cabin.pk])]
            open_for = _length(spans)
            by_month.append(MonthShare(month, open_for, open_for - _length(whole)))
        found.append(CabinShares(cabin, by_month))
    return found


def _entered(cabins: Collection[Cabin]) -> dict[int, datetime]:
    """When cabins were entered, by the log of changes; without those that it does not know."""
    pks = {record_name(cabin): cabin.pk for cabin in cabins}
    rows = SetupChange.objects.filter(record__in=pks, kind=SetupChangeKind.CREATED).order_by("at")
    return {pks[record]: at for record, at in rows.values_list("record", "at")}


def _faults(cabins: Collection[Cabin], start: datetime, now: datetime) -> dict[int, list[Span]]:
    spans: dict[int, list[Span]] = defaultdict(list)
    rows = Incident.objects.filter(cabin__in=cabins, kind__in=WITHDRAWS, confirmed_at__isnull=False)
    rows = rows.exclude(closed_at__lte=start).order_by("opened_at")
    for cabin_id, opened_at, closed_at in rows.values_list("cabin_id", "opened_at", "closed_at"):
        until = min(closed_at or now, now)
        if opened_at < until:
            spans[cabin_id].append((opened_at, until))
    return defaultdict(list, {pk: merged(each) for pk, each in spans.items()})


def _within(spans: Sequence[Span], by: Span) -> list[Span]:
    return cut(overlapping(spans, by), by) if by[0] < by[1] else []


def _span_of(month: date, commune: Commune) -> Span:
    return day_span(month, commune.tz)[0], day_span(_next(month), commune.tz)[0]


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _length(spans: Iterable[Span]) -> timedelta:
    return sum((end - start for start, end in spans), timedelta())
