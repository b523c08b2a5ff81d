"""Giving an appointment that was booked for the wrong person to another resident.

Site, cabin, helper and time stay. What belonged to the first resident goes: the appointment's number (they
may have it on paper, and could cancel with it), their confirmation, the link to the visit that it follows.
`notifications` reads in the log who must be told.
"""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from booking.actions.base import action, change, fresh_number, lock, require
from booking.actions.offers import no_longer_waits, waits_again
from booking.actions.overlap import Accepted, refuse_overlap
from booking.actions.residents import NewResident, record
from booking.enums import EventKind, Reason, Status
from booking.errors import ResidentInvalid, ResidentLimited, StatusRefused, TooLate
from booking.log import Actor
from booking.models import Appointment, Resident


@action
def give_to(
    *,
    appointment: Appointment,
    resident: Resident | NewResident,
    by: Actor,
    now: datetime,
    reason: Reason = Reason.MISTAKE,
    beside: Accepted = False,
) -> Appointment:
    """Give the appointment to `resident`, who is recorded with it if they are new.

    It gets another number. The former resident, if this booking took them off the waiting list, returns to
    their old position there. Raises StatusRefused unless the appointment is booked and its resident is the
    one that the caller saw, TooLate once it has begun, ResidentInvalid when `resident` is of another
    commune, is a merged record, or has the appointment already, ResidentLimited, ResidentBusy when they have
    another visit at that time which is not accepted (`beside`).
    """
    seen = appointment.resident_id
    lock(appointment)
    require(appointment, Status.BOOKED)
    if appointment.resident_id != seen:
        raise StatusRefused(status=appointment.status)
    if appointment.starts_at <= now:
        raise TooLate(_("It has begun: it can no longer be given to somebody else."))
    former, given_to = appointment.resident, _who(appointment, resident, now)
    refuse_overlap(
        given_to, appointment.starts_at, appointment.ends_at, besides=appointment.pk, accepted=beside
    )
    change(
        appointment,
        kind=EventKind.GIVEN,
        resident_id=given_to.pk,
        unlogged={"number": fresh_number(appointment), "confirmed_at": None, "follow_up_of": None},
        reason=reason,
        by=by,
        now=now,
    )
    appointment.resident = given_to
    no_longer_waits(given_to, appointment.service, now=now)
    if former is not None:
        waits_again(former, appointment, now=now)
    return appointment


def _who(appointment: Appointment, resident: Resident | NewResident, now: datetime) -> Resident:
    if isinstance(resident, NewResident):
        if resident.commune.pk != appointment.commune_id:
            raise ResidentInvalid
        return record(resident, now=now)
    current = Resident.objects.select_for_update().filter(pk=resident.pk).first()
    if current is None or current.commune_id != appointment.commune_id or current.merged_into_id is not None:
        raise ResidentInvalid(_("This resident is not known any more."))
    if current.pk == appointment.resident_id:
        raise ResidentInvalid(_("The appointment is theirs already."))
    if current.is_limited:
        raise ResidentLimited
    return current
