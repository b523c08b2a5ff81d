"""A helper sends calendars that would stop a careless reader, and a good one; the desk notices nothing."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING, Visit
from tests.browser.visitor import PHONE_WIDTH, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], indirect=True),
]

CALENDARS = Path(__file__).resolve().parents[1] / "planning" / "calendars"
READING_MS = 90_000


def send(page: Page, name: str) -> None:
    page.locator("input[type=file]").set_input_files(CALENDARS / name)
    page.get_by_role("button", name="Suivre", exact=True).click()


def test_a_helper_sees_what_became_of_a_calendar_without_reloading_while_the_desk_works_on(
    visit: Visit,
) -> None:
    helper, desk = visit(), visit()
    helper.log_in("camille", PASSWORD)
    helper.goto("/agendas/")
    page, followed = helper.page, helper.page.locator("#followed")
    send(page, "bomb-bysecond.ics")
    expect(followed).to_contain_text("en cours de lecture")
    axe(page)
    page.get_by_label("Adresse de votre agenda").fill("agenda.exemple")
    button = followed.locator("summary", has_text="Ne plus suivre")
    button.focus()
    desk.log_in("nadia", PASSWORD)
    desk.goto("/rendez-vous/")
    expect(desk.page.get_by_role("heading").first).to_be_visible()
    expect(followed).to_contain_text("La lecture de cet agenda a été arrêtée", timeout=READING_MS)
    expect(followed).not_to_contain_text("en cours de lecture")
    expect(button).to_be_focused()
    expect(page.get_by_label("Adresse de votre agenda")).to_have_value("agenda.exemple")
    axe(page)


def test_a_helper_sends_a_calendar_from_a_phone_and_reads_how_often_it_says_busy(visit: Visit) -> None:
    helper = visit(viewport=PHONE_WIDTH, has_touch=True)
    helper.log_in("camille", PASSWORD)
    helper.goto("/agendas/")
    send(helper.page, "daily_infinite.ics")
    followed = helper.page.locator("#followed")
    expect(followed).to_contain_text("périodes occupées à venir, jusqu’au", timeout=READING_MS)
    helper.allow("status of 422")
    send(helper.page, "one-bad-event.ics")
    expect(helper.page.locator("#error-summary")).to_contain_text("Dites si le nouveau fichier s’ajoute")
    axe(helper.page)
    helper.page.get_by_label("s’ajoute à ce que vous suivez").check()
    send(helper.page, "one-bad-event.ics")
    expect(followed).to_contain_text("3 événements n’ont pas pu être lus", timeout=READING_MS)
    expect(followed).to_contain_text("sans debut · ligne 4 · sans début")
    expect(followed).to_contain_text("daily_infinite.ics")
    assert helper.page.evaluate("document.documentElement.scrollWidth") == PHONE_WIDTH["width"]
    axe(helper.page)
