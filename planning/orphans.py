"""Appointments that have lost what they need: a query, never a stored flag.

Something was declared after they were booked: an absence, a closure, shorter hours, a cabin out of
order, a shift taken away. Five queries, whatever their number.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.models import Absence, Shift
from booking.enums import Reason, Status
from booking.models import Appointment
from communes.errors import HoursError
from communes.models import Closure, Commune, Site
from communes.opening.hours import parse
from core.localtime import Span, merged, overlapping

AHEAD = timedelta(weeks=8)
"""How far ahead one looks: nothing is booked much later."""


class OrphanReason(StrEnum):
    """What is missing, the worst first."""

    CLOSED = "closed"
    CABIN = "cabin"
    ABSENT = "absent"
    NO_SHIFT = "no_shift"
    NOBODY = "nobody"

    @property
    def text(self) -> str | Promise:
        return {
            OrphanReason.CLOSED: _("the place is closed"),
            OrphanReason.CABIN: _("the cabin is out of order"),
            OrphanReason.ABSENT: _("the helper is absent"),
            OrphanReason.NO_SHIFT: _("the helper is not on duty there"),
            OrphanReason.NOBODY: _("no helper yet"),
        }[self]

    @property
    def reason(self) -> Reason:
        """The code that the log keeps of a move for this."""
        return {OrphanReason.CLOSED: Reason.SITE_CLOSED, OrphanReason.CABIN: Reason.CABIN_OUT_OF_ORDER}.get(
            self, Reason.HELPER_ABSENT
        )


@dataclass(frozen=True)
class Orphan:
    appointment: Appointment
    why: OrphanReason


def orphans(commune: Commune, start: datetime, end: datetime) -> list[Orphan]:
    """Those that begin in `[start, end)` and cannot take place as they stand, in order of time."""
    rows = list(
        Appointment.objects.filter(
            commune=commune,
            status__in=(Status.BOOKED, Status.ARRIVED),
            starts_at__gte=start,
            starts_at__lt=end,
        )
        .select_related("resident", "service", "site", "cabin", "helper", "commune")
        .order_by("starts_at", "id")
    )
    if not rows:
        return []
    last = max(row.ends_at for row in rows)
    snapshot = _World.around(commune, start, last, {row.helper_id for row in rows if row.helper_id})
    found = ((row, snapshot.why(row)) for row in rows)
    return [Orphan(row, why) for row, why in found if why is not None]


@dataclass(frozen=True)
class _World:
    """What appointments need, over some days."""

    open: dict[int, list[Span]]
    closed: dict[int, list[Span]]
    present: dict[tuple[int, int], list[Span]]
    away: dict[int, list[Span]]

    @classmethod
    def around(cls, commune: Commune, start: datetime, end: datetime, helper_ids: set[int]) -> "_World":
        closures = Closure.objects.filter(site__commune=commune, starts_at__lt=end, ends_at__gt=start)
        shifts = Shift.objects.filter(agent__in=helper_ids, site__commune=commune).overlapping(start, end)
        absences = Absence.objects.filter(agent__in=helper_ids).overlapping(start, end)
        return cls(
            open={site.pk: open_spans(site, commune, start, end) for site in commune.sites.all()},
            closed=_grouped((c.site_id, c.starts_at, c.ends_at) for c in closures),
            present=_grouped(((s.agent_id, s.site_id), s.starts_at, s.ends_at) for s in shifts),
            away=_grouped((a.agent_id, a.starts_at, a.ends_at) for a in absences),
        )

    def why(self, row: Appointment) -> OrphanReason | None:
        span = (row.starts_at, row.ends_at)
        if not _covers(self.open[row.site_id], span) or _meets(self.closed.get(row.site_id, []), span):
            return OrphanReason.CLOSED
        if not row.cabin.works_at(row.starts_at):
            return OrphanReason.CABIN
        if not row.with_helper:
            return None
        if row.helper_id is None:
            return OrphanReason.NOBODY
        if _meets(self.away.get(row.helper_id, []), span):
            return OrphanReason.ABSENT
        if not _covers(self.present.get((row.helper_id, row.site_id), []), span):
            return OrphanReason.NO_SHIFT
        return None


def open_spans(site: Site, commune: Commune, start: datetime, end: datetime) -> list[Span]:
    """The opening hours of the local days that the stretch touches; none where they cannot be read."""
    first = commune.local(start).date()
    last = commune.local(end).date() + timedelta(days=1)
    if not site.opening_hours:
        return []
    try:
        hours = parse(site.opening_hours, commune.insee_code)
    except HoursError:
        return []
    return hours.open_spans(first, last, commune.tz)


def _grouped[K](rows: Iterable[tuple[K, datetime, datetime]]) -> dict[K, list[Span]]:
    found: dict[K, list[Span]] = defaultdict(list)
    for key, start, end in rows:
        found[key].append((start, end))
    return {key: merged(spans) for key, spans in found.items()}


def _covers(spans: list[Span], wanted: Span) -> bool:
    return any(start <= wanted[0] and wanted[1] <= end for start, end in overlapping(spans, wanted))


def _meets(spans: list[Span], wanted: Span) -> bool:
    return bool(overlapping(spans, wanted))
