"""Which shifts stand on a half-day when their site is closed: a public holiday, a closure, or never
open then.

Such a shift is not published and counts no hours. Noon cuts a day in two: whoever is there before the doors
open on a morning with visitors works.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import Self

from communes.models import Commune, Site
from communes.open_hours import WEEKS_OF_HOURS, hours_spans, open_spans
from core.days import day_span
from core.localtime import Span, merged, overlapping

NOON = time(12)
BEYOND = timedelta(hours=1)
"""Whoever comes so long before the doors open, or stays so long after, is there for the place."""


def half_days(day: date, commune: Commune) -> tuple[Span, Span]:
    """The morning and the afternoon of a local day."""
    start, end = day_span(day, commune.tz)
    noon = datetime.combine(day, NOON, commune.tz)
    return (start, noon), (noon, end)


class OpenHalfDays:
    """When the sites of a commune are open on the local days `[first, end)`; one query if any."""

    def __init__(self, sites: Iterable[Site], commune: Commune, first: date, end: date) -> None:
        self.commune, self.first, self.end = commune, first, end
        sites = list(sites)
        self.spans = open_spans(sites, commune, first, end) if sites else {}

    @classmethod
    def by_hours(cls, sites: Iterable[Site], commune: Commune, first: date) -> Self:
        """In the weeks from `first` on by the opening hours alone, without closures; no query."""
        found = cls([], commune, first, first + WEEKS_OF_HOURS)
        found.spans = {site.pk: hours_spans(site, commune, first, found.end) for site in sites}
        return found

    def is_closed(self, site_id: int, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether the site is closed on each half-day that the shift touches. What begins outside the days,
        or at a site that was not asked about, is taken as open."""
        on = self.commune.local(starts_at).date()
        if site_id not in self.spans or not self.first <= on < self.end:
            return False
        last = self.commune.local(ends_at).date()
        touched = [
            half
            for n in range((last - on).days + 1)
            for half in half_days(on + timedelta(days=n), self.commune)
            if half[0] < ends_at and half[1] > starts_at
        ]
        opening = self.spans[site_id]
        return not any(overlapping(opening, half) for half in merged(touched))

    def is_outside(self, site_id: int, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether the shift stands on a half-day that is open, but holds none of its hours, or more than
        an hour before the first or after the last of them."""
        if site_id not in self.spans or self.is_closed(site_id, starts_at, ends_at):
            return False
        hours = overlapping(self.spans[site_id], (starts_at, ends_at))
        on = self.commune.local(starts_at).date()
        if not self.first <= on < self.end:
            return False
        return not hours or starts_at + BEYOND < hours[0][0] or hours[-1][1] + BEYOND < ends_at

    def never_open(self, site_id: int, weekday: int, starts: time, ends: time) -> bool:
        """Whether the site is closed at these local hours on each such weekday."""
        first = self.first + timedelta(days=(weekday - self.first.weekday()) % 7)
        on = [first + timedelta(days=n) for n in range(0, (self.end - first).days, 7)]
        tz = self.commune.tz
        return all(
            self.is_closed(site_id, datetime.combine(day, starts, tz), datetime.combine(day, ends, tz))
            for day in on
        )

    def half_days_open(self, site_ids: Collection[int]) -> set[int]:
        """The half-days of a week (0: Monday morning … 13: Sunday afternoon) on which one of the sites ever
        opens."""
        parts = (time.min, NOON), (NOON, time.max)
        return {
            2 * weekday + half
            for weekday in range(7)
            for half, part in enumerate(parts)
            if not all(self.never_open(pk, weekday, *part) for pk in site_ids)
        }
