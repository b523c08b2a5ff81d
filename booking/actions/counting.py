"""The record of an ended appointment (`booking.records`), written and taken back with the event that ends it.

A record is found by a key that nobody can compute without SECRET_KEY. Closing its day empties the key
(`booking.actions.closing`); from then on the record stays as it is. Who came is noted apart, and comes and
goes with the record (`booking.actions.contacts`).
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from booking.actions.contacts import note_contact, take_back_contacts
from booking.enums import EventKind, Status
from booking.errors import AlreadyCounted
from booking.log import Actor
from booking.models import Appointment, VisitNote, VisitRecord
from booking.records import COUNTED, Cancelling, record_of

CLOSED_AFTER_DAYS = 8
"""A day is closed when it is over for so many days: what became of a visit may be noted for seven."""


def count_visit(appointment: Appointment, *, before: str, reason: str, by: Actor, now: datetime) -> None:
    """Record the way an appointment has just ended; take the record back when an end is undone. Raises
    AlreadyCounted if the day has been closed since. What else is written to one that has ended (whose it was,
    say) changes no figure."""
    if before == appointment.status:
        return
    if before in COUNTED:
        _take_back(appointment, now)
    if appointment.status == Status.DONE and appointment.service.is_medical:
        VisitNote.objects.filter(appointment=appointment).delete()  # its service was another one before
    if appointment.status in COUNTED:
        record = record_of(appointment, _cancelling(appointment, before, reason, by, now))
        record.key = key_of(appointment.pk)
        record.save(force_insert=True)
        if appointment.status == Status.DONE:
            note_contact(appointment, record)


def open_records(appointment_ids: Iterable[int]) -> QuerySet[VisitRecord]:
    """The records of ended appointments whose day is not closed."""
    return VisitRecord.objects.filter(key__in=[key for pk in appointment_ids for key in _keys(pk)])


def key_of(appointment_id: int, secret: str | None = None) -> str:
    return salted_hmac(
        "booking.VisitRecord", str(appointment_id), secret=secret, algorithm="sha256"
    ).hexdigest()


def last_closed(today: date) -> date:
    """The last day of which nothing can be noted or undone any more, on the commune's calendar."""
    return today - timedelta(days=CLOSED_AFTER_DAYS)


def _keys(appointment_id: int) -> list[str]:
    """Also by former secrets: SECRET_KEY may have been changed since the record was written."""
    return [key_of(appointment_id, secret) for secret in (None, *settings.SECRET_KEY_FALLBACKS)]


def _take_back(appointment: Appointment, now: datetime) -> None:
    deleted, _by_model = open_records([appointment.pk]).delete()
    take_back_contacts(_keys(appointment.pk))
    local = appointment.commune.local
    is_closed = local(appointment.starts_at).date() <= last_closed(local(now).date())
    if not deleted and is_closed:
        raise AlreadyCounted


def _cancelling(
    appointment: Appointment, before: str, reason: str, by: Actor, now: datetime
) -> Cancelling | None:
    if appointment.status != Status.CANCELLED:
        return None
    at = now
    if before == Status.CANCELLING:  # what counts is when somebody said so, not when the grace was over
        begun = appointment.events.filter(kind=EventKind.CANCELLING).order_by("id").last()
        at = begun.at if begun else now
    return Cancelling(at, reason, by.kind)
