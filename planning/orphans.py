"""Appointments that have lost what they need: a query, never a stored flag.

Something was declared after they were booked: an absence, a closure, shorter hours, a cabin out of
order, a shift taken away. Five queries, whatever their number.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.enums import Reason, Status
from booking.models import Appointment
from communes.models import Commune
from communes.open_hours import open_spans
from core.localtime import Span, overlapping
from planning.helper_times import HelperTimes


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


def orphans(commune: Commune, start: datetime, end: datetime | None = None) -> list[Orphan]:
    """Those that begin in `[start, end)` and cannot take place as they stand, in order of time. Without an
    end: however far ahead they are booked."""
    coming = Appointment.objects.filter(
        commune=commune, status__in=(Status.BOOKED, Status.ARRIVED), starts_at__gte=start
    )
    rows = list(
        (coming if end is None else coming.filter(starts_at__lt=end))
        .select_related("resident", "service", "site", "cabin", "helper", "commune")
        .order_by("starts_at", "id")
    )
    if not rows:
        return []
    last = max(row.ends_at for row in rows)
    needs = _Needs.around(commune, start, last, {row.helper_id for row in rows if row.helper_id})
    found = ((row, needs.why(row)) for row in rows)
    return [Orphan(row, why) for row, why in found if why is not None]


@dataclass(frozen=True)
class _Needs:
    """What appointments need, over some days: open sites, and helpers who are there."""

    open: dict[int, list[Span]]
    helpers: HelperTimes

    @classmethod
    def around(cls, commune: Commune, start: datetime, end: datetime, helper_ids: set[int]) -> "_Needs":
        first, after = commune.local(start).date(), commune.local(end).date() + timedelta(days=1)
        return cls(
            open=open_spans(commune.sites.all(), commune, first, after),
            helpers=HelperTimes(helper_ids, start, end),
        )

    def why(self, row: Appointment) -> OrphanReason | None:
        span = (row.starts_at, row.ends_at)
        if not _covers(self.open[row.site_id], span):
            return OrphanReason.CLOSED
        if not row.cabin.works_at(row.starts_at):
            return OrphanReason.CABIN
        if not row.with_helper:
            return None
        if row.helper_id is None:
            return OrphanReason.NOBODY
        if overlapping(self.helpers.away(row.helper_id), span):
            return OrphanReason.ABSENT
        if not _covers(self.helpers.on_shift(row.helper_id, row.site_id), span):
            return OrphanReason.NO_SHIFT
        return None


def _covers(spans: list[Span], wanted: Span) -> bool:
    return any(start <= wanted[0] and wanted[1] <= end for start, end in overlapping(spans, wanted))
