"""What pages and mails say about screens that went dark: nothing empty, nothing untrue, one and many."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from agents.models import Agent
from communes.models import Commune, Incident
from kiosk.digest import send_digests
from kiosk.models import Screen, ScreenOutage
from tests.factories import at
from tests.notifications.test_outages_of_screens import (
    dark,
    mails,
    pass_minutes,
    place,
    theo,
)

__all__ = ["dark", "mails", "place", "theo"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulated")]


def text_of(client: Client, address: str) -> str:
    page = re.sub(r"<[^>]+>", " ", client.get(address).content.decode())
    return re.sub(r"\s+", " ", page)


@pytest.fixture
def at_half_past(client: Client, dark: Screen, theo: Agent, set_clock: Any) -> Client:
    """Told at ten past ten, not back at half past eleven."""
    pass_minutes(at(10), at(10, 15))
    set_clock(at(11, 30))
    client.force_login(theo)
    return client


def test_the_list_of_faults_says_who_noticed_it(at_half_past: Client) -> None:
    text = text_of(at_half_past, "/pannes/")
    assert "constaté par Permanence" in text
    assert "· ·" not in text


def test_the_history_of_a_fault_says_who_noticed_it(at_half_past: Client) -> None:
    text = text_of(at_half_past, f"/pannes/{Incident.objects.get().pk}/")
    assert "constaté par Permanence" in text
    assert "· –" not in text


def test_months_before_a_screen_was_paired_are_not_listed(at_half_past: Client, dark: Screen) -> None:
    Screen.objects.update(paired_at=at(10) - timedelta(days=40))
    text = text_of(at_half_past, f"/ecrans/{dark.pk}/coupures/")
    assert "novembre 2026" in text and "octobre 2026" in text
    assert "septembre 2026" not in text
    Screen.objects.update(paired_at=at(12))  # a clock that was set back
    assert "novembre 2026" in text_of(at_half_past, f"/ecrans/{dark.pk}/coupures/")


def test_figures_of_the_list_lead_only_to_what_is_there(at_half_past: Client) -> None:
    page = at_half_past.get("/ecrans/").content.decode()
    for target in re.findall(r'href="#([\w-]+)"', page):
        assert f'id="{target}"' in page
    assert 'href="#dark"' in page


@pytest.mark.usefixtures("mails")
def test_one_minute_is_one_minute(dark: Screen, theo: Agent) -> None:
    ScreenOutage.objects.create(screen=dark, began_at=at(10), ended_at=at(10, 1))
    Screen.objects.update(last_seen_at=at(17))
    send_digests(now=at(17, 15))
    assert "1 minute d’ouverture" in mail.outbox[0].body


def test_an_alert_after_one_minute_is_said_so(
    client: Client, dark: Screen, theo: Agent, commune: Commune, set_clock: Any, tuesday: datetime
) -> None:
    Commune.objects.update(dark_screen_min=1)
    set_clock(at(10, 2))
    client.force_login(theo)
    assert "après 1 minute d’ouverture" in text_of(client, "/ecrans/")
