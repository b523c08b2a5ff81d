"""A manager makes a week the usual one, reads what publishing changes, publishes it and takes it back."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.visitor import Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], indirect=True),
]


def test_a_week_is_published_and_taken_back(visit: Callable[..., Visitor]) -> None:
    manager, helper = visit(), visit()
    manager.log_in("sophie", PASSWORD)
    page = manager.page

    manager.goto("/equipe/")
    page.get_by_role("button", name="Faire de cette semaine la semaine type").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Avant de publier")
    page.locator("[name=until]:visible").fill("2027-03-12")
    page.get_by_role("button", name="Voir ce qui change").click()
    expect(page.locator(".changes")).to_contain_text("Camille")
    expect(page.locator("main")).to_contain_text("Qui sera prévenu")
    axe(page)
    page.set_viewport_size({"width": 390, "height": 844})
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name=re.compile("^Publier et prévenir")).click()
    expect(page.locator(".messages")).to_contain_text("Publié")

    manager.goto("/equipe/?week=2027-03-08")
    expect(page.locator("#week")).to_contain_text("Verlaine")
    helper.log_in("camille", PASSWORD)
    helper.goto("/ma-journee/")
    expect(helper.page.locator(".news")).to_contain_text("Vos présences sont publiées")
    axe(helper.page)

    manager.goto("/equipe/semaines-types/")
    page.get_by_role("button", name="Revenir en arrière sur la publication").click()
    expect(page.locator(".messages")).to_contain_text("effacée")
    manager.goto("/equipe/?week=2027-03-08")
    expect(page.locator("#week")).to_contain_text("Personne n’est prévu cette semaine")
    helper.goto("/ma-journee/")
    expect(helper.page.locator("main h1")).to_be_visible()
    expect(helper.page.locator(".news")).to_have_count(0)
