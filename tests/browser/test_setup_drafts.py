"""What a manager has typed about a place, a cabin or a service is there again after the session has ended,
and after the page was left and come back to, in a real browser."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING, Visit
from tests.browser.test_nothing_lost import end_the_session, log_in_here

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], ids=["Tuesday"], indirect=True),
]
BACK = "Ce que vous aviez tapé est de nouveau là."


@dataclass(frozen=True)
class Typed:
    """A form: where its link is and which, what is typed, ticked and chosen in it, and its button."""

    list_page: str
    link: str
    texts: dict[str, str]
    ticked: tuple[str, ...]
    chosen: dict[str, str]
    button: str


FORMS = {
    "new place": Typed(
        "/lieux/",
        "main a[href='/lieux/nouveau/']",
        {"name": "Médiathèque", "address": "3, rue des Lilas", "phone": "02 61 91 00 77"},
        ("[name=accessibility][value=hearing_loop]",),
        {"wheelchair": "yes"},
        "Ajouter",
    ),
    "place": Typed(
        "/lieux/",
        "main a[href='/lieux/1/']",
        {"name": "Mairie annexe", "address_extra": "au fond de la cour", "contact": "Mme Roy"},
        ("[name=accessibility][value=parking]",),
        {"wheelchair": "yes"},
        "Enregistrer",
    ),
    "new cabin": Typed(
        "/lieux/",
        "main a[href='/lieux/1/cabines/nouvelle/']",
        {
            "name": "Cabine du jardin",
            "directions": "à gauche après l’escalier",
            "in_service_at": "2026-12-01",
        },
        ("[name=equipment][value=printer]", "[name=room_for]"),
        {"wheelchair": "yes"},
        "Ajouter",
    ),
    "cabin": Typed(
        "/lieux/",
        "main a[href$='/fiche/']",
        {
            "name": "Cabine du jardin",
            "directions": "à gauche après l’escalier",
            "in_service_at": "2026-12-01",
        },
        ("[name=room_for]",),
        {"wheelchair": "no"},
        "Enregistrer",
    ),
    "new service": Typed(
        "/prestations/",
        "main a[href='/prestations/nouvelle/']",
        {
            "name": "Carte de bus",
            "duration_min": "25",
            "what_to_bring": "une photo",
            "name_ar": "بطاقة الحافلة",
        },
        (
            "[name=equipment_needed][value=printer]",
            "[name=helper_policy][value=required]",
            "[name=is_medical]",
        ),
        {"theme": "justice"},
        "Ajouter",
    ),
    "service": Typed(
        "/prestations/",
        "main .service-card a[href^='/prestations/']",
        {
            "name": "Aides de la CAF",
            "duration_min": "55",
            "lead_min_hours": "6",
            "name_en": "Family benefits",
        },
        ("[name=hour_set_elsewhere]", "[name=helper_policy][value=none]"),
        {"theme": "justice"},
        "Enregistrer",
    ),
}


def fill(page: Page, typed: Typed) -> None:
    for name, text in typed.texts.items():
        page.locator(f"main [name={name}]").fill(text)
    for each in typed.ticked:
        page.locator(f"main {each}").first.check()
    for name, value in typed.chosen.items():
        field = page.locator(f"main select[name={name}]")
        if field.count():
            field.select_option(value)
        else:
            page.locator(f"main [name={name}][value='{value}']").check()


def expect_all_is_there(page: Page, typed: Typed) -> None:
    expect(page.locator("#said")).to_contain_text(BACK)
    for name, text in typed.texts.items():
        expect(page.locator(f"main [name={name}]")).to_have_value(text)
    for each in typed.ticked:
        expect(page.locator(f"main {each}").first).to_be_checked()
    for name, value in typed.chosen.items():
        field = page.locator(f"main select[name={name}]")
        if field.count():
            expect(field).to_have_value(value)
        else:
            expect(page.locator(f"main [name={name}][value='{value}']")).to_be_checked()


@pytest.mark.parametrize("name", FORMS)
def test_nothing_typed_is_lost(visit: Visit, name: str) -> None:
    typed = FORMS[name]
    manager = visit()
    manager.allow("htmx:(afterRequest|sendAbort)")  # a page that is left takes its requests with it
    manager.log_in("sophie", PASSWORD)
    page = manager.page
    manager.goto(typed.list_page)
    page.locator(typed.link).first.click()
    fill(page, typed)

    page.locator("header .product").click()
    page.wait_for_url(lambda url: not url.endswith(typed.link.partition("'")[2].rstrip("']")))
    page.go_back()
    expect_all_is_there(page, typed)

    end_the_session(manager)
    page.locator("main form button", has_text=typed.button).first.click()
    page.wait_for_url(re.compile("/connexion/"))
    log_in_here(page, "sophie")
    expect_all_is_there(page, typed)

    page.locator("main form button", has_text=typed.button).first.click()
    expect(page.locator(".messages .success")).to_be_visible()
    expect(page.locator("main")).to_contain_text(typed.texts["name"])


def test_what_was_typed_for_one_commune_does_not_come_back_in_another(visit: Visit) -> None:
    """Whoever works for two and changes over in another tab comes back to the same address."""
    manager = visit()
    manager.allow("htmx:(afterRequest|sendAbort)")
    manager.log_in("sophie", PASSWORD)
    page = manager.page
    manager.goto("/lieux/nouveau/")
    page.locator("main [name=name]").fill("Médiathèque")
    page.locator("header .product").click()
    page.wait_for_url(lambda url: not url.endswith("/lieux/nouveau/"))
    kept = "JSON.parse(sessionStorage.getItem('permanence-draft'))"
    assert page.evaluate(f"{kept}.commune === document.body.dataset.commune")
    page.evaluate(
        f"sessionStorage.setItem('permanence-draft', JSON.stringify({{...{kept}, commune: '987654'}}))"
    )
    manager.goto("/lieux/nouveau/")
    expect(page.locator("main [name=name]")).to_have_value("")
    expect(page.locator("#said")).not_to_contain_text(BACK)
