"""What the page of a screen tells of itself when it asks for something (static/js/kiosk/telling.js).

It comes in the query of requests that the page makes anyway. A value that no page of ours would send counts
as not told: it never is an error.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

_RELEASE = re.compile(r"[0-9a-f]{12}")
_NUMBER = re.compile(r"[0-9]{1,14}")
_SIZE = re.compile(r"[1-9][0-9]{1,4}x[1-9][0-9]{1,4}")
_ERROR = re.compile(r"[A-Za-z]{1,30} [a-z_]{1,20}\.js:[0-9]{1,6}")
_DONE = re.compile(r"[0-9]{1,12}(?:,[0-9]{1,12}){0,19}")

_BROWSERS = (
    ("Edge", re.compile(r"Edg/([0-9]{1,4})")),
    ("Firefox", re.compile(r"Firefox/([0-9]{1,4})")),
    ("Chromium", re.compile(r"(?:Headless)?Chrom(?:e|ium)/([0-9]{1,4})")),
    ("Safari", re.compile(r"Version/([0-9]{1,4}).* Safari/")),
)

_LONGEST_USER_AGENT = 500
"""Real ones have half of it; a much longer one would keep the patterns busy."""
_LONGEST_UPTIME = timedelta(days=400)
_LARGEST_DRIFT_S = 10 * 366 * 86_400


@dataclass(frozen=True, slots=True)
class PageState:
    """`release`: of the page; `opened_at`: since when it is loaded; `size`: of its window, in CSS pixels,
    « 1920x1080 »; `error`: the last error of its scripts, kind and place only, « TypeError live.js:12 »;
    `drift_s`: how many seconds the machine's clock is behind that of the server (negative: ahead); `done`:
    the commands that it has carried out. Empty or None: not told."""

    browser: str = ""
    release: str = ""
    opened_at: datetime | None = None
    size: str = ""
    error: str = ""
    drift_s: int | None = None
    done: tuple[int, ...] = ()


def read_page_state(
    told: Mapping[str, str], *, user_agent: str, now: datetime, machine_now: datetime
) -> PageState:
    """`machine_now`: the server's own clock, even when another instant is pretended (`core.clock`)."""
    uptime_s, clock_ms = _number(told.get("up")), _number(told.get("clock"))
    uptime = timedelta(seconds=uptime_s) if uptime_s is not None and uptime_s < 10**9 else None
    drift_s = None
    if clock_ms is not None:
        drift_s = round(machine_now.timestamp() - clock_ms / 1000)
        drift_s = max(-_LARGEST_DRIFT_S, min(_LARGEST_DRIFT_S, drift_s))
    done = _word(_DONE, told.get("done"))
    return PageState(
        browser=browser_name(user_agent),
        release=_word(_RELEASE, told.get("release")),
        opened_at=now - uptime if uptime is not None and uptime < _LONGEST_UPTIME else None,
        size=_word(_SIZE, told.get("size")),
        error=_word(_ERROR, told.get("error")),
        drift_s=drift_s,
        done=tuple(map(int, done.split(","))) if done else (),
    )


def browser_name(user_agent: str) -> str:
    """Name and version, « Chromium 140 »; empty if it is none of those that we know."""
    for name, pattern in _BROWSERS:
        if found := pattern.search(user_agent[:_LONGEST_USER_AGENT]):
            return f"{name} {found[1]}"
    return ""


def _word(pattern: re.Pattern[str], text: str | None) -> str:
    return text if text and pattern.fullmatch(text) else ""


def _number(text: str | None) -> int | None:
    return int(text) if text and _NUMBER.fullmatch(text) else None
