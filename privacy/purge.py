"""Deletes personal data a set time after the resident's last visit.

Statistics stay: every ended visit has a record of its own (`booking.VisitRecord`), which goes into monthly
sums at the same age. Rows of other apps about a resident or an appointment are deleted with it by their
foreign key, or are registered with `core.retention`.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from booking.actions.base import action
from booking.models import Appointment, Resident, WaitingEntry
from communes.models import Commune
from core.days import months_before
from core.retention import before_deletion, forget_all

BATCH = 200
"""How many residents one transaction deletes: few enough not to make others wait."""


@dataclass(frozen=True, slots=True)
class Purged:
    residents: int
    appointments: int


def purge(*, commune: Commune, now: datetime, dry_run: bool = False) -> Purged:
    """Delete the residents whose last visit or appointment is older than the commune's limit, with all their
    appointments. Also delete appointments of that age without a resident (walk-ins, lapsed holds).

    A resident who never had an appointment is deleted that long after being recorded, or put on the waiting
    list. `dry_run` only counts.
    """
    limit = months_before(commune.local(now), commune.retention_months)
    if dry_run:
        residents, strangers = _forgettable(commune, limit), _of_nobody(commune, limit)
        theirs = Appointment.objects.filter(resident__in=residents)
        return Purged(residents.count(), theirs.count() + strangers.count())
    people = appointments = 0
    while ids := list(_forgettable(commune, limit).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        forgotten = _forget(commune, ids, limit)
        people += forgotten.residents
        appointments += forgotten.appointments
        if not forgotten.residents:
            break
    while ids := list(_of_nobody(commune, limit).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        appointments += _delete_appointments(ids)
    forget_all(commune=commune, now=now)
    return Purged(people, appointments)


def _forgettable(commune: Commune, limit: datetime) -> QuerySet[Resident]:
    since = Appointment.objects.filter(resident=OuterRef("pk"), ends_at__gt=limit)
    waits = WaitingEntry.objects.filter(resident=OuterRef("pk"), joined_at__gt=limit)
    recorded_before = Resident.objects.filter(commune=commune, created_at__lte=limit)
    return recorded_before.exclude(Exists(since)).exclude(Exists(waits))


def _of_nobody(commune: Commune, limit: datetime) -> QuerySet[Appointment]:
    return Appointment.objects.filter(commune=commune, resident=None, ends_at__lte=limit)


@action
def _forget(commune: Commune, ids: list[int], limit: datetime) -> Purged:
    """Delete those of `ids` who have not come back since. The rows are locked: a booking made meanwhile
    either waits or is seen here."""
    locked = Resident.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    known = set(locked.values_list("pk", flat=True))
    due = list(_forgettable(commune, limit).filter(pk__in=known).values_list("pk", flat=True))
    held = _held(Appointment.objects.filter(resident__in=due))
    before_deletion(residents=due, appointments=list(held.values_list("pk", flat=True)))
    appointments = _delete(held)
    return Purged(_delete(Resident.objects.filter(pk__in=due)), appointments)


@action
def _delete_appointments(ids: list[int]) -> int:
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
