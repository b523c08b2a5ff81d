"""« Conservation »: what is kept how long, what goes in the next thirty days, and what went."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Max
from django.db.models.functions import Coalesce, Greatest
from django.utils.functional import Promise

from booking.models import Resident
from communes.models import Commune
from core.days import months_after
from privacy import over
from privacy.models import PurgeRun
from privacy.periods import Period
from privacy.retention import BY_KEY, KINDS, RESIDENTS_PERIOD, Kind, purged

DAYS = 30
WEEKS = (7, 14, 21, DAYS)
"""What goes is counted until so many days from now."""
NIGHTS = 30
"""So many nights are shown."""
PAGE = 50


@dataclass(frozen=True, slots=True)
class KeptKind:
    """A kind, as the table of the page shows it in this commune."""

    kind: Kind
    kept: str
    bounds: str

    @property
    def is_setting(self) -> bool:
        return bool(self.bounds)


def kept_kinds(commune: Commune) -> list[KeptKind]:
    """Those that say something about people, in the order of the table."""
    return [
        KeptKind(
            kind,
            kind.period.words(commune) if kind.period else "",
            kind.period.bounds() if kind.period else "",
        )
        for kind in KINDS
        if kind.is_about_people
    ]


@dataclass(frozen=True, slots=True)
class Leaving:
    """How many rows of a kind go, week by week; `all`: in thirty days."""

    name: str | Promise
    by_week: Sequence[int]

    @property
    def all(self) -> int:
        return sum(self.by_week)


def leaving(commune: Commune, now: datetime) -> list[Leaving]:
    """What goes in the next thirty days, if nothing changes; kinds of which nothing goes are left out. Those
    that are kept for hours or days come and go all the time."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for kind, period, rows in purged():
        if not period.months or not _goes_by(commune, now, DAYS, period, rows):
            continue
        before = 0
        for number, days in enumerate(WEEKS):
            until = _goes_by(commune, now, days, period, rows)
            found[kind.key][number] += until - before
            before = until
    return [Leaving(BY_KEY[key].name, [weeks[n] for n in range(len(WEEKS))]) for key, weeks in found.items()]


def _goes_by(commune: Commune, now: datetime, days: int, period: Period, rows: over.Rows) -> int:
    return rows.over(commune, period.limit(commune, now + timedelta(days=days))).count()


def leaving_at_once(commune: Commune, months: int, now: datetime) -> int:
    """How many residents go in the coming night because of a retention of so many months, who would have
    stayed under the present one."""
    night = now + timedelta(days=1)
    then = over.RESIDENTS.over(commune, Period(months=months).limit(commune, night)).count()
    present = over.RESIDENTS.over(commune, RESIDENTS_PERIOD.limit(commune, night)).count()
    return max(0, then - present)


@dataclass(frozen=True, slots=True)
class LeavingPerson:
    """A resident who goes soon: the commune's day of the last appointment (None: there was none), and the
    day in whose night they go."""

    resident: Resident
    last_on: date | None
    goes_on: date


def leaving_people(
    commune: Commune, now: datetime, *, page: int
) -> tuple[Page[Resident], list[LeavingPerson]]:
    """The residents who go in the next thirty days, the first to go at the top."""
    limit = RESIDENTS_PERIOD.limit(commune, now + timedelta(days=DAYS))
    last, joined = Max("appointments__ends_at"), Max("waiting_entries__joined_at")
    rows = over.RESIDENTS.over(commune, limit).annotate(last=last, joined=joined)
    rows = rows.annotate(
        since=Greatest("created_at", Coalesce("last", "created_at"), Coalesce("joined", "created_at"))
    )
    shown = Paginator(rows.order_by("since", "pk"), PAGE).get_page(page)
    return shown, [_person(commune, row, now) for row in shown.object_list]


def _person(commune: Commune, row: Resident, now: datetime) -> LeavingPerson:
    read = vars(row)  # with what the query has annotated
    last_on = commune.local(read["last"]).date() if read["last"] else None
    return LeavingPerson(row, last_on, goes_on(commune, read["since"], now))


def goes_on(commune: Commune, since: datetime, now: datetime) -> date:
    """The day in whose night somebody goes of whom nothing is younger than `since`; today at the earliest."""
    day = months_after(commune.local(since).date(), RESIDENTS_PERIOD.months_in(commune))
    day = max(day, commune.local(now).date())
    while RESIDENTS_PERIOD.limit(commune, datetime.combine(day, time(3), commune.tz)) < since:
        day += timedelta(days=1)
    return day


@dataclass(frozen=True, slots=True)
class Gone:
    """A kind in one night: how many rows there were before, went, came meanwhile, and are there after (None:
    it was interrupted)."""

    name: str | Promise
    before: int
    deleted: int
    created: int
    after: int | None


@dataclass(frozen=True, slots=True)
class Night:
    run: PurgeRun
    gone: Sequence[Gone]


def nights(commune: Commune) -> list[Night]:
    """The last nights, the latest first."""
    runs = PurgeRun.objects.filter(commune=commune).select_related("allowed_by").prefetch_related("counts")
    return [Night(run, _gone(run)) for run in runs.order_by("-night", "-pk")[:NIGHTS]]


def _gone(run: PurgeRun) -> list[Gone]:
    by_kind: dict[str, list[Gone]] = defaultdict(list)
    for count in run.counts.all():
        name = BY_KEY[count.kind].name if count.kind in BY_KEY else count.kind
        by_kind[count.kind].append(Gone(name, count.before, count.deleted, count.created, count.after))
    return [_sum(rows) for rows in by_kind.values()]


def _sum(rows: Sequence[Gone]) -> Gone:
    after = None if any(row.after is None for row in rows) else sum(row.after or 0 for row in rows)
    return Gone(
        rows[0].name,
        sum(row.before for row in rows),
        sum(row.deleted for row in rows),
        sum(row.created for row in rows),
        after,
    )
