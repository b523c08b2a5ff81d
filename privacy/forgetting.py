"""Which residents and visits are kept no longer, and their deletion with everything that hangs from them.

Rows of other apps about a resident or an appointment are deleted with it by their foreign key; an app that
must know of these before they go registers with `core.retention`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from booking.actions.base import action
from booking.models import Appointment, Resident, WaitingEntry
from communes.models import Commune
from core.days import months_before
from core.retention import before_deletion
from privacy.enums import RequestState
from privacy.models import RightsRequest

LIMITED_MONTHS = 60
"""A limited record stays so much longer, counted from the limitation: the person may need it for a claim, for
which the law gives five years (Code civil, article 2224)."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    residents: int
    appointments: int


def forgettable(commune: Commune, limit: datetime) -> QuerySet[Resident]:
    """The residents recorded until `limit` who had no appointment and joined no waiting list after it; none
    whose record is limited, which is kept meanwhile (GDPR, article 18), but for LIMITED_MONTHS at most; and
    none who waits for an answer to a request: it counts like a visit on the day by which they must have it.
    """
    since = Appointment.objects.filter(resident=OuterRef("pk"), ends_at__gt=limit)
    waits = WaitingEntry.objects.filter(resident=OuterRef("pk"), joined_at__gt=limit)
    asked = RightsRequest.objects.filter(
        resident=OuterRef("pk"), state=RequestState.OPEN, due_on__gt=limit.date()
    )
    recorded_before = Resident.objects.filter(commune=commune, created_at__lte=limit)
    recorded_before = recorded_before.exclude(limited_at__gt=months_before(limit, LIMITED_MONTHS))
    return recorded_before.exclude(Exists(since)).exclude(Exists(waits)).exclude(Exists(asked))


def of_nobody(commune: Commune, limit: datetime) -> QuerySet[Appointment]:
    """Visits without a resident's record, and lapsed holds, that ended until `limit`."""
    return Appointment.objects.filter(commune=commune, resident=None, ends_at__lte=limit)


@action
def forget_residents(commune: Commune, ids: Collection[int], limit: datetime) -> Forgotten:
    """Delete those of `ids` who have not come back since. The rows are locked: a booking made meanwhile
    either waits or is seen here."""
    locked = Resident.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    known = set(locked.values_list("pk", flat=True))
    due = list(forgettable(commune, limit).filter(pk__in=known).values_list("pk", flat=True))
    held = _held(Appointment.objects.filter(resident__in=due))
    before_deletion(residents=due, appointments=list(held.values_list("pk", flat=True)))
    appointments = _delete(held)
    return Forgotten(_delete(Resident.objects.filter(pk__in=due)), appointments)


@action
def forget_appointments(ids: Collection[int]) -> int:
    """Delete these appointments, of nobody known; returns how many."""
    held = _held(Appointment.objects.filter(pk__in=ids))
    before_deletion(appointments=ids)
    return _delete(held)


def _held(rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """These appointments, locked before the rows that refer to them are deleted, as all other writers do."""
    ids = rows.select_for_update().order_by("pk").values_list("pk", flat=True)
    return Appointment.objects.filter(pk__in=list(ids))


def _delete(rows: QuerySet[Appointment] | QuerySet[Resident]) -> int:
    """Delete these rows and what refers to them. Returns how many rows of the model itself were deleted."""
    return rows.delete()[1].get(rows.model._meta.label, 0)
