"""A person asks for what is kept about them, and another one by letter; in a browser, to the register."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.visitor import PHONE_WIDTH, Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], ids=["Tuesday"], indirect=True),
]


@pytest.mark.parametrize("width", [None, PHONE_WIDTH], ids=["desk", "phone"])
def test_everything_is_handed_over_and_a_letter_is_refused(
    visit: Callable[..., Visitor], width: dict[str, int] | None
) -> None:
    visitor = visit(viewport=width) if width else visit()
    visitor.allow("status of 422")  # an unanswered question
    visitor.log_in("sophie", PASSWORD)
    page = visitor.page
    visitor.goto("/rendez-vous/")
    page.locator("#q").fill("Lamy")
    page.locator("#found li a").first.click()
    expect(page.locator("#person .person")).to_be_visible()
    page.locator("#person a.edit").click()
    expect(page.get_by_role("heading", name="Droits de la personne")).to_be_visible()
    axe(page)

    page.get_by_role("link", name="Voir tout ce qui est gardé").click()
    expect(page.locator("main")).to_contain_text("Lamy")
    axe(page)
    page.locator("form[action$='/tout/remis/'] button").click()
    visitor.goto("/demandes/")
    done = page.locator(".request-list > li", has_text="Lamy").first
    expect(done).to_contain_text("fait")
    expect(done).to_contain_text("éléments remis")
    axe(page)

    page.get_by_role("button", name="Noter une demande").click()
    axe(page)
    page.get_by_role("button", name="Noter la demande").click()
    expect(page.locator("#id_right_error")).to_be_visible()
    axe(page)
    page.locator("input[name=right][value=erasure]").check()
    page.locator("#id_came_by").select_option("letter")
    page.get_by_role("button", name="Noter la demande").click()
    asked = page.locator(".request-list > li", has_text="par courrier").first
    expect(asked).to_contain_text("sans fiche")
    asked.get_by_role("link", name="Refuser").click()
    axe(page)
    page.locator("input[name=why][value=not_them]").check()
    page.locator("main form button").click()
    refused = page.locator(".request-list > li", has_text="par courrier").first
    expect(refused).to_contain_text("refusée")
    axe(page)
