"""When a calendar file says busy; and the program that computes it within limits.

A calendar of 200 bytes can repeat an event for ever, so it is never read in a process that others need.
`planning/calendars/limited_reading.py` starts `python -m planning.rules.busy_times`, which limits its own
time and memory before it reads the calendar. It starts in a tenth of a second: it loads no Django and has
no database.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

from core.localtime import Span, merged_within

MOST_STRETCHES = 4000
"""Eleven a day for a year. Each becomes an absence, and the team's pages read all absences."""
MOST_A_DAY = 48
"""One for each half hour of the day and night."""
SHORTEST_PAUSE = timedelta(minutes=5)
"""Spans with a shorter pause become one span. Availability counts in ticks of five minutes and rounds busy
time outward, so such a pause was never free."""
MOST_ANSWER_BYTES = 1024 * 1024

_TOO_OFTEN = {"SECONDLY", "MINUTELY"}
"""No real busy time repeats this often: it is refused at once instead of after the time limit."""


class Unreadable(Exception):
    """A calendar that cannot be read; `problem` is a key of `planning.errors.PROBLEMS`."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def busy_spans(body: bytes, *, first: date, days: int, tz: ZoneInfo) -> list[Span]:
    """The busy spans of a calendar over some local days, sorted, in UTC; raises Unreadable.

    Spans less than five minutes apart are made one.

    Whole days last from midnight to midnight; times without a zone are in `tz`. Cancelled events and
    events marked as free do not count. This function itself limits neither time nor memory.
    """
    calendar = _parsed(body)
    begin = datetime.combine(first, time(), tz)
    end = datetime.combine(first + timedelta(days=days), time(), tz)
    try:
        if any(_repeats_too_often(event) for event in calendar.walk("VEVENT")):
            raise Unreadable("too_much")
        found = recurring_ical_events.of(calendar).between(first, first + timedelta(days=days))
        spans = [_span(event, tz) for event in found if _is_busy(event)]
        spans += _periods(calendar, tz)
        inside = [
            (max(start, begin).astimezone(UTC), min(stop, end).astimezone(UTC))
            for start, stop in spans
            if start < end and stop > begin
        ]
        stretches = merged_within(inside, SHORTEST_PAUSE)
    except (MemoryError, Unreadable):
        raise
    except Exception as error:  # the libraries raise many types of errors
        raise Unreadable("bad_event") from error
    if len(stretches) > MOST_STRETCHES:
        raise Unreadable("too_many")
    if most_begun_on_a_day((start for start, _end in stretches), tz) > MOST_A_DAY:
        raise Unreadable("too_many_a_day")
    return stretches


def most_begun_on_a_day(starts: Iterable[datetime], tz: ZoneInfo) -> int:
    """The largest number of spans that begin on one local day."""
    return max(Counter(start.astimezone(tz).date() for start in starts).values(), default=0)


def _parsed(body: bytes) -> Any:
    try:
        return Calendar.from_ical(body)
    except MemoryError:
        raise
    except Exception as error:  # the library raises many types of errors
        raise Unreadable("not_a_calendar") from error


def _repeats_too_often(event: Any) -> bool:
    rules = event.get("rrule")
    rows = rules if isinstance(rules, list) else [rules] if rules else []
    return any(set(map(str, row.get("FREQ", []))) & _TOO_OFTEN for row in rows)


def _is_busy(event: Any) -> bool:
    return str(event.get("transp", "OPAQUE")) != "TRANSPARENT" and str(event.get("status", "")) != "CANCELLED"


def _span(event: Any, tz: ZoneInfo) -> Span:
    return _instant(event.start, tz), _instant(event.end, tz)


def _periods(calendar: Any, tz: ZoneInfo) -> list[Span]:
    """The busy periods of a VFREEBUSY component (Outlook shares a calendar so, without its events)."""
    told = [part.get("freebusy", []) for part in calendar.walk("VFREEBUSY")]
    rows = [row for each in told for row in (each if isinstance(each, list) else [each])]
    busy = [row for row in rows if str(row.params.get("FBTYPE", "BUSY")).upper() != "FREE"]
    return [(_instant(row.start, tz), _instant(row.end, tz)) for row in busy]


def _instant(value: date | datetime, tz: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), tz)
    return value if value.tzinfo is not None else value.replace(tzinfo=tz)


# ---- the program -------------------------------------------------------------------------------------


def main(arguments: list[str]) -> None:
    """Read a calendar from standard input and print one JSON object: its busy spans, or its problem.

    Spans are pairs of epoch seconds. Nothing else of the calendar is ever printed.
    """
    first, days, zone, seconds, memory_bytes = arguments
    _limit(seconds=int(seconds), memory_bytes=int(memory_bytes))
    answer: dict[str, Any]
    try:
        body = sys.stdin.buffer.read()
        spans = busy_spans(body, first=date.fromisoformat(first), days=int(days), tz=ZoneInfo(zone))
        answer = {"spans": [[int(start.timestamp()), int(end.timestamp())] for start, end in spans]}
    except Unreadable as unreadable:
        answer = {"problem": unreadable.problem}
    except MemoryError:
        answer = {"problem": "too_much"}
    sys.stdout.write(json.dumps(answer))


def spans_of(answer: bytes) -> list[Span]:
    """The spans that `main` printed; raises Unreadable for a problem, ValueError for any other output."""
    found = json.loads(answer)
    if not isinstance(found, dict):
        raise ValueError("not an answer of this program")
    if "problem" in found:
        raise Unreadable(str(found["problem"]))
    return [
        (datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))
        for start, end in found["spans"]
    ]


def _limit(*, seconds: int, memory_bytes: int) -> None:
    """Have the kernel limit the time and memory of this process for the rest of its life.

    The address space of Python with its libraries is 24 MB on Linux, so that limiting the address space
    limits memory. macOS accepts that limit but does not enforce it; the time limit works there too.
    """
    import resource

    bounds = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: MOST_ANSWER_BYTES,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in bounds.items():
        _soft, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))


if __name__ == "__main__":
    main(sys.argv[1:])
