"""Photograph the screens on the cabins into docs/screens/: part of `make screens`.

The sites and services are those of the demonstration. The site's appointments and the clock are set for
each picture.
"""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.installation import Installation

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screens"
FULL_HD: ViewportSize = {"width": 1920, "height": 1080}
SHRUNK_TO = 1200
"""Pixels of the longer side of a picture: large enough to check it, small enough to keep."""

LANGUAGES = ("fr", "en", "ar")
NUMBER = "482913"


def photograph(browser: Browser, installation: Installation) -> None:
    import django

    os.environ.update(installation.environment)
    # Playwright keeps an event loop in this thread; without this, Django refuses to use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    django.setup()
    screen = Hung.on_the_hall_s_cabin(browser, installation)
    for part in (states, hall, arrival, walk_in, alone, help_calls, looks, sizes):
        part(screen)
    without_network(screen)
    screen.page.context.close()
    pairing(browser, installation)


@dataclass
class Hung:
    """A screen on a cabin, and the installation whose data and clock are changed for it."""

    page: Page
    installation: Installation
    site: Any
    cabin: Any
    upstairs: Any
    helper: Any
    service: Any

    @classmethod
    def on_the_hall_s_cabin(cls, browser: Browser, installation: Installation) -> "Hung":
        from agents.models import Agent
        from communes.models import Cabin, Service, Site
        from kiosk.models import Screen
        from kiosk.requests import COOKIE

        site = Site.objects.select_related("commune").get(short_name="Hôtel de ville")
        cabin = Cabin.objects.get(site=site)
        upstairs = Cabin.objects.create(
            site=site,
            name="Cabine de l’étage",
            directions="En haut de l’escalier, à gauche.",
            equipment=cabin.equipment,
        )
        Cabin.objects.create(site=site, name="Cabine de la cour", equipment=cabin.equipment, in_order=False)
        token = Screen.new_token()
        Screen.objects.create(
            site=site,
            cabin=cabin,
            name="Borne du hall",
            token_hash=Screen.hash(token),
            paired_at="2026-11-23T09:00Z",
        )
        context = browser.new_context(viewport=FULL_HD)
        context.add_cookies(
            [{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/ecran/", "sameSite": "Strict"}]
        )
        service = Service.objects.filter(commune=site.commune, is_medical=False).first()
        helper = Agent.objects.get(username="camille")
        return cls(context.new_page(), installation, site, cabin, upstairs, helper, service)

    def at(self, clock: str) -> datetime:
        hour, _, minute = clock.partition(":")
        return datetime(2026, 11, 24, int(hour), int(minute), tzinfo=self.site.commune.tz)

    def day(self, now: str, *visits: dict[str, Any]) -> None:
        """Set the clock, and the appointments of the hall's cabin: the given ones, then its usual day."""
        from booking.models import Appointment

        Appointment.objects.all().delete()
        for visit in visits:
            self.book(**visit)
        for start in ("14:00", "14:45"):
            self.book(start)
        self.set_clock(now)

    def set_clock(self, now: str) -> None:
        self.installation.set_clock(f"2026-11-24T{now}")

    def book(
        self, start: str, name: str = "", *, cabin: Any = None, helped: bool = False, **fields: Any
    ) -> Any:
        from tests.factories import make_appointment, make_resident

        first, _, last = (name or "Denis Petit").partition(" ")
        resident = make_resident(self.site.commune, first_name=first, last_name=last)
        begins = self.at(start)
        ends = begins + timedelta(minutes=45)
        values = {
            "resident": resident,
            "helper": self.helper if helped else None,
            "ends_at": ends,
            "blocked_until": ends,
            **fields,
        }
        return make_appointment(cabin or self.cabin, self.service, begins, **values)

    def open(self, lang: str = "fr") -> None:
        """Open the page anew, without any state from the picture before."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.installation.url}/ecran/?lang={lang}")
        self.page.locator(".clock").wait_for()
        if lang != "fr":
            self.page.evaluate("lang => window.kiosk.setLanguage(lang)", lang)
        self.page.wait_for_timeout(700)

    @contextmanager
    def sized(self, width: int, height: int) -> Iterator[None]:
        self.page.set_viewport_size({"width": width, "height": height})
        yield
        self.page.set_viewport_size(FULL_HD)

    def press(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.page.wait_for_timeout(500)

    def key(self, number: str) -> None:
        for figure in number:
            self.page.locator(f"#sheet [data-key='{figure}']").click()

    def shoot(self, name: str) -> None:
        shoot(self.page, f"kiosk-{name}")


def shoot(page: Page, name: str) -> None:
    """A small picture, in WebP."""
    size = page.viewport_size
    assert size
    scale = min(1, SHRUNK_TO / max(size["width"], size["height"]))
    clip = {"x": 0, "y": page.evaluate("scrollY"), **size, "scale": scale}
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": 80, "clip": clip})
    session.detach()
    (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(shot["data"]))
    print(f"docs/screens/{name}.webp")


# ---- the board ----


def states(screen: Hung) -> None:
    from booking.actions import announce_delay
    from booking.log import Actor
    from booking.models import Delay

    next_one = {"start": "11:15"}
    fatima = {"start": "10:30", "name": "Fatima Bensaïd", "helped": True, "number": NUMBER}
    for name, now, visits in (
        ("waiting", "10:24", [fatima, next_one]),
        ("expected", "10:32", [fatima, next_one]),
        ("late", "10:42", [fatima, next_one]),
        ("arrived", "10:27", [fatima | {"status": "arrived"}, next_one]),
        ("in-session", "10:50", [fatima | {"status": "in_session"}, next_one]),
        ("over-time", "11:19", [fatima | {"status": "in_session"}]),
        ("free", "09:10", [next_one]),
        ("closed", "12:40", []),
        ("closed-evening", "18:30", []),
        ("namesakes", "10:24", [fatima, {"start": "11:15", "name": "Fatima Brunet"}]),
    ):
        screen.day(now, *visits)
        screen.open()
        screen.shoot(name)
    screen.day("10:24", fatima, {"start": "11:15", "name": "Fatima Brunet"})
    late = {"helper": screen.helper, "commune": screen.site.commune, "until": screen.at("10:45")}
    announce_delay(**late, by=Actor.agent(screen.helper), now=screen.at("10:24"))
    screen.open()
    screen.shoot("helper-late")
    Delay.objects.all().delete()
    screen.cabin.in_order = False
    screen.cabin.save()
    screen.open()
    screen.shoot("out-of-order")
    screen.cabin.in_order = True
    screen.cabin.save()


def hall(screen: Hung) -> None:
    from kiosk.models import Screen

    Screen.objects.update(cabin=None)
    screen.day(
        "10:24",
        {"start": "10:30", "name": "Fatima Bensaïd", "helped": True},
        {"start": "11:15", "name": "Gérard Lefèvre"},
        {"start": "09:50", "cabin": screen.upstairs, "status": "in_session"},
        {"start": "10:40", "name": "Marie-Antoinette Wojciechowska", "cabin": screen.upstairs},
    )
    for lang in LANGUAGES:
        screen.open(lang)
        screen.shoot(f"hall{'' if lang == 'fr' else f'-{lang}'}")
    with screen.sized(1080, 1920):
        screen.open()
        screen.shoot("hall-portrait")
    Screen.objects.update(cabin=screen.cabin)


# ---- what one does ----


def arrival(screen: Hung) -> None:
    fatima = {"start": "10:30", "name": "Fatima Bensaïd", "helped": True, "number": NUMBER}
    screen.day("10:24", fatima)
    for lang in LANGUAGES:
        screen.open(lang)
        screen.press("#arrived")
        screen.shoot(f"arrival-name{'' if lang == 'fr' else f'-{lang}'}")
    screen.press("[data-open*=number]")
    screen.shoot("arrival-keypad-ar")
    screen.open()
    screen.press("#arrived")
    screen.press("form [data-open*=number]")
    screen.key("48291")
    screen.shoot("arrival-keypad")
    screen.press(".keys .main-button")
    screen.shoot("arrival-keypad-short")
    screen.key("777777")
    screen.press(".keys .main-button")
    screen.shoot("arrival-keypad-unknown")
    screen.open()
    screen.press("#arrived")
    screen.press("form .main-button")
    screen.shoot("arrival-noted")
    for name, now, visit in (
        ("late", "10:47", {"start": "10:30", "helped": True}),
        ("too-early", "09:20", {"start": "11:15"}),
        ("other-day", "10:24", {"start": "10:30", "starts_in": timedelta(days=2)}),
        ("passed", "11:40", {"start": "10:30"}),
        ("cancelled", "10:24", {"start": "10:30", "status": "cancelled"}),
        ("other-cabin", "10:24", {"start": "10:30", "cabin": screen.upstairs}),
    ):
        later = visit.pop("starts_in", None)
        screen.day(now)
        booked = screen.book(number=NUMBER, **visit)
        if later:
            booked.starts_at, booked.ends_at = booked.starts_at + later, booked.ends_at + later
            booked.blocked_until += later
            booked.save()
        key_number(screen, NUMBER)
        screen.shoot(f"arrival-{name}")
    for _ in range(4):
        key_number(screen, "000000")
    key_number(screen, "000000")
    screen.shoot("arrival-locked")


def key_number(screen: Hung, number: str) -> None:
    screen.open()
    screen.press("#arrived, #arrived-too")
    if screen.page.locator("form [data-open*=number]").count():
        screen.press("form [data-open*=number]")
    screen.key(number)
    screen.press(".keys .main-button")


def walk_in(screen: Hung) -> None:
    screen.day("09:10", {"start": "11:15"})
    for lang in LANGUAGES:
        screen.open(lang)
        screen.press("#use")
        screen.shoot(f"walk-in-services{'' if lang == 'fr' else f'-{lang}'}")
    screen.open()
    screen.press("#use")
    screen.press(".services button")
    screen.shoot("walk-in-now")
    screen.press(".actions .main-button")
    screen.shoot("walk-in-begun")
    screen.day("10:05", {"start": "10:00", "status": "in_session", "helped": True})
    screen.open()
    screen.press("#use")
    screen.press(".services button")
    screen.shoot("walk-in-later")
    screen.press(".times button")
    screen.shoot("walk-in-number")
    screen.press("[data-open*=numero]")
    screen.key("0261912011")
    screen.press(".keys .main-button")
    screen.shoot("walk-in-phone")


def alone(screen: Hung) -> None:
    screen.day("11:11", {"start": "10:30", "status": "in_session"})
    screen.open()
    screen.page.wait_for_timeout(1200)
    screen.shoot("alone-ending")
    screen.press("#session-end")
    screen.shoot("session-end")
    screen.press("#sheet .main-button")
    screen.shoot("faces")


def help_calls(screen: Hung) -> None:
    from kiosk.models import HelpCall

    screen.day("10:24", {"start": "10:30", "name": "Fatima Bensaïd", "helped": True})
    screen.open()
    screen.press("#help")
    screen.page.wait_for_timeout(500)
    screen.shoot("help-called")
    screen.set_clock("10:27")
    screen.open()
    screen.shoot("help-nobody-yet")
    HelpCall.objects.update(answered_at=screen.at("10:27"), answered_by=screen.helper)
    screen.open()
    screen.shoot("help-coming")
    HelpCall.objects.all().delete()


# ---- colours, sizes, no network ----


def looks(screen: Hung) -> None:
    from kiosk.models import Screen

    screen.day("10:24", {"start": "10:30", "name": "Fatima Bensaïd", "helped": True}, {"start": "11:15"})
    for lang in ("en", "ar"):
        screen.open(lang)
        screen.shoot(f"waiting-{lang}")
    screen.press("#languages")
    screen.shoot("languages")
    for theme in ("light", "contrast"):
        Screen.objects.update(theme=theme)
        screen.open()
        screen.shoot(f"waiting-{theme}")
        screen.press("#arrived")
        screen.shoot(f"arrival-{theme}")
    Screen.objects.update(theme="dark")


def sizes(screen: Hung) -> None:
    for width, height in ((1080, 1920), (1024, 600), (3840, 2160)):
        with screen.sized(width, height):
            screen.open()
            screen.shoot(f"waiting-{width}x{height}")
            screen.press("#arrived")
            screen.press("form [data-open*=number]")
            screen.shoot(f"keypad-{width}x{height}")
            screen.open()
            screen.press("#use")
            screen.shoot(f"services-{width}x{height}")


def without_network(screen: Hung) -> None:
    """The banner after half a minute, no names after half an hour, and an empty board the next day."""
    page = screen.page
    page.clock.install()
    screen.open()
    page.context.set_offline(True)
    page.clock.run_for(60_000)
    screen.shoot("offline")
    page.clock.run_for(31 * 60_000)
    screen.shoot("offline-names-gone")
    screen.press("#help")
    screen.shoot("offline-help")
    screen.press("[data-close]")
    screen.press("#arrived")
    screen.key(NUMBER)
    screen.press(".keys .main-button")
    screen.shoot("offline-arrival-kept")
    screen.press("[data-close]")
    page.clock.fast_forward(24 * 3600_000)
    page.wait_for_timeout(500)
    screen.shoot("offline-next-day")


def pairing(browser: Browser, installation: Installation) -> None:
    context = browser.new_context(viewport=FULL_HD)
    page = context.new_page()
    page.goto(f"{installation.url}/ecran/")
    page.wait_for_timeout(700)
    shoot(page, "kiosk-pairing")
    context.close()
