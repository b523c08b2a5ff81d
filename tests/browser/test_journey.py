"""The main job, end to end: a resident phones, the desk books, the message leaves, the helper and the
cabin's screen know. Against the real web and worker processes, on a Tuesday at ten and a Saturday evening.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from demo.people import PASSWORD
from tests.browser.conftest import SATURDAY_EVENING, TUESDAY_MORNING
from tests.browser.installation import Installation
from tests.browser.visitor import PHONE_WIDTH, Visitor, axe, tick_and_read

pytestmark = pytest.mark.browser

PARIS = ZoneInfo("Europe/Paris")
SITE, CABIN = "Hôtel de ville", "Cabine du hall"
SCREEN_SIZE = {"width": 1920, "height": 1080}
LIVE_MS = 10_000
"""Well under the fifteen seconds of a look by itself. How fast it is: bench/bench_screens.py."""
MESSAGE_MS = 60_000
"""A message waits for the worker's next look at the queue."""


@dataclass(frozen=True)
class Booked:
    pk: int
    number: str
    starts_at: datetime

    @property
    def hour(self) -> str:
        return f"{self.starts_at.hour}:{self.starts_at.minute:02d}"

    @property
    def hour_on_paper(self) -> str:
        hour = f"{self.starts_at.hour}\N{NO-BREAK SPACE}h"
        return hour + (f"\N{NO-BREAK SPACE}{self.starts_at.minute:02d}" if self.starts_at.minute else "")


def slot_start(button: Locator) -> datetime:
    """The instant that a time button stands for, on the clocks of Paris."""
    value = button.get_attribute("value") or ""
    return datetime.fromisoformat(value.partition("@")[2]).astimezone(PARIS)


def local_minute(at: datetime) -> str:
    return at.astimezone(PARIS).strftime("%Y-%m-%dT%H:%M")


def pair_screen(screen: Visitor, manager: Visitor) -> None:
    """What an agent does on the day when a screen is hung up."""
    screen.goto("/ecran/")
    code = screen.page.locator(".code").inner_text().replace(" ", "")
    manager.goto("/ecrans/ajouter/")
    manager.page.locator("[name=code]").fill(code)
    manager.page.locator("[name=place]").select_option(label=CABIN)
    manager.page.get_by_role("button", name="Associer").click()
    expect(screen.page.locator("header.head h1")).to_contain_text(CABIN)


def book_by_keyboard(desk: Visitor) -> Booked:
    """From the number typed to the confirmation: five actions, no mouse."""
    page = desk.page
    desk.goto("/rendez-vous/")
    expect(page.locator("#q")).to_be_focused()
    # 1. the number; Enter goes to the services
    page.keyboard.type("06 39 98 12 34", delay=20)
    expect(page.locator("#person")).to_contain_text("Fatima Bensaïd")
    expect(page.locator("#who")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#plan input[name=service]").first).to_be_focused()
    axe(page)
    # 2. the service
    page.keyboard.press("Space")
    expect(page.locator("#plan input[name=service]").first).to_be_checked()
    expect(page.locator(".slot").first).to_be_visible()
    # 3. the place where the screen hangs
    page.locator("#site").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#site option:checked")).to_have_text(SITE)
    expect(page.locator(".slot").first).to_contain_text(SITE)
    expect(page.locator(".slot small").filter(has_not_text=SITE)).to_have_count(0)
    expect(page.locator("#site")).to_be_focused()
    # 4. the time
    first = page.locator(".slot").first
    starts_at = slot_start(first)
    first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#confirm-button")).to_be_focused()
    expect(page.locator("#announced .sms").first).to_contain_text("Mairie de Petit-Quevilly")
    expect(page.locator("#announced .announced-to").first).to_contain_text(
        re.compile(r"SMS à\s+Fatima Bensaïd.* \d+/160", re.DOTALL)
    )
    axe(page)
    # 5. yes
    page.keyboard.press("Enter")
    return read_appointment(page, starts_at)


def read_appointment(page: Page, starts_at: datetime) -> Booked:
    page.wait_for_url(re.compile(r"/rendez-vous/\d+/$"))
    expect(page.locator("main h1")).to_contain_text(f"{starts_at.hour}:{starts_at.minute:02d}")
    number = re.sub(r"\D", "", page.locator(".number").first.inner_text())
    return Booked(int(page.url.rstrip("/").rsplit("/", 1)[1]), number, starts_at)


def move_to_same_day(desk: Visitor, booked: Booked) -> Booked:
    """The resident phones again: another time, on the same page."""
    page = desk.page
    desk.goto("/rendez-vous/")
    page.locator("#q").fill(booked.number)
    expect(page.locator("#person")).to_contain_text("Fatima Bensaïd")
    coming = page.locator("#person li", has_text=re.compile(rf"{booked.number[:3]}\s{booked.number[3:]}"))
    coming.get_by_role("button", name="Déplacer").click()
    expect(page.locator("#plan .notice")).to_contain_text("garde son horaire")
    page.locator("#site").select_option(label=SITE)
    expect(page.locator(".slot small").filter(has_not_text=SITE)).to_have_count(0)
    for summary in page.locator(".day summary").all():
        summary.click()
    buttons = page.locator(".slot").all()
    later = next(
        button
        for button in buttons
        if slot_start(button).date() == booked.starts_at.date()
        and slot_start(button) >= booked.starts_at + timedelta(minutes=30)
    )
    starts_at = slot_start(later)
    later.click()
    expect(page.locator("#confirm dd").first).to_contain_text(f"{starts_at.hour}:{starts_at.minute:02d}")
    expect(page.locator("#announced .sms").first).to_contain_text(re.compile("déplacé|nouveau RDV"))
    page.get_by_role("button", name="Déplacer le rendez-vous").click()
    return read_appointment(page, starts_at)


def spaced(number: str) -> str:
    return f"{number[:3]}\N{NO-BREAK SPACE}{number[3:]}"


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(TUESDAY_MORNING, id="Tuesday", marks=pytest.mark.sample),
        pytest.param(SATURDAY_EVENING, id="Saturday"),
    ],
    indirect=True,
)
def test_a_resident_phones_and_comes(
    installation: Installation, visit: Callable[..., Visitor], moment: str
) -> None:
    desk, manager, simulator = visit(), visit(), visit()
    screen = visit(viewport=SCREEN_SIZE, has_touch=True)
    helper = visit(viewport=PHONE_WIDTH, has_touch=True)
    manager.log_in("sophie", PASSWORD)
    simulator.log_in("sophie", PASSWORD)
    desk.log_in("nadia", PASSWORD)
    helper.log_in("camille", PASSWORD)
    pair_screen(screen, manager)
    simulator.goto("/simulateur/")

    booked = book_by_keyboard(desk)
    expect(desk.page.locator(".messages")).to_contain_text("réservé")
    print_the_slip(desk, booked)

    phone = simulator.page.locator(".device", has_text="06 39 98 12 34".replace(" ", "\N{NO-BREAK SPACE}"))
    expect(phone.locator(".sms").first).to_contain_text(
        re.compile(rf"{booked.starts_at.hour}h{booked.starts_at.minute:02d}"), timeout=MESSAGE_MS
    )
    axe(simulator.page)

    # On the day itself the resident phones to come later: the screen follows without a reload.
    morning = booked.starts_at.replace(hour=8, minute=35)
    if morning > datetime.fromisoformat(moment).replace(tzinfo=PARIS):
        installation.set_clock(local_minute(morning))
        screen.page.reload()
    screen.page.evaluate("window.neverReloaded = true")
    booked = move_to_same_day(desk, booked)
    shown = screen.page.locator("#board").get_by_text(booked.hour).first
    expect(shown).to_be_visible(timeout=LIVE_MS)
    expect(phone.locator(".sms").first).to_contain_text(
        re.compile(rf"{booked.starts_at.hour}h{booked.starts_at.minute:02d}"), timeout=MESSAGE_MS
    )

    arrive(installation, screen, helper, booked)
    session_and_follow_up(installation, helper, booked)
    cancel_and_undo(desk)
    assert screen.page.evaluate("window.neverReloaded") is True


def print_the_slip(desk: Visitor, booked: Booked) -> None:
    desk.page.get_by_role("button", name="Imprimer la feuille de rendez-vous").click()
    slip = desk.page.locator("main.slip")
    for text in (booked.hour_on_paper, spaced(booked.number), "Pièce d’identité"):
        expect(slip).to_contain_text(re.compile(re.escape(text), re.IGNORECASE))
    expect(slip).not_to_contain_text("Bensaïd")
    expect(slip.locator("svg.qr")).to_be_visible()
    axe(desk.page)
    pdf = desk.page.pdf(prefer_css_page_size=True)
    assert pdf.count(b"/Type /Page\n") == 1, "the slip fits on one A6 page"


def arrive(installation: Installation, screen: Visitor, helper: Visitor, booked: Booked) -> None:
    """Six minutes early: the first name is on the screen, one press says « I am here »."""
    board = screen.page.locator("#board")
    expect(board).not_to_contain_text("Fatima")
    installation.set_clock(local_minute(booked.starts_at - timedelta(minutes=6)))
    screen.page.evaluate("delete window.neverReloaded")
    screen.page.reload()
    screen.page.evaluate("window.neverReloaded = true")
    expect(board.locator(".card .name")).to_contain_text("Fatima B.")
    expect(board).not_to_contain_text("Bensaïd")
    axe(screen.page)
    helper.goto("/ma-journee/")
    expect(helper.page.locator(f"#visit-{booked.pk}")).to_contain_text("Fatima Bensaïd")
    screen.page.locator("#arrived").tap()
    screen.page.get_by_role("button", name=re.compile("c’est moi")).tap()
    expect(board.locator(".card")).to_have_attribute("data-state", "arrived")
    at = (booked.starts_at - timedelta(minutes=6)).astimezone(PARIS)
    expect(helper.page.locator(f"#visit-{booked.pk}")).to_contain_text(
        re.compile(rf"arrivée à {at.hour}:({at.minute:02d}|{at.minute + 1:02d})")
    )
    axe(helper.page)


def session_and_follow_up(installation: Installation, helper: Visitor, booked: Booked) -> None:
    page = helper.page
    page.locator(f"#start-{booked.pk}").tap()
    expect(page.locator(f"#visit-{booked.pk}")).to_contain_text("en séance")
    page.locator(f"#end-{booked.pk}").tap()
    page.get_by_role("button", name="Papiers manquants").tap()
    expect(page.locator("main h1")).to_contain_text("Donner un autre rendez-vous")
    axe(page)
    page.locator(".times button").first.tap()
    expect(page.locator("main h2")).to_have_text("Ce qui partira")
    expect(page.locator(".announced .sms").first).to_contain_text("vous avez rendez-vous")
    axe(page)
    page.locator("#carry-out").tap()
    expect(page.locator("main")).to_contain_text(re.compile(r"n° \d{3}\s\d{3}"))


def cancel_and_undo(desk: Visitor) -> None:
    """A mistaken cancel of what the helper has just booked, and its undo, from the resident."""
    page = desk.page
    desk.goto("/rendez-vous/")
    page.locator("#q").fill("fatma bensaid")
    page.keyboard.press("Enter")
    expect(page.locator("#person")).to_contain_text("Fatima Bensaïd")
    coming = page.locator("#person .coming li").last
    expect(coming).to_be_visible()
    coming.get_by_role("button", name="Annuler").click()
    tick_and_read(page, "saisi par erreur")
    axe(page)
    page.locator("button.cancels").click()
    gone = page.locator("#person .coming li.is-cancelled")
    expect(gone).to_have_count(1)
    gone.get_by_role("button", name="Rétablir").click()
    expect(page.locator("#person .coming li.is-cancelled")).to_have_count(0)
    expect(page.locator(".messages")).to_contain_text("rétabli")


def test_the_clock_of_the_test_is_the_clock_of_the_pages(
    installation: Installation, visit: Callable[..., Visitor], moment: str
) -> None:
    """Without this, the journey might pass at the hour of the machine."""
    desk = visit()
    desk.log_in("nadia", PASSWORD)
    desk.goto("/aujourdhui/")
    day = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    expect(desk.page.locator("main h1")).to_contain_text(f"{day.day} novembre")
