"""Moving, confirming and editing, and undoing a cancellation."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from booking.actions.base import AppointmentFields, action, apply, change, in_our_words, lock, require
from booking.actions.claiming import claim_resident
from booking.actions.grace import undo_cancelling
from booking.actions.holds import lapse_in_the_way
from booking.actions.overlap import Accepted, refuse_overlap
from booking.actions.placing import allocate, check_bookable, look
from booking.actions.reallocation import Allocation
from booking.actions.request import BookingRequest
from booking.enums import ActorKind, AskedBy, EventKind, Reason, Status
from booking.errors import ResidentLimited, TooLate
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.models import Service, Site
from core.edits import Edit, merged, record_name

_TOLD_OF_A_MOVE = ("starts_at", "ends_at", "site_id", "cabin_id", "helper_id")


@action
def reschedule(
    *,
    appointment: Appointment,
    site: Site,
    start: datetime,
    with_helper: bool | None = None,
    helper: Agent | None = None,
    service: Service | None = None,
    party_size: int | None = None,
    duration_min: int | None = None,
    reason: Reason = Reason.NONE,
    asked_by: AskedBy | Literal[""] = "",
    beside: Accepted = False,
    kept: Collection[int] = (),
    by: Actor,
    now: datetime,
) -> Appointment:
    """Move an appointment; it keeps its time, cabin and helper until the new ones are its own.

    `with_helper=None` keeps what was booked, also a helper whom the resident chose by name. Otherwise
    `helper` is the one chosen, or None for anyone. Service, number of people and length stay, or change with
    the move. The resident's confirmation is removed: it was for the old time. Where nothing changes, no event
    is written. Raises SlotTaken or NotOffered as `book` does, ResidentBusy when they have a visit in the time
    that is new, which is not accepted (`beside`); ResidentLimited where somebody whose record is limited has
    not asked for it. Those `kept` make no room for it.
    """
    lock(appointment, also_sites=[site.pk])
    require(appointment, Status.BOOKED, Status.ARRIVED)
    helped = appointment.with_helper if with_helper is None else with_helper
    if helper is None and with_helper is None and appointment.helper_chosen:
        helper = appointment.helper
    request = replace(
        BookingRequest.as_booked(appointment),
        site=site,
        start=start,
        with_helper=helped,
        helper=helper,
        service=service or appointment.service,
        party_size=party_size or appointment.party_size,
        duration_min=duration_min or appointment.duration_min,
        kept=kept,
    )
    if not request.stays:
        _require_wanted(appointment, asked_by, by)
    if service is not None and service != appointment.service:
        check_bookable(service, public=False)
    added_from = appointment.ends_at if start == appointment.starts_at else start
    refuse_overlap(appointment.resident, added_from, request.ends_at, besides=appointment.pk, accepted=beside)
    chosen = request.chosen_helper is not None
    unchanged = (
        request.stays
        and request.attended == appointment.with_helper
        and (request.service, request.party_size) == (appointment.service, appointment.party_size)
        and request.minutes == appointment.duration_min
    )
    own = Allocation(appointment.cabin_id, appointment.helper_id)
    # Someone who waits here stays arrived when moved to later today; on another day they are not here.
    local = appointment.commune.local
    leaves = appointment.status == Status.ARRIVED and local(start).date() != local(now).date()

    @transaction.atomic
    def move(allocation: Allocation) -> None:
        if unchanged and allocation == own and chosen == appointment.helper_chosen:
            return
        apply(
            appointment,
            kind=EventKind.MOVED,
            to=Status.BOOKED if leaves else None,
            starts_at=request.start,
            ends_at=request.ends_at,
            site_id=site.pk,
            cabin_id=allocation.cabin_id,
            helper_id=allocation.helper_id,
            with_helper=request.attended,
            service_id=request.service.pk,
            party_size=request.party_size,
            unlogged={
                "blocked_until": request.blocked_until,
                "helper_chosen": chosen,
                "confirmed_at": None,
                "arrived_at": None if leaves else appointment.arrived_at,
            },
            always_told=_TOLD_OF_A_MOVE,
            reason=reason,
            asked_by=asked_by,
            by=by,
            now=now,
        )

    allocate(request, look(request, now=now), move, by=by, now=now)
    return appointment


def _require_wanted(appointment: Appointment, asked_by: AskedBy | Literal[""], by: Actor) -> None:
    """Nobody would be told of another time while the record is limited: only the person moves it."""
    limited = appointment.resident is not None and appointment.resident.is_limited
    if limited and asked_by != AskedBy.RESIDENT and by.kind != ActorKind.RESIDENT:
        raise ResidentLimited(
            _("This record is limited: nobody would be told. It moves only if the person asks for it.")
        )


@action
def restore(
    *,
    appointment: Appointment,
    reason: Reason = Reason.NONE,
    beside: Accepted = False,
    by: Actor,
    now: datetime,
) -> Appointment:
    """Undo a cancellation. In its grace the appointment comes back as it was, and nobody is told. Later it
    gets the same cabin and helper if they are still free, else equally good ones.

    Raises SlotTaken when the time has gone to someone else, TooLate when it is over, ResidentBusy when the
    resident has got another visit at that time since, which is not accepted (`beside`), ResidentLimited
    after the grace.
    """
    lock(appointment)
    require(appointment, Status.CANCELLING, Status.CANCELLED)
    if appointment.ends_at <= now:
        raise TooLate
    span = appointment.starts_at, appointment.ends_at
    refuse_overlap(appointment.resident, *span, besides=appointment.pk, accepted=beside)
    if appointment.status == Status.CANCELLING:
        undo_cancelling(appointment, reason=reason, by=by, now=now)
        return appointment
    if appointment.resident is not None and appointment.resident.is_limited:
        raise ResidentLimited
    request = BookingRequest.as_booked(appointment)
    own = Allocation(appointment.cabin_id, appointment.helper_id)

    @transaction.atomic
    def bring_back(allocation: Allocation) -> None:
        apply(
            appointment,
            kind=EventKind.RESTORED,
            to=Status.BOOKED,
            cabin_id=allocation.cabin_id,
            helper_id=allocation.helper_id,
            unlogged={"arrived_at": None},
            reason=reason,
            by=by,
            now=now,
        )

    if appointment.starts_at < now:  # cancelled by mistake a moment ago: as it was, or not at all
        lapse_in_the_way(appointment.site, appointment.starts_at, appointment.blocked_until, now=now)
        with in_our_words():
            bring_back(own)
    else:
        allocate(request, look(request, now=now), bring_back, by=by, now=now)
    return appointment


@action
def confirm(
    *, appointment: Appointment, reason: Reason = Reason.NONE, by: Actor, now: datetime
) -> Appointment:
    """Record that the resident will come. A second confirmation changes nothing."""
    lock(appointment)
    require(appointment, Status.BOOKED, Status.ARRIVED)
    if appointment.confirmed_at is None:
        change(appointment, kind=EventKind.CONFIRMED, reason=reason, confirmed_at=now, by=by, now=now)
    return appointment


@action
def edit(
    *,
    appointment: Appointment,
    by: Actor,
    now: datetime,
    note: str | None = None,
    resident: Resident | None = None,
    started_from: Edit | None = None,
) -> Appointment:
    """Change what does not touch the time: the note, or who comes (a walk-in whose name is asked later).
    Neither notes nor names reach the log. Refused in the grace of a
    cancellation. With `started_from`, the form's, raises EditConflict when somebody else has changed the
    note meanwhile."""
    lock(appointment)
    require(appointment, *(status for status in Status if status != Status.CANCELLING))
    if note is not None:
        stored = {"note": appointment.note}
        note = merged(started_from, record_name(appointment), stored, {"note": note}).get("note")
    fields: AppointmentFields = {}
    if resident is not None:
        fields["resident_id"] = claim_resident(resident, appointment.commune_id).pk
    new_note = appointment.note if note is None else note
    changed = any(getattr(appointment, name) != value for name, value in fields.items())
    if changed or new_note != appointment.note:
        apply(appointment, kind=EventKind.EDITED, unlogged={"note": new_note}, by=by, now=now, **fields)
    return appointment
