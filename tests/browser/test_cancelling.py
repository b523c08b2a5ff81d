"""An appointment is cancelled in a step of its own, and restored before anybody is told; in a browser."""

import re
from collections.abc import Callable

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


def open_tomorrow(desk: Visitor) -> Page:
    """The page of somebody's appointment of tomorrow that can be cancelled."""
    desk.log_in("nadia", PASSWORD)
    desk.goto("/aujourdhui/liste/?day=2026-11-25")
    page = desk.page
    page.locator("main tr:not(.is-cancelled) a[href*='/rendez-vous/']").first.click()
    expect(page.locator("#cancel")).to_be_visible()
    return page


@pytest.mark.parametrize("width", [None, PHONE_WIDTH], ids=["desk", "phone"])
def test_by_keyboard_it_is_cancelled_with_a_reason_and_restored_without_a_message(
    visit: Callable[..., Visitor], width: dict[str, int] | None
) -> None:
    desk = visit(viewport=width) if width else visit()
    page = open_tomorrow(desk)
    messages = page.locator(".told li")
    expect(messages.first).to_be_visible()
    before = messages.count()
    page.locator("#cancel").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_contain_text("Annuler ce rendez-vous")
    expect(page.locator(".cancel-step h2")).to_contain_text("dans 5 minutes")
    expect(page.locator("#announced p").last).not_to_have_text("…")
    axe(page)
    page.locator("button.cancels").focus()
    page.keyboard.press("Enter")

    grace = page.locator(".grace")
    expect(grace).to_contain_text("rien n’est encore parti")
    expect(grace.locator(".countdown")).to_have_text(re.compile(r"[0-4]:\d\d"))
    axe(page)
    page.get_by_role("button", name="Rétablir le rendez-vous").click()
    expect(page.locator("#cancel")).to_be_visible()
    expect(grace).to_have_count(0)
    expect(messages.first).to_be_visible()
    assert messages.count() == before
