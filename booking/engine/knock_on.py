"""How the delay of a helper goes on from one visit to the next. Pure.

Only their own visits: a colleague's in the same cabin may go to another cabin.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from booking.engine.timeline import round_up
from booking.enums import Status


@dataclass(frozen=True, slots=True)
class Turn:
    """A visit of a helper's day; between `ends_at` and `blocked_until` the cabin is made ready."""

    id: int
    status: Status
    starts_at: datetime
    ends_at: datetime
    blocked_until: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def helper_free_at(self) -> datetime | None:
        """When they are free again, once it has begun."""
        if self.ended_at:
            return self.ended_at + (self.blocked_until - self.ends_at)
        return self.started_at + (self.blocked_until - self.starts_at) if self.started_at else None


def late_starts(turns: Iterable[Turn], *, until: datetime, said_at: datetime) -> dict[int, datetime]:
    """Which visits begin after their time, and about when, if their helper is there at `until` only.

    Gaps make up for it. What began after it was said counts as it went; what ran already, or was long
    over and forgotten, does not count.
    """
    late: dict[int, datetime] = {}
    there_at = until
    for turn in sorted(turns, key=lambda turn: (turn.starts_at, turn.id)):
        if turn.starts_at >= there_at:
            break
        if turn.helper_free_at:
            if turn.started_at and turn.started_at > said_at:
                there_at = turn.helper_free_at
        elif turn.status in (Status.BOOKED, Status.ARRIVED) and turn.ends_at > said_at:
            late[turn.id] = round_up(there_at)
            there_at = late[turn.id] + (turn.blocked_until - turn.starts_at)
    return late
