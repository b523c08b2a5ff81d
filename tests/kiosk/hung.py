"""A screen of a hall as it is installed: its browser, the web process behind it, its clock."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from agents.models import Agent
from bench import web
from booking.enums import Status
from booking.models import Appointment
from communes.actions import bump_sites
from communes.models import Cabin, Site
from kiosk.models import Screen
from kiosk.requests import COOKIE
from tests.browser.visitor import REPORT_REFUSALS
from tests.factories import TUESDAY
from tests.kiosk.test_streams import database_url

TOLD_WITHIN_MS = 10_000
"""Less than the fifteen seconds after which a screen asks by itself. How fast: bench/bench_screens.py."""
CONTROLLED = "navigator.serviceWorker.controller !== null"


def chromium(playwright: Playwright) -> Browser:
    arguments = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    found = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    return playwright.chromium.launch(executable_path=found, args=arguments)


@dataclass
class House:
    """The web process on the database of the tests, started once for all of them."""

    folder: Path
    port: int = field(default_factory=web.free_port)
    _running: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        env = {
            "DEBUG": "1",
            "PERMANENCE_VAR": str(self.folder),
            "DATABASE_URL": database_url(),
            "PERMANENCE_NOW_FILE": str(self.folder / "now"),
        }
        self._running.enter_context(web.web(env, self.port))

    def stop(self) -> None:
        self._running.close()

    def set_clock(self, now: datetime) -> None:
        fresh = self.folder / "now.new"
        fresh.write_text(f"{now.isoformat()} @{time.time()}", encoding="ascii")
        fresh.replace(self.folder / "now")


@dataclass
class Hung:
    house: House
    context: BrowserContext
    page: Page
    site: Site
    problems: list[str]

    def open(self) -> None:
        self.page.goto(f"{self.house.url}/ecran/")
        expect(self.page.locator(".clock")).to_be_visible()

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """No network and no server: Playwright's offline mode leaves open streams alone."""
        self.context.set_offline(True)
        self.house.stop()
        try:
            yield
        finally:
            self.house.start()
            self.context.set_offline(False)

    def tell(self) -> None:
        """Something has changed at the site."""
        bump_sites([self.site.pk])

    def shows(self, text: str) -> None:
        expect(self.page.locator("#board")).to_contain_text(text, timeout=TOLD_WITHIN_MS)

    def pass_time(self, seconds: float) -> None:
        """For the page alone, whose clock has been installed; what falls due meanwhile happens once."""
        self.page.clock.fast_forward(round(seconds * 1000))

    def agents_page(self, agent: Agent, path: str) -> Page:
        """Another browser, in which the agent is logged in."""
        client = Client()
        client.force_login(agent)
        assert self.context.browser
        context = self.context.browser.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
        context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.house.url}]
        )
        page = context.new_page()
        page.goto(self.house.url + path)
        return page


@contextmanager
def hang_up(browser: Browser, house: House, site: Site, cabin: Cabin, now: datetime) -> Iterator[Hung]:
    token = Screen.new_token()
    Screen.objects.create(
        site=site, cabin=cabin, name="Borne", token_hash=Screen.hash(token), paired_at=TUESDAY
    )
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="en-US")
    context.add_cookies(
        [{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/ecran/", "sameSite": "Strict"}]
    )
    context.add_init_script(REPORT_REFUSALS)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    house.set_clock(now)
    screen = Hung(house, context, page, site, problems)
    screen.open()
    try:
        yield screen
    finally:
        for each in browser.contexts:
            each.close()
        connection.close()


def until_true(page: Page, script: str) -> None:
    """As `wait_for_function`, which evaluates strings in the page: its security policy forbids that."""
    for _ in range(300):
        if page.evaluate(script):
            return
        page.wait_for_timeout(100)
    raise AssertionError(script)


def now_is(appointment: Appointment, status: Status) -> bool:
    appointment.refresh_from_db()
    return appointment.status == status


def eventually(appointment: Appointment, status: Status, *, within_s: int = 6) -> None:
    for _ in range(within_s * 10):
        if now_is(appointment, status):
            return
        time.sleep(0.1)
    raise AssertionError(f"{appointment.status}, not {status}")
