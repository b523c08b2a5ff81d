"""A desk agent looks at somebody, and the manager reads it; in a browser."""

import re
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
def test_the_desk_looks_and_the_manager_reads_it(
    visit: Callable[..., Visitor], width: dict[str, int] | None
) -> None:
    desk = visit(viewport=width) if width else visit()
    desk.log_in("nadia", PASSWORD)
    desk.goto("/rendez-vous/")
    desk.page.locator("#q").fill("Lamy")
    desk.page.locator("#found li a").first.click()
    expect(desk.page.locator("#person .person")).to_be_visible()
    desk.page.locator("#person a.edit").click()
    expect(desk.page.get_by_role("heading", name="Droits de la personne")).to_be_visible()
    desk.goto("/compte/consultations/")
    lines = desk.page.locator(".looked-line")
    expect(lines.filter(has_text=re.compile("Fiche de la personne")).first).to_be_visible()
    expect(desk.page.locator("main")).not_to_contain_text("Lamy")
    axe(desk.page)

    manager = visit(viewport=width) if width else visit()
    manager.allow("status of 422")  # the last dates are in the wrong order
    manager.log_in("sophie", PASSWORD)
    manager.goto("/reglages/")
    manager.page.get_by_role("link", name="Qui a consulté").click()
    line = manager.page.locator(".looked-line", has_text="Nadia").first
    expect(line).to_contain_text("Lamy")
    expect(manager.page.locator(".looked-line", has_text="Fiche de la personne").first).to_contain_text(
        "Nadia"
    )
    axe(manager.page)
    manager.page.get_by_label("Sur quoi").select_option("search")
    manager.page.get_by_role("button", name="Afficher").click()
    expect(manager.page.locator(".looked-line").first).to_contain_text("Liste d’une recherche")
    manager.page.locator("#id_until").fill("2026-11-01")
    manager.page.get_by_role("button", name="Afficher").click()
    expect(manager.page.locator("#id_until_error, .empty").first).to_be_visible()
    axe(manager.page)
