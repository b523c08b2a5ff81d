"""A helper's usual week as it is read: the halves of each day, and the hours against the contract."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from agents.rules.rota import Pattern
from agents.rules.usual_week import KindOfWeek, average_minutes, first_overlap, kinds_of_weeks
from agents.site_marks import Mark
from communes.half_days import OpenHalfDays
from core.days import Week
from core.templatetags.times import day_month, day_year, short_day
from planning.templatetags.weekdays import weekday_names

_NAMED = 3
"""So many Mondays of a kind of week are named."""


@dataclass(frozen=True)
class Part:
    """A row on one day. `half`: as `presence.half_of` says it."""

    rule: Pattern
    place: str
    mark: Mark
    is_closed: bool = False
    """The place is never open then: nothing is published, no hour counts."""

    @property
    def half(self) -> str:
        if self.rule.ends <= time(13):
            return "morning"
        return "afternoon" if self.rule.starts >= time(12) else ""


@dataclass(frozen=True)
class WeekPicture:
    label: str
    days: list[tuple[str, list[Part]]]
    minutes: int
    contract: int | None

    @property
    def over(self) -> int:
        return max(0, self.minutes - self.contract) if self.contract is not None else 0

    @property
    def under(self) -> int:
        return max(0, self.contract - self.minutes) if self.contract is not None else 0


@dataclass(frozen=True)
class UsualWeek:
    """`average`: minutes, where weeks alternate."""

    pictures: list[WeekPicture]
    average: int | None
    overlaps: list[str]
    closed: list[str]


def picture_week(
    rules: Sequence[Pattern],
    *,
    places: dict[int, str],
    marks: dict[int, Mark],
    contract: int | None,
    today: date,
    opening: OpenHalfDays | None = None,
) -> UsualWeek:
    """`rules`: the rows, each with its number as its id. `opening`: of the places by their hours."""
    monday = Week.of(today).monday
    closed = {(rule.id, weekday) for rule in rules for weekday in _closed_on(rule, opening)}
    pictures = []
    for kind in kinds_of_weeks(rules, monday):
        last_day = max([4, *(n for n, rows in enumerate(kind.rows) if rows)])
        days = [
            (
                str(WEEKDAYS[n]),
                [
                    Part(rule, places[rule.site_id], marks[rule.site_id], (rule.id, n) in closed)
                    for rule in kind.rows[n]
                ],
            )
            for n in range(last_day + 1)
        ]
        pictures.append(WeekPicture(_label(kind, monday), days, kind.minutes(closed), contract))
    return UsualWeek(
        pictures,
        average_minutes(rules, monday, closed),
        list(_overlaps(rules, today)),
        list(_closed_days(rules, places, opening)),
    )


def _closed_on(rule: Pattern, opening: OpenHalfDays | None) -> list[int]:
    """The weekdays of the row on which its place is never open then."""
    if opening is None:
        return []
    return [
        weekday
        for weekday in sorted(rule.weekdays)
        if opening.never_open(rule.site_id, weekday, rule.starts, rule.ends)
    ]


def _closed_days(
    rules: Sequence[Pattern], places: dict[int, str], opening: OpenHalfDays | None
) -> Iterator[str]:
    for rule in rules:
        if closed := _closed_on(rule, opening):
            said = _("Row %(n)s: %(place)s is never open then (%(days)s). It is not published or counted.")
            names = weekday_names(closed)
            yield said % {"n": rule.id, "place": places[rule.site_id], "days": names}


def _label(kind: KindOfWeek, monday: date) -> str:
    first, last = kind.mondays[0], kind.mondays[-1]
    if kind.is_only:
        return _("Each week")
    if kind.is_unbroken and kind.is_last:
        return _("From the week of %(day)s on") % {"day": day_month(first)}
    if len(kind.mondays) == 1:
        return _("Week of %(day)s") % {"day": day_month(first)}
    if kind.is_unbroken:
        return _("From the week of %(first)s to that of %(last)s") % {
            "first": day_month(first),
            "last": day_month(last),
        }
    named = ", ".join(short_day(each) for each in kind.mondays[:_NAMED])
    if len(kind.mondays) > _NAMED:
        named += "…"
    return _("Weeks of %(days)s") % {"days": named}


def _overlaps(rules: Sequence[Pattern], today: date) -> Iterator[str]:
    for n, one in enumerate(rules):
        for other in rules[n + 1 :]:
            on = first_overlap(one, other, today)
            if on is not None:
                yield _("Rows %(one)s and %(other)s overlap, for example on %(day)s.") % {
                    "one": one.id,
                    "other": other.id,
                    "day": day_year(on),
                }
