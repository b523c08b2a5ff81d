"""Appointments that have lost what they need: a query, never a stored flag.

Something was declared after they were booked: an absence, a closure, shorter hours, a cabin out of
order, equipment that does not work, a shift taken away. Six queries, whatever their number.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.enums import Reason, Status
from booking.models import Appointment
from communes.models import Commune, Incident
from communes.open_hours import open_spans
from core.localtime import Span, overlapping
from planning.helper_times import HelperTimes


class OrphanReason(StrEnum):
    """What is missing, the worst first."""

    RETIRED = "retired"
    CLOSED = "closed"
    CABIN_RETIRED = "cabin_retired"
    CABIN = "cabin"
    FAULT = "fault"
    ABSENT = "absent"
    NO_SHIFT = "no_shift"
    NOBODY = "nobody"

    @property
    def text(self) -> str | Promise:
        return {
            OrphanReason.RETIRED: _("the place is retired"),
            OrphanReason.CLOSED: _("the place is closed"),
            OrphanReason.CABIN_RETIRED: _("the cabin is retired"),
            OrphanReason.CABIN: _("the cabin is out of order"),
            OrphanReason.FAULT: _("the equipment does not work"),
            OrphanReason.ABSENT: _("the helper is absent"),
            OrphanReason.NO_SHIFT: _("the helper is not on duty there"),
            OrphanReason.NOBODY: _("no helper yet"),
        }[self]

    @property
    def reason(self) -> Reason:
        """The code that the log keeps of a move for this."""
        return {
            OrphanReason.RETIRED: Reason.SITE_CLOSED,
            OrphanReason.CLOSED: Reason.SITE_CLOSED,
            OrphanReason.CABIN_RETIRED: Reason.CABIN_OUT_OF_ORDER,
            OrphanReason.CABIN: Reason.CABIN_OUT_OF_ORDER,
            OrphanReason.FAULT: Reason.FAULT,
            OrphanReason.NO_SHIFT: Reason.NO_HELPER,
            OrphanReason.NOBODY: Reason.NO_HELPER,
        }.get(self, Reason.HELPER_ABSENT)

    @property
    def leaves_place_open(self) -> bool:
        return self not in (OrphanReason.RETIRED, OrphanReason.CLOSED)


@dataclass(frozen=True)
class Orphan:
    appointment: Appointment
    why: OrphanReason


def orphans(
    commune: Commune, start: datetime, end: datetime | None = None, *, now: datetime | None = None
) -> list[Orphan]:
    """Those that begin in `[start, end)` and cannot take place as they stand, in order of time. Without an
    end: however far ahead they are booked. `now`: by default `start`."""
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
    helper_ids = {row.helper_id for row in rows if row.helper_id}
    needs = _Needs.around(commune, start, last, helper_ids, now or start)
    found = ((row, needs.why(row)) for row in rows)
    return [Orphan(row, why) for row, why in found if why is not None]


@dataclass(frozen=True)
class _Needs:
    """What appointments need, over some days: open sites, and helpers who are there."""

    open: dict[int, list[Span]]
    helpers: HelperTimes
    faults: dict[int, list[Incident]]
    now: datetime

    @classmethod
    def around(
        cls, commune: Commune, start: datetime, end: datetime, helper_ids: set[int], now: datetime
    ) -> "_Needs":
        first, after = commune.local(start).date(), commune.local(end).date() + timedelta(days=1)
        return cls(
            open=open_spans(commune.sites.all(), commune, first, after),
            helpers=HelperTimes(helper_ids, start, end),
            faults=_faults(commune),
            now=now,
        )

    def why(self, row: Appointment) -> OrphanReason | None:
        span = (row.starts_at, row.ends_at)
        if row.site.retired_at is not None and row.site.retired_at < row.ends_at:
            return OrphanReason.RETIRED
        if not _covers(self.open[row.site_id], span):
            return OrphanReason.CLOSED
        if row.cabin.retired_at is not None and row.cabin.retired_at < row.ends_at:
            return OrphanReason.CABIN_RETIRED
        if not row.cabin.works_at(row.starts_at):
            return OrphanReason.CABIN
        needed = frozenset(row.service.equipment_needed)
        if any(
            each.keeps_from(needed, row.starts_at, self.now) for each in self.faults.get(row.cabin_id, ())
        ):
            return OrphanReason.FAULT
        if not row.with_helper:
            return None
        if row.helper_id is None:
            return OrphanReason.NOBODY
        if overlapping(self.helpers.away(row.helper_id), span):
            return OrphanReason.ABSENT
        if not _covers(self.helpers.on_shift(row.helper_id, row.site_id), span):
            return OrphanReason.NO_SHIFT
        return None


def _faults(commune: Commune) -> dict[int, list[Incident]]:
    found: dict[int, list[Incident]] = defaultdict(list)
    for incident in Incident.objects.withdrawing().filter(commune=commune):
        if incident.cabin_id is not None:
            found[incident.cabin_id].append(incident)
    return found


def _covers(spans: list[Span], wanted: Span) -> bool:
    return any(start <= wanted[0] and wanted[1] <= end for start, end in overlapping(spans, wanted))
