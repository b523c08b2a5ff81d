"""Other helpers and cabins for appointments that keep their time: a helper is ill, a cabin out of order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.actions.base import action, in_our_words
from booking.actions.holds import lapse_in_the_way
from booking.actions.reallocation import Allocation, lock_rows, reallocate
from booking.actions.request import BookingRequest
from booking.enums import Reason
from booking.errors import NotOffered, StatusRefused
from booking.log import Actor
from booking.models import Appointment
from communes.actions import bump_sites


@dataclass(frozen=True, slots=True)
class Reassignment:
    """An appointment as the caller saw it, and its new cabin and helper; None keeps what it has."""

    appointment: Appointment
    cabin_id: int | None = None
    helper_id: int | None = None


@action
def reassign(
    *, moves: Sequence[Reassignment], reason: Reason = Reason.NONE, by: Actor, now: datetime
) -> list[Appointment]:
    """Change cabins and helpers of several appointments, all or nothing; they may exchange among
    themselves.

    Raises StatusRefused when one has changed since it was seen, SlotTaken when a place is taken,
    NotOffered when a new helper or cabin is not possible there (absent, without the skill, out of order).
    """
    seen = {move.appointment.pk: move for move in moves}
    bump_sites({move.appointment.site_id for move in moves})
    rows = lock_rows(seen)
    if len(rows) != len(seen):
        raise StatusRefused
    for row in rows:
        _check_unchanged(row, seen[row.pk].appointment)
        lapse_in_the_way(row.site, row.starts_at, row.blocked_until, now=now)
    allocations = {
        row.pk: Allocation(seen[row.pk].cabin_id or row.cabin_id, seen[row.pk].helper_id or row.helper_id)
        for row in rows
    }
    with in_our_words():
        reallocate(rows, allocations, reason=reason, by=by, now=now)
    for row in rows:
        _check_possible(row, now)
    return rows


def _check_unchanged(row: Appointment, seen: Appointment) -> None:
    def state(each: Appointment) -> tuple[object, ...]:
        return each.status, each.starts_at, each.site_id, each.cabin_id, each.helper_id

    if state(row) != state(seen):
        raise StatusRefused(status=row.status)


def _check_possible(row: Appointment, now: datetime) -> None:
    """Raise NotOffered unless the rules allow the appointment its new cabin and helper. Appointments that
    have begun are not checked: the agents on the spot decide."""
    if row.starts_at < now:
        return
    found = BookingRequest.as_booked(row).check(now).candidates
    if found.refusal is not None or row.cabin_id not in found.cabins:
        raise NotOffered(found.refusal.label if found.refusal else None, why=found.refusal)
    if row.helper_id is not None and row.helper_id not in found.helpers:
        raise NotOffered(why=found.refusal)
