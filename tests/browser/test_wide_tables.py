"""A table wider than a telephone scrolls by itself, and the page around it does not."""

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


def test_the_history_of_faults_fits_a_telephone_where_a_cabin_was_not_open(
    visit: Visit, installation: Installation
) -> None:
    installation.manage(
        "shell",
        "-c",
        "from communes.models import Cabin; Cabin.objects.update(in_service_at='2026-12-01T00:00Z')",
    )
    manager = visit(viewport=PHONE_WIDTH)
    manager.log_in("sophie", PASSWORD)
    manager.goto("/pannes/historique/")
    expect(manager.page.get_by_text("pas d’ouverture").first).to_be_attached()
    assert manager.page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH["width"]
