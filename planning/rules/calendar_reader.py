"""The program that reads a calendar within limits: `python -m planning.rules.calendar_reader`.

`planning/calendars/limited_reading.py` starts it. It limits its own time and memory before it reads the
calendar, and starts in a tenth of a second: it loads no Django and has no database.
"""

import gc
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from time import monotonic, process_time
from typing import Any
from zoneinfo import ZoneInfo

from planning.rules.busy_times import BusyTimes, LeftOut, Named, TookTooLong, Unreadable, busy_times

MOST_ANSWER_BYTES = 1024 * 1024

SHARE = 0.25
"""The part of the time that is left which one event may take: some that never end leave time for others."""
RESERVE = 0.1
"""The part of the whole time at which reading is given up, before the kernel ends it."""


def main(arguments: list[str]) -> None:
    """Read the agent's e-mail (a line) and a calendar from standard input; print one JSON object: the busy
    spans and what was left out, or the problem.

    Spans are pairs of epoch seconds. Of the calendar, only the titles and days of events that were left out
    are printed, for the agent who mends them.
    """
    first, days, zone, seconds, clock_seconds, memory_bytes = arguments
    _limit(seconds=int(seconds), memory_bytes=int(memory_bytes))
    answer: dict[str, Any]
    try:
        mine, _end, body = sys.stdin.buffer.read().partition(b"\n")
        found = busy_times(
            body,
            first=date.fromisoformat(first),
            days=int(days),
            tz=ZoneInfo(zone),
            mine=mine.decode(),
            watch=Shares(int(seconds), int(clock_seconds)).of_one,
        )
        spans = [[int(start.timestamp()), int(end.timestamp())] for start, end in found.spans]
        answer = {"spans": spans, **_told(found.left_out)}
    except Unreadable as unreadable:
        answer = {"problem": unreadable.problem, **_told(unreadable.left_out)}
    except MemoryError:
        answer = {"problem": "too_much"}
    sys.stdout.write(json.dumps(answer))


def _told(left_out: LeftOut) -> dict[str, Any]:
    return {"count": left_out.count, "first": left_out.first}


def answered(answer: bytes) -> BusyTimes:
    """What `main` printed; raises Unreadable for a problem, ValueError and its like for any other output."""
    found = json.loads(answer)
    if not isinstance(found, dict):
        raise ValueError("not an answer of this program")
    left_out = LeftOut(int(found.get("count", 0)), [Named(*row) for row in found.get("first", [])])
    if "problem" in found:
        raise Unreadable(str(found["problem"]), left_out)
    return BusyTimes(
        [
            (datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))
            for start, end in found["spans"]
        ],
        left_out,
    )


class Shares:
    """Gives each event a share of the processor time that is left; on a busy machine the clock counts too."""

    def __init__(self, seconds: int, clock_seconds: int) -> None:
        self.seconds = seconds
        self.clock_seconds = max(1, clock_seconds)
        self.began = monotonic()
        self.is_armed = False
        signal.signal(signal.SIGPROF, self._ring)

    def _ring(self, *_: object) -> None:
        if self.is_armed:
            raise TookTooLong

    @contextmanager
    def of_one(self) -> Iterator[None]:
        used = max(process_time() / self.seconds, (monotonic() - self.began) / self.clock_seconds)
        left = 1 - RESERVE - used
        if left < RESERVE:
            raise Unreadable("too_much")
        self.is_armed = True
        # It rings again and again: an exception is lost if it is raised while Python deletes an object.
        signal.setitimer(signal.ITIMER_PROF, self.seconds * left * SHARE, 0.1)
        try:
            yield
        except (TookTooLong, MemoryError):
            self._disarm()
            gc.collect()  # what the event filled the memory with
            raise
        finally:
            self._disarm()

    def _disarm(self) -> None:
        self.is_armed = False
        signal.setitimer(signal.ITIMER_PROF, 0)


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
