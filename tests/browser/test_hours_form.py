"""The hours of a place: rows of dates are added, lost with the session, and come back."""

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
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], indirect=True),
]


def open_hours(visit: Callable[..., Visitor], **how: object) -> Page:
    manager = visit(**how)
    manager.allow("htmx:(afterRequest|sendAbort)")  # a page that is left takes its requests with it
    manager.log_in("sophie", PASSWORD)
    manager.goto("/lieux/")
    page: Page = manager.page
    page.get_by_role("button", name=re.compile("^Modifier les horaires")).first.click()
    expect(page.locator("#hours-form")).to_be_visible()
    return page


def write_two_rows(page: Page) -> None:
    first = page.locator(".dates-row").last
    first.locator("[name$=-first]").fill("2026-12-22")
    first.locator("[name$=-last]").fill("2026-12-26")
    for number in (1, 2):
        page.get_by_role("button", name="Ajouter une ligne de dates").click()
        expect(page.locator(".dates-row")).to_have_count(number + 1)
    last = page.locator(".dates-row").last
    last.locator("[name$=-first]").fill("2026-12-24")
    last.locator("[name$=-from_0]").fill("09:00")
    last.locator("[name$=-until_0]").fill("12:00")


@pytest.mark.parametrize("width", [None, PHONE_WIDTH], ids=["desk", "phone"])
def test_rows_of_dates_come_back_after_the_session_has_ended(
    visit: Callable[..., Visitor], width: dict[str, int] | None
) -> None:
    page = open_hours(visit, **({"viewport": width} if width else {}))
    write_two_rows(page)
    expect(page.locator("#hours-meaning")).to_contain_text("jeudi 24 décembre")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.context.clear_cookies(name="sessionid")
    page.locator("#hours-form").get_by_role("button", name="Enregistrer").last.click()
    page.wait_for_url(re.compile("/connexion/"))
    page.locator("input[name=username]").fill("sophie")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button").click()
    expect(page.locator(".dates-row")).to_have_count(3)
    expect(page.locator("[name=dates-0-last]")).to_have_value("2026-12-26")
    expect(page.locator("[name=dates-2-until_0]")).to_have_value("12:00")
