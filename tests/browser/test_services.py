"""From an empty commune, a manager ticks three services of the catalogue and changes one, by links alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import TUESDAY_MORNING, Visit
from tests.browser.installation import Installation, started
from tests.browser.visitor import PHONE_WIDTH, axe
from tests.once import migrated

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("moment", [TUESDAY_MORNING], indirect=True)]
OWN = "une phrase longue et facile"


@pytest.fixture
def installation(moment: str, tmp_path: Path) -> Iterator[Installation]:
    """Without the demonstration: migrated, one commune, nobody in it."""
    with started(tmp_path, migrated(), moment, ("web",)) as running:
        running.manage("create_commune", "76498")
        yield running


def test_three_services_are_ticked_and_one_is_changed(visit: Visit, installation: Installation) -> None:
    made = installation.manage(
        "create_agent", "dana", "Dana", "Roy", "--commune", "76498", "--role", "manager"
    )
    manager = visit()
    page = manager.page
    manager.goto("/connexion/")
    page.locator("input[name=username]").fill("dana")
    page.locator("input[name=password]").fill(made.strip().splitlines()[-1])
    page.locator("main button").click()
    page.locator("input[name=old_password]").fill(made.strip().splitlines()[-1])
    page.locator("input[name=new_password1]").fill(OWN)
    page.locator("input[name=new_password2]").fill(OWN)
    page.locator("main button").last.click()

    page.get_by_role("link", name="Lieux").first.click()
    page.get_by_role("link", name="Démarches").first.click()
    expect(page.locator(".empty")).to_contain_text("Pas encore de démarche")
    axe(page)
    page.get_by_role("button", name="Choisir dans la liste").click()
    axe(page)
    page.get_by_label("Impôts", exact=True).check()
    page.get_by_label("Chercher dans la liste").fill("caf")
    expect(page.get_by_label("Carte grise")).to_have_count(0)
    expect(page.get_by_label("Impôts", exact=True)).to_be_checked()
    page.get_by_label("CAF", exact=True).check()
    page.get_by_label("Chercher dans la liste").fill("")
    page.get_by_label("Carte grise").check()
    page.get_by_role("button", name="Ajouter les démarches cochées").click()
    expect(page.locator(".service-card")).to_have_count(3)
    expect(page.get_by_text("Pas encore de lieu").first).to_be_visible()
    axe(page)

    page.locator(".service-card", has_text="Impôts").get_by_text("Modifier").click()
    axe(page)
    page.get_by_label("durée en minutes").fill("40")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".service-card", has_text="Impôts")).to_contain_text("40 min")
    page.set_viewport_size({"width": PHONE_WIDTH["width"], "height": PHONE_WIDTH["height"]})
    for path in ("/prestations/", "/prestations/liste/", "/prestations/nouvelle/"):
        manager.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
