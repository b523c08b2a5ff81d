"""Reads the numbers of a period, and of the one it is compared with, in the same few queries."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import ExtractIsoWeekDay
from django.db.models.lookups import GreaterThanOrEqual

from booking.models import MonthlySum, UnmetRequest, VisitRecord, WaitingEntry
from booking.sums import UNKNOWN, noted_codes, unmet_cells, waited
from communes.models import Commune, Site
from core.days import day_span
from kiosk.models import FaceCount
from reporting.figures import numbers
from reporting.figures.numbers import CellRow, Numbers
from reporting.figures.periods import Period, next_month
from reporting.models import CabinDay

NOW, BEFORE = 0, 1


@dataclass(slots=True)
class Reading:
    """Both periods; `before` is None where nothing is compared."""

    now: Numbers
    before: Numbers | None
    waiting: dict[str, int] = field(default_factory=dict)
    """State of the waiting list → entries that were made in the period."""
    faces: dict[str, int] = field(default_factory=dict)
    has_faces: bool = True
    """Faces are counted by month: not known of a part of one."""
    is_cut: bool = False
    """Some of its months are known as wholes only, and it holds parts of them: those are not counted."""
    before_is_cut: bool = False
    """As `is_cut`, of the period that it is compared with: nothing may be said of a change."""
    before_begins_late: bool = False
    """No visit is counted in the first month of the period that it is compared with: the same follows."""


def read(
    commune: Commune,
    period: Period,
    other: Period | None,
    *,
    sites: Collection[Site],
    is_whole: bool = True,
) -> Reading:
    """The numbers of these places. With `is_whole`, of all there have ever been, deleted ones too, and what
    was asked for at no place in particular. `period` and `other` do not overlap."""
    both = [Numbers(), Numbers()]
    found = Reading(both[NOW], both[BEFORE] if other else None)
    refs = [site.pk for site in sites]
    where = Q(commune=commune) if is_whole else Q(commune=commune, site_ref__in=refs)
    known = _add_opening(where, period, other, both)
    records = _records(where, period, other)
    for rows in (_ends(records, known), _services(records), _unmet(where, period, other)):
        for index, cells in rows:
            both[index].take(cells)
    _add_hours(records.filter(ended_as=numbers.DONE), both)
    _add_sums(where, [period, *([other] if other else [])], known, both, found)
    _add_faces(refs, period, found)
    if other:
        found.before_begins_late = _begins_late(both[BEFORE], other)
    first, end = day_span(period.first, commune.tz, days=period.days)
    joined = WaitingEntry.objects.filter(commune=commune, joined_at__gte=first, joined_at__lt=end).order_by()
    found.waiting = dict(joined.values_list("state").annotate(Count("pk")))
    return found


def _begins_late(before: Numbers, other: Period) -> bool:
    """Whether no visit is counted in its first month, but later ones are: places began in the midst of it, so
    it is no whole year or quarter to be compared with."""
    days = {*before.by_day, *before.by_month}
    return bool(days) and min(days) >= next_month(other.first.replace(day=1)).isoformat()


# ---- records ---------------------------------------------------------------------------------------

type Rows = Iterator[tuple[int, Iterable[CellRow]]]


def _within(field_name: str, period: Period) -> Q:
    return Q(**{f"{field_name}__gte": period.first, f"{field_name}__lt": period.end})


def _in(period: Period) -> Q:
    return _within("day_on", period)


def _which(period: Period) -> Case:
    """NOW for the days of `period`, BEFORE for the others."""
    return Case(When(_in(period), then=Value(NOW)), default=Value(BEFORE), output_field=IntegerField())


def _records(where: Q, period: Period, other: Period | None) -> QuerySet[Any]:
    wanted = _in(period) | _in(other) if other else _in(period)
    rows = VisitRecord.objects.filter(wanted, where)
    return rows.order_by().annotate(which=_which(period))


_SUMS = {
    "visits": Count("pk"),
    "all_persons": Sum("persons"),
    "all_booked": Sum("booked_min"),
    "all_used": Sum("used_min"),
}


def _sum(row: dict[str, Any]) -> numbers.Sum:
    return numbers.Sum(row["visits"], row["all_persons"], row["all_booked"], row["all_used"] or 0)


type Known = tuple[date, date] | None
"""The first and the last day of which opening is known."""

_KEPT = (numbers.DONE, numbers.NO_SHOW)


def _ends(records: QuerySet[Any], known: Known) -> Rows:
    """How it ended, where and with whom; how it was booked, told and cancelled: one statement for all."""
    reserved = Sum("booked_min", filter=Q(ended_as__in=_KEPT, day_on__range=known) if known else Q(pk__in=()))
    where = ("site_ref", "site_name", "cabin_ref", "cabin_name", "ended_as", "helped_by", "is_walk_in")
    ways = ("origin", "lead", "told_by", "cancelled_by", "notice")
    for row in records.values("which", *where, *ways).annotate(**_SUMS, reserved=reserved):
        site, total = row["site_ref"], _sum(row)
        cells = [CellRow(site, name, code, "", total) for name, code in _ways(row).items()]
        cells[0] = cells[0]._replace(site_name=row["site_name"], reserved=row["reserved"] or 0)
        if row["ended_as"] == numbers.DONE:
            cells.append(CellRow(site, "cabin", str(row["cabin_ref"]), row["cabin_name"], total))
        yield row["which"], cells


def _ways(row: dict[str, Any]) -> dict[str, str]:
    values: dict[str, str] = {"ended_as": row["ended_as"]}
    match row["ended_as"]:
        case numbers.DONE:
            values |= {
                "helped_by": row["helped_by"],
                "walk_in": "yes" if row["is_walk_in"] else "no",
                "origin": row["origin"],
                "lead": row["lead"],
                "told_by": row["told_by"] or "none",
            }
        case numbers.NO_SHOW:
            values["missed_told"] = row["told_by"] or "none"
        case numbers.CANCELLED:
            values["cancelled_by"] = row["cancelled_by"] or UNKNOWN
            values["notice"] = row["notice"] or UNKNOWN
    return values


def _services(records: QuerySet[Any]) -> Rows:
    """For what, and what somebody noted at the end; of medical visits nothing is. One statement for both: the
    notes of a service say one of few things."""
    done = records.filter(ended_as=numbers.DONE)
    names = ("outcome", "autonomy", "themes_noted", "equipment_used", "orientation")
    of = ("site_ref", "service_ref", "service_name", "theme", "is_medical")
    for row in done.values("which", *of, *names).annotate(**_SUMS):
        site, total = row["site_ref"], _sum(row)
        cells = [
            CellRow(site, "service", str(row["service_ref"]), row["service_name"], total),
            CellRow(site, "theme", row["theme"], "", total),
        ]
        if not row["is_medical"]:
            said = noted_codes(*(row[name] for name in names))
            cells += [CellRow(site, name, code, "", total) for name, code in said]
        yield row["which"], cells


def _unmet(where: Q, period: Period, other: Period | None) -> Rows:
    """What was asked for at the desk and not found, by the day of the conversation."""
    wanted = _within("asked_on", period) | (_within("asked_on", other) if other else Q(pk__in=()))
    rows = UnmetRequest.objects.filter(wanted, where).order_by()
    which = Case(When(_within("asked_on", period), then=Value(NOW)), default=Value(BEFORE))
    dated = rows.annotate(which=which, weekday=ExtractIsoWeekDay("wanted_on"))
    grouped = dated.values("which", "site_ref", "site_name", *_ALIKE)
    for row in grouped.annotate(days=Count("pk"), requests=Count("pk", filter=Q(is_first=True))):
        yield (
            row["which"],
            [
                CellRow(row["site_ref"], dimension, code, label, numbers.Sum(count), row["site_name"])
                for dimension, code, label, count in unmet_cells(**{each: row[each] for each in _COUNTED})
                if count
            ],
        )


_ALIKE = ("service_ref", "service_name", "theme", "why", "lacked_helper", "half", "weekday")
_COUNTED = (*_ALIKE, "days", "requests")


def _add_hours(done: QuerySet[Any], both: list[Numbers]) -> None:
    """By day, half-hour and minutes waited: one statement for all three."""
    names = ("site_ref", "day_on", "half_hour", "helped_by", "waited_min")
    for row in done.values("which", *names).annotate(**_SUMS):
        into, day, half_hour = both[row["which"]], row["day_on"], row["half_hour"]
        weekday, minutes, total = day.isoweekday(), row["waited_min"], _sum(row)
        into.take(
            [
                CellRow(row["site_ref"], "weekday", str(weekday), "", total),
                CellRow(row["site_ref"], "half_hour", str(half_hour), "", total),
                CellRow(row["site_ref"], "waited", waited(minutes), "", total),
            ]
        )
        hour = weekday, half_hour // 2
        into.heat[hour] = into.heat.get(hour, 0) + total.visits
        helped = into.by_day[day.isoformat()]
        helped[row["helped_by"]] = helped.get(row["helped_by"], 0) + total.visits
        if minutes is not None:
            into.waits[minutes] = into.waits.get(minutes, 0) + total.visits


# ---- what is kept longer ---------------------------------------------------------------------------


def _add_sums(where: Q, periods: list[Period], known: Known, both: list[Numbers], found: Reading) -> None:
    months = {month for period in periods for month in period.months()}
    rows = MonthlySum.objects.filter(where, month_on__in=months).order_by()
    seen: list[set[date]] = [set(), set()]
    for row in rows:
        for index, period in enumerate(periods):
            if not period.first <= row.month_on or next_month(row.month_on) > period.end:
                touches = row.month_on < period.end and next_month(row.month_on) > period.first
                if index == NOW:
                    found.is_cut = found.is_cut or touches
                else:
                    found.before_is_cut = found.before_is_cut or touches
                continue
            total = numbers.Sum(row.visits, row.persons, row.booked_min, row.used_min)
            is_kept = known and known[0] < next_month(row.month_on) and row.dimension == "ended_as"
            reserved = row.booked_min if is_kept and row.code in _KEPT else 0
            cell = CellRow(row.site_ref, row.dimension, row.code, row.label, total, row.site_name, reserved)
            both[index].take([cell])
            seen[index].add(row.month_on)
            if row.dimension == "helped_by":
                helped = both[index].by_month[row.month_on.isoformat()]
                helped[row.code] = helped.get(row.code, 0) + row.visits
    for index, months_seen in enumerate(seen):
        both[index].summed_months = len(months_seen)


_USED = Q(booked_min__isnull=False, open_min__gt=F("out_min"))
_FULL = GreaterThanOrEqual(F("booked_min") * 10, (F("open_min") - F("out_min")) * 9)
_OPENING = {
    "open": Sum("open_min"),
    "closed": Sum("closed_min"),
    "out": Sum("out_min"),
    "full": Count("pk", filter=_USED & Q(_FULL)),
    "known": Count("pk", filter=_USED),
}


def _add_opening(where: Q, period: Period, other: Period | None, both: list[Numbers]) -> Known:
    wanted = _in(period) | _in(other) if other else _in(period)
    rows: QuerySet[Any] = CabinDay.objects.filter(wanted, where).order_by()
    grouped = rows.annotate(which=_which(period)).values("which", "site_ref", "site_name")
    known: list[date] = []
    for row in grouped.annotate(**_OPENING, first=Min("day_on"), last=Max("day_on")):
        into = both[row["which"]]
        found = numbers.Opening(row["open"], row["closed"], row["out"], row["full"], row["known"])
        for opening in (into.opening, into.opening_by_site[row["site_ref"]]):
            opening.add(found)
        into.labels.setdefault(("site", str(row["site_ref"])), row["site_name"])
        known += [row["first"], row["last"]]
    return (min(known), max(known)) if known else None


def _add_faces(refs: list[int], period: Period, found: Reading) -> None:
    found.has_faces = period.whole_months()
    if found.has_faces:
        rows = FaceCount.objects.filter(site__in=refs, month_on__gte=period.first, month_on__lt=period.end)
        found.faces = dict(rows.order_by().values_list("face").annotate(total=Sum("count")))
