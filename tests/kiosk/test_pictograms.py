"""The drawing beside a service: its own, or that of its theme."""

import pytest

from communes.models import Service
from kiosk.templatetags.kiosk import pictogram


@pytest.mark.parametrize(
    ("own", "shown"), [("", "heart-pulse"), ("users", "users"), ("no-such-drawing", "heart-pulse")]
)
def test_a_service_has_its_own_drawing_or_that_of_its_theme(own: str, shown: str) -> None:
    service = Service(theme="social_sante", pictogram=own)
    assert pictogram(service) == f"vendor/lucide/{shown}.svg"
