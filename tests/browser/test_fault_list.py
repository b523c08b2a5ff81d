"""« Pannes » draws itself again while it is open: it says so once, and the focus stays where it was."""

import pytest
from playwright.sync_api import expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING, Visit
from tests.browser.visitor import axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], ids=["Tuesday"], indirect=True),
]

COUNT_SAID = """() => {
  window.timesSaid = 0;
  new MutationObserver(() => { window.timesSaid += 1; })
    .observe(document.getElementById("faults-said"), { childList: true, characterData: true, subtree: true });
}"""
ASK_AGAIN = """() => new Promise((resolve) => {
  document.body.addEventListener("htmx:afterRequest", resolve, { once: true });
  document.body.dispatchEvent(new CustomEvent("permanence:changed", { bubbles: true }));
})"""


def report(page, kind: str) -> None:
    page.goto(page.url.split("/pannes/")[0] + "/pannes/nouvelle/")
    page.locator("main select[name=cabin], main [name=cabin]").first.select_option(index=1)
    page.locator(f"main [name=kind][value={kind}]").check()
    page.locator("main form button").first.click()
    expect(page.locator(".messages .success")).to_be_visible()


def test_what_another_reports_appears_by_itself_said_once_and_the_focus_stays(visit: Visit) -> None:
    other = visit()
    other.log_in("nadia", PASSWORD)
    other.goto("/pannes/")
    report(other.page, "cleanliness")

    desk = visit()
    desk.log_in("sophie", PASSWORD)
    desk.goto("/pannes/")
    page = desk.page
    rows = page.locator("[aria-labelledby=open-title] li")
    before = rows.count()
    focused = rows.first.locator("a[role=button]")
    focused.focus()
    words = focused.text_content()
    page.evaluate(COUNT_SAID)

    report(other.page, "door")

    expect(rows).to_have_count(before + 1)
    expect(page.locator("#faults-said")).to_contain_text("La liste des pannes a changé")
    assert page.evaluate("document.activeElement.textContent") == words
    for _ in range(2):
        page.evaluate(ASK_AGAIN)
    assert page.evaluate("window.timesSaid") == 1
    assert page.evaluate("document.activeElement.textContent") == words
    axe(page)
