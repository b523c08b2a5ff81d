"""Whatever part of a page is drawn again, the focus does not fall to the top of the page, in a real browser.

One moment is enough: nothing here depends on the hour.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.visitor import Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], ids=["Tuesday"], indirect=True),
]

PAGES = {
    "nadia": ["/aujourdhui/", "/attente/", "/messages/a-rappeler/", "/lieux/", "/ecrans/"],
    "sophie": ["/equipe/", "/equipe/mois/", "/equipe/a-replacer/"],
    "camille": ["/ma-journee/"],
}
"""The main pages with parts that are drawn again by themselves."""

DRAW_AGAIN = """async number => {
  const part = document.querySelectorAll("[hx-get]:not([hx-target])")[number];
  const inside = [...part.querySelectorAll("a[href], button, summary")].find(each => each.checkVisibility());
  if (!inside) return null;
  inside.focus();
  const url = new URL(part.getAttribute("hx-get"), location);
  const seen = url.searchParams.get("seen"); // else the answer is: unchanged
  if (seen) url.searchParams.set("seen", seen.split(".")[0] + ".0");
  const swap = part.getAttribute("hx-swap") ?? "innerHTML";
  await htmx.ajax("GET", url.pathname + url.search, {source: part, target: part, swap});
  await new Promise(resolve => setTimeout(resolve, 300));
  const now = document.activeElement;
  return {was: inside.textContent.trim(), is: now === document.body ? "BODY" : now.textContent.trim(),
          tag: now.localName, at: url.pathname};
}"""


def parts_of(page: Page) -> int:
    return page.locator("[hx-get]:not([hx-target])").count()


@pytest.mark.parametrize("username", PAGES)
def test_what_had_the_focus_has_it_again_when_it_is_still_there(
    visit: Callable[..., Visitor], username: str
) -> None:
    agent = visit()
    agent.allow("htmx:(afterRequest|sendAbort)")
    agent.log_in(username, PASSWORD)
    drawn = 0
    for path in PAGES[username]:
        agent.goto(path)
        for number in range(parts_of(agent.page)):
            focus = agent.page.evaluate(DRAW_AGAIN, number)
            if focus is not None:
                drawn += 1
                assert focus["was"] in focus["is"], f"{path}: {focus}"  # the card around it will do
    assert drawn


def answer_nothing(route: Route) -> None:
    """A part that has become empty; streams and pages go on."""
    if "hx-request" in route.request.headers:
        route.fulfill(body='<div id="gone"><p>…</p></div>', content_type="text/html")
    else:
        route.continue_()


@pytest.mark.parametrize("username", PAGES)
def test_where_it_is_gone_the_nearest_heading_has_it_and_no_other_button(
    visit: Callable[..., Visitor], username: str
) -> None:
    agent = visit()
    agent.allow("htmx:(afterRequest|sendAbort)")
    agent.log_in(username, PASSWORD)
    gone = 0
    for path in PAGES[username]:
        agent.goto(path)
        number = 0
        while number < parts_of(agent.page):
            agent.page.route("**/*", answer_nothing)
            focus = agent.page.evaluate(DRAW_AGAIN, number)
            agent.page.unroute("**/*", answer_nothing)
            number += 1
            if focus is not None:
                gone += 1
                assert focus["tag"] not in {"body", "button", "a", "summary", "input"}, f"{path}: {focus}"
                agent.goto(path)
    assert gone


def test_the_desk_keeps_the_focus_from_the_search_to_the_button(visit: Callable[..., Visitor]) -> None:
    desk = visit()
    desk.allow("htmx:(afterRequest|sendAbort)")
    desk.log_in("nadia", PASSWORD)
    page = desk.page
    desk.goto("/rendez-vous/")
    page.locator("#q").fill("06 39 98 20 54")
    expect(page.locator("#who")).to_be_focused()
    page.locator("#service-2").focus()
    page.keyboard.press("Space")
    expect(page.locator(".slot").first).to_be_visible()
    expect(page.locator("#service-2")).to_be_focused()
    page.locator("#week-after").press("Enter")
    expect(page.locator("#week-before")).to_be_visible()
    expect(page.locator("#week-after")).to_be_focused()
    page.locator("#week-before").press("Enter")
    expect(page.locator("#week-before")).to_have_count(0)  # nothing is before this week
    assert page.evaluate("document.activeElement !== document.body")
    page.locator(".slot").first.press("Enter")
    expect(page.locator("#confirm-button")).to_be_focused()
    page.locator("#let-go").press("Enter")
    expect(page.locator("#q")).to_be_focused()
    assert urlsplit(page.url).path == "/rendez-vous/"
