"""Pages and API while the database is away, full or locked: status 503, drawn without it."""

import sys
from collections.abc import Callable
from typing import Any

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template import loader

from core import outage

_MARK = "database_is_away"


def note_outage(sender: Any, request: HttpRequest | None, **kwargs: Any) -> None:
    """Mark a request that fails since the database is away. Django tells of each error before it makes a
    page of it, whichever middleware it came from."""
    if request is not None and outage.note(sys.exception()):
        setattr(request, _MARK, True)


def tell_outages(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware, outside all that reads the database: a marked request gets this answer instead of the
    error page."""
    from config.api.site import unavailable  # the whole API, which needs all settings

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not getattr(request, _MARK, False):
            return response
        if request.path.startswith("/api/"):
            return unavailable(request)
        page = loader.get_template("503.html").render()
        headers = {"Retry-After": str(outage.RETRY_AFTER_S), "Cache-Control": "no-store"}
        return HttpResponse(page, status=503, headers=headers)

    got_request_exception.connect(note_outage, dispatch_uid="outages")
    return middleware
