"""The settings of a commune, as its manager changes them."""

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from communes.models import Commune, Site
from tests.edits import send_edit

pytestmark = pytest.mark.usefixtures("tuesday")


def test_a_manager_changes_the_settings_and_the_screens_are_told(
    client: Client, dana: Agent, commune: Commune, site: Site
) -> None:
    client.force_login(dana)
    data = {
        "public_phone": "02 61 91 12 34",
        "name_shown_minutes_before": "15",
        "cancel_grace_min": "10",
        "retention_months": "6",
    }
    assert send_edit(client, reverse("commune-edit"), data).status_code == 302
    commune.refresh_from_db()
    assert (commune.public_phone, commune.name_shown_minutes_before) == ("+33261911234", 15)
    assert (commune.cancel_grace_min, commune.retention_months) == (10, 6)
    before = site.version
    site.refresh_from_db()
    assert site.version > before
    assert "02 61 91 12 34" in client.get(reverse("commune-edit")).content.decode()


def test_what_the_law_or_the_screen_forbids_is_refused_beside_the_field(
    client: Client, dana: Agent, commune: Commune
) -> None:
    client.force_login(dana)
    data = {
        "public_phone": "la mairie",
        "name_shown_minutes_before": "500",
        "cancel_grace_min": "31",
        "retention_months": "24",
    }
    response = send_edit(client, reverse("commune-edit"), data)
    assert response.status_code == 422
    assert response.content.decode().count("errorlist") == 4
    commune.refresh_from_db()
    assert commune.retention_months == 12
