"""« Aidants » with twenty-six helpers and eight places, as a manager sees it on a desk and on a phone."""

import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from demo.people import PASSWORD
from scripts import run
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.installation import Installation
from tests.browser.visitor import DESK_WIDTH, PHONE_WIDTH, Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], indirect=True),
]

HIGHEST_PX = 2000


@pytest.fixture
def many(installation: Installation) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.in_django", "tests.browser.many_helpers"],
        cwd=run.ROOT,
        env={**os.environ, **installation.environment},
        check=True,
        timeout=120,
    )


def height(page: Page) -> int:
    found: int = page.evaluate("document.documentElement.scrollHeight")
    return found


def names(page: Page) -> list[str]:
    rows = page.locator("table.week-grid tr[id^='helper-'] th")
    return [text.split()[0] for text in rows.all_inner_texts()]


def test_a_manager_reads_and_searches_the_week_at_the_desk(visit: Callable[..., Visitor], many: None) -> None:
    manager = visit(viewport=DESK_WIDTH)
    page = manager.page
    manager.log_in("sophie", PASSWORD)
    manager.goto("/equipe/")
    assert len(names(page)) == 26
    assert height(page) < HIGHEST_PX
    axe(page)
    expect(page.locator(".draft")).to_contain_text("brouillon")
    expect(page.locator("#to-settle summary").first).to_contain_text("À régler cette semaine")

    # The days and the coverage stay in sight.
    page.mouse.wheel(0, 900)
    expect(page.locator("thead tr.cover-sum")).to_be_in_viewport()

    page.locator("#week-q").fill("zoé")
    expect(page.locator("table.week-grid tr[id^='helper-']")).to_have_count(1)
    expect(page.locator("#week-q")).to_be_focused()
    expect(page.locator("#week-found")).to_have_text(re.compile("1 aidant trouvé"))
    page.evaluate("document.body.dispatchEvent(new CustomEvent('permanence:changed'))")
    expect(page.locator("#week-q")).to_have_value("zoé")
    assert "zo" not in page.url, "an address stays in histories and logs"
    page.get_by_role("button", name="Semaine suivante").click()
    expect(page.locator("table.week-grid tr[id^='helper-']")).to_have_count(1)
    page.locator("#week-q").fill("personne de ce nom")
    expect(page.locator("#week .empty")).to_contain_text("Aucun aidant ne s’appelle")
    axe(page)
    page.get_by_role("link", name="Montrer tous les aidants").click()
    expect(page.locator("table.week-grid tr[id^='helper-']")).to_have_count(26)

    fold = page.locator("button[data-fold^='group-']").first
    fold.focus()
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "false")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('permanence:changed'))")
    expect(page.locator("button[data-fold^='group-']").first).to_have_attribute("aria-expanded", "false")

    page.locator("#week-density").select_option("hours")
    expect(page.locator("table.week-grid.hours")).to_be_visible()
    page.locator("#week-group").select_option("none")
    expect(page.locator("button[data-fold^='group-']")).to_have_count(0)
    manager.goto("/equipe/")
    expect(page.locator("table.week-grid.hours")).to_be_visible()
    expect(page.locator("button[data-fold^='group-']")).to_have_count(0)
    axe(page)


def test_a_free_half_day_is_filled_with_the_hours_of_the_place(
    visit: Callable[..., Visitor], many: None
) -> None:
    manager = visit(viewport=DESK_WIDTH)
    page = manager.page
    manager.log_in("sophie", PASSWORD)
    manager.goto("/equipe/?week=2026-12-21")
    expect(page.locator("thead th.closed")).to_contain_text("Noël")
    manager.goto("/equipe/")
    page.locator("a.add-shift.half-afternoon").first.click()
    expect(page.locator("[name=starts]")).to_have_value("14:00")
    expect(page.locator("[name=ends]")).to_have_value("17:00")


def test_a_manager_looks_at_a_day_on_a_phone(visit: Callable[..., Visitor], many: None) -> None:
    manager = visit(viewport=PHONE_WIDTH)
    page = manager.page
    manager.log_in("sophie", PASSWORD)
    manager.goto("/equipe/")
    axe(page)
    expect(page.locator(".day-choice a[aria-current]")).to_contain_text("mar. 24")
    friday = page.locator(".day-choice a", has_text="ven. 27")
    friday.click()
    expect(page.locator(".day-choice a[aria-current]")).to_contain_text("ven. 27")
    expect(page.locator(".narrow-days h2")).to_contain_text("Vendredi 27 novembre")
    expect(page.locator(".day-choice a[aria-current]")).to_be_in_viewport()
    half = page.locator("details.place-half").first
    half.locator("summary").click()
    expect(half.get_by_role("button", name=re.compile("Ajouter quelqu’un"))).to_be_visible()
    axe(page)
    expect(page.locator("#narrow-hours")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH["width"]
