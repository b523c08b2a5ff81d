"""The same person twice at one time: looked for before a visit is booked, moved or given to somebody.

It is a question to whoever books, not a rule of the database: a mother may come with her son's papers while
she waits for her own visit. Whoever has seen the other visits can book beside them.
"""

from collections.abc import Collection
from datetime import datetime

from booking.errors import OtherVisit, ResidentBusy
from booking.models import Appointment, Resident
from communes.models import Commune

type Accepted = bool | Collection[int]
"""Other visits at the same time that whoever books has accepted: all (True), none (False), or by id those
that they have seen."""


def visits_at(
    resident: Resident, start: datetime, end: datetime, *, besides: int | None = None
) -> list[OtherVisit]:
    """The visits to which the resident is expected within `[start, end)`; not the appointment `besides`. None
    where there is no time between them."""
    if end <= start:
        return []
    rows = Appointment.objects.expected().filter(resident=resident, starts_at__lt=end, ends_at__gt=start)
    found = rows.select_related("site", "service", "commune").order_by("starts_at", "pk")
    return [visit_of(row, row.commune) for row in found if row.pk != besides]


def visit_of(row: Appointment, commune: Commune) -> OtherVisit:
    local = commune.local
    return OtherVisit(
        row.pk, local(row.starts_at), local(row.ends_at), row.site_id, str(row.site), str(row.service)
    )


def refuse_overlap(
    resident: Resident | None,
    start: datetime,
    end: datetime,
    *,
    besides: int | None = None,
    accepted: Accepted = False,
) -> None:
    """Raise ResidentBusy when the resident is expected elsewhere within `[start, end)`."""
    if resident is None or accepted is True:
        return
    known = accepted or ()
    others = visits_at(resident, start, end, besides=besides)
    if any(each.id not in known for each in others):
        raise ResidentBusy.because_of(others)
