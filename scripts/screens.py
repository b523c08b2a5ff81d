"""Photograph the pages of the demonstration into docs/screens/: `make screens`.

It starts an installation of its own, on a Tuesday at ten, and visits it as a desk agent, a helper, a manager,
and the screens of cabins. `make screens ARGS=agents` or `ARGS=kiosk` makes only one half. It records a
hash of what it photographs, from which scripts/pictures.py says later whether that has changed.
"""

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from demo.people import PASSWORD
from scripts import pictures, screens_kiosk
from tests.browser.installation import Installation, load_demonstration, started
from tests.once import migrate

FOLDER = screens_kiosk.FOLDER
MOMENT = "2026-11-24T10:00"
DESK: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}

PAGES = (
    ("nadia", DESK, "today", "/aujourdhui/"),
    ("nadia", DESK, "call-list", "/messages/a-rappeler/"),
    ("sophie", DESK, "team", "/equipe/"),
    ("sophie", DESK, "places", "/lieux/"),
    ("camille", PHONE, "my-day", "/ma-journee/"),
    ("sophie", DESK, "simulator", "/simulateur/"),
)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="permanence-screens-") as folder, sync_playwright() as playwright:
        template, running = Path(folder, "template"), Path(folder, "running")
        template.mkdir()
        running.mkdir()
        migrate(template)
        load_demonstration(template, MOMENT)
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium",
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        with started(running, template, MOMENT) as installation:
            for part in sys.argv[1:] or PARTS:
                PARTS[part](browser, installation)
                pictures.note(pictures.ROOT, part)
        browser.close()


def photograph_agents_pages(browser: Browser, installation: Installation) -> None:
    photograph_booking(browser, installation)
    for username, viewport, name, path in PAGES:
        page = log_in(browser, installation, username, viewport)
        page.goto(installation.url + path)
        shoot(page, name)


def log_in(browser: Browser, installation: Installation, username: str, viewport: ViewportSize) -> Page:
    context = browser.new_context(viewport=viewport, locale="fr-FR", timezone_id="Europe/Paris")
    page = context.new_page()
    page.goto(f"{installation.url}/connexion/")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button").click()
    page.locator("header .who").wait_for()
    return page


def photograph_booking(browser: Browser, installation: Installation) -> None:
    """The desk with a time picked, the appointment, its slip."""
    page = log_in(browser, installation, "nadia", DESK)
    page.goto(f"{installation.url}/rendez-vous/")
    page.locator("#q").fill("06 39 98 12 34")
    page.locator("#person strong").wait_for()
    page.locator("#plan input[name=service]").first.check()
    page.locator(".slot").nth(1).click()
    page.locator("#announced .sms").first.wait_for()
    shoot(page, "desk")
    page.locator("#confirm-button").click()
    page.locator("#print-slip").wait_for()
    shoot(page, "appointment")
    page.locator("#print-slip").click()
    shoot(page, "slip")


def shoot(page: Page, name: str) -> None:
    # Fragments and fonts arrive after the page. Its live stream never ends, so the script cannot wait for the
    # network to be idle.
    page.wait_for_timeout(1200)
    screens_kiosk.shoot(page, name)


PARTS = {"agents": photograph_agents_pages, "kiosk": screens_kiosk.photograph}


if __name__ == "__main__":
    main()
