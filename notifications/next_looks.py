"""When the plan of an appointment is looked at again, though no event tells of that instant.

`plan()` says when its answer changes by the passing of time alone; `owe.py` keeps that instant, in the
transaction that reads the appointment's events. Whatever changes what the plan knows without an event (a
message has arrived, the desk has told someone) asks for a look at once.

A row here is written, and taken away, by whoever holds the row of its appointment: that one always exists,
so two writers can only wait for one another there, and all of them take appointments in the order of
their ids, before rows of this table and before messages.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from booking.models import Appointment
from notifications.models import Message, NextLook


def look_now(messages: Iterable[Message], *, now: datetime) -> None:
    """Have the appointments of these messages looked at by the next sweep. To be asked before the messages
    are changed, in the same transaction, so that two writers lock in the same order; whoever changes an
    appointment too does that first, since its site comes before it."""
    ids = _hold({each.appointment_id for each in messages if each.appointment_id is not None})
    if ids:
        NextLook.objects.bulk_create(
            [NextLook(appointment_id=pk, at=now) for pk in ids],
            update_conflicts=True,
            unique_fields=["appointment"],
            update_fields=["at"],
        )


def _hold(ids: Collection[int]) -> list[int]:
    """Take these appointments, and say which are still there."""
    if not ids:
        return []
    rows = Appointment.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def due(now: datetime, limit: int) -> list[int]:
    """The appointments to look at, longest due first."""
    found = NextLook.objects.filter(at__lte=now).order_by("at", "appointment_id")
    return list(found.values_list("appointment_id", flat=True)[:limit])


def forget(ids: Collection[int]) -> None:
    """They are looked at now, by whoever holds them: before anything about them is read, so that whoever
    asks for a look meanwhile is not overheard."""
    NextLook.objects.filter(appointment__in=ids).delete()


def plan_next(instants: Mapping[int, datetime | None]) -> None:
    """Keep when to look again; whoever has asked for it meanwhile wants it sooner."""
    rows = [NextLook(appointment_id=pk, at=at) for pk, at in sorted(instants.items()) if at is not None]
    NextLook.objects.bulk_create(rows, ignore_conflicts=True)
