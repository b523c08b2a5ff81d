"""When the plan of an appointment is looked at again, although no event announces that instant.

`plan()` says when its answer changes by the passing of time alone. `sending/plan_messages.py` stores that
instant in the transaction that reads the appointment's events. Code that changes what the plan knows without
an event (a message has arrived, the desk has told someone) asks for a look at once.

Only the holder of an appointment's row lock writes or deletes its row here. The appointment's row always
exists, so two writers can wait for one another only there. All of them lock appointments in the order of
their ids, before rows of this table and before messages.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from booking.models import Appointment
from notifications.models import Message, NextLook


def look_now(messages: Iterable[Message], *, now: datetime) -> None:
    """Have the next sweep look at the appointments of these messages.

    Call it before the messages are changed, in the same transaction, so that two writers lock in the same
    order. A caller that also changes an appointment does that first, since the site is locked before the
    appointment.
    """
    look_at({each.appointment_id for each in messages if each.appointment_id is not None}, now)


def look_at(ids: Collection[int], now: datetime) -> None:
    """Have the next sweep look at these appointments; as `look_now` for the order of locks."""
    if ids := _hold(ids):
        NextLook.objects.bulk_create(
            [NextLook(appointment_id=pk, at=now) for pk in ids],
            update_conflicts=True,
            unique_fields=["appointment"],
            update_fields=["at"],
        )


def _hold(ids: Collection[int]) -> list[int]:
    """Lock these appointments, and return the ids of those that still exist."""
    if not ids:
        return []
    rows = Appointment.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def due(now: datetime, limit: int) -> list[int]:
    """The ids of the appointments to look at, the longest overdue first."""
    found = NextLook.objects.filter(at__lte=now).order_by("at", "appointment_id")
    return list(found.values_list("appointment_id", flat=True)[:limit])


def forget(ids: Collection[int]) -> None:
    """Delete the stored instants of appointments whose locks the caller holds. Call it before anything
    about them is read, so that a look asked for meanwhile is not lost."""
    NextLook.objects.filter(appointment__in=ids).delete()


def plan_next(instants: Mapping[int, datetime | None]) -> None:
    """Store when to look again. A row that exists already was asked for meanwhile and is sooner, so it
    stays."""
    rows = [NextLook(appointment_id=pk, at=at) for pk, at in sorted(instants.items()) if at is not None]
    NextLook.objects.bulk_create(rows, ignore_conflicts=True)
