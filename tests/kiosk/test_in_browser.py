"""The screen in a browser with a real web process: states, arrivals, walk-ins, loss and return of the
network."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from agents.models import Agent
from bench import web
from booking.actions import announce_delay
from booking.enums import Status
from booking.log import Actor
from booking.models import Appointment
from communes.models import Cabin, Closure, Commune, Service, Site
from kiosk.models import FaceCount, Screen
from tests.browser.visitor import axe
from tests.factories import at, make_appointment, make_cabin, make_resident, make_shift
from tests.kiosk.hung import CONTROLLED, Hung, eventually, until_true

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


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
        hung.house.set_clock(now)
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
    hung.page.get_by_role("button", name="Je suis là").click()
    hung.page.get_by_role("button", name="Oui, c’est moi").click()
    expect(hung.page.get_by_role("dialog")).to_contain_text("Votre arrivée est notée")
    axe(hung.page)
    eventually(helped, Status.ARRIVED)
    hung.page.get_by_role("button", name="C’est une erreur").click()
    expect(hung.page.get_by_role("dialog")).to_contain_text("n’est plus notée")
    eventually(helped, Status.BOOKED)
    hung.page.get_by_role("button", name="J’ai compris").click()
    expect(hung.page.get_by_role("dialog")).to_be_hidden()
    assert hung.problems == []


def test_one_keys_the_number_by_keyboard_alone(hung: Hung, fatima: Appointment) -> None:
    hung.tell()
    hung.shows("Fatima B.")
    hung.page.locator("#arrived").focus()
    hung.page.keyboard.press("Enter")
    expect(hung.page.get_by_role("dialog")).to_contain_text("Fatima B.")
    # The board changes under the sheet, and the button with it.
    hung.house.set_clock(at(10, 31))
    hung.tell()
    hung.shows("C’est l’heure")
    hung.page.keyboard.press("Escape")
    expect(hung.page.locator("#arrived")).to_be_focused()
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
    hung.page.get_by_role("button", name="Commencer maintenant, sans aidant").click()
    expect(hung.page.get_by_role("dialog")).to_contain_text("c’est à vous jusqu’à")
    hung.page.get_by_role("button", name="J’ai compris").click()
    hung.shows("Il reste")
    hung.page.get_by_role("button", name="J’ai terminé").click()
    hung.page.get_by_role("button", name="Oui, j’ai terminé").click()
    expect(hung.page.get_by_role("dialog")).to_contain_text("Avez-vous pu faire votre démarche")
    hung.page.get_by_role("button", name="Oui").click()
    expect(hung.page.get_by_role("dialog")).to_contain_text("Merci")
    assert FaceCount.objects.get().count == 1
    hung.shows("Libre jusqu’à")
    assert hung.problems == []


def test_help_is_called_rings_an_agent_s_page_and_is_answered_there(hung: Hung, alice: Agent) -> None:
    agent = hung.agents_page(alice, "/aujourdhui/")
    hung.page.get_by_role("button", name="Appeler un agent").click()
    hung.shows("Un agent est prévenu")
    expect(hung.page.locator("#help-end")).to_be_focused()
    # Told by live.js: the page of the agent has not been touched.
    expect(agent.locator("#help-calls")).to_contain_text("Cabine du hall")
    agent.get_by_role("button", name="J’y vais").click()
    hung.shows("Un agent arrive")
    axe(hung.page)
    hung.page.get_by_role("button", name="Merci").click()
    expect(hung.page.locator(".help-notice")).to_have_count(0)
    assert hung.problems == []


SMALLEST_TEXT = """Math.min(...[...document.querySelectorAll('#board *')].filter(e => e.offsetParent &&
    [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .map(e => parseFloat(getComputedStyle(e).fontSize)))"""
LOWEST_BUTTON = """Math.min(...[...document.querySelectorAll('#board button')].filter(e => e.offsetParent)
    .map(e => e.getBoundingClientRect().height))"""
CUT_OFF = """[...document.querySelectorAll('.card')].filter(e => e.scrollHeight > e.clientHeight + 1)
    .map(e => e.textContent.replace(/\\s+/g, ' '))"""
SMALLEST_IN_SHEET = """Math.min(...[...document.querySelectorAll('#sheet *')].filter(e => e.offsetParent &&
    (e.matches('input') || [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())))
    .map(e => parseFloat(getComputedStyle(e).fontSize)))"""
LEAST_TO_TOUCH = """Math.min(...[...document.querySelectorAll('#sheet :is(button, input, a)')]
    .filter(e => e.offsetParent).map(e => e.getBoundingClientRect())
    .map(box => Math.min(box.width, box.height)))"""
LARGER_THAN_SHOWN = "(e => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight)(sheet)"


def check_sheet(hung: Hung, selector: str) -> None:
    """The sheet that holds this, on a screen of 1920 × 1080."""
    expect(hung.page.locator(f"#sheet {selector}").first).to_be_visible()
    assert hung.page.evaluate(SMALLEST_IN_SHEET) >= 24
    assert hung.page.evaluate(LEAST_TO_TOUCH) >= 72
    assert not hung.page.evaluate(LARGER_THAN_SHOWN)
    axe(hung.page)


def go_through_the_sheets(hung: Hung) -> None:
    """A time later with its number sent by text message, a session now with more time, a call."""
    ok = ("#sheet .main-button", None)
    for press, shown in (
        ("#use", ".services"),
        (".services button", ".times"),
        (".times button", ".big-number"),
        ("[data-open*=numero]", "#phone"),
        (".keys .main-button", ".problem"),
        *((f"[data-key='{figure}']", None) for figure in "0639981234"),
        (".keys .main-button", ".big-number"),
        ok,
        ("#use", None),
        (".services button", None),
        ("[value=nobody]", ".main-button[data-close]"),
        ok,
        ("#session-extend", ".main-button[data-close]"),
        ok,
        ("#session-end", ".main-button"),
        ("#sheet .main-button", ".face-buttons"),
        ("[value=yes]", ".main-button[data-close]"),
        ok,
    ):
        hung.page.locator(press).first.click()
        if shown:
            check_sheet(hung, shown)
    hung.page.locator("#help").click()
    expect(hung.page.locator(".help-notice")).to_be_visible()
    assert hung.page.evaluate(SMALLEST_TEXT) >= 24
    assert hung.page.evaluate(LOWEST_BUTTON) >= 72
    assert hung.page.evaluate(CUT_OFF) == []
    axe(hung.page)
    hung.page.locator("#help-end").click()
    expect(hung.page.locator(".help-notice")).to_have_count(0)


def test_the_screen_speaks_three_languages_on_every_sheet(hung: Hung, site: Site, bob: Agent) -> None:
    make_shift(bob, site, at(14), at(17))
    go_through_the_sheets(hung)
    for code, text, direction in (("en", "Free until", "ltr"), ("ar", "متاحة حتى", "rtl")):
        hung.page.locator("#languages").click()
        check_sheet(hung, ".languages")
        hung.page.locator(f"[data-lang={code}]").click()
        hung.shows(text)
        expect(hung.page.locator("html")).to_have_attribute("dir", direction)
        expect(hung.page.locator("html")).to_have_attribute("lang", code)
        axe(hung.page)
        go_through_the_sheets(hung)
    assert hung.problems == []
    # Nobody touches it for half a minute: French again.
    hung.page.evaluate("window.kiosk.lastTouch -= 31000")
    hung.shows("Libre jusqu’à")


HEAR = """
window.heard = 0;
window.AudioContext = class {
  currentTime = 0;
  createOscillator() {
    return { frequency: {}, connect: (to) => to, start: () => (window.heard += 1), stop() {} };
  }
  createGain() {
    const gain = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
    return { gain, connect: (to) => to };
  }
};
"""


def test_a_soft_sound_says_that_someone_new_is_expected_where_it_is_wanted(
    hung: Hung, cabin: Cabin, service: Service, commune: Commune
) -> None:
    hung.page.add_init_script(HEAR)
    Screen.objects.update(plays_sound=True)
    hung.open()
    hung.shows("Libre jusqu’à")
    make_appointment(cabin, service, at(10, 40), resident=make_resident(commune))
    hung.tell()
    hung.shows("Fatima B.")
    until_true(hung.page, "window.heard === 2")
    hung.house.set_clock(at(10, 41))
    hung.tell()
    hung.shows("C’est l’heure")
    assert hung.page.evaluate("window.heard") == 2


VOICE = """
window.said = [];
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => [{ lang: "fr-FR" }], addEventListener() {}, cancel() {},
  speak: (speech) => window.said.push(speech.text),
} });
"""


def test_the_board_and_the_sheets_are_read_aloud_without_a_name(hung: Hung, fatima: Appointment) -> None:
    hung.page.add_init_script(VOICE)
    hung.open()
    hung.page.get_by_role("button", name="Écouter").click()
    hung.page.locator("#arrived").click()
    dialog = hung.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Fatima B.")
    dialog.get_by_role("button", name="Écouter").click()
    board, other, sheet = hung.page.evaluate("window.said")
    assert "Nous attendons. Rendez-vous de 10 h 30. réservé." in board
    assert "Vous pouvez toucher : Je suis là." in board
    assert other == "Other languages."
    assert "C’est bien vous" in sheet
    assert "Oui, c’est moi" in sheet
    assert "Fatima" not in board + sheet
    assert "Écouter" not in sheet
    axe(hung.page)


def test_colours_change_without_a_reload_and_can_be_read(hung: Hung, fatima: Appointment) -> None:
    hung.page.evaluate("window.notReloaded = true")
    for theme in ("light", "contrast"):
        Screen.objects.update(theme=theme)
        hung.tell()
        expect(hung.page.locator("html")).to_have_attribute("data-colours", theme)
        hung.shows("Fatima B.")
        axe(hung.page)
        hung.page.locator("#arrived").click()
        expect(hung.page.get_by_role("dialog")).to_be_visible()
        axe(hung.page)
        hung.page.keyboard.press("Escape")
    assert hung.page.evaluate("window.notReloaded")


SIZES = ((1024, 600), (1080, 1920), (3840, 2160), (1280, 800))
TOUCHING = """[...document.querySelectorAll('.card > button')]
    .filter(e => e.getBoundingClientRect().top - e.previousElementSibling.getBoundingClientRect().bottom < 1
        || e.scrollHeight > e.clientHeight + 1).map(e => e.textContent)"""
UNDER_THE_NEXT = """(() => {
    const next = document.querySelector('.later').getBoundingClientRect();
    return [...document.querySelectorAll('.card')].filter(e => {
        const card = e.getBoundingClientRect();
        return card.right > next.left + 1 && card.left < next.right - 1
            && card.bottom > next.top + 1 && card.top < next.bottom - 1;
    }).map(e => e.textContent.replace(/\\s+/g, ' '));
})()"""


def check_sizes(page: Page) -> None:
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.documentElement.scrollHeight") <= height
        # 24 and 72 px at 1080p, and the same share of smaller and larger screens.
        scale = min(width / 1920, height / 1080) if width > height else min(width / 1080, height / 1920)
        assert page.evaluate(SMALLEST_TEXT) >= 24 * scale - 1.5
        assert page.evaluate(LOWEST_BUTTON) >= 72 * scale - 1
        assert page.evaluate(CUT_OFF) == []
        assert page.evaluate(TOUCHING) == []
        assert page.evaluate(UNDER_THE_NEXT) == []


def test_it_fits_and_can_be_read_and_touched(
    hung: Hung, fatima: Appointment, commune: Commune, bob: Agent
) -> None:
    Appointment.objects.filter(pk=fatima.pk).update(with_helper=True, helper=bob)
    announce_delay(helper=bob, commune=commune, until=at(10, 45), by=Actor.agent(bob), now=at(10, 24))
    hung.tell()
    hung.shows("Fatima B.")
    hung.shows("10\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}45")
    check_sizes(hung.page)
    hung.page.get_by_role("button", name="Appeler un agent").click()
    hung.shows("Un agent est prévenu")
    check_sizes(hung.page)
    hung.house.set_clock(at(10, 27))
    hung.tell()
    hung.shows("Nous n’avons pas encore pu vous répondre")
    check_sizes(hung.page)


def test_the_day_of_another_week_fits_beside_the_times_to_come(hung: Hung, site: Site) -> None:
    Closure.objects.create(site=site, starts_at=at(0), ends_at=at(0) + timedelta(days=8))
    hung.tell()
    hung.shows("mercredi 2 décembre à 09:00")
    check_sizes(hung.page)
    hung.page.evaluate("window.kiosk.setLanguage('ar')")
    hung.shows("ديسمبر")
    check_sizes(hung.page)


@pytest.mark.parametrize("cabins", [3, 6])
def test_a_hall_fits_with_few_cabins_and_with_many(
    cabins: int, hung: Hung, fatima: Appointment, site: Site, service: Service, commune: Commune, bob: Agent
) -> None:
    Appointment.objects.filter(pk=fatima.pk).update(with_helper=True, helper=bob)
    for number in range(2, cabins + 1):
        cabin = make_cabin(site, name=f"Cabine de l’étage {number}", in_order=number != 3)
        resident = make_resident(commune, first_name="Marie-Antoinette", last_name=f"{chr(64 + number)}rel")
        make_appointment(cabin, service, at(10, 35), resident=resident)
    Screen.objects.update(cabin=None)
    hung.open()
    hung.shows("Marie-Antoinette B.")
    check_sizes(hung.page)


def test_the_flags_of_the_set_up_guide_show_the_board(hung: Hung, tmp_path: Path) -> None:
    """But for the window: here there is none."""
    flags = web.screen_flags()
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
    page.goto(f"{hung.house.url}/ecran/")
    expect(page.locator("#board")).to_contain_text("Libre jusqu’à")
    until_true(page, CONTROLLED)
    kept.close()


@pytest.mark.parametrize("page_of", ["board", "pairing"])
def test_in_full_screen_no_shortcut_of_the_browser_leaves_the_page(hung: Hung, page_of: str) -> None:
    hung.open()
    if page_of == "pairing":
        hung.context.clear_cookies()
        hung.page.reload()
        expect(hung.page.locator(".code")).to_be_visible()
    hung.page.evaluate(
        "window.left = []; onkeydown = (event) => event.defaultPrevented || left.push(event.key); 0"
    )
    shortcuts = ["Control+n", "Control+Shift+n", "Control+p", "Control+o", "Alt+Home", "F1", "Shift+Escape"]
    kept_for_people = ["Tab", "5", "Escape", "Control+0"]

    def left_to_the_browser() -> list[str]:
        for each in (*shortcuts, *kept_for_people):
            hung.page.keyboard.press(each)
        return [key for key in hung.page.evaluate("left.splice(0)") if key not in ("Control", "Shift", "Alt")]

    assert left_to_the_browser() == ["n", "n", "p", "o", "Home", "F1", "Escape", "Tab", "5", "Escape", "0"]
    # A browser without a window is never in full screen: it is made to say so.
    hung.page.evaluate("window.matchMedia = (query) => ({ matches: query === '(display-mode: fullscreen)' })")
    assert left_to_the_browser() == ["Tab", "5", "Escape", "0"]
