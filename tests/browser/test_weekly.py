"""Four weeks at the desk, of which the second and the third are public holidays; in a browser."""

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
REPLACED = r"htmx:(sendAbort|afterRequest)"
"""A list of messages that is asked for again before it has come."""
CHRISTMAS, NEW_YEAR = "week-2026-12-25", "week-2027-01-01"


def keep_a_friday(desk: Visitor) -> Page:
    """A time without a helper on Friday 18 December is kept for Fatima."""
    desk.log_in("nadia", PASSWORD)
    desk.goto("/rendez-vous/")
    page = desk.page
    page.locator("#q").fill("06 39 98 12 34")
    page.keyboard.press("Enter")
    expect(page.locator("#who-panel")).to_have_class(re.compile("chosen"))
    who = page.locator("#plan-form [name=resident]").input_value()
    service = page.get_by_role("radio", name=re.compile("^CAF")).input_value()
    desk.goto(f"/rendez-vous/?resident={who}&service={service}&helper=0&week=2026-12-14")
    page.locator(".slots .day").nth(4).locator("button.slot").first.click()
    expect(page.locator("#confirm-button")).to_be_focused()
    told(page)
    return page


def told(page: Page) -> None:
    """The list of messages has come; a request for it is not to be ended by the next."""
    expect(page.locator("#announced")).not_to_have_text("…")


@pytest.mark.parametrize("width", [None, PHONE_WIDTH], ids=["desk", "phone"])
def test_holidays_are_settled_by_keyboard_and_all_four_are_booked(
    visit: Callable[..., Visitor], width: dict[str, int] | None
) -> None:
    desk = visit(viewport=width) if width else visit()
    desk.allow(REPLACED)
    page = keep_a_friday(desk)
    page.locator("#times").select_option("4")
    dates = page.locator(".weeks > li")
    expect(dates).to_have_count(4)
    expect(dates.nth(1)).to_contain_text("jour férié")
    expect(dates.nth(2)).to_contain_text("jour férié")
    expect(dates.nth(3)).to_contain_text("libre")
    expect(page.locator("#weeks-sum")).to_contain_text("2 dates restent à régler")
    expect(page.locator("#weeks input:checked")).to_have_count(0)
    expect(page.locator("#confirm [data-weeks]")).to_have_text("· 2 rendez-vous")
    axe(page)

    # By keyboard: the focus stays on what is chosen, although the list is drawn again.
    page.locator(f"#{CHRISTMAS}-0").focus()
    page.keyboard.press("Space")
    expect(page.locator("#weeks-sum")).to_contain_text("1 date reste à régler")
    expect(page.locator(f"#{CHRISTMAS}-0")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(dates).to_have_count(5)
    expect(page.locator(f"#{CHRISTMAS}-1")).to_be_focused()
    expect(page.locator("#announced")).to_contain_text("dès que tout est rempli")

    page.locator("#take-proposed").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#weeks-sum")).to_have_text(re.compile(r"4 rendez-vous seront réservés\.\s*$"))
    expect(page.locator("#confirm [data-weeks]")).to_have_text("· 4 rendez-vous")
    expect(page.locator(f"#{CHRISTMAS}-1")).to_be_checked()
    expect(page.locator(f"[name={NEW_YEAR}]:checked")).to_have_value(re.compile("@2026-12-31T"))
    expect(page.locator("#announced")).to_contain_text("15 janv.")
    axe(page)

    page.locator("#confirm-button").click()
    expect(page.locator("#said")).to_contain_text("Les 4 rendez-vous sont réservés.")


def test_what_is_open_is_said_beside_the_date_and_another_time_lists_its_own_dates(
    visit: Callable[..., Visitor],
) -> None:
    desk = visit()
    desk.allow("409")
    desk.allow(REPLACED)
    page = keep_a_friday(desk)
    page.locator("#times").select_option("3")
    expect(page.locator(".weeks > li")).to_have_count(3)
    page.locator("#confirm-button").click()
    notice = page.locator("[data-refusal]")
    expect(notice).to_be_focused()
    expect(page.locator(f"#{CHRISTMAS}-error")).to_have_text("Choisissez ce que devient cette date.")
    notice.get_by_role("link").first.click()
    expect(page.locator(f"#{CHRISTMAS}-0")).to_be_focused()

    told(page)
    page.locator(".slots .day").nth(3).locator("button.slot").first.click()
    expect(page.locator(".weeks > li").first).to_contain_text("Jeudi 17 décembre")
    expect(page.locator("#times")).to_have_value("3")
    expect(page.locator(".weeks > li").nth(1)).to_contain_text("Jeudi 24 décembre")
