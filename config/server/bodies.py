"""How large the body of a request may be: decided by its address, before anything is read or kept.

A view that takes files says so (`core.requests.takes_files`). All others take what Django would read into
memory, so that nothing of theirs is ever written to disk.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import resolve

type AsgiScope = dict[str, Any]

MOST_FILE_BYTES = 16 * 1024 * 1024
"""A calendar file has up to 10 MB. Up to this limit, its form can show the error beside the field."""

_TOO_LARGE = "permanence.body_too_large"


def bounded(receive: Any, scope: AsgiScope) -> Any:
    """A `receive` that gives no more than this address takes; it marks the scope if there is more.

    A body that announces too much (Content-Length) is not read at all. Only a file that is too large is
    still received, because a browser shows no answer before it has sent everything; like all that grows too
    large unannounced, it is kept neither on disk nor in memory.
    """
    announced = _announced(scope)
    files = announced > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and _takes_files(scope["path"])
    most = MOST_FILE_BYTES if files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    scope[_TOO_LARGE] = announced > most
    size = 0

    async def receive_bounded() -> Any:
        nonlocal size, most
        if scope[_TOO_LARGE] and not files:
            return {"type": "http.request", "body": b"", "more_body": False}
        message = await receive()
        size += len(message.get("body", b""))
        if size > most and not scope[_TOO_LARGE]:
            # Without an announcement, the address is asked only now.
            most = MOST_FILE_BYTES if _takes_files(scope["path"]) else most
            scope[_TOO_LARGE] = size > most
        return {**message, "body": b""} if scope[_TOO_LARGE] else message

    return receive_bounded


def _announced(scope: AsgiScope) -> int:
    """What Content-Length says; 0 if there is none. The server has checked that it is a number."""
    text = next((value for name, value in scope["headers"] if name.lower() == b"content-length"), b"")
    return int(text) if text.isdigit() else 0


def _takes_files(path: str) -> bool:
    try:
        return bool(getattr(resolve(path).func, "takes_files", False))
    except Http404:
        return False


def refuse_large_bodies(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: answer 413 if the body was too large. It is the last in the list, so that the error page
    has what the other middleware gives to pages; no code before it reads the body."""
    from config.api.site import too_large  # the whole API, which needs all settings

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if getattr(request, "scope", {}).get(_TOO_LARGE):
            if request.path.startswith("/api/"):
                return too_large(request)
            context = {"is_file": _takes_files(request.path)}
            return render(request, "413.html", context, status=413)
        return get_response(request)

    return middleware
