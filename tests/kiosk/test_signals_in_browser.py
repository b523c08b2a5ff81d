"""A helper's « Ma journée » beside the screen of a cabin, in real browsers: a press there, a signal here."""

import re

import pytest
from playwright.sync_api import Page, expect

from agents.models import Agent
from booking.actions import check_in, undo_check_in
from booking.log import Actor
from booking.models import Appointment
from communes.models import Cabin, Commune, Service
from core.roles import Role
from tests.browser.visitor import axe
from tests.factories import at, make_agent, make_appointment, make_resident, make_shift
from tests.kiosk.hung import TOLD_WITHIN_MS, Hung, until_true

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

TITLE = "(1) Fatima B. est là – Ma journée · Permanence"
SEEN = "Ma journée · Permanence"
DAY = "/ma-journee/"
COUNT_SOUNDS = """sessionStorage.sounds ??= 0; sessionStorage.words ??= "";
document.addEventListener("permanence:sounded", () => sessionStorage.sounds++);
new MutationObserver(all => {
  for (const { target } of all)
    if (target.id === "signals-said") sessionStorage.words += `|${target.textContent}`;
}).observe(document, {subtree: true, childList: true});"""


@pytest.fixture
def helped(
    transactional_db: None, commune: Commune, cabin: Cabin, service: Service, bob: Agent
) -> Appointment:
    make_shift(bob, cabin.site, at(9), at(12))
    return make_appointment(cabin, service, at(10, 30), resident=make_resident(commune), helper=bob)


ONLY_A_TOUCH_COUNTS = """Object.defineProperty(navigator, "userActivation",
  {get: () => ({hasBeenActive: Boolean(window.touched)})});
document.addEventListener("pointerup", () => (window.touched = true), true);"""
"""For the browser, each look of this test at the page is a touch of it: here only a real one is."""


def open_day(hung: Hung, agent: Agent, *, wants_sound: bool = True) -> Page:
    Agent.objects.filter(pk=agent.pk).update(wants_sound=wants_sound)
    page = hung.agents_page(agent, DAY)
    page.context.add_init_script(COUNT_SOUNDS)
    page.reload()
    return page


def touch(page: Page) -> None:
    page.locator("h1").click()


def sounds(*pages: Page) -> int:
    return sum(int(page.evaluate("sessionStorage.sounds")) for page in pages)


def words(page: Page) -> list[str]:
    """What was said of residents and calls; the installation of the test has no worker, and says so too."""
    said = str(page.evaluate("sessionStorage.words")).split("|")
    return [each for each in said if each and "Aucun message" not in each]


def refresh(page: Page) -> None:
    """As the stream does when anything changes, and wait for the answer."""
    with page.expect_response(re.compile("/ecrans/appels/")):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('permanence:changed', {bubbles: true}))")
    page.wait_for_timeout(200)


def arrive(hung: Hung) -> None:
    hung.shows("Fatima B.")
    hung.page.get_by_role("button", name="Je suis là").click()
    hung.page.get_by_role("button", name="Oui, c’est moi").click()
    expect(hung.page.get_by_role("dialog")).to_contain_text("Votre arrivée est notée")


def test_a_press_on_the_screen_is_seen_said_and_heard_once(
    hung: Hung, helped: Appointment, bob: Agent
) -> None:
    hung.tell()
    day = open_day(hung, bob)
    touch(day)
    other_tab = day.context.new_page()
    other_tab.goto(hung.house.url + DAY)
    touch(other_tab)
    arrive(hung)
    expect(day).to_have_title(TITLE, timeout=TOLD_WITHIN_MS)
    expect(other_tab).to_have_title(TITLE, timeout=TOLD_WITHIN_MS)
    for page in (day, other_tab):
        assert len(words(page)) == 1
        assert "Fatima" in words(page)[0]
    assert sounds(day, other_tab) == 1
    refresh(day)
    refresh(other_tab)
    day.reload()
    expect(day.locator("#help-calls")).to_contain_text("Fatima")
    touch(day)
    refresh(day)
    assert sounds(day, other_tab) == 1
    assert [len(words(page)) for page in (day, other_tab)] == [1, 1]
    axe(day)
    expect(day).to_have_title(SEEN)
    expect(other_tab).to_have_title(SEEN)  # whoever has looked at one has looked


def test_an_arrival_noted_by_the_desk_is_signalled_and_a_colleague_s_is_not(
    hung: Hung, helped: Appointment, commune: Commune, bob: Agent, alice: Agent
) -> None:
    colleague = make_agent(commune, Role.HELPER)
    hers, day = open_day(hung, colleague), open_day(hung, bob)
    touch(hers)
    touch(day)
    check_in(appointment=helped, by=Actor.agent(alice), now=at(10, 24))
    expect(day).to_have_title(TITLE, timeout=TOLD_WITHIN_MS)
    day.mouse.move(200, 300)
    expect(day).to_have_title(SEEN)
    refresh(hers)
    assert (hers.title(), sounds(hers), words(hers)) == (SEEN, 0, [])
    # Undone and noted again, it is news.
    undo_check_in(appointment=helped, by=Actor.agent(alice), now=at(10, 24))
    expect(day.locator("[data-about]")).to_have_count(0, timeout=TOLD_WITHIN_MS)
    helped.refresh_from_db()
    check_in(appointment=helped, by=Actor.agent(alice), now=at(10, 24))
    expect(day).to_have_title(TITLE, timeout=TOLD_WITHIN_MS)
    assert sounds(day) == 2


def test_without_the_wish_it_is_silent_and_the_wish_is_kept(
    hung: Hung, helped: Appointment, bob: Agent, alice: Agent
) -> None:
    day = open_day(hung, bob, wants_sound=False)
    touch(day)
    check_in(appointment=helped, by=Actor.agent(alice), now=at(10, 24))
    expect(day).to_have_title(TITLE, timeout=TOLD_WITHIN_MS)
    assert sounds(day) == 0
    day.get_by_role("button", name="Activer le son").click()
    expect(day.get_by_role("button", name="Couper le son")).to_be_focused()
    until_true(day, "sessionStorage.sounds === '1'")  # that is what it sounds like
    day.reload()
    expect(day.get_by_role("button", name="Couper le son")).to_be_visible()
    assert day.locator("body").get_attribute("data-sound") == "1"


def test_a_browser_that_blocks_sound_is_said_to_and_the_first_touch_brings_it(
    hung: Hung, helped: Appointment, bob: Agent, alice: Agent
) -> None:
    day = open_day(hung, bob)
    day.context.add_init_script(ONLY_A_TOUCH_COUNTS)
    day.reload()
    expect(day.locator("#sound-blocked")).to_be_visible()
    check_in(appointment=helped, by=Actor.agent(alice), now=at(10, 24))
    expect(day).to_have_title(TITLE, timeout=TOLD_WITHIN_MS)
    assert sounds(day) == 0
    expect(day.locator("#sound-blocked")).to_contain_text("Le navigateur bloque le son")
    touch(day)
    expect(day.locator("#sound-blocked")).to_be_hidden()
    until_true(day, "sessionStorage.sounds === '1'")


def test_a_call_for_help_sounds_for_everyone_who_is_called_and_stays_in_the_title(
    hung: Hung, alice: Agent
) -> None:
    page = hung.agents_page(alice, "/aujourdhui/")
    page.context.add_init_script(COUNT_SOUNDS)
    page.reload()
    touch(page)
    hung.page.get_by_role("button", name="Appeler un agent").click()
    expect(page).to_have_title(re.compile(r"^\(1\) ☎ – "), timeout=TOLD_WITHIN_MS)
    assert sounds(page) == 1
    assert len(words(page)) == 1
    page.mouse.move(200, 300)
    refresh(page)
    expect(page).to_have_title(re.compile(r"^\(1\) ☎ – "))
    page.get_by_role("button", name="J’y vais").click()
    expect(page).not_to_have_title(re.compile("☎"))
    assert sounds(page) == 1
