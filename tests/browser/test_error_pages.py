"""The pages that say what went wrong, the lock-out and the page of the API: axe, and sizes of buttons."""

from collections.abc import Callable

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Route

from tests.browser.beyond_axe import SCRIPT, faults_of
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.visitor import DESK_WIDTH, PHONE_WIDTH, Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], ids=["Tuesday"], indirect=True),
]

DRAWN = {
    400: "400.html",
    403: "403.html",
    404: "404.html",
    405: "405.html",
    413: "413.html",
    429: "login/locked_out.html",
    500: "500.html",
    503: "503.html",
}
"""What the server draws for a status; the test hands it over, with the style sheets of the real server."""
ASKED = ["/api/v1/docs"]


@pytest.mark.parametrize("viewport", [DESK_WIDTH, PHONE_WIDTH], ids=["desk", "phone"])
def test_axe_has_nothing_to_say_of_pages_that_say_what_went_wrong(
    visit: Callable[..., Visitor], viewport: dict[str, int]
) -> None:
    visitor = visit(viewport=viewport)
    visitor.allow("status of [45]|htmx:|^5")
    visitor.context.add_init_script(SCRIPT)
    least = 24 if viewport == DESK_WIDTH else 44
    for status, template in DRAWN.items():
        visitor.page.route(f"**/erreur-{status}/", _answer(min(status, 499), render_to_string(template)))
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    for path in [f"/erreur-{status}/" for status in DRAWN] + ASKED:
        visitor.goto(path)
        axe(visitor.page)
        assert faults_of(visitor.page, least=least) == [], path
        assert not visitor.page.evaluate(wide), path


def _answer(status: int, page: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=status, body=page, content_type="text/html; charset=utf-8")
