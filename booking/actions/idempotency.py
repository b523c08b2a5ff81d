"""When an API caller repeats a booking because the answer was lost, it is made only once.

Follows the Idempotency-Key header of draft-ietf-httpapi-idempotency-key-header. Only successful bookings are
remembered: a refusal wrote nothing, so a repeated request may well succeed. The record is deleted with its
appointment.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db import IntegrityError
from django.utils.crypto import salted_hmac

from booking.actions.base import action
from booking.actions.bookings import book
from booking.actions.request import BookingRequest
from booking.errors import IdempotencyKeyReused, ResidentBusy, SlotTaken
from booking.log import Actor
from booking.models import Appointment, IdempotencyRecord


@dataclass(frozen=True, slots=True)
class Call:
    """One request of one caller, by keyed hashes: bodies hold names and phones, which could be guessed."""

    api_key_id: int
    key_hash: str
    body_hash: str

    @classmethod
    def of(cls, api_key_id: int, key: str, body: str) -> Self:
        return cls(api_key_id, _hash("key", key), _hash("body", body))


def booked_before(call: Call) -> Appointment | None:
    """What the same call has booked already. Raises IdempotencyKeyReused if the key came with another
    body."""
    calls = IdempotencyRecord.objects.filter(api_key=call.api_key_id, key_hash=call.key_hash)
    earlier = calls.select_related("appointment__cabin", "appointment__service").first()
    if earlier is None:
        return None
    if earlier.body_hash != call.body_hash:
        raise IdempotencyKeyReused
    return earlier.appointment


def book_once(call: Call | None, *, request: BookingRequest, by: Actor, now: datetime) -> Appointment:
    """`book`, unless the same call has just booked in another request: then the appointment of that one."""
    if call is None:
        return book(request=request, by=by, now=now)
    try:
        return _book_and_remember(call, request, by=by, now=now)
    except (IntegrityError, SlotTaken, ResidentBusy):
        if (earlier := booked_before(call)) is None:
            raise
        return earlier


@action
def _book_and_remember(call: Call, request: BookingRequest, *, by: Actor, now: datetime) -> Appointment:
    appointment = book(request=request, by=by, now=now)
    IdempotencyRecord.objects.create(
        api_key_id=call.api_key_id,
        key_hash=call.key_hash,
        body_hash=call.body_hash,
        appointment=appointment,
    )
    return appointment


def _hash(what: str, text: str) -> str:
    return salted_hmac(f"booking.once.{what}", text, algorithm="sha256").hexdigest()
