"""« Semaines types »: a look at what a change does, then the change."""

from typing import Any

import pytest
from django.test import Client

from agents.models import Agent, Shift, ShiftPattern
from communes.models import Cabin, Service, Site
from tests.edits import send_edit
from tests.factories import at, make_appointment

pytestmark = pytest.mark.usefixtures("tuesday")

PAGE = "/equipe/semaines-types/"


def form(agent: Agent, site: Site, **changes: Any) -> dict[str, Any]:
    values = {
        "agent": agent.pk,
        "site": site.pk,
        "weekdays": ["2", "3"],
        "starts": "09:00",
        "ends": "12:00",
        "every_weeks": "1",
        "anchor_on": "2026-11-23",
        "from_on": "2026-11-23",
        "step": "preview",
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def test_a_usual_week_is_looked_at_then_published(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    response = client.post(f"{PAGE}nouvelle/", form(bob, site))
    assert len(response.context["change"].publication.added) == 24
    assert not ShiftPattern.objects.exists() and not Shift.objects.exists()
    assert client.post(f"{PAGE}nouvelle/", form(bob, site, step="apply"))["Location"] == PAGE
    assert Shift.objects.count() == 24
    assert "Bob" in client.get(PAGE).content.decode()


def test_the_appointments_that_a_change_orphans_are_shown_first(
    client: Client, bob: Agent, dana: Agent, site: Site, cabin: Cabin, service: Service
) -> None:
    client.force_login(dana)
    client.post(f"{PAGE}nouvelle/", form(bob, site, step="apply"))
    visit = make_appointment(cabin, service, at(9, day=25), helper=bob)
    address = f"{PAGE}{ShiftPattern.objects.get().pk}/"
    assert 'value="09:00"' in client.get(address).content.decode()
    change = send_edit(client, address, form(bob, site, starts="10:00")).context["change"]
    assert [each.appointment for each in change.orphaned] == [visit]
    assert bob.shifts.earliest("starts_at").starts_at == at(9, day=25)
    response = send_edit(client, address, form(bob, site, starts="10:00", step="apply"))
    assert response["Location"] == "/equipe/a-replacer/"
    assert bob.shifts.earliest("starts_at").starts_at == at(10, day=25)


@pytest.mark.parametrize(
    "changes",
    [
        {"weekdays": None},
        {"weekdays": ["9"]},
        {"ends": "08:00"},
        {"every_weeks": "0"},
        {"until_on": "2026-11-01"},
        {"from_on": "0001-01-01"},
        {"agent": "x"},
    ],
)
def test_a_usual_week_that_makes_no_sense_is_shown_again(
    client: Client, bob: Agent, dana: Agent, site: Site, changes: dict[str, Any]
) -> None:
    client.force_login(dana)
    values = form(bob, site, step="apply") | changes
    response = client.post(f"{PAGE}nouvelle/", {k: v for k, v in values.items() if v is not None})
    assert response.status_code == 422
    assert not ShiftPattern.objects.exists()


def test_all_are_published_up_to_a_day(client: Client, bob: Agent, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    client.post(f"{PAGE}nouvelle/", form(bob, site, step="apply"))
    client.post(f"{PAGE}publier/", {"until": "2027-03-01"})
    assert Shift.objects.count() == 28
    for until in ("2099-01-01", "", "x"):
        client.post(f"{PAGE}publier/", {"until": until})
    assert Shift.objects.count() == 28


def test_helpers_read_them(client: Client, bob: Agent, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    client.post(f"{PAGE}nouvelle/", form(bob, site, step="apply"))
    client.force_login(bob)
    page = client.get(PAGE).content.decode()
    assert "Bob" in page and "publier" not in page
