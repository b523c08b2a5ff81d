"""The rights of a person, on their page."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from booking.models import Resident
from communes.models import Commune
from core.roles import Role
from privacy import actions
from privacy.enums import CameBy, Refusal, Right
from privacy.models import RightsRequest
from tests.factories import TUESDAY, make_agent, make_commune, make_resident
from tests.notifications.test_pages import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


@pytest.fixture
def resident(commune: Commune) -> Resident:
    return make_resident(commune)


def panel(client: Client, resident: Resident) -> str:
    return words(client.get(reverse("resident-rights", args=[resident.pk])))


def asked(resident: Resident, right: Right, asked_on: date) -> RightsRequest:
    return actions.open_request(
        commune=resident.commune,
        resident=resident,
        right=right,
        came_by=CameBy.LETTER,
        asked_on=asked_on,
        by=make_agent(resident.commune, Role.DESK),
        now=TUESDAY,
    )


@pytest.fixture
def desk(client: Client, commune: Commune) -> Client:
    client.force_login(make_agent(commune, Role.DESK))
    return client


def test_the_page_of_a_resident_loads_the_panel(desk: Client, resident: Resident) -> None:
    page = desk.get(reverse("resident", args=[resident.pk])).content.decode()
    assert reverse("resident-rights", args=[resident.pk]) in page


def test_open_requests_say_how_long_there_is(desk: Client, resident: Resident) -> None:
    asked(resident, Right.ACCESS, date(2026, 11, 20))
    asked(resident, Right.ERASURE, date(2026, 10, 20))
    shown = panel(desk, resident)
    assert "reçue le 20 novembre 2026, réponse avant le 20 décembre 2026, ce jour compris" in shown
    assert "encore 26 jours" in shown
    assert "en retard de 4 jours" in shown
    assert shown.index("20 octobre") < shown.index("20 décembre"), "the next deadline first"


def test_what_was_answered_says_when(desk: Client, resident: Resident) -> None:
    agent = make_agent(resident.commune, Role.DESK)
    done = asked(resident, Right.ACCESS, date(2026, 11, 20))
    actions.close_request(request=done, by=agent, now=TUESDAY)
    refused = asked(resident, Right.ERASURE, date(2026, 11, 20))
    actions.refuse_request(request=refused, why=Refusal.LAW, by=agent, now=TUESDAY)
    shown = panel(desk, resident)
    assert "fait · 24 novembre 2026" in shown
    assert "refusée · 24 novembre 2026" in shown


def test_nobody_else_sees_it(client: Client, resident: Resident) -> None:
    stranger = make_agent(make_commune(), Role.DESK)
    client.force_login(stranger)
    assert client.get(reverse("resident-rights", args=[resident.pk])).status_code == 404


def test_the_panel_of_a_merged_record_is_not_there(desk: Client, resident: Resident) -> None:
    keep = make_resident(resident.commune)
    Resident.objects.filter(pk=resident.pk).update(merged_into=keep)
    assert desk.get(reverse("resident-rights", args=[resident.pk])).status_code == 404
