"""World B: 71 communes with three cabins and four helpers, five years of past appointments (about two
million) and eight weeks ahead. One commune gets the same requests as in world A.

`availability_history_growth` compares it with that commune alone in an otherwise empty database: the cost
must depend on the time asked for, not on the history. SQLite, which is for one or a few communes, gets
five.
"""

import os
from collections import defaultdict
from contextlib import AbstractContextManager, ExitStack
from datetime import date, datetime, timedelta
from itertools import cycle

from django.db import connection

from bench.bench_availability import SPANS, api_path, first_day
from bench.bench_booking import bookings
from bench.clients import Call, ask
from bench.databases import environment, fresh, settle
from bench.report import Report
from bench.web import free_port, web
from bench.worlds import HALF_DAYS, PARIS, World, fill, make_place, staff
from booking.enums import Status
from booking.models import Appointment

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
COMMUNES = {"postgresql": 71, "sqlite": 5}
YEARS = 5 if SCALE >= 1 else max(0.1, 5 * SCALE)
SHARE = 0.6
ROUNDS = max(1, round(5 * min(SCALE, 1)))
BOOKINGS = max(10, round(100 * min(1, SCALE)))


def run(report: Report) -> None:
    communes = COMMUNES[report.database] if SCALE >= 1 else max(2, round(COMMUNES[report.database] * SCALE))
    with ExitStack() as stack:
        # First the commune without history is made and copied; then the other communes and the past years are
        # added.
        world = _commune(0)
        small = stack.enter_context(_copy(report))
        worlds = [world, *(_commune(number) for number in range(1, communes))]
        _past(worlds)
        settle()
        report.figure("history_rows", Appointment.objects.count(), "rows")
        ports = {}
        for name, url in (("_world_b", os.environ["DATABASE_URL"]), ("_alone", small)):
            ports[name] = free_port()
            stack.enter_context(web(environment(url, os.environ["PERMANENCE_VAR"]), ports[name], quiet=True))
        _ask(report, world, ports)
        calls, answers = bookings(world), {}
        for name, port in ports.items():
            answers[name] = ask(port, [[next(calls)] for _ in range(BOOKINGS)], clients=1)
            assert set(answers[name].statuses) <= {201, 409}, answers[name].statuses
            report.figure(f"booking_per_second{name}", BOOKINGS / answers[name].took, "/s")
    report.ratio("availability_history_growth", "availability_4w_world_b_ms", "availability_4w_alone_ms")
    report.ratio("booking_history_growth", "booking_per_second_alone", "booking_per_second_world_b")


def _commune(number: int) -> World:
    # With four helpers and three cabins, the cabins limit how many appointments fit at once.
    world = make_place(f"B{number}", cabins=3, helpers=4, keys=250 if number == 0 else 1)
    staff(world)
    fill(world, SHARE, seed=number)
    return world


def _copy(report: Report) -> AbstractContextManager[str]:
    """A copy of the database as it is now."""
    settle()
    if report.database == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return fresh(report.database, "alone", template=os.environ["DATABASE_URL"])


def _ask(report: Report, world: World, ports: dict[str, int]) -> None:
    keys, numbers = cycle(world.keys), iter(range(10**9))
    for span in SPANS:
        seconds: dict[str, list[float]] = defaultdict(list)
        for number in range(ROUNDS + 1):
            for name, port in ports.items():
                tasks = [
                    [Call.get(api_path(world, span, first_day(world, span, next(numbers))), next(keys))]
                    for _ in range(40)
                ]
                answers = ask(port, tasks)
                assert set(answers.statuses) == {200}, answers.statuses
                if number:
                    seconds[name] += answers.seconds
        for name in ports:
            report.timing(f"availability_{span}{name}", seconds[name])


# ---- five years ----------------------------------------------------------------------------------


def _past(worlds: list[World]) -> None:
    """Past appointments and shifts of all communes, written in SQL on PostgreSQL."""
    days = round(YEARS * 365.25)
    first = worlds[0].first - timedelta(days=7 + days)
    if connection.vendor == "postgresql":
        _past_on_postgresql(first, days)
    else:
        _past_on_sqlite(worlds, first, days)


PAST = """
WITH slot AS MATERIALIZED (
    SELECT row_number() OVER () AS n,
           (d + make_interval(mins => m)) AT TIME ZONE 'Europe/Paris' AS starts_at
    FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, interval '1 day') AS d,
         generate_series(0, 23 * 30, 30) AS half, LATERAL (SELECT 540 + half AS m) AS minutes
    WHERE extract(isodow FROM d) < 6 AND (m < 720 OR m BETWEEN 840 AND 1019)
), place AS (
    SELECT site.commune_id, cabin.site_id, cabin.id AS cabin_id, service.id AS service_id,
           row_number() OVER (PARTITION BY site.commune_id ORDER BY cabin.id) AS n, team.helpers
    FROM communes_cabin AS cabin JOIN communes_site AS site ON site.id = cabin.site_id
    JOIN communes_service AS service ON service.commune_id = site.commune_id
    JOIN (SELECT commune_id, array_agg(agent_id ORDER BY agent_id) AS helpers
          FROM agents_membership GROUP BY commune_id) AS team ON team.commune_id = site.commune_id
)
INSERT INTO booking_appointment (commune_id, site_id, cabin_id, service_id, helper_id, with_helper,
    helper_chosen, party_size, number, status, starts_at, ends_at, blocked_until, origin, is_walk_in, note,
    arrived_at, started_at, ended_at, outcome, created_at)
SELECT commune_id, site_id, cabin_id, service_id, helpers[1 + (slot.n + place.n) %% 4], true,
    false, 1, lpad((random() * 999999)::int::text, 6, '0'),
    CASE WHEN random() < 0.08 THEN 'no_show' ELSE 'done' END, starts_at,
    starts_at + interval '30 minutes', starts_at + interval '30 minutes', 'desk', false, '',
    starts_at, starts_at, starts_at + interval '25 minutes', '', starts_at - interval '9 days'
FROM slot, place WHERE random() < %(share)s
"""

SHIFTS = """
INSERT INTO agents_shift (agent_id, site_id, starts_at, ends_at)
SELECT team.agent_id, site.id, (d + make_interval(hours => h)) AT TIME ZONE 'Europe/Paris',
       (d + make_interval(hours => h + 3)) AT TIME ZONE 'Europe/Paris'
FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, interval '1 day') AS d,
     unnest(ARRAY[9, 14]) AS h,
     agents_membership AS team JOIN communes_site AS site ON site.commune_id = team.commune_id
WHERE extract(isodow FROM d) < 6
"""


def _past_on_postgresql(first: date, days: int) -> None:
    values: dict[str, date | float] = {"first": first, "last": first + timedelta(days=days), "share": SHARE}
    with connection.cursor() as cursor:
        # The foreign keys are known to be right: checking them row by row would take minutes.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(PAST, values)
        cursor.execute(SHIFTS, values)
        cursor.execute("RESET session_replication_role")


def _past_on_sqlite(worlds: list[World], first: date, days: int) -> None:
    for world in worlds:
        rows, n = [], 0
        for day in range(days):
            on = first + timedelta(days=day)
            if on.weekday() > 4:
                continue
            for opens, _ in HALF_DAYS:
                opening = datetime(on.year, on.month, on.day, opens, tzinfo=PARIS)
                for half in range(6):
                    n += 1
                    start = opening + timedelta(minutes=30 * half)
                    end = start + timedelta(minutes=30)
                    for k, cabin in enumerate(world.cabins):
                        if (n * 7 + k * 3) % 10 < 10 * SHARE:
                            rows.append(
                                Appointment(
                                    commune=world.commune,
                                    site=world.site,
                                    cabin=cabin,
                                    service=world.service,
                                    helper=world.helpers[(n + k) % 4],
                                    with_helper=True,
                                    number=f"{n % 1_000_000:06d}",
                                    status=Status.DONE,
                                    starts_at=start,
                                    ends_at=end,
                                    blocked_until=end,
                                    created_at=start,
                                )
                            )
        Appointment.objects.bulk_create(rows, batch_size=1000)
