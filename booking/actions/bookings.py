"""Booking and holding a time."""

from datetime import datetime, timedelta

from agents.models import Agent
from booking.actions.base import action, change, created, in_our_words, insert, lock, require
from booking.actions.holds import still_held
from booking.actions.offers import no_longer_waits, settle_offer
from booking.actions.placing import (
    Wanted,
    allocate,
    check_bookable,
    claim_site,
    look,
    minutes_for,
    with_alternatives,
)
from booking.actions.reallocation import Allocation
from booking.actions.residents import NewResident, record
from booking.enums import EventKind, OfferAnswer, Origin, Status
from booking.errors import HoldExpired
from booking.free.slots import SlotCheck
from booking.log import Actor, write
from booking.models import Appointment, Resident
from communes.models import Cabin, Service, Site

HOLD_MINUTES = 10


@with_alternatives
def book(
    *,
    service: Service,
    site: Site,
    start: datetime,
    with_helper: bool,
    resident: Resident | NewResident | None = None,
    helper: Agent | None = None,
    party_size: int = 1,
    duration_min: int | None = None,
    note: str = "",
    origin: str = Origin.DESK,
    follow_up_of: Appointment | None = None,
    public: bool = False,
    by: Actor,
    now: datetime,
) -> Appointment:
    """Book a time; `helper` only if the resident chose one by name. Someone new is recorded with the visit.

    Raises SlotTaken (with the nearest other offers) when someone else has it, NotOffered when the
    place is closed, the time past, or nobody could serve.
    """
    wanted = Wanted(
        service,
        site,
        start,
        with_helper,
        helper=helper,
        resident=resident if isinstance(resident, Resident) else None,
        minutes=duration_min or minutes_for(service, party_size),
        public=public,
    )
    appointment = _unplaced(wanted, party_size=party_size, origin=origin, now=now)
    appointment.status = Status.BOOKED
    appointment.note = note
    appointment.follow_up_of = follow_up_of
    newcomer = resident if isinstance(resident, NewResident) else None
    _place(appointment, wanted, look(wanted, now=now), newcomer=newcomer, by=by, now=now)
    return appointment


@with_alternatives
def hold(
    *,
    service: Service,
    site: Site,
    start: datetime,
    with_helper: bool,
    helper: Agent | None = None,
    cabin: Cabin | None = None,
    resident: Resident | None = None,
    party_size: int = 1,
    duration_min: int | None = None,
    follow_up_of: Appointment | None = None,
    note: str = "",
    minutes: int = HOLD_MINUTES,
    until: datetime | None = None,
    origin: str = Origin.DESK,
    public: bool = False,
    by: Actor,
    now: datetime,
) -> Appointment:
    """Keep a time for `minutes`, or `until` an instant, while someone makes up their mind. Raises as
    `book` does."""
    wanted = Wanted(
        service,
        site,
        start,
        with_helper,
        helper=helper,
        cabin=cabin,
        resident=resident,
        minutes=duration_min or minutes_for(service, party_size),
        public=public,
    )
    appointment = _unplaced(wanted, party_size=party_size, origin=origin, now=now)
    appointment.status = Status.HELD
    appointment.note = note
    appointment.follow_up_of = follow_up_of
    appointment.held_until = until or now + timedelta(minutes=minutes)
    _place(appointment, wanted, look(wanted, now=now), by=by, now=now)
    return appointment


@action
def book_hold(
    *,
    appointment: Appointment,
    resident: Resident | NewResident | None,
    note: str = "",
    by: Actor,
    now: datetime,
) -> Appointment:
    """Make a held time an appointment; raises HoldExpired when it took too long. Someone new is recorded
    with it, or not at all."""
    lock(appointment, as_seen=False)
    if appointment.status == Status.LAPSED:
        raise HoldExpired
    require(appointment, Status.HELD)
    if not still_held(appointment, now):
        raise HoldExpired
    if isinstance(resident, NewResident):
        resident = record(resident, now=now)
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
        no_longer_waits(resident, appointment.service)
    return appointment


def _unplaced(wanted: Wanted, *, party_size: int, origin: str, now: datetime) -> Appointment:
    check_bookable(wanted.service, public=wanted.public)
    return Appointment(
        commune_id=wanted.site.commune_id,
        site=wanted.site,
        service=wanted.service,
        resident=wanted.resident,
        with_helper=wanted.attended,
        helper_chosen=wanted.chosen_helper is not None,
        party_size=party_size,
        starts_at=wanted.start,
        ends_at=wanted.ends_at,
        blocked_until=wanted.blocked_until,
        origin=origin,
        created_at=now,
    )


@action
def _place(
    appointment: Appointment,
    wanted: Wanted,
    check: SlotCheck,
    *,
    newcomer: NewResident | None = None,
    by: Actor,
    now: datetime,
) -> None:
    check = claim_site(wanted, check, now=now)
    if newcomer is not None:
        appointment.resident = record(newcomer, now=now)

    def attempt(allocation: Allocation) -> None:
        appointment.cabin_id = allocation.cabin_id
        appointment.helper_id = allocation.helper_id
        insert(appointment)

    with in_our_words():
        allocate(wanted, check, attempt, by=by, now=now)
    appointment.cabin = check.cabin(appointment.cabin_id)
    kind = EventKind.HELD if appointment.status == Status.HELD else EventKind.BOOKED
    write(appointment=appointment, kind=kind, at=now, by=by, changes=created(appointment))
    if wanted.resident is not None and appointment.status == Status.BOOKED:
        no_longer_waits(wanted.resident, wanted.service)
