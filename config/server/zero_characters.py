"""Refuse requests that hold the character with the code zero (NUL), which nobody types.

PostgreSQL stores it in no column, and an address, a cookie or a field that holds one would break the query
in which it is looked for.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

ZERO = "\0"


class RefuseZeroCharactersMiddleware:
    """Answers 400 to NUL in an address or a cookie before other middleware reads them, and in a form before
    the view does.

    Views that programs post to (webhooks, the API) read their bodies themselves: a text message in which a
    provider puts one must not be lost.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        query = request.META.get("QUERY_STRING", "")
        if "%00" in query or _has_zero((query, request.path, *request.COOKIES.values())):
            return _refused(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        if any(_has_zero((name, *texts)) for name, texts in request.POST.lists()):
            return render(request, "400.html", status=400)
        return None


def _has_zero(texts: Iterable[str]) -> bool:
    return any(ZERO in text for text in texts)


def _refused(request: HttpRequest) -> HttpResponseBase:
    from config.api.site import malformed  # the whole API, which needs all settings

    if request.path.startswith("/api/"):
        return malformed(request)
    raise BadRequest("The request holds the character with the code zero.")
