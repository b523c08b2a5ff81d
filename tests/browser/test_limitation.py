"""A record is limited, the desk sees why nothing can be booked, and it is lifted; in a browser."""

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


def choose(page: Page, name: str) -> None:
    """Somebody at the desk, by name."""
    page.locator("#q").fill(name)
    page.locator("#found li a").first.click()
    expect(page.locator("#person .person")).to_be_visible()


@pytest.mark.parametrize("width", [None, PHONE_WIDTH], ids=["desk", "phone"])
def test_limited_refused_at_the_desk_and_lifted(
    visit: Callable[..., Visitor], width: dict[str, int] | None
) -> None:
    desk = visit(viewport=width) if width else visit()
    desk.allow("status of 422")  # an unanswered question
    desk.log_in("nadia", PASSWORD)
    page = desk.page
    desk.goto("/rendez-vous/")
    choose(page, "Lamy")
    phone = page.locator("#person dl.sum")
    expect(phone).to_be_visible()
    page.locator("#person a.edit").click()
    record = page.url

    page.get_by_role("link", name="Limiter la fiche").click()
    page.get_by_role("button", name="Limiter la fiche").click()
    expect(page.locator("#id_why_error")).to_be_visible()
    axe(page)
    page.get_by_label("la personne dit qu’une information est fausse").check()
    axe(page)
    page.get_by_role("button", name="Limiter la fiche").click()
    expect(page).to_have_url(record)
    expect(page.locator(".limited")).to_contain_text("Fiche limitée depuis le 24 novembre 2026")
    axe(page)

    desk.goto("/rendez-vous/")
    choose(page, "Lamy")
    expect(page.locator("#person .limited")).to_contain_text("Aucun rendez-vous ne peut être pris")
    expect(phone).to_have_count(0)
    axe(page)

    page.get_by_role("link", name="Lever la limitation").click()
    page.get_by_role("button", name="Lever la limitation").click()
    expect(page.locator("#id_was_told_error")).to_contain_text("Prévenez d’abord la personne")
    page.get_by_label("J’ai prévenu la personne").check()
    page.get_by_role("button", name="Lever la limitation").click()
    expect(page).to_have_url(record)
    expect(page.locator(".limited")).to_have_count(0)
    page.locator("#history summary").click()
    expect(page.locator("#history li").first).to_contain_text("Limitation levée")
    axe(page)
