"""deploy/: the browser of the set-up guide, and what ends it when its page is not a screen's any more."""

import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench import web
from communes.models import Site
from tests.kiosk.hung import House
from tests.kiosk.in_between import portal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

ASK_EVERY_S = 1.5


@contextmanager
def started(url: str, profile: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The script, with a Chromium that has no window."""
    chromium = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    flags = ["--headless", "--no-sandbox", "--no-first-run", "--disable-background-networking"]
    process = subprocess.Popen(
        [
            sys.executable,
            web.ROOT / "deploy" / "permanence-screen",
            *[chromium, *flags, f"--user-data-dir={profile}", url],
        ],
        env={**os.environ, "PERMANENCE_SCREEN_ASK_EVERY_S": str(ASK_EVERY_S)},
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def below(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        children = [int(each) for each in path.read_text(encoding="ascii").split()]
    except OSError:
        return []
    return [each for child in children for each in (child, *below(child))]


def is_renderer(pid: int) -> bool:
    try:
        return b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def test_a_page_that_crashed_ends_the_browser_and_one_that_answers_does_not(
    house: House, site: Site, tmp_path: Path
) -> None:
    with started(f"{house.url}/ecran/", tmp_path) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(12 * ASK_EVERY_S)
        deadline = time.monotonic() + 30
        renderers = list(filter(is_renderer, below(process.pid)))
        while not renderers and time.monotonic() < deadline:
            time.sleep(0.2)
            renderers = list(filter(is_renderer, below(process.pid)))
        for pid in renderers:
            os.kill(pid, signal.SIGKILL)
        assert process.wait(90) == 0
        assert below(process.pid) == []


def test_a_page_of_someone_else_ends_the_browser(tmp_path: Path) -> None:
    port = web.free_port()
    with portal(port), started(f"http://127.0.0.1:{port}/ecran/", tmp_path) as process:
        assert process.wait(90) == 0


def test_pages_of_the_browser_s_own_are_not_asked() -> None:
    script = runpy.run_path(str(web.ROOT / "deploy" / "permanence-screen"))
    targets = [
        {"targetId": "1", "type": "page", "url": "chrome://omnibox-popup.top-chrome/"},
        {"targetId": "2", "type": "page", "url": "https://permanence.exemple.fr/ecran/"},
    ]
    assert script["the_page_of"](targets) == "2"
