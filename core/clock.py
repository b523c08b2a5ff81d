"""The one clock of the product.

`PERMANENCE_NOW` sets the instant that web and worker take for the present, so that a demonstration and a
browser test do not depend on the hour; time then runs on from there. It reads `2026-11-24T10:00`
(Europe/Paris unless an offset is given), optionally followed by `@` and the epoch second at which that
instant was true, so that several processes agree: `2026-11-24T10:00 @1795514400`. Without the `@`, it was
true when the settings were read.

With `PERMANENCE_NOW_FILE` the same text is read from a file at each call, so that a test can move the
clock of running processes; there the `@` is required.

Both need `DEBUG`. A pretended instant is never ignored silently: where it cannot be used, `now` raises
`ImproperlyConfigured`, and a system check says so.
"""

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _read()


def machine_now() -> datetime:
    """The clock of this machine, whatever instant is pretended: to compare it with another machine's."""
    return datetime.now(UTC)


def anchored(text: str) -> str:
    """Add `@` and the present epoch second to a pretended instant that has no `@` part."""
    return f"{text} @{time.time()}" if text and "@" not in text else text


def pretended() -> str:
    """The pretended instant in force, or "" for none; raises `ImproperlyConfigured` if it cannot be used."""
    if not (settings.PERMANENCE_NOW or settings.PERMANENCE_NOW_FILE):
        return ""
    if not settings.DEBUG:
        raise ImproperlyConfigured("PERMANENCE_NOW is set while DEBUG is off: every time would be wrong.")
    text = settings.PERMANENCE_NOW
    if settings.PERMANENCE_NOW_FILE:
        try:
            text = Path(settings.PERMANENCE_NOW_FILE).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"PERMANENCE_NOW_FILE cannot be read: {error}") from None
    try:
        offset(text)
    except (ValueError, OverflowError) as error:
        raise ImproperlyConfigured(f"PERMANENCE_NOW is not an instant: {error}") from None
    return text


@lru_cache(maxsize=8)
def offset(text: str) -> timedelta:
    """How far ahead of the real clock the pretended one is; raises ValueError."""
    instant, found, since = text.partition("@")
    if not found:
        raise ValueError(f"{text!r} does not say with @ at which second it was true")
    at = datetime.fromisoformat(instant.strip())
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo("Europe/Paris"))
    return at - datetime.fromtimestamp(float(since), UTC)


def _read() -> datetime:
    text = pretended()
    return datetime.now(UTC) + (offset(text) if text else timedelta())
