"""The floor: the least that an availability answer can cost, as an application of its own.

A bare Django view, without middleware, key or models: one indexed query of integers, masks as plain
integers, JSON. It gives the same answer as the API does for world A (the bench compares them). But it
knows beforehand what the product must find out: the hours, the shifts, and the cabins.
"""

import json
import os
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import django
from django.conf import settings

if not settings.configured:
    from core.env import database_from_url

    settings.configure(
        DEBUG=False,
        SECRET_KEY=os.environ["SECRET_KEY"],
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="bench.floor",
        MIDDLEWARE=[],
        DATABASES={"default": database_from_url(os.environ["DATABASE_URL"], Path())},
        USE_TZ=True,
        TIME_ZONE="UTC",
    )
    django.setup()

from django.core.asgi import get_asgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

PARIS = ZoneInfo("Europe/Paris")
TICK = 300
SLOT_TICKS = 6
HALF_DAYS = ((9, 12), (14, 17))

type Row = tuple[int, int, int, int]
"""Cabin, helper, first tick, end tick (not included)."""

ROWS = {
    "postgresql": (
        "SELECT cabin_id, helper_id, (extract(epoch FROM starts_at) / 300)::int,"
        " (extract(epoch FROM blocked_until) / 300)::int FROM booking_appointment"
    ),
    "sqlite": (
        "SELECT cabin_id, helper_id, unixepoch(starts_at) / 300, unixepoch(blocked_until) / 300"
        " FROM booking_appointment"
    ),
}
WHERE = (
    " WHERE commune_id = %s AND status IN ('held', 'booked', 'arrived', 'in_session')"
    " AND blocked_until > %s AND starts_at < %s"
)


def rows(commune_id: int, first: date, days: int) -> list[Row]:
    start = datetime.combine(first, time(), PARIS)
    stop = datetime.combine(first + timedelta(days=days), time(), PARIS)
    with connection.cursor() as cursor:
        cursor.execute(
            ROWS[connection.vendor] + WHERE,
            [
                commune_id,
                connection.ops.adapt_datetimefield_value(start.astimezone(ZoneInfo("UTC"))),
                connection.ops.adapt_datetimefield_value(stop.astimezone(ZoneInfo("UTC"))),
            ],
        )
        found: list[Row] = cursor.fetchall()
    return found


def free_starts(found: Iterable[Row], first: date, days: int, cabins: int, helpers: int) -> list[list[int]]:
    """The free starts of each day, as epoch ticks."""
    origin = _tick(first, 0)
    cabin_busy: dict[int, int] = {}
    helper_busy: dict[int, int] = {}
    for cabin, helper, start, stop in found:
        span = ((1 << (stop - start)) - 1) << (start - origin)
        cabin_busy[cabin] = cabin_busy.get(cabin, 0) | span
        helper_busy[helper] = helper_busy.get(helper, 0) | span
    opened, grid, whole = 0, 0, (1 << (days * 290)) - 1
    by_day = []
    for number in range(days):
        on = first + timedelta(days=number)
        ticks: list[int] = []
        if on.weekday() < 5:
            for opens, closes in HALF_DAYS:
                start, stop = _tick(on, opens), _tick(on, closes)
                opened |= ((1 << (stop - start)) - 1) << (start - origin)
                ticks += range(start, stop, SLOT_TICKS)
        by_day.append(ticks)
        for tick in ticks:
            grid |= 1 << (tick - origin)
    grid &= _runs(opened)
    free = grid
    for busy, number in ((cabin_busy, cabins), (helper_busy, helpers)):
        some = whole if len(busy) < number else 0
        for mask in busy.values():
            some |= _runs(whole & ~mask)
        free &= some
    return [[tick for tick in ticks if free >> (tick - origin) & 1] for ticks in by_day]


def _runs(free: int) -> int:
    """A mask of the ticks where a run of six free ticks begins."""
    free &= free >> 1
    free &= free >> 2
    return free & (free >> 2)


def _tick(on: date, hour: int) -> int:
    return int(datetime.combine(on, time(hour), PARIS).timestamp()) // TICK


def _local(tick: int) -> str:
    return datetime.fromtimestamp(tick * TICK, PARIS).isoformat()


def view(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    commune, site = int(asked["commune"]), int(asked["site"])
    first, days = date.fromisoformat(asked["from"]), int(asked["days"])
    found = rows(commune, first, days)
    starts = free_starts(found, first, days, int(asked["cabins"]), int(asked["helpers"]))
    answer = {
        "duration_min": 30,
        "days": [
            {
                "on": (first + timedelta(days=number)).isoformat(),
                "times": [
                    {"start": _local(tick), "end": _local(tick + SLOT_TICKS), "site": site} for tick in ticks
                ],
            }
            for number, ticks in enumerate(starts)
        ],
    }
    return HttpResponse(json.dumps(answer), content_type="application/json")


urlpatterns = [path("floor", view)]


def __getattr__(name: str) -> object:
    """Make `application` when the server asks for it: the functions above also run without a server."""
    if name == "application":
        return get_asgi_application()
    raise AttributeError(name)
