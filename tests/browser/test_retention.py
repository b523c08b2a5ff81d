"""A manager reads what is kept and for how long, and shortens it knowingly; in a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.visitor import PHONE_WIDTH, Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], ids=["Tuesday"], indirect=True),
]


@pytest.mark.parametrize("width", [None, PHONE_WIDTH], ids=["desk", "phone"])
def test_what_is_kept_and_what_a_shorter_time_would_delete(
    visit: Callable[..., Visitor], width: dict[str, int] | None
) -> None:
    manager = visit(viewport=width) if width else visit()
    manager.allow("status of 422")
    manager.log_in("sophie", PASSWORD)
    manager.goto("/reglages/")
    manager.page.get_by_role("link", name="Conservation").first.click()
    page = manager.page
    expect(page.get_by_role("heading", name="Conservation", exact=True)).to_be_visible()
    expect(page.locator("#kinds")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    axe(page)

    page.get_by_role("button", name="Changer les durées").click()
    page.locator("#id_retention_months").fill("1")
    page.get_by_role("button", name="Enregistrer").click()
    warning = page.locator(".notice", has_text="cette nuit")
    expect(warning).to_be_visible()
    axe(page)
    # Nothing is saved before the manager has read how many go.
    page.reload()
    manager.goto("/reglages/donnees/")
    expect(page.locator("#id_retention_months")).not_to_have_value("1")
