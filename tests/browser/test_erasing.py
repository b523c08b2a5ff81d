"""A manager erases somebody: what goes is said first, the coming visit stays by its number, no copy stays."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.test_helper_day import DAY, KEPT, NEXT, nothing_is_kept, wait_until_kept
from tests.browser.visitor import PHONE_WIDTH, Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], indirect=True),
]


def test_somebody_is_erased_and_their_visit_stays_by_its_number(visit: Callable[..., Visitor]) -> None:
    # A helper's phone has the day of before, with the name.
    helper = visit(viewport=PHONE_WIDTH, has_touch=True)
    helper.log_in("camille", PASSWORD)
    helper.goto(DAY)
    wait_until_kept(helper.page)
    name = helper.page.locator(f"{NEXT} .name").inner_text()
    line = helper.page.locator(NEXT).get_attribute("id")
    helper.goto("/compte/")
    assert not nothing_is_kept(helper.page)

    # From the search to the record, to its rights, to what would go.
    manager = visit()
    page = manager.page
    manager.log_in("sophie", PASSWORD)
    manager.goto("/rendez-vous/")
    page.locator("#q").fill(name)
    page.locator("#found").get_by_text(name).first.click()
    expect(page.locator("#person")).to_contain_text(name)
    page.locator("#person a.edit").click()
    page.get_by_role("link", name="Effacer la personne…").click()
    expect(page.locator("h1")).to_have_text(f"Effacer {name}")
    number = page.locator(".visits-to-tell strong").first.inner_text()
    axe(page)
    page.get_by_label("garder ces rendez-vous, par leur numéro seulement").check()
    page.get_by_role("button", name="Continuer…").click()
    expect(page.get_by_text(f"Effacer {name} pour toujours")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Oui, effacer pour toujours").click()
    expect(page.locator("h1")).to_have_text("La personne est effacée")
    expect(page.locator("main")).not_to_contain_text(name)
    axe(page)

    # Nobody is found.
    manager.goto("/rendez-vous/")
    page.locator("#q").fill(name)
    expect(page.locator("#found")).to_be_visible()
    expect(page.locator("#found")).not_to_contain_text(name)
    assert number

    # The phone learns it with the first page that it fetches, whichever that is; the visit is still there.
    helper.goto("/compte/")
    helper.page.wait_for_function("async name => !(await caches.has(name))", arg=KEPT)
    helper.goto(DAY)
    expect(helper.page.locator("#my-day")).not_to_contain_text(name)
    expect(helper.page.locator(f"#{line} .name")).to_have_text(re.compile(r"Sans nom, n°\s\d{3}\s\d{3}"))
