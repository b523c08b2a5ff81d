"""A commune opens by itself: from `migrate`, `create_commune` and `create_agent` alone to a real booking, its
text message at the provider and its arrival on a screen. Everything is made on pages found by links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import TUESDAY_MORNING, Visit
from tests.browser.installation import Installation, started
from tests.browser.test_journey import MESSAGE_MS, SCREEN_SIZE, local_minute, slot_start
from tests.browser.visitor import Visitor, axe
from tests.notifications.fake_twilio import ACCOUNT, TOKEN, FakeTwilio
from tests.once import migrated

pytestmark = pytest.mark.browser

OWN_PASSWORD = "trois chats sur un toit"
SENDER = "01 62 00 12 34"
OWN_PHONE, RESIDENT_PHONE = "06 39 98 40 12", "06 39 98 55 66"
WEEKDAYS = ("Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi")
SERVICES = ("Faire le point sur le numérique", "Créer une adresse e-mail", "Micro-entreprise, URSSAF")


@pytest.fixture
def provider() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def installation(tmp_path: Path, provider: FakeTwilio) -> Iterator[Installation]:
    """Web and worker on an empty database, with a provider."""
    settings = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_BASE_URL": provider.url,
    }
    with started(tmp_path, migrated(), TUESDAY_MORNING, settings=settings) as running:
        yield running


@dataclass
class Setup:
    """A manager who goes from the page « Ouvrir la commune » to each page and back."""

    visitor: Visitor

    @property
    def page(self) -> Page:
        return self.visitor.page

    def follow(self, link: str) -> None:
        """One link of the page of the opening."""
        self.page.get_by_role("link", name="Ouvrir la commune").first.click()
        expect(self.page.locator("h1")).to_have_text("Ouvrir la commune")
        axe(self.page)
        self.page.locator("main").get_by_role("link", name=re.compile(link)).first.click()

    def press(self, button: str | re.Pattern[str]) -> None:
        self.page.get_by_role("main").get_by_role("button", name=button).click()

    def step(self, title: str) -> None:
        """The step is done."""
        self.page.get_by_role("link", name="Ouvrir la commune").first.click()
        expect(self.page.locator(".steps > li.done", has_text=title)).to_be_visible()


def enter(visitor: Visitor, username: str, password: str) -> None:
    """Log in for the first time, and choose a password of one's own."""
    visitor.log_in(username, password)
    page = visitor.page
    page.locator("[name=old_password]").fill(password)
    page.locator("[name=new_password1]").fill(OWN_PASSWORD)
    page.locator("[name=new_password2]").fill(OWN_PASSWORD)
    page.get_by_role("main").get_by_role("button").click()
    expect(page.locator(".messages")).to_contain_text("mot de passe")


def make_place(setup: Setup) -> None:
    setup.follow("Ajouter un lieu")
    page = setup.page
    page.get_by_label("Nom", exact=True).fill("Hôtel de ville")
    page.get_by_label("Adresse", exact=True).fill("Place Henri-Barbusse")
    setup.press("Ajouter le lieu")
    for day in WEEKDAYS:
        hours = page.get_by_role("group", name=re.compile(day, re.IGNORECASE)).locator("input[type=time]")
        for field, hour in zip(range(4), ("09:00", "12:00", "14:00", "17:00"), strict=True):
            hours.nth(field).fill(hour)
    setup.press("Enregistrer")
    setup.step("Lieux et horaires")


def make_cabin(setup: Setup) -> None:
    setup.follow("Ajouter une cabine")
    page = setup.page
    page.get_by_label("Nom", exact=True).fill("Cabine du hall")
    for code in ("screen", "scanner", "printer", "video"):
        page.locator(f"input[value={code}]").check()
    setup.press("Ajouter la cabine")
    setup.step("Cabines et équipement")


def choose_services(setup: Setup) -> None:
    setup.follow("Choisir dans la liste")
    for name in SERVICES:
        setup.page.get_by_role("checkbox", name=name).check()
    setup.press(re.compile("Ajouter|Garder"))
    expect(setup.page.locator(".messages")).to_contain_text("3 démarches")
    setup.step("Démarches")


def add_colleague(setup: Setup) -> str:
    """Camille books and helps; returns her first password."""
    setup.follow("Ajouter un aidant")
    page = setup.page
    page.locator("[name$=first_name]").fill("Camille")
    page.locator("[name$=last_name]").fill("Roy")
    page.locator("[name$=username]").fill("camille")
    page.get_by_role("checkbox", name="Accueil", exact=True).check()
    page.get_by_role("checkbox", name="Aidant", exact=True).check()
    for name in SERVICES:
        page.get_by_role("checkbox", name=name).check()
    setup.press("Enregistrer")
    password = page.locator("main code").inner_text()
    setup.step("Équipe et compétences")
    return password


def plan_weeks(setup: Setup) -> None:
    setup.follow("Saisir la semaine type")
    page = setup.page
    row = page.locator("fieldset.usual-row").first
    row.locator("[name$=starts]").fill("09:00")
    row.locator("[name$=ends]").fill("17:00")
    for box in row.locator("[name$=weekdays]").all()[:5]:
        box.check()
    setup.press("Enregistrer, puis voir ce qui change")
    setup.press(re.compile("^Publier"))
    setup.step("Semaines types")


def choose_sender(setup: Setup) -> None:
    setup.follow("Choisir un expéditeur")
    setup.page.locator("[name=sender]").fill(SENDER)
    setup.page.locator("[name=voice_number]").fill(SENDER)
    setup.press("Enregistrer")
    setup.step("Messages et expéditeur")


def try_on_own_phone(setup: Setup, provider: FakeTwilio) -> None:
    setup.follow("Faire un essai sur votre téléphone")
    page = setup.page
    page.get_by_label("Votre numéro").fill(OWN_PHONE)
    axe(page)
    setup.press("M’envoyer l’essai")
    state = page.locator("#trial-state")
    expect(state).to_contain_text("pris en charge", timeout=MESSAGE_MS)
    assert [each.params["To"] for each in provider.taken] == ["+33639984012"]
    assert "ceci est un essai" in provider.bodies()[0]


def pair_screen(setup: Setup, screen: Visitor) -> None:
    screen.goto("/ecran/")
    code = screen.page.locator(".code").inner_text().replace(" ", "")
    setup.follow("Saisir le code")
    setup.page.locator("[name=code]").fill(code)
    setup.page.locator("[name=place]").select_option(label="Cabine du hall")
    setup.press("Associer")
    expect(screen.page.locator("header.head h1")).to_contain_text("Cabine du hall")


def open_commune(setup: Setup) -> None:
    setup.page.get_by_role("link", name="Ouvrir la commune").first.click()
    expect(setup.page.locator("#now").locator("..")).to_contain_text(SERVICES[0])
    axe(setup.page)
    setup.press("Ouvrir la commune maintenant")
    expect(setup.page.locator(".messages")).to_contain_text("La commune est ouverte")
    axe(setup.page)


def book(desk: Visitor) -> datetime:
    """Somebody new calls; returns when they come."""
    page = desk.page
    desk.page.get_by_role("link", name="Prendre un rendez-vous").click()
    page.locator("#q").fill("Zoé Inconnue")
    page.locator("form.newcomer [name=phones-0-number]").fill(RESIDENT_PHONE)
    page.locator("#plan label", has_text=SERVICES[1]).click()
    first = page.locator(".slot").first
    expect(first).to_be_visible()
    starts_at = slot_start(first)
    first.click()
    page.locator("#confirm-button").click()
    page.wait_for_url(re.compile(r"/rendez-vous/\d+/$"))
    return starts_at


def test_a_commune_opens_by_pages_alone_and_books(
    installation: Installation, provider: FakeTwilio, visit: Visit
) -> None:
    installation.manage("create_commune", "76498", "--phone", "02 61 91 00 00")
    password = installation.manage(
        "create_agent", "--commune", "76498", "--role", "manager", "sophie", "Sophie", "Lemaire"
    )
    manager, colleague = visit(), visit()
    screen = visit(viewport=SCREEN_SIZE, has_touch=True)
    enter(manager, "sophie", password.strip())
    setup = Setup(manager)
    expect(manager.page.locator("h1")).to_have_text("Ouvrir la commune")
    make_place(setup)
    make_cabin(setup)
    choose_services(setup)
    first_password = add_colleague(setup)
    plan_weeks(setup)

    enter(colleague, "camille", first_password)
    expect(colleague.page.locator(".not-open")).to_contain_text("pas encore ouverte")
    expect(colleague.page.locator(".not-open")).to_contain_text("Sophie")
    axe(colleague.page)

    choose_sender(setup)
    try_on_own_phone(setup, provider)
    pair_screen(setup, screen)
    open_commune(setup)

    starts_at = book(colleague)
    expect(colleague.page.locator(".not-open")).to_have_count(0)
    for _ in range(MESSAGE_MS // 500):
        if len(provider.taken) > 1:
            break
        colleague.page.wait_for_timeout(500)
    assert [each.params["To"] for each in provider.taken[1:]] == ["+33639985566"]
    assert f"{starts_at.hour}h" in provider.bodies()[1]

    installation.set_clock(local_minute(starts_at - timedelta(minutes=6)))
    screen.page.reload()
    board = screen.page.locator("#board")
    expect(board.locator(".card .name")).to_contain_text("Zoé I.")
    screen.page.locator("#arrived").tap()
    screen.page.get_by_role("button", name=re.compile("c’est moi")).tap()
    expect(board.locator(".card")).to_have_attribute("data-state", "arrived")
    colleague.page.get_by_role("link", name="Aujourd’hui").click()
    expect(colleague.page.locator(".moment")).to_contain_text("Zoé Inconnue")
