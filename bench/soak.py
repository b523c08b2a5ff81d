"""`make soak`: one screen, with the flags of the set-up guide, through 2,000 changes in ten minutes.

Each minute, after a forced garbage collection, it prints the size of the heap and the numbers of listeners
and timers. It fails if the heap in use (with compiled code) grows by more than a tenth after the first
minute, or if the numbers grow at all. The page's own data and the engine's compiled code are printed
separately. SOAK_MINUTES and SOAK_CHANGES choose a shorter run.
"""

import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, sync_playwright

from bench import databases, web

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
CHANGES = int(os.environ.get("SOAK_CHANGES", "2000"))
GROWTH = 0.10

COUNT_INTERVALS = """
window.intervals = 0;
const set = window.setInterval, clear = window.clearInterval;
window.setInterval = (...all) => { window.intervals += 1; return set(...all); };
window.clearInterval = (id) => { window.intervals -= 1; clear(id); };
"""


ELSEWHERE = ("native", "synthetic")
"""Kinds of a heap snapshot that are not on the JavaScript heap; nodes and listeners are counted
separately."""


@dataclass(frozen=True)
class Sample:
    """Sizes in bytes."""

    minute: float
    heap: int
    code: int
    in_use: int
    listeners: int
    nodes: int
    intervals: int


class Probe:
    """Reads a page's memory from the browser, always after a forced garbage collection."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")
        self._chunks: list[str] = []
        self._session.on(
            "HeapProfiler.addHeapSnapshotChunk", lambda event: self._chunks.append(event["chunk"])
        )
        self._began = time.monotonic()
        # The first evaluation loads 32 KiB of Playwright's own script into the page: it must happen before
        # the first sample.
        page.evaluate("window.intervals")

    def sample(self) -> Sample:
        self._session.send("HeapProfiler.collectGarbage")
        sizes = self._sizes()
        self._session.send("HeapProfiler.collectGarbage")
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        found = {each["name"]: int(each["value"]) for each in metrics}
        taken = Sample(
            (time.monotonic() - self._began) / 60,
            sum(size for kind, size in sizes.items() if kind not in (*ELSEWHERE, "code")),
            sizes["code"],
            found["JSHeapUsedSize"],
            found["JSEventListeners"],
            found["Nodes"],
            self.page.evaluate("window.intervals"),
        )
        print(
            f"{taken.minute:5.1f} min  kept {taken.heap / 1024:.1f} KiB  code {taken.code / 1024:.0f} KiB  "
            f"in use {taken.in_use / 1024:.0f} KiB  listeners {taken.listeners}  "
            f"nodes {taken.nodes}  intervals {taken.intervals}",
            flush=True,
        )
        return taken

    def _sizes(self) -> Counter[str]:
        """Bytes by kind of object, from a heap snapshot."""
        self._chunks.clear()
        self._session.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
        snapshot = json.loads("".join(self._chunks))
        meta, nodes = snapshot["snapshot"]["meta"], snapshot["nodes"]
        fields, kinds = meta["node_fields"], meta["node_types"][0]
        step, kind_at, size_at = len(fields), fields.index("type"), fields.index("self_size")
        sizes: Counter[str] = Counter()
        for start in range(0, len(nodes), step):
            sizes[kinds[nodes[start + kind_at]]] += nodes[start + size_at]
        return sizes


def run(url: str, cookie: tuple[str, str], change: Callable[[], object]) -> list[Sample]:
    samples: list[Sample] = []
    with sync_playwright() as playwright:
        found = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
        flags = ["--no-sandbox", *web.screen_flags()]
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        context = browser.new_context(viewport={"width": 1920, "height": 1080})
        name, value = cookie
        context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/ecran/"}])
        context.add_init_script(COUNT_INTERVALS)
        page = context.new_page()
        page.goto(f"{url}/ecran/")
        probe = Probe(page)
        began, done = time.monotonic(), 0
        while (elapsed := time.monotonic() - began) < MINUTES * 60:
            while done < CHANGES * elapsed / (MINUTES * 60):
                change()
                done += 1
            page.wait_for_timeout(100)
            if elapsed >= (len(samples) + 1) * MINUTES * 6:
                samples.append(probe.sample())
        shown = page.evaluate("document.querySelector('[data-part=state]').dataset.version")
        print(f"{done} changes; the screen shows version {shown}")
        browser.close()
    return samples


def faults(samples: list[Sample]) -> list[str]:
    first = next(each for each in samples if each.minute >= min(1, MINUTES / 5))
    last = samples[-1]
    found = [
        f"{name}: {getattr(first, name)}, then {getattr(last, name)}"
        for name in ("listeners", "intervals")
        if getattr(last, name) > getattr(first, name)
    ]
    if max(last.heap / first.heap, last.in_use / first.in_use) > 1 + GROWTH:
        found.append("the heap has grown too much")
    grown = {name: getattr(last, name) / getattr(first, name) - 1 for name in ("in_use", "heap", "code")}
    print(
        f"since {first.minute:.1f} min: in use {grown['in_use']:+.1%}, of which kept {grown['heap']:+.1%}, "
        f"code {grown['code']:+.1%}"
    )
    return found


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="permanence-soak-") as folder,
        databases.fresh("sqlite", "soak") as database,
    ):
        databases.migrate(database, folder)
        # With DEBUG, static files are served as they are and need not be collected first.
        env = databases.environment(database, folder) | {"DEBUG": "1"}
        os.environ.update(env)
        samples = soak(env)
    found = faults(samples)
    print(*(found or ["steady"]), sep="\n")
    return 1 if found else 0


def soak(env: dict[str, str]) -> list[Sample]:
    import django

    django.setup()
    # Playwright keeps an event loop in this thread; without this, Django refuses to use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    from bench.bench_screens import make_world
    from communes.actions import restore_cabin, set_out_of_service
    from communes.models import Cabin

    site_id, cookies = next(iter(make_world(1).items()))
    cabin = Cabin.objects.get(site=site_id)
    name, _, value = cookies[0].partition("=")
    port = web.free_port()

    def change() -> None:
        (set_out_of_service if cabin.in_order else restore_cabin)(cabin=cabin)

    with web.web(env, port):
        return run(f"http://127.0.0.1:{port}", (name, value), change)


if __name__ == "__main__":
    raise SystemExit(main())
