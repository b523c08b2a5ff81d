"""Remove secrets from the log before it is written, and what an outage would repeat in it."""

import logging
import re
from typing import Any

from core import outage

_PLAIN_WORD = re.compile(r"[a-z-]{1,20}")
_PLAIN = logging.Formatter()
_DETAIL = re.compile(r"\nD[EÉ]TAIL ?: .*?(?=\n\n(?:The above exception|During handling)|\Z)", re.DOTALL)


class RouteForPath(logging.Filter):
    """Django logs the path of a request that it refused. Some paths hold a secret (an invitation, a new
    password, a calendar), so this filter writes the route instead: `/invitation/<str:token>/`."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", None)
        if path and isinstance(record.args, tuple):
            written = {path, path.encode("unicode_escape").decode("ascii")}  # Django escapes it
            route = route_of(record.request)  # type: ignore[attr-defined]  # set by Django
            record.args = tuple(route if arg in written else arg for arg in record.args)
        return True


class OneLineForOutages(logging.Filter):
    """Whatever fails since the database is away logs so: requests, streams, tasks, each with its traceback.
    This filter drops them all; `core.outage` writes one line, and another each minute. An answer with status
    503 says only that much; the queue starts its processes anew that the outage ends."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and outage.note(record.exc_info[1]):
            return False
        if record.name == "django-q" and outage.outage.is_on:
            return False
        return getattr(record, "status_code", None) != 503


class OneLineForRefusals(logging.Filter):
    """What we refuse (400 to 499) is the sender's mistake: its traceback through our code tells nothing, and
    a probe would fill the log with it. The line that says what was refused stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        if 400 <= getattr(record, "status_code", 0) < 500:
            record.exc_info = record.exc_text = None
        return True


class WithoutRows(logging.Filter):
    """PostgreSQL adds to an error the row or the key that it is about: names and numbers of residents. This
    filter leaves that out, of tracebacks and of messages that quote one. It comes last: others ask which
    error it was."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            record.exc_text = without_rows(_PLAIN.formatException(record.exc_info))
            record.exc_info = None
        message = record.getMessage()
        if (shown := without_rows(message)) != message:
            record.msg, record.args = shown, ()
        return True


def without_rows(text: str) -> str:
    """The text of errors up to what PostgreSQL says in detail, in English or French."""
    return _DETAIL.sub("", text)


def route_of(request: Any) -> str:
    """The URL pattern of a request; of an unknown path only its first word, if that is a plain word."""
    match = getattr(request, "resolver_match", None)
    if match:
        return f"/{match.route}"
    first = request.path.strip("/").partition("/")[0]
    return f"/{first}/…" if _PLAIN_WORD.fullmatch(first) else "/…"
