"""Deletes personal data a set time after the resident's last visit.

Statistics stay: every ended visit has a record of its own (`booking.VisitRecord`), which goes into monthly
sums at the same age.
"""

from dataclasses import dataclass
from datetime import datetime

from booking.models import Appointment
from communes.models import Commune
from core.days import months_before
from core.retention import forget_kind, registered
from notifications.actions import forget_received, forget_sent
from notifications.models import InboundMessage, Message
from privacy.forgetting import forget_appointments, forget_residents, forgettable, of_nobody

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
        residents, strangers = forgettable(commune, limit), of_nobody(commune, limit)
        theirs = Appointment.objects.filter(resident__in=residents)
        return Purged(residents.count(), theirs.count() + strangers.count())
    people = appointments = 0
    while ids := list(forgettable(commune, limit).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        forgotten = forget_residents(commune, ids, limit)
        people += forgotten.residents
        appointments += forgotten.appointments
        if not forgotten.residents:
            break
    while ids := list(of_nobody(commune, limit).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        appointments += forget_appointments(ids)
    nobodys = {"commune": commune, "resident": None, "appointment": None}
    sent = (
        Message.objects.filter(**nobodys, created_at__lte=limit).order_by("pk").values_list("pk", flat=True)
    )
    while ids := list(sent[:BATCH]):
        forget_sent(ids)
    received = InboundMessage.objects.filter(**nobodys, received_at__lte=limit).order_by("pk")
    while ids := list(received.values_list("pk", flat=True)[:BATCH]):
        forget_received(ids)
    for kind in sorted(set(registered().values())):
        forget_kind(kind, commune=commune, now=now)
    return Purged(people, appointments)
