"""Messages in the browser: a call that is answered with a key, a reply, and the call list by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.installation import Installation
from tests.browser.visitor import PHONE_WIDTH, Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], indirect=True),
]

MESSAGE_MS = 60_000
SIMONE = "02 61 91 20 11"

# Another system of the commune books for Simone, who has a landline: nobody has spoken to her, so she is
# called. The first time of today with Camille.
BOOK_BY_API = """
from datetime import timedelta
from agents.models import Agent
from booking.actions import BookingRequest, book
from booking.log import Actor
from booking.models import Resident
from booking.free.slots import find_slots
from core.clock import now
simone = Resident.objects.get(first_name="Simone", last_name="Vasseur")
camille = Agent.objects.get(username="camille")
instant = now()
today = simone.commune.local(instant).date()
for service in simone.commune.services.filter(skilled__agent=camille).distinct():
    offers = find_slots(commune=simone.commune, service=service, with_helper=True, start=today, now=instant,
                        end=today + timedelta(days=1), helper_id=camille.pk, exchange=False).offers
    offers = list(offers)
    if offers:
        site = simone.commune.sites.get(pk=offers[-1].site_id)
        request = BookingRequest(service=service, site=site, start=offers[-1].start, with_helper=True,
                                 helper=camille, resident=simone)
        made = book(request=request, by=Actor.api(), now=instant)
        print("booked", made.pk)
        break
"""


def spaced(number: str) -> str:
    return number.replace(" ", "\N{NO-BREAK SPACE}")


def book_for_simone(installation: Installation) -> int:
    said = installation.manage("shell", "--no-imports", "-c", BOOK_BY_API)
    found = re.search(r"booked (\d+)", said)
    assert found, said
    return int(found.group(1))


def test_a_call_is_answered_and_confirmed_with_a_key(
    installation: Installation, visit: Callable[..., Visitor]
) -> None:
    simulator, helper = visit(), visit(viewport=PHONE_WIDTH, has_touch=True)
    simulator.log_in("sophie", PASSWORD)
    helper.log_in("camille", PASSWORD)
    pk = book_for_simone(installation)
    helper.goto("/ma-journee/")
    expect(helper.page.locator(f"#visit-{pk}")).to_contain_text("non confirmé")

    simulator.goto("/simulateur/")
    page = simulator.page
    phone = page.locator(".device", has_text=spaced(SIMONE))
    phone.get_by_role("button", name="Décrocher").click(timeout=MESSAGE_MS)
    call = page.locator("#call")
    expect(call.locator("#call-said")).to_contain_text("Ici la mairie de Petit-Quevilly")
    axe(page)
    expect(call.locator("#call-said")).to_contain_text("Pour dire que vous venez, tapez 1", timeout=60_000)
    page.keyboard.press("1")
    expect(call.locator("#call-said")).to_contain_text("est confirmé")
    expect(call).not_to_be_visible(timeout=30_000)

    helper.goto("/ma-journee/")
    expect(helper.page.locator(f"#visit-{pk}")).to_contain_text("confirmé")
    expect(helper.page.locator(f"#visit-{pk}")).not_to_contain_text("non confirmé")


def test_a_reply_from_the_phone_confirms(installation: Installation, visit: Callable[..., Visitor]) -> None:
    simulator = visit()
    simulator.log_in("sophie", PASSWORD)
    simulator.goto("/simulateur/")
    page = simulator.page
    phone = page.locator(".device", has=page.locator(".sms", has_text="Répondez 1")).first
    address = phone.locator("input[name=number]").get_attribute("value")
    phone.locator("input[name=text]").fill("aide")
    phone.get_by_role("button", name="Envoyer").click()

    answered = page.locator(".device", has=page.locator(f"input[value='{address}']"))
    expect(answered.locator(".mine .sms").first).to_have_text("aide")
    helped = answered.locator(".sms", has_text="répondez 1 pour confirmer")
    expect(helped).to_be_visible(timeout=MESSAGE_MS)


def test_the_call_list_is_worked_through_by_keyboard(
    installation: Installation, visit: Callable[..., Visitor]
) -> None:
    desk = visit()
    desk.log_in("nadia", PASSWORD)
    desk.goto("/messages/a-rappeler/")
    page = desk.page
    calls = page.locator(".call-card")
    axe(page)
    before = calls.count()
    assert before >= 3, "the demonstration has people to call back"
    expect(calls.first).to_be_focused()

    page.keyboard.press("ArrowDown")
    expect(calls.nth(1)).to_be_focused()
    second = calls.nth(1).get_attribute("id")
    page.keyboard.press("p")
    told = page.locator(f"#{second} [data-key=p]")
    expect(told).to_be_focused()  # a letter alone does nothing
    page.keyboard.press("Enter")
    expect(page.locator(".call-done-now")).to_contain_text("personne prévenue")
    expect(page.locator(f"#{second}")).to_have_count(0)
    expect(calls).to_have_count(before - 1)
    expect(calls.nth(1)).to_be_focused()  # whoever took their place

    dialled = page.locator(".call-card:has([data-key=s])").first
    tried = dialled.get_attribute("id")
    dialled.focus()
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    expect(page.locator(f"#{tried}")).to_contain_text("à retenter à")
    expect(calls).to_have_count(before - 1)

    page.locator(".call-done-now").get_by_role("button", name="Défaire").click()
    expect(page.locator(f"#{tried}")).not_to_contain_text("à retenter à")
    axe(page)


def test_an_open_step_and_the_focus_survive_that_the_list_is_drawn_again(
    installation: Installation, visit: Callable[..., Visitor]
) -> None:
    desk = visit()
    desk.log_in("nadia", PASSWORD)
    desk.goto("/messages/a-rappeler/")
    page = desk.page
    page.locator(".call-card details summary").first.click()
    page.locator(".call-card .danger[id^=cancel-]").first.click()
    step = page.locator(".call-cancel")
    expect(step.locator("input[name=asked_by]").first).to_be_focused()
    axe(page)
    keeps = step.get_by_role("button", name="Garder le rendez-vous")
    keeps.focus()

    with page.expect_response("**/messages/a-rappeler/?again=1&cancel=*"):  # by itself, every 15 seconds
        pass
    expect(keeps).to_be_focused()
    expect(page.locator(".call-card details").first).to_have_attribute("open", "")
    page.keyboard.press("Enter")
    expect(step).to_have_count(0)
    expect(page.locator(".call-card .danger[id^=cancel-]").first).to_be_focused()


def test_a_colleague_sees_who_calls_until_they_leave_the_list(
    installation: Installation, visit: Callable[..., Visitor]
) -> None:
    nadia, sophie = visit(), visit(viewport=PHONE_WIDTH, has_touch=True)
    nadia.log_in("nadia", PASSWORD)
    nadia.goto("/messages/a-rappeler/")
    mine = nadia.page.locator(".call-card").first
    mine.get_by_role("button", name="J’appelle").click()
    expect(mine).to_contain_text("Vous l’appelez depuis")

    sophie.log_in("sophie", PASSWORD)
    sophie.goto("/messages/a-rappeler/")
    theirs = sophie.page.locator(".call-card").first
    expect(theirs).to_contain_text("Nadia l’appelle depuis")
    expect(theirs.get_by_role("button", name="Personne prévenue")).to_have_count(0)
    axe(sophie.page)

    nadia.goto("/rendez-vous/")
    expect(theirs).not_to_contain_text("Nadia l’appelle depuis")  # drawn again by itself
    expect(theirs.get_by_role("button", name="Personne prévenue")).to_be_visible()
