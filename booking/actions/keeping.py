"""How an agent books while talking to a resident: first hold a time, then make it an appointment.

A form may be sent twice (a double click, or Back and the same form once more). The second request finds what
the first has made, and makes nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from booking.actions.base import action, apply, in_our_words, lock, require
from booking.actions.bookings import book_hold, hold
from booking.actions.claiming import claim_resident
from booking.actions.holds import let_lapse, release, still_held
from booking.actions.offers import no_longer_waits
from booking.actions.overlap import Accepted, refuse_overlap
from booking.actions.placing import allocate, check_bookable, look
from booking.actions.reallocation import Allocation
from booking.actions.request import BookingRequest
from booking.actions.residents import NewResident, is_recorded_as, record
from booking.actions.series import Visit, book_following, refused
from booking.enums import EventKind, Status
from booking.errors import NotOffered, SlotTaken, StatusRefused
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.actions import bump_sites

TAKES_PLACE = (Status.BOOKED, Status.ARRIVED, Status.IN_SESSION, Status.DONE)


@action
def keep_time(
    *, request: BookingRequest, instead_of: Appointment | None = None, by: Actor, now: datetime
) -> Appointment:
    """Hold a time for an agent, and give back `instead_of`, which they held before.

    If the agent holds the same already, returns that hold. Raises as `hold` does; `instead_of` then stays
    held.
    """
    bump_sites({request.site.pk, instead_of.site_id} if instead_of else [request.site.pk])
    kept = kept_already(request=request, by=by, now=now)
    if kept is not None and kept != instead_of:
        return kept
    if instead_of is not None:
        lock(instead_of, as_seen=False)
        if instead_of.status == Status.HELD:
            release(instead_of, by=by, now=now)
    return hold(request=request, by=by, now=now)


def kept_already(*, request: BookingRequest, by: Actor, now: datetime) -> Appointment | None:
    """The hold that this agent already has of exactly this request, or None."""
    same = Appointment.objects.filter(
        status=Status.HELD,
        held_until__gt=now,
        service=request.service,
        site=request.site,
        starts_at=request.start,
        with_helper=request.attended,
        party_size=request.party_size,
        resident=request.known_resident,
        helper_chosen=request.chosen_helper is not None,
        events__kind=EventKind.HELD,
        events__agent=by.agent_id,
    )
    if request.chosen_helper is not None:
        same = same.filter(helper=request.chosen_helper)
    if request.cabin is not None:
        same = same.filter(cabin=request.cabin)
    if request.note:
        same = same.filter(note=request.note)
    return same.order_by("-pk").first()


@action
def book_kept(
    *,
    appointment: Appointment,
    resident: Resident | NewResident,
    following: Sequence[Visit] = (),
    note: str = "",
    beside: Accepted = False,
    by: Actor,
    now: datetime,
) -> list[Appointment]:
    """Make a time that is or was held an appointment, with the like ones `following` it, all or nothing.

    A hold that ran out is allocated again, as the same row. If it is booked for the same person already, it
    is returned as it is. Raises StatusRefused when it is booked for somebody else, SeriesRefused when a time
    is no longer free, ResidentBusy when the person has another visit at that time which is not accepted
    (`beside`); of those that follow, SeriesRefused says so.
    """
    lock(appointment, as_seen=False)
    if is_booked_for(appointment, resident):
        return [appointment]
    if appointment.status in TAKES_PLACE:
        raise StatusRefused(_("This time is booked already, for somebody else."), status=appointment.status)
    details: dict[str, Any] = {"note": note, "beside": beside, "by": by, "now": now}
    if still_held(appointment, now):
        book_hold(appointment=appointment, resident=resident, **details)
    else:
        try:
            _win_back(appointment, resident, **details)
        except (SlotTaken, NotOffered) as refusal:
            raise refused(appointment.starts_at, refusal) from refusal
    return [appointment, *book_following(appointment, following, **details)]


def is_booked_for(appointment: Appointment, who: Resident | NewResident) -> bool:
    """Whether a time that was held has become the appointment of exactly this person."""
    if appointment.status not in TAKES_PLACE or appointment.resident is None:
        return False
    if isinstance(who, NewResident):
        return is_recorded_as(who, appointment.resident)
    return appointment.resident_id == who.pk


def _win_back(
    appointment: Appointment,
    resident: Resident | NewResident,
    *,
    note: str,
    beside: Accepted,
    by: Actor,
    now: datetime,
) -> None:
    if appointment.status == Status.HELD:
        let_lapse(appointment, now)
    require(appointment, Status.LAPSED)
    check_bookable(appointment.service, public=False)
    if isinstance(resident, NewResident):
        who = record(resident, now=now)
    else:
        who = claim_resident(resident, appointment.commune_id)
    refuse_overlap(who, appointment.starts_at, appointment.ends_at, besides=appointment.pk, accepted=beside)
    request = replace(BookingRequest.as_booked(appointment), resident=who)

    @transaction.atomic
    def take(allocation: Allocation) -> None:
        apply(
            appointment,
            kind=EventKind.BOOKED,
            to=Status.BOOKED,
            cabin_id=allocation.cabin_id,
            helper_id=allocation.helper_id,
            resident=who,
            unlogged={"held_until": None, "note": note},
            by=by,
            now=now,
        )

    with in_our_words():
        allocate(request, look(request, now=now), take, by=by, now=now)
    no_longer_waits(who, appointment.service, now=now)
