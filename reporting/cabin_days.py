"""Writes down each night how long each cabin could be used on the days that are over."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from booking.enums import Status
from booking.models import Appointment
from communes.enums import SetupChangeKind
from communes.models import Cabin, Commune, SetupChange
from communes.open_hours import hours_spans, open_spans
from core.days import day_span
from core.edits import record_name
from core.localtime import Span, cut, overlapping, subtract
from reporting.models import CabinDay

LOOKED_BACK_DAYS = 8
"""Days that a worker which stood still has missed are written for so long, by the hours of now."""

_STATES = (SetupChangeKind.OUT_OF_ORDER, SetupChangeKind.IN_ORDER)

type Change = tuple[datetime, bool, datetime | None]
"""(instant, in order from then on?, until when it is out, if that was known)."""


def write_cabin_days(*, now: datetime) -> int:
    """Write the missing days of all communes, up to yesterday on the calendar of each; returns how many."""
    return sum(write_days_of(commune, now=now) for commune in Commune.objects.all())


@transaction.atomic
def write_days_of(commune: Commune, *, now: datetime, days: int = LOOKED_BACK_DAYS) -> int:
    """Write those of the last `days` days of this commune that are missing; returns how many."""
    today = commune.local(now).date()
    first = today - timedelta(days=days)
    cabins = list(Cabin.objects.filter(site__commune=commune).select_related("site"))
    there = set(
        CabinDay.objects.filter(commune=commune, day_on__gte=first).values_list("cabin_ref", "day_on")
    )
    dates = [first + timedelta(days=n) for n in range(days)]
    if all((cabin.pk, day) in there for cabin in cabins for day in dates):
        return 0
    changes, entered = _changes(cabins), _entered(cabins)
    sites = {cabin.site_id: cabin.site for cabin in cabins}
    open_at = open_spans(sites.values(), commune, first, today)
    hours_at = {pk: hours_spans(site, commune, first, today) for pk, site in sites.items()}
    booked = _booked(commune, first, today)
    rows = []
    for cabin in cabins:
        out = out_spans(changes[cabin.pk], is_in_order=cabin.in_order, until=cabin.out_until, now=now)
        begins = [each for each in (cabin.in_service_at, entered.get(cabin.pk)) if each]
        for day in dates:
            whole = day_span(day, commune.tz)
            span = max([whole[0], *begins]), min(cabin.retired_at or whole[1], whole[1])
            if (cabin.pk, day) in there or span[0] >= span[1]:
                continue
            rows.append(
                _row(
                    commune,
                    cabin,
                    day,
                    _within(hours_at[cabin.site_id], span),
                    _within(open_at[cabin.site_id], span),
                    out,
                    booked[cabin.pk, day],
                )
            )
    CabinDay.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _row(
    commune: Commune,
    cabin: Cabin,
    day: date,
    hours: Sequence[Span],
    opened: Sequence[Span],
    out: Sequence[Span],
    booked_min: int,
) -> CabinDay:
    usable = [piece for span in opened for piece in subtract(span, out)]
    open_min = minutes(opened)
    return CabinDay(
        commune=commune,
        day_on=day,
        site_ref=cabin.site_id,
        site_name=cabin.site.name,
        cabin_ref=cabin.pk,
        cabin_name=cabin.name,
        open_min=open_min,
        closed_min=max(0, minutes(hours) - open_min),
        out_min=open_min - min(open_min, minutes(usable)),
        booked_min=booked_min,
    )


def _booked(commune: Commune, first: date, today: date) -> Counter[tuple[int, date]]:
    """Minutes that were kept for somebody, by cabin and the local day of the start."""
    start, end = day_span(first, commune.tz, days=(today - first).days)
    kept = Appointment.objects.filter(commune=commune, starts_at__gte=start, starts_at__lt=end)
    kept = kept.exclude(status__in=(Status.HELD, Status.LAPSED, Status.CANCELLED))
    found: Counter[tuple[int, date]] = Counter()
    for cabin_id, starts_at, ends_at in kept.values_list("cabin_id", "starts_at", "ends_at"):
        found[cabin_id, commune.local(starts_at).date()] += minutes([(starts_at, ends_at)])
    return found


def _within(spans: Sequence[Span], by: Span) -> list[Span]:
    return cut(overlapping(spans, by), by)


def minutes(spans: Iterable[Span]) -> int:
    """Whole minutes of all together, rounded down."""
    return int(sum((end - start for start, end in spans), timedelta()).total_seconds() // 60)


def out_spans(
    changes: Sequence[Change], *, is_in_order: bool, until: datetime | None, now: datetime
) -> list[Span]:
    """When a cabin was out of order up to `now`: from the log of its states, oldest first. Where the log says
    nothing, what it is now has been so for ever; before the first entry it was the contrary of what that
    entry made it."""
    if not changes:
        return [] if is_in_order else [(_EVER, min(until or now, now))]
    spans: list[Span] = []
    out_since: datetime | None = None if not changes[0][1] else _EVER
    out_until: datetime | None = None
    for at, in_order, known_until in [*changes, (now, True, None)]:
        if out_since is not None:
            end = min(out_until or at, at)
            if out_since < end:
                spans.append((out_since, end))
        out_since, out_until = (None, None) if in_order else (at, known_until)
    return spans


_EVER = datetime.fromisoformat("2000-01-01T00:00+00:00")


def _changes(cabins: Collection[Cabin]) -> Mapping[int, list[Change]]:
    pks = {record_name(cabin): cabin.pk for cabin in cabins}
    rows = SetupChange.objects.filter(record__in=pks, kind__in=_STATES).order_by("at", "id")
    found: dict[int, list[Change]] = defaultdict(list)
    for record, kind, at, values in rows.values_list("record", "kind", "at", "values"):
        until = (values.get("out_until") or [None, None])[1]
        in_order = kind == SetupChangeKind.IN_ORDER
        found[pks[record]].append((at, in_order, datetime.fromisoformat(until) if until else None))
    return found


def _entered(cabins: Collection[Cabin]) -> dict[int, datetime]:
    """When cabins were entered, where the log knows it: a day of before is none of theirs."""
    pks = {record_name(cabin): cabin.pk for cabin in cabins}
    rows = SetupChange.objects.filter(record__in=pks, kind=SetupChangeKind.CREATED)
    return {pks[record]: at for record, at in rows.values_list("record", "at")}
