"""Reads a calendar from outside in a separate process with limits on time, memory and output.

Limits: 10 s of processor time, 20 s of real time (if other work slows the process down), 256 MiB of
memory, 1 MiB of output. The process is started anew, not forked: it inherits no database connection, no
secret of the environment, and no open file. In every case it is killed with its process group at the end.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from logging import getLogger
from pathlib import Path
from tempfile import TemporaryFile
from zoneinfo import ZoneInfo

from planning.calendars.fetching import MOST_BYTES
from planning.errors import PROBLEMS, CalendarRefused
from planning.rules.busy_times import BusyTimes, Unreadable
from planning.rules.calendar_reader import MOST_ANSWER_BYTES, answered

logger = getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class ReadingLimits:
    """The limits for reading one calendar; tests make them smaller."""

    cpu_seconds: int = 10
    clock_seconds: int = 20
    memory_bytes: int = 256 * 1024 * 1024


def read_within_limits(
    body: bytes,
    *,
    first: date,
    days: int,
    tz: ZoneInfo,
    mine: str = "",
    limits: ReadingLimits = ReadingLimits(),
) -> BusyTimes:
    """When a calendar says busy over some local days; raises CalendarRefused. `mine`: the agent's e-mail."""
    if len(body) > MOST_BYTES:
        raise CalendarRefused("too_large")
    bounds = (limits.cpu_seconds, limits.clock_seconds, limits.memory_bytes)
    asked = (first.isoformat(), days, tz.key, *bounds)
    with TemporaryFile() as answer:
        process = subprocess.Popen(
            [sys.executable, "-m", "planning.rules.calendar_reader", *map(str, asked)],
            cwd=_ROOT,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=answer,
            stderr=subprocess.DEVNULL,  # a traceback could quote the calendar's content
            start_new_session=True,
        )
        try:
            # The e-mail goes the way of the calendar: arguments of a process are seen by the whole machine.
            process.communicate(b"%s\n%s" % (mine.encode(), body), timeout=limits.clock_seconds)
        except subprocess.TimeoutExpired:
            raise CalendarRefused("too_much") from None
        finally:
            _end(process)
        answer.seek(0)
        return _understood(answer.read(MOST_ANSWER_BYTES), process.returncode)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the process and its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _understood(answer: bytes, code: int) -> BusyTimes:
    """The process's output; CalendarRefused if a signal ended it, which means a limit was
    exceeded."""
    if code < 0:
        raise CalendarRefused("too_much")
    try:
        return answered(answer)
    except Unreadable as unreadable:
        problem = unreadable.problem if unreadable.problem in PROBLEMS else "not_read"
        raise CalendarRefused(problem, unreadable.left_out.count, unreadable.left_out.first) from None
    except (ValueError, KeyError, TypeError):
        # The process ended by itself without a result: it ran out of memory outside Python's control, or it
        # has a bug.
        logger.error("the reader of calendars ended with code %s and no answer", code)
        raise CalendarRefused("not_read") from None
