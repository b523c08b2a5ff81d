"""A manager's morning, by mouse and then by keyboard alone: a week is made, copied and changed, someone is
ill, their appointments are placed again, messages leave, and the desk's day follows."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.visitor import Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], indirect=True),
]

MESSAGE_MS = 60_000
LIVE_MS = 15_000
MOST_TABS = 200


def cell(page: Page, helper: str, on: str) -> Locator:
    row = page.locator("table.week-grid tbody tr", has=page.locator("th", has_text=helper))
    return row.locator(f"td[data-on='{on}']")


def tab_to(page: Page, target: Locator) -> None:
    """Reach it as someone without a mouse does."""
    expect(target).to_be_visible()
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} is not reached by Tab")


def press(page: Page, target: Locator) -> None:
    tab_to(page, target)
    page.keyboard.press("Enter")


def hear_of_a_change(page: Page) -> None:
    """As when a colleague changes something at a place: the page fetches itself anew, unless it is in use."""
    page.evaluate("document.body.dispatchEvent(new CustomEvent('permanence:changed'))")


def drag_while_hearing_of_changes(page: Page, source: Locator, target: Locator) -> None:
    """What is under the pointer may not be replaced between the press and the first move."""
    source.hover()
    page.mouse.down()
    page.locator("#week").evaluate("element => element.dataset.pressed = ''")
    hear_of_a_change(page)
    page.wait_for_timeout(500)
    expect(page.locator("#week[data-pressed]")).to_have_count(1)
    target.hover()
    target.hover()
    page.mouse.up()


@dataclass(frozen=True)
class Moved:
    """What the page of replacements says of someone who gets another day, and who is written to."""

    pk: int
    name: str
    hour: str


def to_another_day(page: Page) -> Moved:
    """The first of today who would come on another day, and has a mobile."""
    lines = page.locator("ol.lost > li")
    expect(lines.first).to_be_visible()
    for line in lines.all():
        was = line.locator("time").inner_text()
        mobile = line.locator("a[href^='tel:']", has_text=re.compile("^06"))
        new = line.locator("strong").nth(1)
        if was.startswith("Mardi 24") and new.count() and mobile.count():
            day, hour = new.inner_text().rsplit(", ", 1)
            if day != "Mardi 24 novembre":
                person = line.locator("a[href^='/rendez-vous/']").first
                pk = (person.get_attribute("href") or "").strip("/").rpartition("/")[2]
                return Moved(int(pk), person.inner_text(), hour)
    raise AssertionError(page.locator("ol.lost").inner_text())


def visit_today(desk: Visitor) -> None:
    desk.log_in("nadia", PASSWORD)
    desk.goto("/aujourdhui/")
    desk.page.evaluate("window.neverReloaded = true")


def on_the_day(desk: Visitor, moved: Moved) -> Locator:
    return desk.page.locator(f"main a[href^='/rendez-vous/{moved.pk}/']")


def see_what_follows(moved: Moved, *, desk: Visitor, simulator: Visitor) -> None:
    """The day page without a reload, and the resident's phone."""
    expect(on_the_day(desk, moved)).to_have_count(0, timeout=LIVE_MS)
    assert desk.page.evaluate("window.neverReloaded") is True
    simulator.goto("/simulateur/")
    device = simulator.page.locator(".device", has_text=moved.name)
    # An e-mail says in full what a text message shortens; who has several appointments reads which one.
    hour, minute = moved.hour.split(":")
    at = rf"{hour}\s?h" if minute == "00" else rf"{hour}\s?h\s?{minute}"
    said = re.compile(rf"votre (RDV|rendez-vous) (du 24 nov(\.|embre) .*)?est déplacé.* {at},")
    expect(device.locator(".sms").first).to_contain_text(said, timeout=MESSAGE_MS)


def see_what_closing_would_touch(manager: Visitor) -> None:
    """While the form is filled in, and before a cabin is put aside; nothing is done."""
    page = manager.page
    manager.goto("/lieux/")
    page.get_by_text("Hors service").first.click()
    expect(page.locator("details[open]")).to_contain_text("rendez-vous seront à replacer")
    page.get_by_role("button", name=re.compile("Saisir une fermeture")).first.click()
    for day in ("Premier jour", "Dernier jour"):
        page.get_by_label(day).fill("2026-11-24")
        page.get_by_label(day).blur()
    expect(page.locator("form .notice.warning")).to_contain_text("à replacer")
    page.locator("[name=starts]").fill("23:00")
    page.locator("[name=starts]").blur()
    expect(page.locator("form .notice.success")).to_contain_text("Aucun rendez-vous")


def test_a_manager_plans_and_replaces_with_the_mouse(visit: Callable[..., Visitor]) -> None:
    manager, desk = visit(), visit()
    manager.log_in("sophie", PASSWORD)
    visit_today(desk)
    page = manager.page

    manager.goto("/equipe/?week=2027-01-04")
    expect(page.locator("#week")).to_contain_text("Personne n’est prévu cette semaine")
    cell(page, "Camille", "2027-01-04").locator(".add-shift.half-morning").click()
    page.locator("[name=site]").select_option(label="Espace Verlaine")
    page.locator("[name=starts]").fill("09:00")
    page.locator("[name=ends]").fill("12:00")
    page.get_by_role("button", name="Enregistrer").click()
    added = cell(page, "Camille", "2027-01-04").locator(".shift")
    expect(added).to_contain_text("Verlaine")

    page.get_by_role("button", name="Semaine suivante").click()
    page.get_by_role("button", name="Copier la semaine précédente").click()
    shift = cell(page, "Camille", "2027-01-11").locator(".shift")
    expect(shift).to_contain_text("Verlaine")
    page.wait_for_load_state()
    drag_while_hearing_of_changes(page, shift, cell(page, "Yanis", "2027-01-13"))
    expect(cell(page, "Yanis", "2027-01-13").locator(".shift")).to_contain_text("Verlaine")
    expect(cell(page, "Camille", "2027-01-11").locator(".shift")).to_have_count(0)
    page.locator("#team-undo").click()
    expect(cell(page, "Camille", "2027-01-11").locator(".shift")).to_contain_text("Verlaine")
    expect(cell(page, "Yanis", "2027-01-13").locator(".shift")).to_have_count(0)

    see_what_closing_would_touch(manager)
    manager.goto("/equipe/")
    page.wait_for_load_state()
    page.get_by_text("Quelqu’un est malade aujourd’hui ?").click()
    hear_of_a_change(page)
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Yanis").click()
    expect(cell(page, "Yanis", "2026-11-24")).to_contain_text("maladie")
    axe(page)
    page.locator("#to-settle").get_by_role("link", name="à replacer").first.click()
    moved = to_another_day(page)
    expect(on_the_day(desk, moved).first).to_be_visible()
    axe(page)
    page.get_by_role("button", name=re.compile(r"Replacer \d+ rendez-vous")).click()
    expect(page.locator(".messages")).to_contain_text("replacés")
    see_what_follows(moved, desk=desk, simulator=manager)


def test_a_manager_plans_and_replaces_by_keyboard_alone(visit: Callable[..., Visitor]) -> None:
    manager, desk = visit(), visit()
    manager.log_in("sophie", PASSWORD)
    visit_today(desk)
    page = manager.page

    manager.goto("/equipe/?week=2027-02-01")
    press(page, cell(page, "Camille", "2027-02-01").locator(".add-shift.half-morning"))
    tab_to(page, page.locator("[name=site]"))
    page.keyboard.type("Esp")
    tab_to(page, page.locator("[name=starts]"))
    page.keyboard.type("0900A")
    tab_to(page, page.locator("[name=ends]"))
    page.keyboard.type("1200P")
    page.keyboard.press("Enter")
    added = cell(page, "Camille", "2027-02-01").locator(".shift")
    expect(added).to_be_focused()

    press(page, page.get_by_role("button", name="Semaine suivante"))
    press(page, page.get_by_role("button", name="Copier la semaine précédente"))
    copied = cell(page, "Camille", "2027-02-08").locator(".shift")
    tab_to(page, copied)
    # Faster than the page can follow, and while it hears of what it has done itself.
    page.keyboard.press("Alt+ArrowRight")
    hear_of_a_change(page)
    page.keyboard.press("Alt+ArrowDown")
    expect(cell(page, "Marc", "2027-02-09").locator(".shift")).to_be_focused()
    press(page, page.locator("#team-undo"))
    expect(cell(page, "Camille", "2027-02-09").locator(".shift")).to_contain_text("Verlaine")

    manager.goto("/equipe/")
    press(page, page.get_by_text("Quelqu’un est malade aujourd’hui ?"))
    press(page, page.get_by_role("button", name="Yanis"))
    expect(cell(page, "Yanis", "2026-11-24")).to_contain_text("maladie")
    press(page, page.locator("#to-settle").get_by_role("link", name="à replacer").first)
    moved = to_another_day(page)
    expect(on_the_day(desk, moved).first).to_be_visible()
    press(page, page.get_by_role("button", name=re.compile(r"Replacer \d+ rendez-vous")))
    expect(page.locator(".messages")).to_contain_text(re.compile("replacés?"))
    see_what_follows(moved, desk=desk, simulator=manager)
