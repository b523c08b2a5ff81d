"""A manager plans that a helper leaves, and chooses what becomes of single appointments."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.visitor import Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], indirect=True),
]

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}


def looks_right(page: Page) -> None:
    """By axe, and nothing runs out of a phone."""
    axe(page)
    page.set_viewport_size(PHONE)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(DESK)


def test_what_becomes_of_one_appointment_is_chosen_by_keyboard_and_seen_before_it_is_done(
    visit: Callable[..., Visitor],
) -> None:
    manager = visit()
    manager.log_in("sophie", PASSWORD)
    page = manager.page
    manager.goto("/equipe/")
    page.get_by_text("Quelqu’un est malade aujourd’hui ?").click()
    page.get_by_role("button", name="Yanis").click()
    expect(page.locator("#to-settle")).to_contain_text("à replacer")
    manager.goto("/equipe/a-replacer/")
    looks_right(page)

    first = page.locator(".lost > li").filter(has=page.locator("select")).first
    whose = first.locator("time").inner_text()
    first.get_by_label(re.compile("Votre choix")).focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Voir mes choix").press("Enter")
    chosen = page.locator(".lost > li").filter(has_text=whose).first
    expect(chosen).to_contain_text("sans aidant")
    looks_right(page)

    second = page.locator(".lost > li").filter(has=page.get_by_label("je m’en occupe")).nth(1)
    kept = second.locator("time").inner_text()
    second.get_by_label("je m’en occupe").check()
    page.get_by_role("button", name="Voir mes choix").click()
    expect(page.locator(".lost > li").filter(has_text="laissé tel quel")).to_contain_text(kept)
    expect(page.locator(".lost > li").filter(has_text=whose).first).to_contain_text("sans aidant")

    page.get_by_role("button", name=re.compile("Replacer|Faire rappeler")).click()
    expect(page.locator(".messages")).to_be_visible()
    expect(page.locator(".lost > li").filter(has_text="laissé tel quel")).to_contain_text(kept)


def test_a_helper_leaves_on_a_day_and_stays_after_all(visit: Callable[..., Visitor]) -> None:
    manager, helper = visit(), visit()
    manager.log_in("sophie", PASSWORD)
    page = manager.page
    manager.goto("/equipe/comptes/")
    page.get_by_role("button", name=re.compile("Camille Roussel")).click()
    page.get_by_role("button", name="Préparer le départ…").click()
    page.locator("[name=last_on]").fill("2026-11-25")
    page.get_by_role("button", name="Voir ce que cela change").click()
    expect(page.locator("main")).to_contain_text("Rien n’est encore modifié")
    expect(page.locator("table.lost tbody tr").first).to_be_visible()
    looks_right(page)
    page.emulate_media(media="print")
    assert page.locator("#appointments").is_visible()
    page.emulate_media(media="screen")

    page.get_by_role("button", name=re.compile("^Confirmer")).click()
    expect(page.locator(".messages")).to_be_visible()
    manager.goto("/equipe/?week=2026-11-23")
    expect(page.locator("#week")).to_contain_text("jusqu’au")
    looks_right(page)
    helper.log_in("camille", PASSWORD)
    helper.goto("/ma-journee/")
    expect(helper.page.locator("main")).to_contain_text("mercredi 25 novembre")

    manager.goto("/equipe/comptes/")
    page.get_by_role("button", name=re.compile("Camille Roussel")).click()
    page.get_by_role("button", name="Revenir sur le départ").click()
    expect(page.locator(".messages")).to_be_visible()
    manager.goto("/equipe/?week=2026-11-23")
    expect(page.locator("#week")).not_to_contain_text("jusqu’au")
