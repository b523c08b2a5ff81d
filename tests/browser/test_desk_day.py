"""The desk's day: someone walks in, a gap is clicked, and everybody's page shows it; again by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.visitor import PHONE_WIDTH, Visitor, axe, tick_and_read

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("shared")]

SITE = "Hôtel de ville"
LIVE_MS = 15_000


def place(page: Page) -> Locator:
    return page.locator(".site-day", has=page.get_by_role("heading", name=SITE, exact=True))


def gaps(page: Page) -> Locator:
    return place(page).locator("tbody tr:not(.helper) td.gap a")


@pytest.mark.parametrize("moment", [TUESDAY_MORNING], indirect=True)
def test_a_gap_takes_who_walked_in_and_every_page_shows_it(visit: Callable[..., Visitor]) -> None:
    desk, colleague = visit(), visit(viewport=PHONE_WIDTH, has_touch=True)
    desk.log_in("nadia", PASSWORD)
    colleague.log_in("sophie", PASSWORD)
    for visitor in (desk, colleague):
        visitor.goto("/aujourdhui/")
        axe(visitor.page)
        visitor.page.evaluate("window.neverReloaded = true")
    expect(place(colleague.page).locator(".visit.in_session")).to_have_count(0)

    # By mouse: the gap of this minute, the service, done.
    gaps(desk.page).first.click()
    expect(desk.page.locator("main")).to_contain_text("Libre maintenant")
    axe(desk.page)
    begin = desk.page.locator("button[name=choice]", has_text="sans aidant").first
    begin.click()
    expect(desk.page.locator(".messages")).to_contain_text("La séance a commencé")
    axe(desk.page)
    assert "#visit-" in desk.page.url
    expect(place(desk.page).locator("tr:not(.helper) .visit.in_session")).to_contain_text("sans nom")
    expect(place(colleague.page).locator("tr:not(.helper) .visit.in_session")).to_contain_text(
        "sans nom", timeout=LIVE_MS
    )
    assert colleague.page.evaluate("window.neverReloaded") is True

    # It was a mistake: undone, and the cabin is free again on both pages.
    page = desk.page
    place(page).locator("tr:not(.helper) .visit.in_session a").click()
    for name in ("Effacer le début", "Annuler le rendez-vous"):
        page.get_by_role("button", name=name).click()
    tick_and_read(page, "saisi par erreur")
    page.locator("button.cancels").click()
    expect(place(colleague.page).locator(".visit.in_session")).to_have_count(0, timeout=LIVE_MS)

    # By keyboard: the same, then a later gap, who it is for, a time, the booking.
    desk.goto("/aujourdhui/")
    gaps(page).first.focus()
    page.keyboard.press("Enter")
    page.locator("button[name=choice]", has_text="sans aidant").first.focus()
    page.keyboard.press("Enter")
    expect(place(colleague.page).locator(".visit.in_session")).to_have_count(1, timeout=LIVE_MS)
    gaps(page).last.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_contain_text(SITE)
    page.locator("#q").focus()
    page.keyboard.type("06 39 98 12 34")
    page.keyboard.press("Enter")
    expect(page.locator(".chosen")).to_contain_text("Fatima Bensaïd")
    time = page.locator("button.time").first
    hour = time.inner_text()
    time.focus()
    page.keyboard.press("Enter")
    confirm = page.locator("#confirm-button")
    expect(page.locator("#confirm dd").first).to_contain_text(hour)
    confirm.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/rendez-vous/\d+/$"))
    expect(page.locator("main h1")).to_contain_text(hour)
    shown = place(colleague.page).locator("tr:not(.helper) .visit", has_text="Fatima Bensaïd")
    expect(shown).to_contain_text(hour, timeout=LIVE_MS)
    assert colleague.page.evaluate("window.neverReloaded") is True

    # Tomorrow on paper: a page for each place that is not longer than one.
    desk.goto("/aujourdhui/")
    page.get_by_role("button", name="Imprimer la liste de demain").click()
    expect(page.locator("main h1")).to_contain_text("25 novembre")
    axe(page)
    places = page.locator("main section").count()
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == places

    # Whoever is at a button by keyboard is still there after a colleague's change.
    desk.goto("/ecrans/")
    change = page.locator("#screen-list a").nth(1)
    change.focus()
    change.evaluate("element => element.dataset.old = ''")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('permanence:changed'))")
    expect(page.locator("#screen-list a[data-old]")).to_have_count(0)
    expect(change).to_be_focused()
