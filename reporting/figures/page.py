"""What the page « Chiffres » shows, made of the numbers: cards, bars, columns, a table of hours, places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.utils.dates import MONTHS_AP, WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.enums import Lead, Notice, Origin, ToldBy, WaitingState
from booking.sums import ANYWHERE
from communes.models import Site
from core.templatetags.times import day_month, month_year
from reporting.figures.bars import bars
from reporting.figures.blocks import Block, counts_of, in_order
from reporting.figures.change import change, share_change
from reporting.figures.demand import Demand, demand
from reporting.figures.noted import noted_pairs
from reporting.figures.numbers import Numbers, Opening, Sum, percent, quantile
from reporting.figures.periods import Period
from reporting.figures.reading import Reading
from reporting.figures.words import FACES, change_text, hours, number, points_text, share, theme_label

FEWEST_FOR_COLUMNS = 20
"""Below so many visits columns would show chance: the table is enough."""

WEEKS_AT_MOST = 27
"""More columns than that are drawn by month."""


@dataclass(frozen=True, slots=True)
class Card:
    """One large number: what it says in words, how it has changed, and how it is counted."""

    key: str
    title: str
    value: str
    says: str
    changed: str
    counted: str


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    full_label: str
    with_helper: int
    alone: int
    is_partial: bool = False
    under: str = ""
    """Below the label: « sept. » where a month begins, « 2027 » where a year does."""

    @property
    def total(self) -> int:
        return self.with_helper + self.alone


@dataclass(frozen=True, slots=True)
class DrawnColumn:
    column: Column
    left: float
    width: float
    middle: float
    top: float
    helper_top: float
    alone_height: float
    helper_height: float


@dataclass(frozen=True, slots=True)
class PlaceRow:
    name: str
    is_cabin: bool
    visits: int
    time: str
    occupied: str
    with_helper: str
    missed: str


@dataclass(frozen=True, slots=True)
class Heat:
    hours: list[tuple[str, list[tuple[int, int]]]]
    """(« 9 h », for each weekday (visits, level 0 to 5))."""
    weekdays: list[str]
    busiest: tuple[str, int, int]
    """(weekday, hour, visits)."""


@dataclass(slots=True)
class Sections:
    cards: list[Card] = field(default_factory=list)
    columns: list[DrawnColumn] = field(default_factory=list)
    column_rows: list[Column] = field(default_factory=list)
    by_month: bool = False
    pairs: list[tuple[Block, Block]] = field(default_factory=list)
    """Blocks that stand side by side, in their order on the page."""
    noted: list[tuple[Block, Block]] = field(default_factory=list)
    """What helpers noted at the end of sessions."""
    leads: Block | None = None
    waiting: Block | None = None
    demand: Demand | None = None
    faces: Block | None = None
    heat: Heat | None = None
    wait_half: int | None = None
    wait_nine: int | None = None
    walk_ins: int = 0
    places: list[PlaceRow] = field(default_factory=list)


def sections(
    period: Period, other: Period | None, read: Reading, sites: Sequence[Site], *, complete: bool
) -> Sections:
    now = read.now
    found = Sections(cards=cards(period, other, read, complete=complete))
    found.column_rows, found.by_month = columns(period, now)
    if now.visits >= FEWEST_FOR_COLUMNS:
        found.columns = drawn(found.column_rows)
    found.pairs = _pairs(now)
    found.noted = noted_pairs(now)
    found.leads = Block(
        "leads",
        _("How long before it was booked"),
        _("Days from booking to visit, of visits that took place. Walk-ins are not among them."),
        bars(in_order(_booked(now), [(each.value, each.label) for each in Lead])),
    )
    found.waiting = Block(
        "waiting",
        _("Waiting list"),
        _(
            "Requests put on the list in this period, of the whole commune, and what has become of them so "
            "far."
        ),
        bars(in_order(read.waiting, [(each.value, each.label) for each in WaitingState])),
    )
    found.faces = Block(
        "faces",
        _("“Were you able to do it?”"),
        _("Asked at the screen of the cabin; the answer is linked to nobody."),
        bars(in_order(read.faces, FACES)),
    )
    found.demand = demand(now)
    found.heat = heat(now.heat)
    found.wait_half, found.wait_nine = quantile(now.waits, 0.5), quantile(now.waits, 0.9)
    found.walk_ins = now.walk_ins
    found.places = places(now, sites)
    return found


def _pairs(now: Numbers) -> list[tuple[Block, Block]]:
    """For what, then how people were told, then how appointments were booked and cancelled."""
    told = [(each.value or "none", each.label) for each in ToldBy]
    return [
        (
            Block(
                "services",
                _("For what"),
                _("The service of each visit, under the name that it had then."),
                bars([(now.labels.get(("service", code), code), n) for code, n in now.ranked("service")]),
            ),
            Block(
                "themes",
                _("By national theme"),
                _(
                    "The theme of the service: the same list as that of the national platform for digital "
                    "mediators."
                ),
                bars([(theme_label(code), n) for code, n in now.ranked("theme")]),
            ),
        ),
        (
            Block(
                "told",
                _("How people were told"),
                _(
                    "The latest message that arrived, of visits that took place. “By no message”: told face "
                    "to face, by a slip, or not at all. Walk-ins are among them."
                ),
                bars(in_order(counts_of(now, "told_by"), told)),
            ),
            Block(
                "missed",
                _("Missed appointments, by how people were told"),
                _("The latest message that arrived before an appointment that was missed."),
                bars(in_order(counts_of(now, "missed_told"), told)),
            ),
        ),
        (
            Block(
                "origins",
                _("Where appointments were booked"),
                _("Of visits that took place. A walk-in counts where it was begun."),
                bars(_ranked(now, "origin", dict(Origin.choices))),
            ),
            Block(
                "notices",
                _("When appointments were cancelled"),
                _(
                    "From the cancellation to the hour of the appointment. One that was restored is not "
                    "counted."
                ),
                bars(in_order(counts_of(now, "notice"), [(each.value, each.label) for each in Notice])),
            ),
        ),
    ]


# ---- large numbers ---------------------------------------------------------------------------------


def cards(period: Period, other: Period | None, read: Reading, *, complete: bool) -> list[Card]:
    now, before = read.now, read.before or Numbers()
    return [
        Card(
            "visits",
            _("Visits that took place"),
            number(now.visits),
            ngettext("%(n)s person was there.", "%(n)s people were there.", now.persons)
            % {"n": number(now.persons)},
            change_text(change(now.visits, before.visits, complete=complete), other, number(before.visits)),
            _(
                "Sessions that took place in a cabin, with or without an appointment. Who comes twice counts "
                "twice. Not counted: visits that nobody noted."
            ),
        ),
        Card(
            "time",
            _("Time spent"),
            hours(now.used_min),
            _per_visit(now),
            change_text(change(now.visits, before.visits, complete=complete), other, hours(before.used_min))
            if now.used_min and before.used_min and _same_sense(now, before)
            else "",
            _("From the start to the end of each session, as noted. A session noted afterwards has no time."),
        ),
        Card("occupied", _("Use of the cabins"), *_occupation(now, before, other, complete=complete)),
        Card(
            "helped",
            _("Visits with a helper"),
            share(now.with_helper, now.visits) or "–",
            _("%(helped)s with a helper, %(alone)s without.")
            % {"helped": number(now.with_helper), "alone": number(now.visits - now.with_helper)},
            points_text(
                share_change(
                    now.with_helper, now.visits, before.with_helper, before.visits, complete=complete
                )
                if before.visits
                else None,
                other,
                percent(before.with_helper, before.visits),
            ),
            _("Visits with a helper out of all visits."),
        ),
        Card(
            "missed",
            _("Missed appointments"),
            share(now.missed, now.appointments) or "–",
            _("%(missed)s out of %(all)s: the person did not come.")
            % {"missed": number(now.missed), "all": number(now.appointments)},
            points_text(
                share_change(
                    now.missed, now.appointments, before.missed, before.appointments, complete=complete
                )
                if before.appointments
                else None,
                other,
                percent(before.missed, before.appointments),
            ),
            _(
                "Appointments noted as missed, out of those that took place or were missed. Walk-ins and "
                "cancelled ones are not among them."
            ),
        ),
    ]


def _same_sense(now: Numbers, before: Numbers) -> bool:
    """Whether the time has changed as the visits have: their change may then be said of both."""
    return (now.used_min > before.used_min) == (now.visits > before.visits)


def _per_visit(now: Numbers) -> str:
    if not now.used_min:
        return _("No session has a noted time.")
    return _("%(n)s minutes a visit on average.") % {"n": int(now.used_min / now.visits + 0.5)}


def _occupation(
    now: Numbers, before: Numbers, other: Period | None, *, complete: bool
) -> tuple[str, str, str, str]:
    counted = _(
        "Minutes of visits that took place or were missed, out of the minutes for which cabins were open and "
        "in order. Opening hours are those of each day, as they were then. The present day is not "
        "counted yet."
    )
    usable = _usable(now.opening)
    if not usable:
        return "–", _("Opening hours are kept since the first night after this version."), "", counted
    used = percent(_reserved(now), usable) or 0
    tenths = int(used / 10 + 0.5)
    says = ngettext(
        "%(n)s opening hour out of 10 was used.", "%(n)s opening hours out of 10 were used.", tenths
    ) % {"n": tenths}
    changed = ""
    if complete and other and _usable(before.opening):
        then = percent(_reserved(before), _usable(before.opening)) or 0
        changed = _("%(than)s %% before") % {"than": then}
    return share(_reserved(now), usable), says, changed, counted


def _usable(opening: Opening) -> int:
    return opening.open_min - opening.out_min


def _reserved(found: Numbers) -> int:
    return sum(found.reserved.values())


# ---- bars ------------------------------------------------------------------------------------------


def _booked(now: Numbers) -> dict[str, int]:
    """Leads of what was booked: walk-ins have none."""
    counts = counts_of(now, "lead")
    return {**counts, "same_day": max(0, counts.get("same_day", 0) - now.walk_ins)}


def _ranked(now: Numbers, dimension: str, labels: Mapping[str, object]) -> list[tuple[str, int]]:
    return [(str(labels.get(code, code)), count) for code, count in now.ranked(dimension)]


# ---- columns ---------------------------------------------------------------------------------------


def columns(period: Period, now: Numbers) -> tuple[list[Column], bool]:
    """By week, or by month where that would be too many or where only sums are left; and which of them."""
    by_month = period.days > WEEKS_AT_MOST * 7 or bool(now.summed_months)
    found: dict[date, dict[str, int]] = {}
    for day, helped in now.by_day.items():
        key = _start(date.fromisoformat(day), by_month=by_month)
        into = found.setdefault(key, {})
        for who, count in helped.items():
            into[who] = into.get(who, 0) + count
    for month, helped in now.by_month.items():
        into = found.setdefault(date.fromisoformat(month), {})
        for who, count in helped.items():
            into[who] = into.get(who, 0) + count
    starts, at = [], _start(period.first, by_month=by_month)
    while at < period.end:
        starts.append(at)
        at = (at + timedelta(days=32)).replace(day=1) if by_month else at + timedelta(days=7)
    rows = [_column(at, found.get(at, {}), period, by_month=by_month) for at in starts]
    return _under(rows, starts, by_month=by_month), by_month


def _under(rows: Sequence[Column], starts: Sequence[date], *, by_month: bool) -> list[Column]:
    """With the month under the first week of each, or the year under the first month of each."""
    named, last = [], 0
    for row, at in zip(rows, starts, strict=True):
        mark, name = (at.year, str(at.year)) if by_month else (at.month, str(MONTHS_AP[at.month]))
        named.append(replace(row, under=name if mark != last else ""))
        last = mark
    return named


def _start(day: date, *, by_month: bool) -> date:
    return day.replace(day=1) if by_month else day - timedelta(days=day.weekday())


def _column(at: date, helped: Mapping[str, int], period: Period, *, by_month: bool) -> Column:
    end = (at + timedelta(days=32)).replace(day=1) if by_month else at + timedelta(days=7)
    label = str(at.month) if by_month else str(at.day)
    full = str(month_year(at)) if by_month else _("week of %(day)s") % {"day": day_month(at)}
    is_partial = at < period.first or end > period.end
    return Column(label, full, helped.get("helper", 0), helped.get("nobody", 0), is_partial)


BOTTOM, TALLEST = 150, 120
"""Of the drawing, in its own units (pixels)."""


def drawn(rows: Sequence[Column]) -> list[DrawnColumn]:
    """Places and sizes: across in per cent of the width, up and down in pixels."""
    most = max((each.total for each in rows), default=0) or 1
    step = 100 / max(1, len(rows))
    found = []
    for index, each in enumerate(rows):
        helper, alone = each.with_helper * TALLEST / most, each.alone * TALLEST / most
        found.append(
            DrawnColumn(
                column=each,
                left=round(index * step + step * 0.15, 2),
                width=round(step * 0.7, 2),
                middle=round(index * step + step / 2, 2),
                top=round(BOTTOM - helper - alone, 1),
                helper_top=round(BOTTOM - helper, 1),
                alone_height=round(alone, 1),
                helper_height=round(helper, 1),
            )
        )
    return found


# ---- hours and places ------------------------------------------------------------------------------


def heat(counts: Mapping[tuple[int, int], int]) -> Heat | None:
    """Visits that began in each hour of each weekday, from the first hour with any to the last."""
    if not counts:
        return None
    weekdays = [day for day in range(1, 8) if day <= 5 or any(at == day for at, _hour in counts)]
    first, last = min(hour for _day, hour in counts), max(hour for _day, hour in counts)
    most = max(counts.values())
    rows = []
    for hour in range(first, last + 1):
        cells = [counts.get((day, hour), 0) for day in weekdays]
        rows.append((_("%(n)s h") % {"n": hour}, [(n, -(-5 * n // most)) for n in cells]))
    day, hour = max(counts, key=lambda at: (counts[at], -at[0], -at[1]))
    names = [str(WEEKDAYS[each - 1]) for each in weekdays]
    return Heat(rows, names, (str(WEEKDAYS[day - 1]), hour, most))


def places(now: Numbers, sites: Sequence[Site]) -> list[PlaceRow]:
    """Those that there are, then those that have been deleted and have figures, with their cabins."""
    rows = []
    for site in sites:
        rows += _place(now, site.pk, site.name, {str(each.pk): each.name for each in site.cabins.all()})
    gone = now.by_site.keys() - {each.pk for each in sites} - {ANYWHERE}
    for name, ref in sorted((now.labels.get(("site", str(ref)), ""), ref) for ref in gone):
        rows += _place(now, ref, name, {})
    return rows


def _place(now: Numbers, ref: int, name: str, cabins: Mapping[str, str]) -> list[PlaceRow]:
    own: Mapping[str, Mapping[str, Sum]] = now.by_site.get(ref, {})
    ends, by_cabin = own.get("ended_as", {}), own.get("cabin", {})
    done, missed = ends.get("done", Sum()), ends.get("no_show", Sum())
    helped = own.get("helped_by", {}).get("helper", Sum())
    usable = _usable(now.opening_by_site.get(ref, Opening()))
    occupied = share(now.reserved.get(ref, 0), usable) or "–"
    counts = number(helped.visits), number(missed.visits)
    rows = [PlaceRow(name, False, done.visits, hours(done.used_min), occupied, *counts)]
    names = {**{code: now.labels.get(("cabin", code), code) for code in by_cabin}, **cabins}
    for code in [*cabins, *sorted(names.keys() - cabins.keys())] if len(names) > 1 else []:
        each = by_cabin.get(code, Sum())
        rows.append(PlaceRow(names[code], True, each.visits, hours(each.used_min), "", "", ""))
    return rows
