"""Where the focus is when a page opens or comes back, and that nothing stands over it, in a real browser.

One moment is enough: nothing here depends on the hour.
"""

import re
from collections.abc import Callable
from typing import cast

import pytest
from playwright.sync_api import Page, expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.visitor import PHONE_WIDTH, Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], ids=["Tuesday"], indirect=True),
]

LAPTOP = {"width": 1280, "height": 800}
ZOOMED = {"width": 640, "height": 400}
"""The laptop at 200 %."""

COVERED = """async () => {
  const bar = document.getElementById("confirm"), covered = [];
  for (const slot of document.querySelectorAll("button.slot")) {
    scrollTo(0, 0);
    slot.focus();
    await new Promise(requestAnimationFrame);
    if (document.activeElement !== slot) continue; // folded away
    const time = slot.getBoundingClientRect();
    const top = getComputedStyle(bar).position === "sticky" ? bar.getBoundingClientRect().top : innerHeight;
    if (time.bottom > Math.min(top, innerHeight) || time.top < 0) covered.push(slot.value);
  }
  return covered;
}"""

LINES = """label => {
  const words = document.createRange(), tops = [];
  words.selectNodeContents(label);
  for (const { top, bottom, width } of words.getClientRects())
    if (width > 0) tops.push((top + bottom) / 2);
  const apart = Math.max(...tops) - Math.min(...tops);
  return 1 + Math.round(apart / parseFloat(getComputedStyle(label).lineHeight));
}"""
"""In how many lines the words of a label stand: its height is at least that of a target (44 px), and so is
that of two lines."""


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).bounding_box()
    assert found is not None
    return cast("dict[str, float]", found)


@pytest.mark.parametrize("typed", ["06 39 98 12 34", "Zénobie Quatrebarbes-Inconnue"], ids=["known", "new"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE_WIDTH, ZOOMED], ids=["laptop", "phone", "zoomed"])
def test_the_bar_that_confirms_is_compact_and_covers_no_time_that_has_the_focus(
    visit: Callable[..., Visitor], size: dict[str, int], typed: str
) -> None:
    desk = visit(viewport=size)
    desk.log_in("nadia", PASSWORD)
    page = desk.page
    desk.goto("/rendez-vous/")
    page.locator("#q").fill(typed)
    expect(page.locator("#let-go, form.newcomer").first).to_be_visible()
    page.locator("#plan label", has_text="Impôts").click()
    expect(page.locator(".slot").first).to_be_visible()
    page.locator("#week-after").click()
    expect(page.locator("#week-before")).to_be_visible()
    page.locator(".slot").first.click()
    expect(page.locator("#confirm-button")).to_be_focused()
    if page.locator("form.newcomer").count() == 0:
        expect(page.locator("#announced .sms").first).to_be_visible()  # the bar is whole only then
    bar, button, whom = (
        box(page, "#confirm"),
        box(page, "#confirm-button"),
        box(page, "#confirm .chosen-time"),
    )
    if size is LAPTOP:
        assert bar["height"] < 160  # a fifth of the window
        assert button["x"] >= whom["x"] + whom["width"]
        assert bar["x"] + bar["width"] - button["x"] - button["width"] < 40
    elif size is PHONE_WIDTH:
        assert bar["height"] < 280
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(COVERED) == []
    axe(page)


@pytest.mark.parametrize("width", [LAPTOP, PHONE_WIDTH], ids=["laptop", "phone"])
def test_the_right_person_is_found_while_typing_and_without_a_mouse(
    visit: Callable[..., Visitor], width: dict[str, int]
) -> None:
    desk = visit(viewport=width)
    desk.log_in("nadia", PASSWORD)
    page = desk.page
    desk.goto("/aujourdhui/liste/?day=2026-11-25")
    page.locator("main table a").first.click()
    page.locator("#give").click()
    expect(page.locator("#q")).to_be_focused()
    axe(page)
    page.keyboard.type("Mansour")
    person = page.locator("#found a", has_text="Abdelkader Mansouri")
    expect(person).to_be_visible()
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#id_first_name")).to_be_hidden()
    page.locator("#new summary").click()
    may_call = page.locator("#new label", has_text="On peut appeler ou écrire")
    assert box(page, "#new [type=checkbox]")["width"] < 30
    assert may_call.evaluate(LINES) == 1
    axe(page)
    page.locator("#q").press("Enter")
    expect(person).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/personne/\?resident=\d+$"))
    expect(page.locator("#who")).to_be_focused()
    expect(page.locator("#give-button")).to_contain_text("à Abdelkader Mansouri")
    axe(page)


def test_what_is_typed_of_somebody_new_outlives_a_search_that_was_on_its_way(
    visit: Callable[..., Visitor],
) -> None:
    desk = visit()
    desk.log_in("nadia", PASSWORD)
    page = desk.page
    desk.goto("/aujourdhui/liste/?day=2026-11-25")
    page.locator("main table a").first.click()
    page.locator("#give").click()
    page.locator("#new summary").click()
    with page.expect_response("**/recherche/"):
        page.locator("#q").press_sequentially("Quatrebarbes")
        page.locator("#id_first_name").fill("Zénobie")
    page.wait_for_timeout(300)
    expect(page.locator("#id_first_name")).to_have_value("Zénobie")
    expect(page.locator("#id_first_name")).to_be_focused()


def test_a_page_that_comes_back_with_something_wrong_begins_there(visit: Callable[..., Visitor]) -> None:
    manager = visit()
    manager.allow("status of 4(09|22)")
    manager.log_in("sophie", PASSWORD)
    page = manager.page
    manager.goto("/ecrans/ajouter/")
    page.locator("#id_code").fill("ABCDEF")
    page.locator("#id_place").select_option(index=1)
    page.locator("#id_code").press("Enter")
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile(r"^Erreur\s: "))
    axe(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#id_code[aria-invalid=true]")).to_be_focused()

    manager.goto("/equipe/comptes/inviter/")
    page.locator("main form button").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#error-summary a")).to_have_count(0)  # no field is to blame: no role was given
    axe(page)

    manager.goto("/connexion/mot-de-passe/")
    page.locator("main input[type=password]").nth(0).fill("wrong")
    page.locator("main input[type=password]").nth(1).fill("quatre cabines bleues")
    page.locator("main input[type=password]").nth(2).fill("quatre cabines rouges")
    page.locator("main form button").last.click()
    expect(page.locator("#error-summary")).to_be_focused()
    page.locator("#error-summary a").first.click()
    expect(page.locator("main [aria-invalid=true]").first).to_be_focused()
