"""Coverage of sites: how many helpers are present and how many are needed, by half-day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from agents.site_marks import Mark
from booking.enums import Status
from booking.models import Appointment
from communes.half_days import half_days
from communes.models import Commune, Site
from core.days import day_span
from core.localtime import Span, cut, merged, overlapping
from planning.orphans import Orphan
from planning.presence import Presence


@dataclass(frozen=True)
class HalfDayCover:
    """A half-day at a site: the helpers present and needed at the worst moment of its opening hours, and when
    there are too few."""

    is_open: bool
    present: int
    needed: int
    hours: tuple[Span, ...] = ()
    """When the site is open."""
    short: tuple[Span, ...] = ()
    whole: int = 0
    """How many helpers come at all."""
    was_short: bool = False
    """There were too few in hours that are over."""

    @property
    def is_short(self) -> bool:
        """Whether there are too few in hours that are still to come."""
        return bool(self.short)

    @property
    def is_partly_covered(self) -> bool:
        """Too few for a part of the hours only, or somebody comes who does not cover them all."""
        return self.is_short and self.whole > self.present


@dataclass
class DayCover:
    """The coverage of one site on one day."""

    day: date
    morning: HalfDayCover
    afternoon: HalfDayCover
    orphans: int = 0

    @property
    def halves(self) -> list[tuple[str, HalfDayCover]]:
        return [("morning", self.morning), ("afternoon", self.afternoon)]

    @property
    def is_open(self) -> bool:
        return self.morning.is_open or self.afternoon.is_open

    @property
    def is_short(self) -> bool:
        return self.morning.is_short or self.afternoon.is_short

    @property
    def was_short(self) -> bool:
        return self.morning.was_short or self.afternoon.was_short


@dataclass
class SiteRow:
    site: Site
    mark: Mark
    covers: list[DayCover]


def read_cover(
    commune: Commune,
    sites: list[Site],
    days: list[date],
    presence: Presence,
    lost: list[Orphan],
    *,
    now: datetime,
) -> list[SiteRow]:
    """The coverage of each site on each of the consecutive `days`. Needed are as many helpers as the site
    says while it is open, and as many as have appointments at the same time. What is over is not short."""
    start, end = day_span(days[0], commune.tz, days=len(days))
    opening = presence.opening.spans
    booked: dict[int, list[Span]] = defaultdict(list)
    with_helper = (
        Appointment.objects.live()
        .exclude(status=Status.CANCELLING)
        .filter(commune=commune, with_helper=True, starts_at__gte=start, starts_at__lt=end)
    )
    for site_id, first, last in with_helper.values_list("site_id", "starts_at", "ends_at"):
        booked[site_id].append((first, last))
    present = presence.at_sites()
    found = []
    for site in sites:
        there = present.get(site.pk, {})
        covers = [
            _cover_of(day, site, commune, opening.get(site.pk, []), there, booked[site.pk], lost, now)
            for day in days
        ]
        found.append(SiteRow(site, presence.marks[site.pk], covers))
    return found


def _cover_of(
    day: date,
    site: Site,
    commune: Commune,
    opening: list[Span],
    present: dict[int, list[Span]],
    booked: list[Span],
    lost: list[Orphan],
    now: datetime,
) -> DayCover:
    morning, afternoon = (
        _half(half, needed, opening, present, booked, now)
        for half, needed in zip(
            half_days(day, commune), (site.helpers_morning, site.helpers_afternoon), strict=True
        )
    )
    orphaned = sum(1 for orphan in lost if _is_on(orphan.appointment, site, day, commune))
    return DayCover(day, morning, afternoon, orphaned)


def _half(
    half: Span,
    needed: int,
    opening: list[Span],
    present: dict[int, list[Span]],
    booked: list[Span],
    now: datetime,
) -> HalfDayCover:
    """The half-day is cut wherever somebody comes or goes; each piece is counted by itself."""
    hours = cut(overlapping(opening, half), half)
    there = [spans for each in present.values() if (spans := cut(overlapping(each, half), half))]
    visits = cut([span for span in booked if _meet(span, half)], half)
    edges = {edge for spans in (*there, visits) for span in spans for edge in span}
    worst, short = (0, 0), []
    for start, end in hours:
        cuts = sorted({start, end, *(edge for edge in edges if start < edge < end)})
        for piece in pairwise(cuts):
            count = sum(1 for spans in there if overlapping(spans, piece))
            wanted = max(needed, sum(1 for visit in visits if _meet(visit, piece)))
            if worst == (0, 0) or count - wanted < worst[0] - worst[1]:
                worst = (count, wanted)
            if count < wanted:
                short.append(piece)
    whole = sum(1 for spans in there if any(overlapping(spans, part) for part in hours))
    coming = [piece for piece in short if piece[1] > now]
    return HalfDayCover(
        bool(hours),
        *(worst if hours else (0, needed)),
        tuple(hours),
        tuple(merged(coming)),
        whole,
        was_short=len(coming) < len(short),
    )


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and one[1] > other[0]


def _is_on(appointment: Appointment, site: Site, day: date, commune: Commune) -> bool:
    return appointment.site_id == site.pk and commune.local(appointment.starts_at).date() == day
