"""An appointment is changed without moving it; in a browser, at a desk and on a phone."""

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
def test_three_people_instead_of_one_are_told_what_it_does_before_it_is_saved(
    visit: Callable[..., Visitor], width: dict[str, int] | None
) -> None:
    desk = visit(viewport=width) if width else visit()
    desk.log_in("nadia", PASSWORD)
    desk.goto("/aujourdhui/liste/?day=2026-11-25")
    page = desk.page
    page.locator("main tr:not(.is-cancelled) a[href*='/rendez-vous/']").first.click()
    page.get_by_role("link", name="Changer le nombre de personnes ou la durée").click()
    expect(page.locator("#effect")).to_contain_text("Rien n’est encore changé.")
    page.locator("#id_note").fill("prévoir le scanner")
    page.locator("#id_party").focus()
    page.locator("#id_party").select_option("3")
    expect(page.locator("#effect")).to_contain_text("au lieu de 8:30–9:15 → 8:30–10:05")
    expect(page.locator("#effect")).to_contain_text("libre jusqu’à")
    expect(page.locator("#id_note")).to_have_value("prévoir le scanner")
    expect(page.locator("#save-changes")).to_have_text("Enregistrer 3 changements")
    expect(page.locator("#announced")).to_contain_text("Aucun message ne part.")
    expect(page.locator("#id_party")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)

    page.locator("#save-changes").press("Enter")

    newest = page.locator(".story > li").first
    expect(newest).to_contain_text("personnes au lieu de 1 → 3")
    expect(newest).to_contain_text("note ajoutée")
    expect(newest).to_contain_text("aucun message")
    axe(page)
