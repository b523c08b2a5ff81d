"""Which shifts stand on a half-day when their site is closed: a public holiday, a closure, or never
open then.

Such a shift is not published and counts no hours. Noon cuts a day in two: whoever is there before the doors
open on a morning with visitors works.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from communes.models import Commune, Site
from communes.open_hours import open_spans
from core.days import day_span
from core.localtime import Span, merged, overlapping

NOON = time(12)


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
