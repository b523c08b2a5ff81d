"""« Quand ? »: the days that the desk page shows, from a first day on.

Seven days, or where weekdays are ticked the next days that suit; never one on or after the deadline. All of
it stands in the query string.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from booking.engine.snapshot import DayFilter
from communes.models import Commune
from communes.open_hours import open_spans
from core.templatetags.times import day, day_month_year

HORIZON = timedelta(days=366)
"""The desk books at most this far ahead."""

MOST_COLUMNS = 5
"""So many days are shown at once where weekdays are ticked."""

MORNING, AFTERNOON = "am", "pm"


@dataclass(frozen=True)
class When:
    """`week`: the first of the seven days, or the day from which on those that suit are shown. `before`: the
    deadline; only days before it are shown. `problems`: what is wrong, by the name of the field; then no day
    is shown."""

    today: date
    week: date
    weekdays: frozenset[int] = frozenset()
    halves: frozenset[str] = frozenset()
    before: date | None = None
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def first(self) -> date:
        return max(self.week, self.today)

    @property
    def first_asked(self) -> date:
        """What stands in the field: also a day that cannot be shown."""
        return self.week if "week" in self.problems else self.first

    @property
    def last(self) -> date:
        """The last day that may be shown at all."""
        horizon = self.today + HORIZON
        if self.before is None or "before" in self.problems:
            return horizon
        return min(horizon, self.before - timedelta(days=1))

    @property
    def mornings(self) -> bool:
        return self.halves != {AFTERNOON}

    @property
    def afternoons(self) -> bool:
        return self.halves != {MORNING}

    @property
    def suiting(self) -> DayFilter:
        return DayFilter(self.weekdays, self.mornings, self.afternoons)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.weekdays or self.halves or self.before)

    @cached_property
    def days(self) -> list[date]:
        if self.problems:
            return []
        if self.weekdays:
            return list(islice(self.suiting.days(self.first, self.last), MOST_COLUMNS))
        return list(self.suiting.days(self.first, min(self.week + timedelta(days=6), self.last)))

    @property
    def beyond(self) -> date:
        """The first day after those shown."""
        return self.days[-1] + timedelta(days=1) if self.days else self.first

    @property
    def earlier(self) -> date | None:
        """The first day of the page before."""
        if self.problems:
            return None
        if self.weekdays:
            skipped = list(self.suiting.days(self.today, self.first - timedelta(days=1)))
            return skipped[-MOST_COLUMNS:][0] if skipped else None
        before = self.week - timedelta(days=7)
        return before if before + timedelta(days=6) >= self.today else None

    @property
    def later(self) -> date | None:
        """The first day of the page after."""
        if self.problems:
            return None
        start = self.beyond if self.weekdays else self.week + timedelta(days=7)
        return next(self.suiting.days(start, self.last), None)

    @property
    def nothing(self) -> str:
        """What is said where nothing is free before the deadline; "" if there is none."""
        if self.before is None:
            return ""
        words = {"first": day(self.first), "before": day(self.before)}
        if self.first > self.today:
            return _("Nothing is free from %(first)s on, before %(before)s.") % words
        return _("Nothing is free before %(before)s.") % words

    @property
    def parts(self) -> dict[str, Any]:
        """What the query string says of it."""
        return {
            "week": self.week.isoformat(),
            "before": self.before.isoformat() if self.before else None,
            "days": sorted(self.weekdays),
            "half": sorted(self.halves),
        }

    @property
    def fields(self) -> list[tuple[str, Any]]:
        """The same as fields of a form."""
        pairs = [("week", self.parts["week"]), ("before", self.parts["before"])]
        pairs += [("days", each) for each in self.parts["days"]]
        pairs += [("half", each) for each in self.parts["half"]]
        return [(name, value) for name, value in pairs if value is not None]

    @property
    def waiting_fields(self) -> list[tuple[str, Any]]:
        """The same as the form of the waiting list asks it; what was not said here is left out there. It
        numbers half-days: twice the weekday, plus one for the afternoon."""
        fields: list[tuple[str, Any]] = []
        if self.weekdays or len(self.halves) == 1:
            halves = [n for n, wanted in enumerate((self.mornings, self.afternoons)) if wanted]
            weekdays = sorted(self.weekdays or range(7))
            fields += [("half_days", 2 * weekday + half) for weekday in weekdays for half in halves]
        if self.week > self.today and not self.problems:
            fields.append(("from_on", self.first.isoformat()))
        if self.before and not self.problems:
            fields.append(("until_on", self.last.isoformat()))
        return fields


def read_when(
    asked: Mapping[str, Any], unreadable: set[str], *, commune: Commune, now: datetime, chosen_on: date | None
) -> When:
    """What the query string asks for; `chosen_on` is the day of the time that is picked already. Where no day
    is asked for, this week is shown; from Saturday on the next one, unless a place still opens before it."""
    today = commune.local(now).date()
    first: date | None = asked["week"]
    if first is None:
        week = this_monday(chosen_on or today)
        if chosen_on is None and today.weekday() >= 5 and not _opens_before_monday(commune, now, today):
            week += timedelta(days=7)
    elif this_monday(today) <= first <= today:
        week = this_monday(today)
    else:
        week = first
    when = When(
        today=today,
        week=week,
        weekdays=frozenset(map(int, asked["days"] or ())),
        halves=frozenset(asked["half"] or ()),
        before=asked["before"],
    )
    cannot_be_read = dict.fromkeys(unreadable & {"week", "before"}, _("This date cannot be read."))
    return replace(when, problems={**_problems(when), **cannot_be_read})


def this_monday(today: date) -> date:
    return today - timedelta(days=today.weekday())


def _opens_before_monday(commune: Commune, now: datetime, today: date) -> bool:
    """Whether a place is or will be open before the next Monday; two queries."""
    monday = this_monday(today) + timedelta(days=7)
    opened = open_spans(commune.sites.filter(is_active=True), commune, today, monday)
    return any(end > now for spans in opened.values() for _start, end in spans)


def _problems(when: When) -> dict[str, str]:
    horizon = when.today + HORIZON
    found = {}
    if when.week < this_monday(when.today):
        found["week"] = _("This day is past: choose today or later.")
    elif when.week > horizon:
        found["week"] = _("Appointments are made until %(day)s at most.") % {"day": day_month_year(horizon)}
    if when.before is not None and when.before <= when.today:
        found["before"] = _("Choose a day after today.")
    elif when.before is not None and when.before <= when.first and "week" not in found:
        found["before"] = _("Choose a day after the first day shown.")
    return found
