"""The same visit several times, usually each week at the same hour: all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from booking.actions.base import action
from booking.actions.bookings import book
from booking.actions.overlap import Accepted
from booking.actions.request import BookingRequest
from booking.actions.residents import record
from booking.engine.snapshot import Offer
from booking.enums import Origin
from booking.errors import NotOffered, OtherVisit, ResidentBusy, SeriesRefused, SlotTaken
from booking.log import Actor
from booking.models import Appointment
from communes.models import Commune, Site
from core.errors import PermanenceError

MOST = 26
"""Half a year of weeks."""

type Visit = tuple[Site, datetime]
"""Where and when one of a series is to be."""


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
    *, request: BookingRequest, visits: Sequence[Visit], by: Actor, now: datetime
) -> list[Appointment]:
    """Book the same at every one of `visits` (see `weekly`), all or nothing; the site and the start of the
    request itself do not matter. Someone new is recorded once, with all of them.

    Raises SeriesRefused: `details["failed"]` says which dates failed, why, and what is near them;
    `details["possible"]` which would have been possible.
    """
    _check_count([start for _site, start in visits])
    if request.newcomer is not None:
        request = replace(request, resident=record(request.newcomer, now=now))
    booked: list[Appointment] = []
    failed: list[Failed] = []
    for site, start in sorted(visits, key=lambda visit: visit[1]):
        try:
            booked.append(book(request=replace(request, site=site, start=start), by=by, now=now))
        except (SlotTaken, NotOffered, ResidentBusy) as refusal:
            failed.append(_failed(start, refusal))
    if failed:
        raise SeriesRefused(failed=failed, possible=[appointment.starts_at for appointment in booked])
    return booked


def book_following(
    first: Appointment,
    visits: Sequence[Visit],
    *,
    note: str,
    beside: Accepted = False,
    by: Actor,
    now: datetime,
) -> list[Appointment]:
    """Book the same at `visits` as an appointment that was just booked."""
    if not visits:
        return []
    _check_count([first.starts_at, *(start for _site, start in visits)])
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
    return book_series(request=request, visits=visits, by=by, now=now)


def _check_count(starts: Sequence[datetime]) -> None:
    if not 1 <= len(set(starts)) == len(starts) <= MOST:
        raise NotOffered


def refused(start: datetime, refusal: PermanenceError) -> SeriesRefused:
    """The error for a booking that failed because of this one date."""
    return SeriesRefused(failed=[_failed(start, refusal)], possible=[])


def _failed(start: datetime, refusal: PermanenceError) -> Failed:
    details = refusal.details
    near, others = details.get("alternatives", ()), details.get("appointments", ())
    return Failed(start, refusal.code, str(refusal), tuple(near), tuple(others))
