"""What a monitor asks is answered before anything that needs the database, a session or a host name."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase


def answer_monitors(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: answer /health whatever name it is asked by. A monitor on this machine asks 127.0.0.1,
    which ALLOWED_HOSTS need not hold; the answer names no host."""
    from notifications.views.health import health

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return health(request) if request.path == "/health" else get_response(request)

    return middleware
