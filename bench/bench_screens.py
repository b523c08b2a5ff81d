"""Open screens: time from commit to screen, memory and CPU of idle streams, connections, a restart.

500 streams of 500 screens at 100 sites on one web process. `screen_delay_*`: from the commit of a change
until each screen of that site has its new board (notified, then fetched). `screen_reconnect_all_s`: after
a restart, until all streams are live again, with the waiting times of static/js/kiosk/live.js.
`screen_watcher_queries_per_s`: the queries of the web process's watcher while nothing changes, with one
stream and with all.
"""

import asyncio
import os
import random
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, suppress
from itertools import count

from bench import sse, web
from bench.report import Report

FLUX, BOARD = "/ecran/flux/", "/ecran/tableau/"
SCREENS_PER_SITE = 5
IDLE_S = 10
SILENT_S = 25
"""A page that receives nothing for this long starts anew."""


def run(report: Report) -> None:
    scale = float(os.environ.get("BENCH_SCALE", "1"))
    sites = max(2, round(100 * scale))
    changes = max(5, round(40 * scale))
    cookies = make_world(sites)
    port = web.free_port()
    env = {"DATABASE_URL": os.environ.get("DATABASE_URL", ""), "DEBUG": "1"}
    streams = [sse.Stream(FLUX, cookie) for each in cookies.values() for cookie in each]
    with web.web(env, port) as process:
        sse.fetch(port, [(BOARD, streams[0].cookie)] * 20)
        before = web.rss_kib(process)
        with sse.Listeners(port, streams, pace_s=0.005):
            sse.wait_for(lambda: all(stream.told for stream in streams), 120)
            time.sleep(2)
            report.figure("screen_stream_kib_each", (web.rss_kib(process) - before) / len(streams), "KiB")
            began = web.cpu_s(process)
            time.sleep(IDLE_S)
            report.figure("screen_streams_idle_cpu", (web.cpu_s(process) - began) / IDLE_S * 100, "%")
            if report.database == "postgresql":
                report.figure("screen_db_connections", _connections(), "")
            delays = list(_delays(port, list(cookies), streams, changes))
        for share in (50, 95, 99):
            value = statistics.quantiles(delays, n=100, method="inclusive")[share - 1]
            report.figure(f"screen_delay_p{share}_ms", value * 1000, "ms")
        _restart(report, env, port, process, [stream.cookie for stream in streams])
    for number in (1, len(streams)):
        rate = asyncio.run(watcher_queries(list(cookies), number, IDLE_S)) / IDLE_S
        report.figure(f"screen_watcher_queries_per_s_{number}_streams", rate, "/s")


async def watcher_queries(site_ids: list[int], streams: int, seconds: float) -> int:
    """How many statements a watcher executes in `seconds` with so many streams, spread over the sites."""
    from django.db import connection

    from kiosk.live import Watcher

    executed = 0

    def note(execute: Callable[..., object], *how: object) -> object:
        nonlocal executed
        executed += 1
        return execute(*how)

    watcher = Watcher()
    await watcher.in_its_thread(lambda: connection.execute_wrappers.append(note))
    async with AsyncExitStack() as stack:
        for number in range(1, streams + 1):
            site_id = site_ids[number % len(site_ids)]
            await stack.enter_async_context(watcher.subscribed([site_id], f"{number:064x}"))
        await asyncio.sleep(1)
        before = executed
        await asyncio.sleep(seconds)
        found = executed - before
    await watcher.in_its_thread(lambda: connection.execute_wrappers.remove(note))
    return found


def make_world(sites: int) -> dict[int, list[str]]:
    """Site id → cookies of its screens."""
    from django.utils import timezone

    from communes.models import Cabin, Commune, Site
    from kiosk.models import Screen
    from kiosk.requests import COOKIE

    commune = Commune.objects.create(name="Banc", slug="banc-ecrans", insee_code="76498")
    cookies: dict[int, list[str]] = {}
    for n in range(sites):
        site = Site.objects.create(
            commune=commune, ref=f"s{n}", name=f"Lieu {n}", short_name=f"Lieu {n}", opening_hours="24/7"
        )
        cabin = Cabin.objects.create(site=site, name="Cabine")
        tokens = [Screen.new_token() for _ in range(SCREENS_PER_SITE)]
        Screen.objects.bulk_create(
            Screen(
                site=site,
                cabin=cabin,
                name="Borne",
                token_hash=Screen.hash(token),
                paired_at=timezone.now(),
            )
            for token in tokens
        )
        cookies[site.pk] = [f"{COOKIE}={token}" for token in tokens]
    return cookies


def _delays(port: int, sites: list[int], streams: list[sse.Stream], changes: int) -> Iterator[float]:
    """Seconds from a commit until each screen of the site has its new board."""
    from communes.actions import bump_sites

    for _ in range(changes):
        index = random.randrange(len(sites))
        mine = streams[index * SCREENS_PER_SITE : (index + 1) * SCREENS_PER_SITE]
        known = {id(stream): stream.told[-1][1] for stream in mine}
        time.sleep(random.uniform(0, 0.5))
        bump_sites([sites[index]])
        began = time.monotonic()

        def told(known: dict[int, str] = known, mine: list[sse.Stream] = mine) -> bool:
            return all(stream.told[-1][1] != known[id(stream)] for stream in mine)

        sse.wait_for(told, 30)
        answers = sse.fetch(port, [(BOARD, stream.cookie) for stream in mine], at_once=SCREENS_PER_SITE)
        assert {answer.status for answer in answers} == {200}
        for stream, answer in zip(mine, answers, strict=True):
            yield stream.told[-1][0] - began + answer.seconds


def _restart(
    report: Report, env: dict[str, str], port: int, process: subprocess.Popen[bytes], cookies: list[str]
) -> None:
    """Restart the web process, and let every screen reconnect by its own rules."""
    report.figure("screen_web_stop_s", web.stop(process), "s")
    with web.web(env, port):
        live, slowest = asyncio.run(_come_back(port, cookies))
    report.figure("screen_reconnect_all_s", live, "s")
    report.figure("screen_reconnect_slowest_request_s", slowest, "s")


async def _come_back(port: int, cookies: list[str]) -> tuple[float, float]:
    """Seconds until the last stream is live, and the slowest request meanwhile."""
    began = time.monotonic()
    slowest = 0.0

    async def ask_board(cookie: str) -> None:
        nonlocal slowest
        with suppress(OSError):
            async with asyncio.timeout(SILENT_S):
                slowest = max(slowest, (await sse.get(port, BOARD, cookie)).seconds)

    async def one(cookie: str) -> float:
        nonlocal slowest
        poll_at = 10 * (0.5 + random.random())
        for failures in count():
            connect_at = 15 * (0.5 + random.random()) if failures else 1 + random.random() * 19
            if not failures and poll_at < connect_at:
                await asyncio.sleep(poll_at)
                await ask_board(cookie)
                connect_at -= poll_at
            await asyncio.sleep(connect_at)
            asked = time.monotonic()
            try:
                async with asyncio.timeout(SILENT_S):
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    head = f"GET {FLUX} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n"
                    writer.write(head.encode())
                    line = await reader.readline()
            except OSError:
                continue
            if b" 200 " not in line:
                writer.close()
                continue
            slowest = max(slowest, time.monotonic() - asked)
            open_ones.append(writer)
            return time.monotonic() - began
        raise AssertionError("unreachable")

    open_ones: list[asyncio.StreamWriter] = []
    lived = await asyncio.gather(*(one(cookie) for cookie in cookies))
    for writer in open_ones:
        writer.close()
    return max(lived), slowest


def _connections() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])
