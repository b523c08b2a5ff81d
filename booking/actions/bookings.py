"""Booking and holding a time."""

from datetime import datetime

from booking.actions.base import action, change, created, in_our_words, insert, lock, require
from booking.actions.claiming import claim_resident
from booking.actions.holds import HOLD_LASTS, still_held
from booking.actions.offers import no_longer_waits, settle_offer
from booking.actions.overlap import Accepted, refuse_overlap
from booking.actions.placing import allocate, check_bookable, claim_site, look
from booking.actions.reallocation import Allocation
from booking.actions.repeated import refuse_repeated
from booking.actions.request import BookingRequest
from booking.actions.residents import NewResident, record
from booking.enums import EventKind, OfferAnswer, Origin, Status
from booking.errors import HoldExpired, ResidentBusy, SlotTaken
from booking.free.slots import SlotCheck
from booking.log import Actor, write
from booking.models import Appointment, Resident


def book(*, request: BookingRequest, by: Actor, now: datetime) -> Appointment:
    """Book a time. Someone new is recorded with the visit.

    Raises SlotTaken (with the nearest other offers) when someone else has it, NotOffered when the
    site is closed, the time past, or nobody could serve, ResidentBusy when the resident has another
    appointment at that time, AlreadyBooked when it is the same `once` more.
    """
    appointment = _unplaced(request, Status.BOOKED, now)
    try:
        _place(appointment, request, look(request, now=now), by=by, now=now)
    except (SlotTaken, ResidentBusy):
        if request.once:
            refuse_repeated(request, now=now)
        raise
    return appointment


def hold(*, request: BookingRequest, until: datetime | None = None, by: Actor, now: datetime) -> Appointment:
    """Keep a time for `HOLD_LASTS`, or `until` an instant, while someone makes up their mind. Raises as
    `book` does, except ResidentBusy: that is asked when the hold is booked."""
    appointment = _unplaced(request, Status.HELD, now)
    appointment.held_until = until or now + HOLD_LASTS
    _place(appointment, request, look(request, now=now), by=by, now=now)
    return appointment


@action
def book_hold(
    *,
    appointment: Appointment,
    resident: Resident | NewResident | None,
    note: str = "",
    beside: Accepted = False,
    by: Actor,
    now: datetime,
) -> Appointment:
    """Make a held time an appointment; raises HoldExpired when it took too long, ResidentBusy when the
    resident has another visit at that time which is not accepted (`beside`); whoever takes an offer from the
    waiting list accepts it themselves. Someone new is recorded with it, or not at all."""
    lock(appointment, as_seen=False)
    if appointment.status == Status.LAPSED:
        raise HoldExpired
    require(appointment, Status.HELD)
    if not still_held(appointment, now):
        raise HoldExpired
    if isinstance(resident, NewResident):
        resident = record(resident, now=now)
    elif resident is not None:
        resident = claim_resident(resident, appointment.commune_id)
    accepted = beside or appointment.origin == Origin.WAITING_LIST
    refuse_overlap(
        resident, appointment.starts_at, appointment.ends_at, besides=appointment.pk, accepted=accepted
    )
    change(
        appointment,
        kind=EventKind.BOOKED,
        to=Status.BOOKED,
        resident=resident,
        unlogged={"held_until": None, "note": note},
        by=by,
        now=now,
    )
    settle_offer(appointment, OfferAnswer.TAKEN)
    if resident is not None:
        no_longer_waits(resident, appointment.service, now=now)
    return appointment


def _unplaced(request: BookingRequest, status: Status, now: datetime) -> Appointment:
    """The appointment that is asked for, without cabin and helper yet."""
    check_bookable(request.service, public=request.public)
    return Appointment(
        commune_id=request.site.commune_id,
        site=request.site,
        service=request.service,
        resident=request.known_resident,
        with_helper=request.attended,
        helper_chosen=request.chosen_helper is not None,
        party_size=request.party_size,
        status=status,
        starts_at=request.start,
        ends_at=request.ends_at,
        blocked_until=request.blocked_until,
        note=request.note,
        origin=request.origin,
        follow_up_of=request.follow_up_of,
        created_at=now,
    )


@action
def _place(
    appointment: Appointment, request: BookingRequest, check: SlotCheck, *, by: Actor, now: datetime
) -> None:
    check = claim_site(request, check, now=now)
    if request.once and request.newcomer is not None:
        refuse_repeated(request, now=now)
    known = request.known_resident
    if known is not None:
        appointment.resident = known = claim_resident(known, appointment.commune_id)
        if appointment.status == Status.BOOKED:
            refuse_overlap(known, appointment.starts_at, appointment.ends_at, accepted=request.beside)
    if request.newcomer is not None:
        appointment.resident = record(request.newcomer, now=now)

    def attempt(allocation: Allocation) -> None:
        appointment.cabin_id = allocation.cabin_id
        appointment.helper_id = allocation.helper_id
        insert(appointment)

    with in_our_words():
        allocate(request, check, attempt, by=by, now=now)
    appointment.cabin = check.cabin(appointment.cabin_id)
    kind = EventKind.HELD if appointment.status == Status.HELD else EventKind.BOOKED
    write(appointment=appointment, kind=kind, at=now, by=by, changes=created(appointment))
    if known is not None and appointment.status == Status.BOOKED:
        no_longer_waits(known, request.service, now=now)
