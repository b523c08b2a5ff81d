"""Which consultations are one, and which say that somebody was looked for one by one. Pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.days import day_span
from core.looked import Shown

AGAIN = timedelta(minutes=10)
"""The same person on the same kind of page within such a stretch of the clock is one consultation: a page
loaded again, a name typed letter by letter."""

WORK_LISTS = frozenset({Shown.DAY, Shown.CALLS, Shown.WAITING, Shown.REPLACING, Shown.ANNOUNCED})
"""Lists that an agent has open all day and that load themselves anew: one consultation a day for each person
on them. They are the day's work, chosen by nobody, so they raise no alarm."""

OPENED = frozenset({Shown.RECORD, Shown.CARD, Shown.APPOINTMENT, Shown.SLIP, Shown.MESSAGES, Shown.HELD})
"""Pages of one person whom the agent chose."""

SEARCHED = frozenset(
    {Shown.SEARCH, Shown.ALIKE, Shown.JOURNAL, Shown.PAST_DAY, Shown.LEAVING, Shown.REQUESTS}
)
"""Lists of several people, of whom the agent wanted one at most. Whoever turns page after page of them, or
goes back day after day, reads everybody's name."""

UNCOUNTED = WORK_LISTS | {Shown.LOOKED}
"""What raises no alarm: work, and the log itself, which managers alone read."""


def stretch_of(kind: Shown, at: datetime, tz: ZoneInfo) -> datetime:
    """When the stretch began within which the same is one consultation; `tz`: the commune's."""
    if kind in WORK_LISTS:
        return day_span(at.astimezone(tz).date(), tz)[0]
    seconds = AGAIN // timedelta(seconds=1)
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, tz=at.tzinfo)
