"""Coverage of sites: how many helpers are present and how many are needed, by half-day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from agents.site_marks import Mark
from booking.enums import Status
from booking.models import Appointment
from communes.models import Commune, Site
from communes.open_hours import open_spans
from core.days import day_span
from core.localtime import Span, overlapping
from planning.orphans import Orphan
from planning.presence import Presence


@dataclass(frozen=True)
class HalfDayCover:
    """A half-day at a site: how many helpers are present, and how many are needed."""

    is_open: bool
    present: int
    needed: int

    @property
    def is_short(self) -> bool:
        return self.is_open and self.present < self.needed


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


@dataclass
class SiteRow:
    site: Site
    mark: Mark
    covers: list[DayCover]


def read_cover(
    commune: Commune, sites: list[Site], days: list[date], presence: Presence, lost: list[Orphan]
) -> list[SiteRow]:
    """The coverage of each site on each of the consecutive `days`. Needed are at least one helper while
    the site is open, and as many as have appointments at the same time."""
    start, end = day_span(days[0], commune.tz, days=len(days))
    opening = open_spans(sites, commune, days[0], days[0] + timedelta(days=len(days)))
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
            _cover_of(day, site, commune, opening[site.pk], there, booked[site.pk], lost) for day in days
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
) -> DayCover:
    whole = day_span(day, commune.tz)
    opening = [span for span in opening if _meet(span, whole)]
    morning, afternoon = (_half(half, opening, present, booked) for half in _halves(day, commune))
    orphaned = sum(1 for orphan in lost if _is_on(orphan.appointment, site, day, commune))
    return DayCover(day, morning, afternoon, orphaned)


def _half(
    half: Span, opening: list[Span], present: dict[int, list[Span]], booked: list[Span]
) -> HalfDayCover:
    hours = _cut([span for span in opening if _meet(span, half)], half)
    there = [
        agent_id for agent_id, spans in present.items() if any(overlapping(spans, part) for part in hours)
    ]
    at_once = _most_at_once([span for span in booked if half[0] <= span[0] < half[1]])
    return HalfDayCover(is_open=bool(hours), present=len(there), needed=max(1, at_once))


def _halves(day: date, commune: Commune) -> list[Span]:
    start, end = day_span(day, commune.tz)
    noon = datetime.combine(day, time(12), commune.tz)
    return [(start, noon), (noon, end)]


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and one[1] > other[0]


def _cut(spans: list[Span], by: Span) -> list[Span]:
    return [(max(start, by[0]), min(end, by[1])) for start, end in spans]


def _most_at_once(spans: list[Span]) -> int:
    return max((sum(1 for other in spans if other[0] <= span[0] < other[1]) for span in spans), default=0)


def _is_on(appointment: Appointment, site: Site, day: date, commune: Commune) -> bool:
    return appointment.site_id == site.pk and commune.local(appointment.starts_at).date() == day
