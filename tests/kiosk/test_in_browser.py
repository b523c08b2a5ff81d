"""The screen in a browser, on the real web process: states, arrivals, walk-ins, the network cut and back."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from agents.models import Agent
from bench import web
from booking.enums import Status
from booking.models import Appointment
from communes.actions import bump_sites
from communes.models import Cabin, Commune, Service, Site
from kiosk.models import FaceCount, HelpCall, Screen
from kiosk.requests import COOKIE
from tests.browser.visitor import REPORT_REFUSALS, axe
from tests.factories import TUESDAY, at, make_appointment, make_resident
from tests.kiosk.test_streams import database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

TOLD_WITHIN_MS = 4000
STALE_WITHIN_MS = 60_000


@dataclass
class Hung:
    """A screen on the cabin of the hall, its browser, and the clock of the house."""

    page: Page
    context: BrowserContext
    site: Site
    url: str
    clock_file: Path
    process: subprocess.Popen[bytes]
    problems: list[str]
    env: dict[str, str]
    port: int

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """No network and no server: Playwright's offline mode leaves open streams alone."""
        self.context.set_offline(True)
        web.stop(self.process)
        yield
        self.context.set_offline(False)

    def set_clock(self, now: datetime) -> None:
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(f"{now.isoformat()} @{time.time()}", encoding="ascii")
        fresh.replace(self.clock_file)

    def tell(self) -> None:
        """Something has changed at the site."""
        bump_sites([self.site.pk])

    def shows(self, text: str) -> None:
        expect(self.page.locator("#board")).to_contain_text(text, timeout=TOLD_WITHIN_MS)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, beside which Django would refuse to work.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    arguments = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        found = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def hung(
    transactional_db: None,
    chromium: Browser,
    site: Site,
    cabin: Cabin,
    tmp_path: Path,
) -> Iterator[Hung]:
    port, clock_file = web.free_port(), tmp_path / "now"
    token = Screen.new_token()
    Screen.objects.create(
        site=site, cabin=cabin, name="Borne", token_hash=Screen.hash(token), paired_at=TUESDAY
    )
    env = {
        "DEBUG": "1",
        "PERMANENCE_VAR": str(tmp_path),
        "DATABASE_URL": database_url(),
        "PERMANENCE_NOW_FILE": str(clock_file),
    }
    context = chromium.new_context(viewport={"width": 1920, "height": 1080}, locale="en-US")
    url = f"http://127.0.0.1:{port}"
    context.add_cookies(
        [{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/ecran/", "sameSite": "Strict"}]
    )
    context.add_init_script(REPORT_REFUSALS)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    clock_file.write_text(f"{at(10, 24).isoformat()} @{time.time()}", encoding="ascii")
    with web.web(env, port) as process:
        screen = Hung(page, context, site, url, clock_file, process, problems, env, port)
        screen.set_clock(at(10, 24))
        page.goto(f"{url}/ecran/")
        expect(page.locator(".clock")).to_have_text("10:24")
        yield screen
        context.close()
    connection.close()


@pytest.fixture
def fatima(commune: Commune, cabin: Cabin, service: Service) -> Appointment:
    """10:30 to 11:15, alone in the cabin of the hall."""
    return make_appointment(cabin, service, at(10, 30), resident=make_resident(commune), number="482913")


CONTROLLED = "navigator.serviceWorker.controller !== null"


def until_true(page: Page, script: str) -> None:
    """As `wait_for_function`, which evaluates strings in the page: its security policy forbids that."""
    for _ in range(100):
        if page.evaluate(script):
            return
        page.wait_for_timeout(100)
    raise AssertionError(script)


def now_is(appointment: Appointment, status: Status) -> bool:
    appointment.refresh_from_db()
    return appointment.status == status


def eventually(appointment: Appointment, status: Status) -> None:
    for _ in range(60):
        if now_is(appointment, status):
            return
        time.sleep(0.1)
    raise AssertionError(f"{appointment.status}, not {status}")


def test_every_state_shows_without_a_reload(hung: Hung, fatima: Appointment, cabin: Cabin) -> None:
    hung.tell()
    hung.shows("Nous attendons")
    hung.shows("Fatima B.")
    hung.page.evaluate("window.notReloaded = true")
    axe(hung.page)
    for now, fields, text in (
        (at(10, 31), {"status": Status.BOOKED}, "C’est l’heure"),
        (at(10, 42), {"status": Status.BOOKED}, "En retard de 12 min"),
        (at(10, 42), {"status": Status.ARRIVED}, "Arrivée notée"),
        (at(10, 50), {"status": Status.IN_SESSION}, "Il reste 25 minutes"),
        (at(11, 20), {"status": Status.IN_SESSION}, "Le rendez-vous se prolonge"),
        (at(11, 20), {"status": Status.DONE}, "Libre jusqu’à"),
        (at(12, 30), {"status": Status.DONE}, "Fermé jusqu’à"),
    ):
        hung.set_clock(now)
        Appointment.objects.filter(pk=fatima.pk).update(**fields)
        hung.tell()
        hung.shows(text)
        axe(hung.page)
    Cabin.objects.filter(pk=cabin.pk).update(in_order=False)
    hung.tell()
    hung.shows("Cette cabine est hors service")
    assert hung.page.evaluate("window.notReloaded")
    assert hung.problems == []


def test_one_says_yes_it_is_me_and_takes_it_back(
    hung: Hung, commune: Commune, cabin: Cabin, service: Service, bob: Agent
) -> None:
    helped = make_appointment(
        cabin, service, at(10, 30), resident=make_resident(commune), helper=bob, number="482913"
    )
    hung.tell()
    hung.shows("avec un aidant numérique")
    hung.page.get_by_role("button", name="Je suis arrivé·e").click()
    hung.page.get_by_role("button", name="Oui, c’est moi").click()
    expect(hung.page.get_by_role("dialog")).to_contain_text("Votre arrivée est notée")
    axe(hung.page)
    eventually(helped, Status.ARRIVED)
    hung.page.get_by_role("button", name="C’est une erreur").click()
    expect(hung.page.get_by_role("dialog")).to_contain_text("n’est plus notée")
    eventually(helped, Status.BOOKED)
    hung.page.get_by_role("button", name="OK").click()
    expect(hung.page.get_by_role("dialog")).to_be_hidden()
    assert hung.problems == []


def test_one_keys_the_number_by_keyboard_alone(hung: Hung, fatima: Appointment) -> None:
    hung.tell()
    hung.shows("Fatima B.")
    hung.page.locator("#arrived").focus()
    hung.page.keyboard.press("Enter")
    hung.page.get_by_role("button", name="Non").press("Enter")
    expect(hung.page.locator("#number")).to_be_focused()
    hung.page.keyboard.type("482913")
    expect(hung.page.locator("#number")).to_have_value("482 913")
    axe(hung.page)
    hung.page.keyboard.press("Enter")
    expect(hung.page.get_by_role("dialog")).to_contain_text("Installez-vous")
    eventually(fatima, Status.IN_SESSION)
    assert hung.problems == []


def test_one_uses_the_free_cabin_and_says_how_it_went(hung: Hung, service: Service) -> None:
    hung.shows("Libre jusqu’à")
    hung.page.get_by_role("button", name="Utiliser la cabine").click()
    hung.page.get_by_role("button", name="CAF").click()
    axe(hung.page)
    hung.page.get_by_role("button", name="Commencer maintenant, sans aide").click()
    expect(hung.page.get_by_role("dialog")).to_contain_text("c’est à vous jusqu’à")
    hung.page.get_by_role("button", name="OK").click()
    hung.shows("Il reste")
    hung.page.get_by_role("button", name="J’ai terminé").click()
    expect(hung.page.get_by_role("dialog")).to_contain_text("Avez-vous pu faire votre démarche")
    axe(hung.page)
    hung.page.get_by_role("button", name="Oui").click()
    expect(hung.page.get_by_role("dialog")).to_contain_text("Merci")
    assert FaceCount.objects.get().count == 1
    hung.shows("Libre jusqu’à")
    assert hung.problems == []


def test_help_is_called_and_answered(hung: Hung, alice: Agent) -> None:
    hung.page.get_by_role("button", name="Appeler un agent").click()
    hung.shows("Un agent est prévenu")
    HelpCall.objects.update(answered_at=at(10, 25), answered_by=alice)
    hung.tell()
    hung.shows("Un agent arrive")
    axe(hung.page)
    hung.page.get_by_role("button", name="Merci").click()
    expect(hung.page.locator(".call")).to_have_count(0)
    assert hung.problems == []


def test_the_screen_speaks_three_languages(hung: Hung) -> None:
    for code, text, direction in (("en", "Free until", "ltr"), ("ar", "متاحة حتى", "rtl")):
        hung.page.locator("#languages").click()
        hung.page.locator(f"[data-lang={code}]").click()
        hung.shows(text)
        expect(hung.page.locator("html")).to_have_attribute("dir", direction)
        expect(hung.page.locator("html")).to_have_attribute("lang", code)
        axe(hung.page)
    # Nobody touches it for half a minute: French again.
    hung.page.evaluate("window.kiosk.lastTouch -= 31000")
    hung.shows("Libre jusqu’à")


def test_without_network_arrivals_are_kept_and_told_once_it_is_back(
    hung: Hung, commune: Commune, cabin: Cabin, service: Service, bob: Agent
) -> None:
    helped = make_appointment(
        cabin, service, at(10, 30), resident=make_resident(commune), helper=bob, number="482913"
    )
    hung.tell()
    hung.shows("Fatima B.")
    until_true(hung.page, CONTROLLED)
    with hung.cut_off():
        hung.page.get_by_role("button", name="Je suis arrivé·e").click()
        hung.page.locator("#number").fill("482913")
        hung.page.get_by_role("button", name="Valider").click()
        expect(hung.page.get_by_role("dialog")).to_contain_text("Votre arrivée est gardée")
        hung.page.get_by_role("button", name="OK").click()
        assert now_is(helped, Status.BOOKED)
        expect(hung.page.locator("#stale")).to_be_visible(timeout=STALE_WITHIN_MS)
        expect(hung.page.locator("#stale")).to_contain_text("plus de connexion depuis 10:2")
        expect(hung.page.locator("#online-text")).to_contain_text("hors ligne depuis 10:2")
        hung.shows("Fatima B.")
    with web.web(hung.env, hung.port):
        expect(hung.page.locator("#stale")).to_be_hidden(timeout=STALE_WITHIN_MS)
        eventually(helped, Status.ARRIVED)
    assert helped.arrived_at is not None
    assert abs(helped.arrived_at - at(10, 24)) < timedelta(minutes=1)
    assert hung.page.evaluate("localStorage.getItem('permanence-arrivals')") == "[]"


def test_a_screen_that_starts_without_network_shows_the_day_and_no_name(
    hung: Hung, fatima: Appointment
) -> None:
    hung.tell()
    hung.shows("Fatima B.")
    until_true(hung.page, CONTROLLED)
    until_true(hung.page, "async () => (await (await caches.match('/ecran/'))?.text())?.includes('10:30')")
    web.stop(hung.process)
    hung.page.reload()
    hung.shows("10:30")
    expect(hung.page.locator("#board")).not_to_contain_text("Fatima")
    expect(hung.page.locator("#stale")).to_be_visible(timeout=STALE_WITHIN_MS)
    expect(hung.page.locator(".later li time").first).to_be_visible()


def test_names_go_after_thirty_minutes_without_network(hung: Hung, fatima: Appointment) -> None:
    hung.page.clock.install()
    hung.page.reload()
    hung.tell()
    hung.shows("Fatima B.")
    hung.context.set_offline(True)
    hung.page.clock.run_for(29 * 60_000)
    expect(hung.page.locator("#board")).to_contain_text("Fatima B.")
    hung.page.clock.run_for(2 * 60_000)
    expect(hung.page.locator("#board")).not_to_contain_text("Fatima")
    expect(hung.page.locator("#board")).to_contain_text("10:30")


def test_a_revoked_screen_asks_to_be_paired_within_ten_seconds(hung: Hung) -> None:
    Screen.objects.update(revoked_at=at(10, 24))
    hung.tell()
    expect(hung.page.locator(".code")).to_be_visible(timeout=10_000)


@pytest.mark.parametrize(("width", "height"), [(1024, 600), (1080, 1920), (3840, 2160), (1280, 800)])
def test_it_fits_and_can_be_read_and_touched(
    width: int, height: int, hung: Hung, fatima: Appointment
) -> None:
    hung.page.set_viewport_size({"width": width, "height": height})
    hung.tell()
    hung.shows("Fatima B.")
    page = hung.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.scrollHeight") <= height
    # 24 and 72 px at 1080p, and the same share of smaller and larger screens.
    scale = min(width / 1920, height / 1080) if width > height else min(width / 1080, height / 1920)
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('#board *')].filter(e => e.offsetParent && "
        "[...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))"
        ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert smallest >= 24 * scale - 1.5
    low = page.evaluate(
        "Math.min(...[...document.querySelectorAll('#board button')].filter(e => e.offsetParent)"
        ".map(e => e.getBoundingClientRect().height))"
    )
    assert low >= 72 * scale - 1


def test_the_flags_of_the_set_up_guide_show_the_board(hung: Hung, tmp_path: Path) -> None:
    """The very flags of deploy/permanence-screen.service, but for the window: here there is none."""
    unit = (web.ROOT / "deploy" / "permanence-screen.service").read_text(encoding="utf-8")
    flags = re.findall(r"(--[a-z][^ \\\n]*)", unit[unit.index("/usr/bin/chromium") :])
    flags = [each for each in flags if not each.startswith(("--ozone-platform", "--user-data-dir"))]
    assert "--kiosk" in flags
    cookies = hung.context.cookies()
    browser_type = hung.context.browser.browser_type  # type: ignore[union-attr]
    found = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    kept = browser_type.launch_persistent_context(
        tmp_path / "profile",
        executable_path=found,
        args=[*flags, "--no-sandbox"],
        viewport={"width": 1920, "height": 1080},
    )
    kept.add_cookies(cookies)  # type: ignore[arg-type]
    page = kept.new_page()
    page.goto(f"{hung.url}/ecran/")
    expect(page.locator("#board")).to_contain_text("Libre jusqu’à")
    until_true(page, CONTROLLED)
    kept.close()
