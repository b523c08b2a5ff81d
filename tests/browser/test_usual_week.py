"""A manager makes a helper's usual week on one page: by keyboard, on a phone, and without scripts."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.visitor import Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], indirect=True),
]


def open_editor(manager: Visitor) -> Page:
    manager.log_in("sophie", PASSWORD)
    manager.goto("/equipe/semaines-types/")
    manager.page.locator("a", has_text="+ Camille").click()
    expect(manager.page.get_by_role("heading", level=1)).to_contain_text("Camille")
    return manager.page


def fill_row(page: Page, number: int, starts: str, ends: str, *days: str) -> None:
    row = page.locator(".usual-row").nth(number - 1)
    row.get_by_label("Lieu").select_option(index=1)
    row.get_by_label("De", exact=True).fill(starts)
    row.get_by_label("À", exact=True).fill(ends)
    for day in days:
        row.get_by_label(day).check()


def test_a_usual_week_is_made_corrected_and_changed(visit: Callable[..., Visitor]) -> None:
    manager = visit()
    manager.allow("status of 422")
    page = open_editor(manager)
    fill_row(page, 1, "08:30", "12:00", "lun.", "mar.")
    expect(page.locator("#usual-sum")).to_contain_text("7 h")
    fill_row(page, 2, "13:30", "17:00", "lun.")
    expect(page.locator("#usual-sum")).to_contain_text("10 h 30")
    axe(page)

    page.get_by_role("button", name="Ajouter une ligne").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".usual-row")).to_have_count(3)
    expect(page.locator("#id_new-3-site")).to_be_focused()
    expect(page.locator("#id_new-1-starts")).to_have_value("08:30")
    fill_row(page, 3, "11:00", "14:00", "mar.")
    expect(page.locator("#usual-sum")).to_contain_text("Les lignes 1 et 3 se chevauchent")

    # Enter in a field saves, and what is wrong is said at the top and beside the field.
    page.locator("#id_new-3-ends").press("Enter")
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name=re.compile("Ligne 3")).click()
    expect(page.locator("#id_new-3-starts")).to_be_focused()
    expect(page.locator("#id_new-3-starts")).to_have_value("11:00")
    axe(page)
    page.locator("#id_new-3-starts").fill("14:00")
    page.locator("#id_new-3-ends").fill("17:00")
    page.get_by_role("button", name="Enregistrer, puis voir ce qui change").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Avant de publier")

    manager.goto("/equipe/semaines-types/")
    page.locator(".card-list > li", has_text="Camille").locator("a").click()
    expect(page.locator(".usual-row")).to_have_count(4)
    page.locator(".usual-row").first.get_by_label("Supprimer cette ligne").check()
    expect(page.locator("#usual-sum")).to_contain_text("6 h 30")
    page.set_viewport_size({"width": 390, "height": 844})
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Enregistrer, puis voir ce qui change").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Avant de publier")
    manager.goto("/equipe/semaines-types/")
    expect(page.locator(".card-list")).not_to_contain_text("8:30")


def test_rows_are_added_without_scripts(visit: Callable[..., Visitor]) -> None:
    manager = visit(java_script_enabled=False)
    page = open_editor(manager)
    fill_row(page, 1, "08:30", "12:00", "lun.")
    page.get_by_role("button", name="Ajouter une ligne").click()
    expect(page.locator(".usual-row")).to_have_count(3)
    expect(page.locator("#id_new-1-starts")).to_have_value("08:30")
    fill_row(page, 3, "13:30", "17:00", "mar.")
    page.get_by_role("button", name="Recompter les heures").click()
    expect(page.locator("#usual-sum")).to_contain_text("7 h")
    page.get_by_role("button", name="Enregistrer, puis voir ce qui change").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Avant de publier")
