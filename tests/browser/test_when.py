"""« Quand ? » at the desk, in a real browser: any Thursday afternoon in four actions; dates typed and picked.

One moment is enough: nothing here depends on the hour.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.visitor import PHONE_WIDTH, Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], ids=["Tuesday"], indirect=True),
]


def open_desk(desk: Visitor) -> Page:
    """The desk page with a person and a service chosen, and something typed to prepare."""
    desk.log_in("nadia", PASSWORD)
    desk.goto("/rendez-vous/")
    page = desk.page
    page.locator("#q").fill("06 39 98 20 54")
    expect(page.locator("#person")).to_contain_text("Abdelkader Mansouri")
    page.locator("#plan label", has_text="Impôts").click()
    expect(page.locator("#says")).to_be_visible()
    page.locator("#note").fill("avis d’impôt")
    return page


class Actions:
    """What an agent does, counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, selector: str, key: str) -> None:
        self.page.locator(selector).first.press(key)
        self.count += 1


def test_any_thursday_afternoon_is_booked_in_four_actions(visit: Callable[..., Visitor]) -> None:
    page = open_desk(visit())
    agent = Actions(page)

    agent.press("#day-3", "Space")
    expect(page.locator("#says")).to_contain_text("Les prochains jeudis")
    expect(page.locator("#day-3")).to_be_focused()
    agent.press("#half-pm", "Space")
    expect(page.locator("#says")).to_contain_text("Les prochains jeudis après-midi")
    expect(page.locator("#half-pm")).to_be_focused()
    expect(page.locator("#times-said")).to_contain_text("Les prochains jeudis après-midi, 30 min")
    expect(page.locator(".day h3").first).to_contain_text("jeudi")
    axe(page)
    first = page.locator(".slot").first
    chosen = first.get_attribute("value")
    agent.press(".slot", "Enter")
    expect(page.locator("#confirm-button")).to_be_focused()
    expect(page.locator('.slot[aria-pressed="true"]')).to_have_attribute("value", chosen or "")
    expect(page.locator("#day-3")).to_be_checked()
    expect(page.locator("#note")).to_have_value("avis d’impôt")
    agent.press("#confirm-button", "Enter")
    page.wait_for_url(re.compile(r"/rendez-vous/\d+/$"))
    expect(page.locator("main")).to_contain_text(re.compile(r"jeudi \d+", re.IGNORECASE))
    expect(page.locator("main")).to_contain_text("avis d’impôt")
    assert agent.count == 4


def test_a_date_typed_is_searched_once_it_is_whole_and_one_picked_at_once(
    visit: Callable[..., Visitor],
) -> None:
    page = open_desk(visit())
    searches: list[str] = []

    def note(request: Request) -> None:
        if "/rendez-vous/?" in request.url:
            searches.append(request.url)

    page.on("request", note)
    before = page.locator("#before")
    before.focus()
    page.keyboard.type("11272026")
    expect(before).to_have_value("2026-11-27")
    assert searches == []
    with page.expect_response(re.compile(r"before=2026-11-27")):
        page.locator("#q, #let-go").first.focus()
    expect(page.locator("#says")).to_contain_text("avant le vendredi 27 novembre")
    assert len(searches) == 1

    week = page.locator("#week")
    week.focus()
    week.fill("2026-11-26")  # as the calendar of the browser does: at once, without a key
    expect(page.locator("#says")).to_contain_text("Le jeudi 26 novembre")
    expect(week).to_be_focused()
    page.locator("#day-0").check()
    expect(page.locator("#further")).to_contain_text("Rien n’est libre à partir du jeudi 26 novembre")
    axe(page)
    page.locator("#show-all").click()
    expect(before).to_have_value("")
    expect(page.locator("#day-0")).not_to_be_checked()

    before.fill("2026-11-02")
    expect(page.locator("#before_error")).to_have_text("Choisissez un jour après aujourd’hui.")
    expect(page.locator("#times-said")).to_have_text("Choisissez un jour après aujourd’hui.")
    expect(before).to_be_focused()
    axe(page)
    page.go_back()
    expect(before).to_have_value("")
    expect(page.locator("#note")).to_have_value("avis d’impôt")


def test_on_a_telephone_two_people_are_told_the_longer_visit(visit: Callable[..., Visitor]) -> None:
    page = open_desk(visit(viewport=PHONE_WIDTH))
    page.locator("#day-3").check()
    expect(page.locator("#says")).to_contain_text("Les prochains jeudis")
    page.locator("#half-pm").check()
    expect(page.locator("#says")).to_contain_text(re.compile(r"jeudis après-midi, 30\smin"))
    page.locator("#party").focus()
    page.locator("#party").select_option("2")
    expect(page.locator("#longer")).to_have_text(re.compile(r"45\smin au lieu de 30"))
    expect(page.locator("#says")).to_contain_text(re.compile(r"jeudis après-midi, 45\smin"))
    expect(page.locator("#party")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH["width"]
    axe(page)
