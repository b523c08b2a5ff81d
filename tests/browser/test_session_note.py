"""A helper on a phone notes a session in two touches, by keys alone too; then the list to retype."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.visitor import DESK_WIDTH, PHONE_WIDTH, Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], indirect=True),
]

WIDTHS = pytest.mark.parametrize("viewport", [PHONE_WIDTH, DESK_WIDTH], ids=["phone", "desk"])


@WIDTHS
def test_a_session_is_noted_in_two_touches(visit: Callable[..., Visitor], viewport: dict[str, int]) -> None:
    camille = visit(viewport=viewport)
    camille.log_in("camille", PASSWORD)
    page = camille.page
    camille.goto("/ma-journee/")
    axe(page)
    page.locator("#unnoted a").first.click()
    expect(page.get_by_role("heading", name="Compte rendu")).to_be_visible()
    axe(page)
    fold = page.locator("#note details").first
    expect(fold).not_to_have_attribute("open", "")
    page.get_by_label("Fait en partie").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("C’est noté")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert camille.unexpected() == []


@WIDTHS
def test_the_rest_is_folded_away_and_works_by_keys(
    visit: Callable[..., Visitor], viewport: dict[str, int]
) -> None:
    camille = visit(viewport=viewport)
    camille.log_in("camille", PASSWORD)
    page = camille.page
    camille.allow("status of 422")  # what contradicts itself is refused
    camille.goto("/ma-journee/")
    page.locator("#unnoted a").first.click()
    page.locator("#note summary").first.focus()
    page.keyboard.press("Enter")
    axe(page)
    page.get_by_label("ordinateur").focus()
    page.keyboard.press("Space")
    page.get_by_label("aucun matériel").check()
    page.get_by_role("button", name="Enregistrer").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#error-summary")).to_be_visible()
    axe(page)
    page.get_by_label("aucun matériel").uncheck()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("C’est noté")).to_be_visible()
    camille.goto("/ma-journee/comptes-rendus/")
    axe(page)
    expect(page.get_by_role("columnheader", name="Thématiques")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert camille.unexpected() == []
