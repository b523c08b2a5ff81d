"""The bar of a manager's pages stays on one line at a desk, also while the commune is not open yet."""

import pytest
from playwright.sync_api import expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING, Visit
from tests.browser.installation import Installation
from tests.browser.visitor import PHONE_WIDTH

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], ids=["Tuesday"], indirect=True),
]
OVERLAPS = """() => {
  const entries = [...document.querySelectorAll("header.bar a, header.bar button")];
  const boxes = entries.map((each) => each.getBoundingClientRect());
  return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) =>
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)).length;
}"""

HEIGHT = "document.querySelector('header.bar').offsetHeight"


def test_the_bar_is_one_line_and_nothing_in_it_overlaps(visit: Visit, installation: Installation) -> None:
    manager = visit()
    manager.log_in("sophie", PASSWORD)
    manager.goto("/pannes/")
    expect(manager.page.locator("header.bar #call-list-count .tag").first).to_be_visible()
    assert manager.page.evaluate(HEIGHT) < 80, "with the number of those to call"
    installation.manage(
        "shell", "-c", "from communes.models import Commune; Commune.objects.update(opened_at=None)"
    )
    manager.goto("/pannes/")
    helper = visit()
    helper.log_in("yanis", PASSWORD)
    expect(manager.page.locator("header.bar nav a").first).to_have_text("Ouvrir la commune")
    assert manager.page.evaluate(HEIGHT) < 80
    for each in (manager, helper):
        assert each.page.evaluate(OVERLAPS) == 0
        each.page.set_viewport_size({"width": PHONE_WIDTH["width"], "height": PHONE_WIDTH["height"]})
        assert each.page.evaluate(OVERLAPS) == 0
        assert each.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
