"""How long requests take, and the address `/metrics`."""

import time
from collections.abc import Callable
from hmac import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from operation.watching.state import Installation

SECONDS = Histogram(
    "permanence_request_seconds",
    "Time in the application until the first byte of an answer, by kind of address.",
    ["kind"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
ANSWERS = Counter(
    "permanence_requests", "Answers by route (never an address) and class of status.", ["route", "status"]
)

_KINDS = {"api": "api", "ecran": "screen", "flux": "stream", "webhooks": "webhook", "static": "static"}
"""The first word of an address → its kind; all others are pages."""

_installation = CollectorRegistry()
_installation.register(Installation())


def measure_requests(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: count and time each answer. `/metrics` itself is answered whatever name it is asked by, as
    a monitor on this machine asks 127.0.0.1; it is not counted."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path == "/metrics" and _may_read(request):
            return _metrics()
        began = time.perf_counter()
        response = get_response(request)
        SECONDS.labels(kind_of(request.path)).observe(time.perf_counter() - began)
        ANSWERS.labels(_route(request), f"{response.status_code // 100}xx").inc()
        return response

    return middleware


def kind_of(path: str) -> str:
    return _KINDS.get(path.strip("/").partition("/")[0], "page")


def _may_read(request: HttpRequest) -> bool:
    """Whether the request shows METRICS_TOKEN; without one set nobody may, and the address is unknown."""
    shown = request.headers.get("Authorization", "").encode("latin-1", "replace")  # as it was sent
    token: str = settings.METRICS_TOKEN
    return bool(token) and request.method == "GET" and compare_digest(shown, f"Bearer {token}".encode())


def _metrics() -> HttpResponse:
    """Of this web process since it started, then of the installation as it is now."""
    text = generate_latest(REGISTRY) + generate_latest(_installation)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _route(request: HttpRequest) -> str:
    """The pattern of the address, which holds no secret; an unknown address is one of « none »."""
    match = request.resolver_match
    if match is None:  # answered by a middleware, or unknown
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return "static" if kind_of(request.path) == "static" else "none"
    return f"/{match.route}"
