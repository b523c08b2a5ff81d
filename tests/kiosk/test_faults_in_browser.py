"""A fault from the screen to the desk and back: reported, confirmed, visits to be placed again, closed."""

import re

import pytest
from playwright.sync_api import Page, expect

from agents.models import Agent
from communes.enums import Equipment
from communes.models import Cabin, Commune, Incident
from tests.browser.visitor import axe
from tests.factories import at, make_appointment, make_resident, make_service
from tests.kiosk.hung import TOLD_WITHIN_MS, Hung

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def report(hung: Hung) -> None:
    hung.page.get_by_role("button", name="Signaler une panne").click()
    sheet = hung.page.get_by_role("dialog")
    expect(sheet).to_contain_text("Qu’est-ce qui ne fonctionne pas ?")
    axe(hung.page)
    sheet.get_by_role("button", name="L’imprimante").click()
    expect(sheet).to_contain_text("Merci, un agent est prévenu")
    axe(hung.page)
    sheet.get_by_role("button", name="J’ai compris").click()


def fits_on_the_screen(page: Page) -> bool:
    """No button of the foot is cut off, and each has its drawing."""
    return bool(
        page.evaluate(
            """() => [...document.querySelectorAll('.foot button')].filter(each => each.checkVisibility())
            .every(each => { const box = each.getBoundingClientRect();
              const isDrawn = getComputedStyle(each, '::before').maskImage !== 'none';
              return isDrawn && box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight; })"""
        )
    )


def begins(hung: Hung, *, possible: bool) -> None:
    hung.page.get_by_role("button", name="Utiliser la cabine").first.click()
    sheet = hung.page.get_by_role("dialog")
    sheet.get_by_role("button", name=re.compile("Retraite")).click()
    expect(sheet.get_by_role("heading", level=2)).to_have_text("Retraite")
    begin = sheet.get_by_role("button", name=re.compile("Commencer maintenant"))
    expect(begin).to_have_count(1 if possible else 0)
    hung.page.keyboard.press("Escape")
    expect(hung.page.get_by_role("dialog")).to_have_count(0)


def test_from_the_screen_to_the_desk_and_back(
    hung: Hung, commune: Commune, cabin: Cabin, alice: Agent
) -> None:
    needed = [Equipment.PRINTER]
    retraite = make_service(commune, name="Retraite", equipment_needed=needed, helper_policy="none")
    make_appointment(cabin, retraite, at(15), resident=make_resident(commune))
    hung.tell()
    hung.shows("Libre jusqu’à")
    assert fits_on_the_screen(hung.page)
    begins(hung, possible=True)
    desk = hung.agents_page(alice, "/pannes/")
    expect(desk.locator("main")).to_contain_text("aucune panne en cours")
    axe(desk)

    report(hung)
    ring = desk.locator("#help-calls")
    expect(ring).to_contain_text("Panne signalée, l’imprimante", timeout=TOLD_WITHIN_MS)
    begins(hung, possible=True)  # a report withdraws nothing
    ring.get_by_role("button", name="Je m’en occupe").click()
    expect(ring).not_to_contain_text("Panne signalée")

    desk.goto(hung.house.url + "/pannes/")
    desk.get_by_role("button", name=re.compile("Ouvrir")).click()
    axe(desk)
    desk.get_by_label("En panne jusqu’au").fill("2026-11-24")
    desk.get_by_label("ou jusqu’à quelle heure").fill("18:00")
    desk.get_by_role("button", name="Confirmer la panne").click()
    expect(desk.locator("main")).to_contain_text("Fin prévue : mardi 24 novembre à 18 h.")
    axe(desk)
    desk.set_viewport_size({"width": 390, "height": 844})
    axe(desk)
    begins(hung, possible=False)
    expect(desk.locator("main")).to_contain_text("1 rendez-vous")
    desk.goto(hung.house.url + "/equipe/a-replacer/")
    expect(desk.locator("main")).to_contain_text("l’équipement ne fonctionne pas")

    desk.goto(f"{hung.house.url}/pannes/{Incident.objects.get().pk}/")
    desk.get_by_role("button", name="Remis en état").click()
    expect(desk.locator("main")).to_contain_text("Remis en état")
    desk.goto(hung.house.url + "/equipe/a-replacer/")
    expect(desk.locator("main")).not_to_contain_text("l’équipement ne fonctionne pas")
    begins(hung, possible=True)
    desk.goto(hung.house.url + "/pannes/historique/")
    axe(desk)
    assert hung.problems == []
