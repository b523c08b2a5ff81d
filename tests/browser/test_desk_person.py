"""The wrong person is not booked: somebody found by number, then somebody new typed in, in a real browser.

One moment is enough: nothing here depends on the hour.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.visitor import PHONE_WIDTH, Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], ids=["Tuesday"], indirect=True),
]

PHONE = "06 39 98 41 77"


def choose_by_number(page: Page) -> None:
    page.locator("#q").fill("06 39 98 20 54")
    expect(page.locator("#person")).to_contain_text("Abdelkader Mansouri")
    expect(page.locator("#q")).to_have_count(0)
    expect(page.locator("#who")).to_be_focused()


def pick_a_time(page: Page) -> None:
    page.locator("#plan label", has_text="Impôts").click()
    expect(page.locator(".slot").first).to_be_visible()
    page.locator("#week-after").click()
    expect(page.locator("#week-before")).to_be_visible()
    page.locator(".slot").first.click()


@pytest.mark.parametrize("address", ["/rendez-vous/", "give"])
def test_a_name_typed_before_the_scripts_have_come_is_searched_once_they_are_there(
    visit: Callable[..., Visitor], address: str
) -> None:
    desk = visit()
    desk.log_in("nadia", PASSWORD)
    page = desk.page
    if address == "give":
        desk.goto("/aujourdhui/liste/?day=2026-11-25")
        page.locator("main table a").first.click()
        address = page.locator("#give").get_attribute("href") or ""
    waiting: list[Route] = []

    def hold_back(route: Route) -> None:
        waiting.append(route)

    page.route("**/*htmx*.js", hold_back)
    page.goto(desk.installation.url + address, wait_until="commit")
    page.locator("#q").fill("Mansour")
    assert waiting, "htmx has not come yet"
    for each in waiting:
        each.continue_()
    expect(page.locator("#found, #person").first).to_contain_text("Abdelkader Mansouri")
    expect(page.locator("#q")).to_have_value("Mansour")


@pytest.mark.parametrize("width", [None, PHONE_WIDTH], ids=["desk", "phone"])
def test_who_is_typed_last_is_booked_and_nothing_typed_is_lost(
    visit: Callable[..., Visitor], width: dict[str, int] | None
) -> None:
    desk = visit(viewport=width) if width else visit()
    desk.log_in("nadia", PASSWORD)
    page = desk.page
    desk.goto("/rendez-vous/")
    choose_by_number(page)
    page.locator("#let-go").click()
    expect(page.locator("#q")).to_be_focused()
    page.locator("#q").fill("Zoé Inconnue")
    form = page.locator("form.newcomer")
    expect(form.locator("[name=last_name]")).to_have_value("Inconnue")
    number = form.locator("[name=phones-0-number]")
    number.fill(PHONE)
    expect(page.locator("#q")).to_be_hidden()

    pick_a_time(page)
    expect(page.locator("#confirm-button")).to_be_focused()
    expect(number).to_have_value(PHONE)
    expect(page.locator("#confirm-button")).to_have_text("Enregistrer et confirmer pour Zoé Inconnue")
    axe(page)
    page.locator("#note").fill("avis d’impôt")
    page.go_back()
    expect(page.locator("#confirm")).to_have_count(0)  # the week as it was before a time was picked
    expect(number).to_have_value(PHONE)
    page.locator(".slot").first.click()
    expect(page.locator("#confirm-button")).to_be_visible()

    desk.allow("status of 422")
    form.locator("[name=first_name]").fill("")
    page.locator("#confirm-button").click()
    first = page.locator("[name=first_name]")
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile(r"^Erreur\s: "))
    page.locator("#error-summary a").click()
    expect(first).to_be_focused()
    expect(page.locator(".field", has=first)).to_contain_text("obligatoire")
    axe(page)
    first.fill("Zoé")
    page.locator("#confirm-button").click()
    page.wait_for_url(re.compile(r"/rendez-vous/\d+/$"))
    expect(page.locator("main")).to_contain_text("Zoé Inconnue")
    expect(page.locator("main")).not_to_contain_text("Abdelkader")


def test_the_button_names_who_is_chosen_until_they_are_let_go_of(visit: Callable[..., Visitor]) -> None:
    desk = visit()
    desk.log_in("nadia", PASSWORD)
    page = desk.page
    desk.goto("/rendez-vous/")
    choose_by_number(page)
    page.keyboard.press("Enter")
    expect(page.locator("#plan input[name=service]").first).to_be_focused()
    pick_a_time(page)
    expect(page.locator("#confirm-button")).to_have_text("Confirmer pour Abdelkader Mansouri")
    page.locator("#note").fill("avis d’impôt")
    page.locator("#let-go").click()
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#confirm-button")).to_be_hidden()
    expect(page.locator("#confirm-nobody")).to_be_visible()
    expect(page.locator("#note")).to_have_value("avis d’impôt")
    axe(page)


@pytest.mark.parametrize("width", [None, PHONE_WIDTH], ids=["desk", "phone"])
def test_whoever_is_alike_is_shown_first_and_chosen_by_keyboard(
    visit: Callable[..., Visitor], width: dict[str, int] | None
) -> None:
    """By keyboard: the question has the focus, its answers come next, Enter in a field answers nothing."""
    desk = visit(viewport=width) if width else visit()
    desk.allow("status of 409")
    desk.log_in("nadia", PASSWORD)
    page = desk.page
    desk.goto("/rendez-vous/")
    page.locator("#q").fill("Zoé Inconnue")
    form = page.locator("form.newcomer")
    number = form.locator("[name=phones-0-number]")
    number.fill("06 39 98 20 54")
    page.locator("#record").click()
    expect(page.locator("#alike")).to_be_focused()
    expect(page.locator(".alike")).to_contain_text("C’est cette personne : continuer")
    axe(page)

    pick_a_time(page)
    page.locator("#note").fill("avis d’impôt")
    page.locator("#confirm-button").click()
    expect(page.locator("#alike")).to_be_focused()
    expect(number).to_have_value("06 39 98 20 54")
    expect(page.locator("#note")).to_have_value("avis d’impôt")
    axe(page)
    number.press("Enter")
    expect(page.locator("#alike")).to_be_focused()
    expect(page.locator(".alike")).to_contain_text("continuer")
    expect(page.locator("#note")).to_have_value("avis d’impôt")
    page.locator("#confirm-button").click()
    expect(page.locator(".alike")).to_contain_text("confirmer le rendez-vous")
    expect(page.locator("#alike")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("[name=known]")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/rendez-vous/\d+/$"))
    expect(page.locator("main")).to_contain_text("Abdelkader Mansouri")
    expect(page.locator("main")).to_contain_text("avis d’impôt")


def test_a_long_address_stays_in_its_panel_and_a_number_on_its_line(visit: Callable[..., Visitor]) -> None:
    desk = visit()
    desk.log_in("nadia", PASSWORD)
    page = desk.page
    desk.goto("/rendez-vous/")
    page.locator("#q").fill("06 39 98 20 01")
    address = page.locator("#person dd", has_text="@example.org")
    expect(address).to_be_visible()

    right = "each => each.getBoundingClientRect().right"
    assert address.evaluate(right) <= page.locator("#who-panel").evaluate(right)
    lines = "each => each.clientHeight / parseFloat(getComputedStyle(each).lineHeight)"
    assert page.locator("#person dd", has_text="06").evaluate(lines) < 1.5
