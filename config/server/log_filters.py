"""Remove secrets from the log before it is written."""

import logging
import re
from typing import Any

_PLAIN_WORD = re.compile(r"[a-z-]{1,20}")


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


def route_of(request: Any) -> str:
    """The URL pattern of a request; of an unknown path only its first word, if that is a plain word."""
    match = getattr(request, "resolver_match", None)
    if match:
        return f"/{match.route}"
    first = request.path.strip("/").partition("/")[0]
    return f"/{first}/…" if _PLAIN_WORD.fullmatch(first) else "/…"
