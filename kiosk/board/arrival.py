"""What a screen answers to someone who says that they have come. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from booking.enums import Status

EARLY = timedelta(minutes=30)
"""Someone who comes earlier than this is asked to come back: nobody waits in a corridor for an hour."""

ON_TIME = timedelta(minutes=5)
"""Up to so long after the time, nobody speaks of being late."""


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
    """An appointment of this site as the answer needs it. `is_served` is false when the site has been
    closed for that time, or the cabin put out of order, after it was booked. `expected_at`: about when it
    begins, if its helper said that they are late."""

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
    """The answer to give. `cabin_id` is the screen's own, None in a hall.

    Nobody is late for a helper who is, and nothing is over before the helper has come. Someone at
    another cabin of the site is sent there: with a helper their arrival may be noted on the way (the
    helper fetches them); without, the session begins where they sit down.
    """
    if coming.status == Status.CANCELLED:
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
