"""What a screen answers to a resident who says that they have come. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from booking.enums import CALLED_OFF, Status
from kiosk.board.waits import EARLY

ON_TIME = timedelta(minutes=5)
"""A resident who comes up to this long after the time is not told that they are late."""


class Verdict(StrEnum):
    WELCOME = "welcome"
    LATE = "late"
    OTHER_CABIN = "other_cabin"
    ALREADY = "already"
    TOO_EARLY = "too_early"
    OTHER_DAY = "other_day"
    PASSED = "passed"
    CANCELLED = "cancelled"
    NOT_SERVED = "not_served"


NEED_AN_AGENT = (Verdict.PASSED, Verdict.CANCELLED, Verdict.NOT_SERVED)


@dataclass(frozen=True, slots=True)
class Coming:
    """An appointment of this site, with what the answer depends on. `is_served` is false if the site was
    closed for that time, or the cabin put out of order, after the booking. `expected_at`: about when it
    begins, if its helper is late."""

    cabin_id: int
    status: Status
    starts_at: datetime
    ends_at: datetime
    with_helper: bool
    is_served: bool = True
    expected_at: datetime | None = None

    @property
    def begins_at(self) -> datetime:
        return max(self.starts_at, self.expected_at or self.starts_at)


def judge(coming: Coming, *, cabin_id: int | None, tz: tzinfo, now: datetime) -> Verdict:
    """The answer to give. `cabin_id` is the screen's own cabin, None in a hall.

    While the helper is late, the resident is not late and the appointment is not over. A resident of another
    cabin of the site is sent there. With a helper their arrival may be noted already (the helper fetches
    them); without one, the session begins at the screen of that cabin.
    """
    if coming.status in CALLED_OFF:
        return Verdict.CANCELLED
    is_over = now >= max(coming.ends_at, coming.begins_at)
    is_near = coming.starts_at - EARLY <= now and not is_over
    if not is_near and coming.starts_at.astimezone(tz).date() != now.astimezone(tz).date():
        return Verdict.OTHER_DAY
    if coming.status in (Status.ARRIVED, Status.IN_SESSION):
        return Verdict.ALREADY
    if coming.status != Status.BOOKED or is_over:
        return Verdict.PASSED
    if not coming.is_served:
        return Verdict.NOT_SERVED
    if now < coming.starts_at - EARLY:
        return Verdict.TOO_EARLY
    if cabin_id not in (None, coming.cabin_id):
        return Verdict.OTHER_CABIN
    return Verdict.LATE if now > coming.begins_at + ON_TIME else Verdict.WELCOME
