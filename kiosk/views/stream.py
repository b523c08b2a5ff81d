"""Server-sent events: they tell that something changed, never what.

A stream closes its database connection before its first byte. Under ASGI each request runs in a thread with
its own connection, and a stream's would stay open as long as the stream. These views are plain functions, so
that the connection is closed in that same thread.
"""

import json
import random
from collections.abc import AsyncIterator, Callable, Iterable

from django.db import connections
from django.db.models import QuerySet
from django.http import JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from agents.requests import AgentRequest
from communes.models import Site
from communes.requests import communes_in_care
from core.requests import for_roles
from core.roles import WORKING
from kiosk.live import Subscription, watcher
from kiosk.requests import ScreenRequest, for_screen
from kiosk.seen import note_seen, told_by

BEAT_S = 10
"""In seconds: how often a stream repeats its last value. A page that hears nothing for 25 s opens a new
stream."""

LIFE_S = 3600
"""In seconds: streams end after about an hour, so that those of ended sessions and moved screens do not go
on."""


@for_screen
def screen_stream(request: ScreenRequest) -> HttpResponseBase:
    """The version of the screen's site, each time it changes."""
    site_id = request.screen.site_id
    note_seen(request.screen, request.now, told_by(request, request.now), version=None)
    return _stream([site_id], request.screen.token_hash, lambda listener: str(listener.versions[site_id]))


@for_roles(*WORKING)
def sites_stream(request: AgentRequest) -> HttpResponseBase:
    """The versions of the commune's sites, as `{"site id": version}`, each time one changes.

    Those of each commune that the agent looks after are there too.
    """
    site_ids = list(_sites(request).values_list("pk", flat=True))
    return _stream(site_ids, None, lambda listener: json.dumps(listener.versions))


@for_roles(*WORKING)
def sites_state(request: AgentRequest) -> HttpResponseBase:
    """The same, once, for a page whose stream does not work."""
    versions = _sites(request).values_list("pk", "version")
    return JsonResponse(dict(versions), headers={"Cache-Control": "no-store"})


def _sites(request: AgentRequest) -> QuerySet[Site]:
    return Site.objects.filter(commune__in=communes_in_care(request))


def _stream(
    site_ids: Iterable[int], token_hash: str | None, data: Callable[[Subscription], str]
) -> HttpResponseBase:
    response = StreamingHttpResponse(_events(site_ids, token_hash, data), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # otherwise nginx keeps events until a buffer is full
    connections.close_all()
    return response


async def _events(
    site_ids: Iterable[int], token_hash: str | None, data: Callable[[Subscription], str]
) -> AsyncIterator[str]:
    # The lives of streams differ by up to a fifth, so that streams opened together do not all end together.
    beats = int(LIFE_S * random.uniform(0.9, 1.1) / BEAT_S)  # noqa: S311
    async with watcher().subscribed(site_ids, token_hash) as subscription:
        yield ": open\n\n"
        while beats and not subscription.is_over:
            if not await subscription.news(BEAT_S):
                beats -= 1
            if subscription.versions and not subscription.is_over:
                yield f"event: version\ndata: {data(subscription)}\n\n"
