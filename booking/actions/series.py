"""The same visit several times: each week at the same hour, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from booking.actions.base import action
from booking.actions.bookings import book, book_hold
from booking.actions.overlap import Accepted
from booking.actions.request import BookingRequest
from booking.actions.residents import NewResident, record
from booking.engine.snapshot import Offer
from booking.enums import Origin
from booking.errors import NotOffered, OtherVisit, ResidentBusy, SeriesRefused, SlotTaken
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.models import Commune
from core.errors import PermanenceError

MOST = 26
"""Half a year of weeks."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A date that is not possible, and the nearest times that are; or the resident's other visits then."""

    start: datetime
    code: str
    message: str
    alternatives: tuple[Offer, ...] = ()
    others: tuple[OtherVisit, ...] = ()


def weekly(start: datetime, times: int, commune: Commune, *, every_weeks: int = 1) -> list[datetime]:
    """`times` starts at the same hour of the commune's clocks, whatever clock change lies between."""
    first = commune.local(start)
    return [first + timedelta(weeks=n * every_weeks) for n in range(times)]


@action
def book_series(
    *, request: BookingRequest, starts: Sequence[datetime], by: Actor, now: datetime
) -> list[Appointment]:
    """Book the same at every one of `starts` (see `weekly`), all or nothing; the start of the request itself
    does not matter. Someone new is recorded once, with all of them.

    Raises SeriesRefused: `details["failed"]` says which dates failed, why, and what is near them;
    `details["possible"]` which would have been possible.
    """
    if not 1 <= len(set(starts)) == len(starts) <= MOST:
        raise NotOffered
    if request.newcomer is not None:
        request = replace(request, resident=record(request.newcomer, now=now))
    booked: list[Appointment] = []
    failed: list[Failed] = []
    for start in sorted(starts):
        try:
            booked.append(book(request=replace(request, start=start), by=by, now=now))
        except (SlotTaken, NotOffered, ResidentBusy) as refusal:
            failed.append(_failed(start, refusal))
    if failed:
        raise SeriesRefused(failed=failed, possible=[appointment.starts_at for appointment in booked])
    return booked


@action
def book_hold_weekly(
    *,
    appointment: Appointment,
    times: int,
    resident: Resident | NewResident,
    note: str = "",
    beside: Accepted = False,
    by: Actor,
    now: datetime,
) -> list[Appointment]:
    """Make a held time the first of `times` weekly appointments, all or nothing.

    Raises HoldExpired, and SeriesRefused as `book_series` does; the hold then stands as before.
    """
    first = book_hold(appointment=appointment, resident=resident, note=note, beside=beside, by=by, now=now)
    return [first, *book_following(first, times, note=note, beside=beside, by=by, now=now)]


def book_following(
    first: Appointment, times: int, *, note: str, beside: Accepted = False, by: Actor, now: datetime
) -> list[Appointment]:
    """Book the others when an appointment is the first of `times` weekly ones."""
    others = weekly(first.starts_at, times, first.commune)[1:]
    if not others:
        return []
    request = BookingRequest(
        service=first.service,
        site=first.site,
        start=first.starts_at,
        with_helper=first.with_helper,
        helper=first.helper if first.helper_chosen else None,
        resident=first.resident,
        party_size=first.party_size,
        note=note,
        origin=Origin(first.origin),
        beside=beside,
    )
    return book_series(request=request, starts=others, by=by, now=now)


def refused(start: datetime, refusal: PermanenceError) -> SeriesRefused:
    """The error for a booking that failed because of this one date."""
    return SeriesRefused(failed=[_failed(start, refusal)], possible=[])


def _failed(start: datetime, refusal: PermanenceError) -> Failed:
    details = refusal.details
    near, others = details.get("alternatives", ()), details.get("appointments", ())
    return Failed(start, refusal.code, str(refusal), tuple(near), tuple(others))
