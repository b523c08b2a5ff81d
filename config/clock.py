"""The one clock of the product.

`PERMANENCE_NOW` sets the instant that web and worker believe it is, so that a demonstration
and a browser test do not depend on the hour; time then runs on from there. It reads
`2026-11-24T10:00` (Europe/Paris unless an offset is given), optionally followed by `@` and the
epoch second at which that instant was true, so that several processes agree:
`2026-11-24T10:00 @1795514400`. With `PERMANENCE_NOW_FILE` the same text is read from a file at
each call, so that a test can move the clock of running processes. Both need `DEBUG`; a
system check refuses them otherwise.
"""

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings


@lru_cache(maxsize=8)
def offset(text: str) -> timedelta:
    """How far ahead of the real clock the pretended one is; raises ValueError."""
    instant, _, since = text.partition("@")
    at = datetime.fromisoformat(instant.strip())
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo("Europe/Paris"))
    began = float(since) if since else time.time()
    return at - datetime.fromtimestamp(began, UTC)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    text = _pretended()
    ahead = offset(text) if text else timedelta()
    return datetime.now(UTC) + ahead


def _pretended() -> str:
    if not settings.DEBUG:
        return ""
    if settings.PERMANENCE_NOW_FILE:
        try:
            return Path(settings.PERMANENCE_NOW_FILE).read_text(encoding="ascii").strip()
        except OSError:
            return ""
    return settings.PERMANENCE_NOW
