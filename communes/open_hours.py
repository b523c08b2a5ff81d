"""When a site is open, read here only: for the search, the boards, the team pages and the phone line.

Opening hours that cannot be read mean that the site is closed. Every form refuses such hours and shows the
error where it stands (communes/forms.py), but a stored text can become unreadable: an older version accepted
it, or somebody wrote to the database. A board, a search or a phone call must not fail over it, and nobody
may be sent to a site whose hours are unknown. The log names the site.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from logging import getLogger

from communes.errors import HoursError
from communes.models import Closure, Commune, Site
from communes.opening.hours import parse
from core.days import day_span
from core.localtime import Span, merged, subtract

logger = getLogger(__name__)

WEEKS_OF_HOURS = timedelta(weeks=5)
"""A place that opens on one Sunday a month does so within them."""


def hours_spans(site: Site, commune: Commune, first: date, end: date) -> list[Span]:
    """What the site's opening hours say for the local days `[first, end)`: aware UTC spans in order. Closures
    are not looked at; no query."""
    if not site.opening_hours:
        return []
    try:
        hours = parse(site.opening_hours, commune.insee_code)
    except HoursError as error:
        logger.warning("site %s: hours refused at %s: %s", site.pk, error.position, error.problem)
        return []
    return hours.open_spans(first, end, commune.tz)


def opening_weekdays(sites: Iterable[Site], commune: Commune, first: date) -> set[int]:
    """The weekdays (0 is Monday) on which one of the sites opens in the weeks from `first` on."""
    found: set[int] = set()
    for site in sites:
        for start, end in hours_spans(site, commune, first, first + WEEKS_OF_HOURS):
            on, last = commune.local(start).date(), commune.local(end - timedelta.resolution).date()
            found |= {(on + timedelta(days=n)).weekday() for n in range(min((last - on).days + 1, 7))}
    return found


def open_spans(sites: Iterable[Site], commune: Commune, first: date, end: date) -> dict[int, list[Span]]:
    """Site id → when the site is open on the local days `[first, end)`: its opening hours without its
    closures and until it is retired, as aware UTC spans in order. One query, however many sites."""
    found = {site.pk: _until_retired(site, hours_spans(site, commune, first, end)) for site in sites}
    closed = _closures(found, *day_span(first, commune.tz, days=(end - first).days))
    return {
        pk: [piece for span in spans for piece in subtract(span, closed[pk])] for pk, spans in found.items()
    }


def _until_retired(site: Site, spans: list[Span]) -> list[Span]:
    end = site.retired_at
    return spans if end is None else [(start, min(stop, end)) for start, stop in spans if start < end]


def _closures(site_ids: Iterable[int], start: datetime, end: datetime) -> dict[int, list[Span]]:
    rows = Closure.objects.filter(site__in=list(site_ids), starts_at__lt=end, ends_at__gt=start).order_by()
    found: dict[int, list[Span]] = defaultdict(list)
    for site_id, starts_at, ends_at in rows.values_list("site_id", "starts_at", "ends_at"):
        found[site_id].append((starts_at, ends_at))
    return defaultdict(list, {site_id: merged(spans) for site_id, spans in found.items()})
