"""Limiting the use of a resident's record (GDPR, article 18): kept, but not used until that is lifted.

What follows from it elsewhere: nobody books with it (`claim_resident`), `notifications` plans no message for
it and takes back what waits, screens and diaries show the appointment's number in place of the name. See
docs/decisions/0038-what-a-limited-record-still-does.md.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from booking.actions.base import action, lock
from booking.actions.grace import cancel
from booking.actions.holds import release_unanswered
from booking.actions.resident_log import record_change
from booking.actions.residents import tell_sites
from booking.enums import AskedBy, LimitedFor, Reason, ResidentChangeKind, Status
from booking.errors import ResidentInvalid
from booking.log import Actor, look_again
from booking.models import Appointment, Resident
from core.edits import lock_row


@dataclass(frozen=True, slots=True)
class Limited:
    """What a limitation has done, in numbers: appointments cancelled, appointments that stay, times held for
    them that were given back."""

    cancelled: int
    kept: int
    given_back: int


@action
def limit_resident(
    *, resident: Resident, why: LimitedFor, cancels: bool, by: Actor, now: datetime
) -> Limited:
    """Keep the record, and use it no more. Coming appointments stay unless the person wants them cancelled
    (`cancels`); times that are held for them are given back, and they keep their turn on the waiting list. No
    message says any of it. Limited already: only the reason may change. Raises RecordGone, ResidentInvalid
    while somebody books with the record."""
    tell_sites([resident])
    coming = Appointment.objects.filter(resident=resident.pk, ends_at__gt=now).order_by("pk")
    cancelled = given_back = 0
    for appointment in coming.filter(status=Status.HELD):
        lock(appointment, as_seen=False)
        if appointment.status == Status.HELD and appointment.resident_id == resident.pk:
            release_unanswered(appointment, by=by, now=now)
            given_back += 1
    if cancels:
        for appointment in coming.filter(status__in=(Status.BOOKED, Status.CANCELLING), starts_at__gt=now):
            reason = Reason.RESIDENT_ASKED
            cancel(appointment=appointment, reason=reason, asked_by=AskedBy.RESIDENT, by=by, now=now)
            cancelled += 1
    row = lock_row(Resident.objects.current(), resident.pk)
    if coming.filter(status=Status.HELD).exists():
        raise ResidentInvalid(_("A colleague is booking for this person. Try again in a moment."))
    before = _values(row)
    row.limited_at, row.limited_for = row.limited_at or now, why
    row.save(update_fields=["limited_at", "limited_for"])
    record_change(
        row, ResidentChangeKind.LIMITED, before=before, after=_values(row), is_asked=True, by=by, now=now
    )
    _look_again(row, now)
    return Limited(cancelled, coming.filter(status=Status.BOOKED, starts_at__gt=now).count(), given_back)


@action
def lift_limitation(*, resident: Resident, by: Actor, now: datetime) -> bool:
    """Use the record again: what is owed about coming appointments is planned anew, and they are offered
    freed times. The person has been told before (article 18, paragraph 3). Whether it was limited. Raises
    RecordGone."""
    tell_sites([resident])
    row = lock_row(Resident.objects.current(), resident.pk)
    if not row.is_limited:
        return False
    before = _values(row)
    row.limited_at, row.limited_for = None, ""
    row.save(update_fields=["limited_at", "limited_for"])
    record_change(row, ResidentChangeKind.LIFTED, before=before, after=_values(row), by=by, now=now)
    _look_again(row, now)
    return True


def _values(row: Resident) -> dict[str, object]:
    return {"limited_for": row.limited_for}


def _look_again(row: Resident, now: datetime) -> None:
    """Also at what is over: something may still wait to be said about it."""
    theirs = row.appointments.order_by("pk").values_list("pk", flat=True)
    look_again(list(theirs), now=now)
