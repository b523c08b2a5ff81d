"""The record of an ended appointment, from its row and its last event: pure but for the model's class.

The same function writes records as visits end, builds those of the demonstration, and rebuilds them from the
log (`tests/booking/test_records.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from booking.enums import ActorKind, CancelledBy, EventKind, HelpedBy, Lead, Notice, Reason, Status
from booking.models import Appointment, AppointmentEvent, VisitNote, VisitRecord

COUNTED = (Status.DONE, Status.NO_SHOW, Status.CANCELLED, Status.UNRECORDED)
"""An appointment with one of these statuses has a record."""

BY_RESIDENT = frozenset({Reason.CANNOT_COME, Reason.NOT_NEEDED, Reason.RESIDENT_ASKED, Reason.OTHER_PHONE})
BY_MAIRIE = frozenset(
    {
        Reason.HELPER_ABSENT,
        Reason.NO_HELPER,
        Reason.SITE_CLOSED,
        Reason.CABIN_OUT_OF_ORDER,
        Reason.FAULT,
    }
)

_LEADS = (
    (0, Lead.SAME_DAY),
    (2, Lead.DAYS_1_2),
    (7, Lead.DAYS_3_7),
    (14, Lead.DAYS_8_14),
    (30, Lead.DAYS_15_30),
)
_NOTICES = ((0, Notice.NONE), (2, Notice.HOURS_2), (24, Notice.HOURS_24), (72, Notice.DAYS_3))


@dataclass(frozen=True, slots=True)
class Cancelling:
    """The act by which an appointment was cancelled: at its beginning where it had a grace."""

    at: datetime
    reason: str
    actor: str


def cancelling_in(events: Iterable[AppointmentEvent]) -> Cancelling | None:
    """The act that cancelled an appointment, from all its events in their order."""
    begun: datetime | None = None
    found: Cancelling | None = None
    for event in events:
        if event.kind == EventKind.CANCELLING:
            begun = event.at
        elif event.kind in (EventKind.CANCEL_UNDONE, EventKind.RESTORED):
            begun = None
        elif event.kind == EventKind.CANCELLED:
            found = Cancelling(begun or event.at, event.reason, event.actor)
    return found


def record_of(appointment: Appointment, cancelling: Cancelling | None = None) -> VisitRecord:
    """The record, not saved and without a key. Commune, site, cabin and service are loaded or loadable;
    `cancelling` is needed for a cancelled one. Raises ValueError for one that has not ended."""
    if appointment.status not in COUNTED:
        raise ValueError(f"An appointment that is {appointment.status} has no record.")
    local = appointment.commune.local(appointment.starts_at)
    took_place = appointment.status == Status.DONE
    is_cancelled = appointment.status == Status.CANCELLED and cancelling is not None
    return VisitRecord(
        commune_id=appointment.commune_id,
        day_on=local.date(),
        half_hour=local.hour * 2 + local.minute // 30,
        site_ref=appointment.site_id,
        site_name=appointment.site.name,
        cabin_ref=appointment.cabin_id,
        cabin_name=appointment.cabin.name,
        service_ref=appointment.service_id,
        service_name=appointment.service.name,
        theme=appointment.service.theme,
        ended_as=appointment.status,
        cancelled_by=cancelled_by(cancelling) if is_cancelled and cancelling else "",
        notice=notice(appointment.starts_at, cancelling.at) if is_cancelled and cancelling else "",
        booked_min=appointment.duration_min,
        used_min=_minutes(appointment.started_at, appointment.ended_at) if took_place else None,
        waited_min=_waited_min(appointment) if took_place else None,
        helped_by=HelpedBy.HELPER if appointment.with_helper else HelpedBy.NOBODY,
        persons=appointment.party_size,
        origin=appointment.origin,
        is_walk_in=appointment.is_walk_in,
        lead=lead((local.date() - appointment.commune.local(appointment.created_at).date()).days),
        told_by=appointment.told_by,
        is_medical=appointment.service.is_medical,
        **(noted(appointment) if took_place else {}),
    )


class Noted(TypedDict, total=False):
    """The columns of a record that say what came of the session."""

    outcome: str
    themes_noted: list[str]
    equipment_used: list[str]
    autonomy: str
    orientation: list[str]


def noted(appointment: Appointment) -> Noted:
    """What was noted of a session that took place; of a medical one nothing is."""
    if appointment.service.is_medical:
        return {}
    columns: Noted = {"outcome": appointment.outcome}
    note: VisitNote | None = getattr(appointment, "visit_note", None)
    if note is not None:
        columns |= {
            "themes_noted": note.themes,
            "equipment_used": note.equipment_used,
            "autonomy": note.autonomy,
            "orientation": note.orientation,
        }
    return columns


def cancelled_by(cancelling: Cancelling) -> CancelledBy:
    """Who could not or would not. A resident or a screen needs no reason: nobody else was asked."""
    reason = Reason(cancelling.reason)
    if reason in BY_MAIRIE:
        return CancelledBy.MAIRIE
    if reason == Reason.MISTAKE:
        return CancelledBy.MISTAKE
    if reason in BY_RESIDENT or cancelling.actor in (ActorKind.RESIDENT, ActorKind.SCREEN):
        return CancelledBy.RESIDENT
    return CancelledBy.UNKNOWN


def notice(starts_at: datetime, cancelled_at: datetime) -> Notice:
    hours = (starts_at - cancelled_at).total_seconds() / 3600
    return next((each for most, each in _NOTICES if hours <= most), Notice.MORE)


def lead(days: int) -> Lead:
    """`days` of the calendar between booking and visit; a walk-in, or one recorded afterwards: the same
    day."""
    return next((each for most, each in _LEADS if days <= most), Lead.DAYS_31)


def _waited_min(appointment: Appointment) -> int | None:
    """Who comes early waits for their hour by choice. An arrival that was noted only with the start tells
    nothing; whoever walks in and begins has waited for nothing."""
    arrived, started = appointment.arrived_at, appointment.started_at
    if arrived is None or started is None or (arrived == started and not appointment.is_walk_in):
        return None
    return _minutes(max(arrived, appointment.starts_at), started)


def _minutes(since: datetime | None, until: datetime | None) -> int | None:
    """Whole minutes, rounded down; never below 0."""
    if since is None or until is None:
        return None
    return max(0, int((until - since).total_seconds() // 60))


def rebuilt(appointment: Appointment) -> VisitRecord:
    """The record of an ended appointment as its row and its log tell it."""
    return record_of(appointment, cancelling_in(appointment.events.order_by("at", "id")))
