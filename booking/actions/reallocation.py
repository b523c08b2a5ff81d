"""Giving appointments other cabins and helpers at the same time.

Constraints are checked row by row, so those that change places are taken out of the live ones first,
all together, then put back one by one with their new cabin and helper. (A helper alone could be set
to none for that moment; a cabin cannot, and two cabins may have to be exchanged.)
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from booking.actions.base import plain
from booking.delays import expected_of
from booking.enums import EventKind, Reason, Status
from booking.errors import StatusRefused
from booking.log import Actor, write
from booking.models import Appointment, Delay


@dataclass(frozen=True, slots=True)
class Allocation:
    """The cabin and the helper that an appointment is to have."""

    cabin_id: int
    helper_id: int | None


def exchange(
    *,
    cabins: Mapping[int, int],
    helpers: Mapping[int, int],
    enter: Callable[[], object],
    by: Actor,
    now: datetime,
) -> None:
    """Make room: appointment id → new cabin id, appointment id → new helper id.

    `enter` writes the appointment for which room is made. It runs after those that make way have left and
    before they have their new places, since one of these may be what that appointment leaves.

    The caller holds the site, so that what was read there still stands. Raises IntegrityError when a
    helper has just been taken elsewhere.
    """
    rows = lock_rows({*cabins, *helpers})
    allocations = {
        row.pk: Allocation(cabins.get(row.pk, row.cabin_id), helpers.get(row.pk, row.helper_id))
        for row in rows
    }
    reallocate(rows, allocations, reason=Reason.EXCHANGE, by=by, now=now, meanwhile=enter)


def lock_rows(ids: Iterable[int]) -> list[Appointment]:
    """In id order, so that two that exchange cannot deadlock over the same rows."""
    rows = Appointment.objects.select_for_update(of=("self",)).filter(pk__in=list(ids))
    return list(rows.select_related("commune", "site", "service").order_by("pk"))


def reallocate(
    rows: list[Appointment],
    allocations: Mapping[int, Allocation],
    *,
    reason: Reason,
    by: Actor,
    now: datetime,
    meanwhile: Callable[[], object] = lambda: None,
) -> None:
    """Write the new cabin and helper of each locked row, with its event. An appointment that gets another
    helper no longer counts as « helper chosen by name ». If the other helper is late, or the former one was,
    an event says that the visit begins late, or no longer does. `meanwhile` runs while those that change
    keep nothing busy."""
    movable = (Status.HELD, Status.BOOKED, Status.ARRIVED)
    for row in rows:
        if row.status not in movable:
            raise StatusRefused(status=row.status)
    changed = [row for row in rows if allocations[row.pk] != Allocation(row.cabin_id, row.helper_id)]
    other_helper = [row for row in changed if allocations[row.pk].helper_id != row.helper_id]
    helpers = {row.helper_id for row in other_helper} | {
        allocations[row.pk].helper_id for row in other_helper
    }
    delays = list(Delay.objects.filter(helper__in=helpers - {None})) if helpers else []
    late_before = expected_of(delays, commune=rows[0].commune, now=now) if delays else {}
    Appointment.objects.filter(pk__in=[row.pk for row in changed]).update(status=Status.LAPSED)
    meanwhile()
    for row in changed:
        to = allocations[row.pk]
        before = Allocation(row.cabin_id, row.helper_id)
        row.cabin_id, row.helper_id = to.cabin_id, to.helper_id
        row.helper_chosen = row.helper_chosen and to.helper_id == before.helper_id
        row.save(update_fields=["status", "cabin", "helper", "helper_chosen"])
        pairs = {
            "cabin": (before.cabin_id, to.cabin_id),
            "helper": (before.helper_id, to.helper_id),
        }
        write(
            appointment=row,
            kind=EventKind.REASSIGNED,
            at=now,
            by=by,
            reason=reason,
            changes={field: pair for field, pair in pairs.items() if pair[0] != pair[1]},
        )
    if delays:
        late_after = expected_of(delays, commune=rows[0].commune, now=now)
        note_delays(other_helper, late_before, late_after, by=by, now=now)


def note_delays(
    rows: Iterable[Appointment],
    before: Mapping[int, datetime],
    after: Mapping[int, datetime],
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Write an event for each visit that begins late, at another time than was announced, or on time after
    all."""
    for row in rows:
        if before.get(row.pk) != after.get(row.pk):
            write(
                appointment=row,
                kind=EventKind.DELAYED if row.pk in after else EventKind.ON_TIME,
                at=now,
                by=by,
                changes={"expected_at": (plain(before.get(row.pk)), plain(after.get(row.pk)))},
            )
