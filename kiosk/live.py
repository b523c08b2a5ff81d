"""Tells open pages that something changed at a site: one watcher per web process, however many screens there
are.

Twice a second the watcher reads the versions of all sites that a stream listens to, by one query. It runs in
its own thread, with the one database connection that all open streams share.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from weakref import WeakKeyDictionary

from django.db import connection

from communes.models import Site
from core import clock
from core.outage import FAILURES, note
from kiosk.models import Screen

logger = logging.getLogger(__name__)

PERIOD_S = 0.5
REPORT_EVERY_S = 30
"""How often listening screens are noted as seen, in seconds."""

TRUSTED_FOR_S = 10
"""If the database has not answered for this long, streams end: otherwise pages would take silence for « no
change »."""

type Versions = dict[int, int]
"""Site id → version."""


class Subscription:
    """What one stream listens to. Its methods run in the event loop.

    `token_hash`: of the screen, None for the page of an agent. A device that another one has replaced listens
    for no screen any more.
    """

    def __init__(self, site_ids: Iterable[int], token_hash: str | None) -> None:
        self.site_ids = frozenset(site_ids)
        self.token_hash = token_hash
        self.versions: Versions = {}
        self.is_over = False
        self._news = asyncio.Event()

    def tell(self, versions: Versions) -> None:
        fresh = {site: versions[site] for site in self.site_ids if site in versions}
        if any(self.versions.get(site) != version for site, version in fresh.items()):
            self.versions.update(fresh)
            self._news.set()

    def end(self) -> None:
        self.is_over = True
        self._news.set()

    async def news(self, timeout_s: float) -> bool:
        """Wait for a change; False if none came in time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True


class Watcher:
    """Compares versions for all streams of this process. It runs only while someone listens."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._known: Versions = {}
        self._task: asyncio.Task[None] | None = None
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="watcher")
        self._answered_at = time.monotonic()

    @asynccontextmanager
    async def subscribed(
        self, site_ids: Iterable[int], token_hash: str | None
    ) -> AsyncIterator[Subscription]:
        subscription = Subscription(site_ids, token_hash)
        self._subscriptions.add(subscription)
        # Send versions that are known already at once; the next round sends the others.
        subscription.tell(self._known)
        if self._task is None:
            self._answered_at = time.monotonic()
            self._task = asyncio.create_task(self._run())
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    @property
    def open_streams(self) -> int:
        return len(self._subscriptions)

    async def _run(self) -> None:
        reported_at = 0.0
        try:
            while self._subscriptions:
                began = time.monotonic()
                try:
                    await self._compare()
                    if began - reported_at >= REPORT_EVERY_S:
                        reported_at = began
                        await self._call(_report, self._tokens(self._subscriptions))
                    self._answered_at = time.monotonic()
                except FAILURES as error:
                    self._failed(error)
                await asyncio.sleep(max(0.05, PERIOD_S - (time.monotonic() - began)))
        finally:
            # Nobody listens, so the known versions would become old, and the connection is closed. A stream
            # that comes meanwhile starts a new task.
            self._known = {}
            self._task = None
            await self.in_its_thread(_give_back)

    async def _compare(self) -> None:
        watched = frozenset().union(*(subscription.site_ids for subscription in self._subscriptions))
        versions = await self._call(_versions, watched)
        changed = {site for site, version in versions.items() if self._known.get(site) != version}
        self._known = versions
        if not changed:
            return
        touched = [each for each in self._subscriptions if each.site_ids & changed]
        paired = await self._call(_paired, self._tokens(touched))
        for subscription in touched:
            token = subscription.token_hash
            if token is not None and paired.get(token) not in subscription.site_ids:
                subscription.end()
            else:
                subscription.tell(versions)

    async def in_its_thread[R](self, call: Callable[[], R]) -> R:
        """Run `call` in the thread that has the watcher's own database connection."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    async def _call[A, R](self, read: Callable[[A], R], argument: A) -> R:
        return await self.in_its_thread(partial(_with_sound_connection, read, argument))

    def _failed(self, error: Exception) -> None:
        if not note(error):
            logger.warning("The versions of sites could not be read: %s", type(error).__name__)
        if time.monotonic() - self._answered_at > TRUSTED_FOR_S:
            for subscription in self._subscriptions:
                subscription.end()

    @staticmethod
    def _tokens(subscriptions: Iterable[Subscription]) -> set[str]:
        return {each.token_hash for each in subscriptions if each.token_hash is not None}


_watchers: WeakKeyDictionary[asyncio.AbstractEventLoop, Watcher] = WeakKeyDictionary()


def watcher() -> Watcher:
    """The watcher of the running event loop, and so of this web process."""
    return _watchers.setdefault(asyncio.get_running_loop(), Watcher())


def open_streams() -> int:
    """How many streams this web process sends at the moment."""
    return sum(each.open_streams for each in list(_watchers.values()))


def _with_sound_connection[A, R](read: Callable[[A], R], argument: A) -> R:
    connection.close_if_unusable_or_obsolete()
    return read(argument)


def _give_back() -> None:
    connection.close()  # the connection of the present thread


def _versions(site_ids: frozenset[int]) -> Versions:
    return dict(Site.objects.filter(pk__in=site_ids).values_list("pk", "version"))


def _paired(tokens: set[str]) -> dict[str, int]:
    """Hash of the token → id of the screen's site now; revoked screens and replaced devices are left out."""
    if not tokens:
        return {}
    return dict(Screen.objects.paired().filter(token_hash__in=tokens).values_list("token_hash", "site_id"))


def _report(tokens: set[str]) -> None:
    if tokens:
        now = clock.now()
        stale = now - timedelta(seconds=REPORT_EVERY_S / 2)
        # What lies in the future was noted while the clock was wrong.
        screens = Screen.objects.filter(token_hash__in=tokens)
        screens = screens.exclude(last_seen_at__gt=stale, last_seen_at__lte=now)
        screens.update(last_seen_at=now)
