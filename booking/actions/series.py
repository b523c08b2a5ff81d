"""The same visit several times: each week at the same hour, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from booking.actions.base import action
from booking.actions.bookings import book
from booking.errors import NotOffered, SeriesRefused, SlotTaken
from booking.log import Actor
from booking.models import Appointment
from booking.world import Offer
from communes.errors import PermanenceError
from communes.models import Commune, Service, Site

MOST = 26
"""Half a year of weeks."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A date that is not possible, and the nearest that are."""

    start: datetime
    code: str
    message: str
    alternatives: tuple[Offer, ...] = ()


def weekly(start: datetime, times: int, commune: Commune, *, every_weeks: int = 1) -> list[datetime]:
    """`times` starts at the same hour of the commune's clocks, whatever clock change lies between."""
    first = commune.local(start)
    return [first + timedelta(weeks=n * every_weeks) for n in range(times)]


@action
def book_series(
    *,
    service: Service,
    site: Site,
    starts: Sequence[datetime],
    with_helper: bool,
    by: Actor,
    now: datetime,
    **details: Any,
) -> list[Appointment]:
    """Book every start (see `weekly`), all or nothing; `details` as `book` takes them.

    Raises SeriesRefused: `details["failed"]` says which dates failed, why, and what is near them;
    `details["possible"]` which would have been possible.
    """
    if not 1 <= len(set(starts)) == len(starts) <= MOST:
        raise NotOffered
    booked: list[Appointment] = []
    failed: list[Failed] = []
    for start in sorted(starts):
        try:
            booked.append(
                book(
                    service=service,
                    site=site,
                    start=start,
                    with_helper=with_helper,
                    by=by,
                    now=now,
                    **details,
                )
            )
        except (SlotTaken, NotOffered) as refusal:
            failed.append(_failed(start, refusal))
    if failed:
        raise SeriesRefused(failed=failed, possible=[appointment.starts_at for appointment in booked])
    return booked


def _failed(start: datetime, refusal: PermanenceError) -> Failed:
    return Failed(start, refusal.code, str(refusal), tuple(refusal.details.get("alternatives", ())))
