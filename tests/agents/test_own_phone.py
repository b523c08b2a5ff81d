"""The mobile number of a manager or a technician: set by themselves, used to tell them of faults."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from agents.models import Agent
from communes.enums import IncidentKind
from communes.incident_actions import confirm_fault, report_fault
from communes.models import Cabin, Commune
from core.roles import Role
from notifications.enums import Channel
from notifications.models import Message
from tests.edits import edit_form
from tests.factories import TUESDAY, make_agent
from tests.notifications.conftest import SENDER, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

ACCOUNT, OWN_PHONE = "/compte/", "/compte/portable/"


@pytest.fixture
def theo(commune: Commune) -> Agent:
    return make_agent(commune, Role.TECHNICIAN)


def account_of(agent: Agent) -> tuple[Client, str]:
    client = Client()
    client.force_login(agent)
    page = html.unescape(client.get(ACCOUNT).content.decode())
    return client, re.sub(r"\s+", " ", page.replace("\N{NO-BREAK SPACE}", " "))


def give(client: Client, number: str) -> int:
    form = edit_form(client.get(ACCOUNT), OWN_PHONE)
    return client.post(OWN_PHONE, {**form.sent, "phone-phone": number}).status_code


def test_a_technician_who_gives_a_number_is_told_of_a_fault_there(
    commune: Commune, cabin: Cabin, theo: Agent, alice: Agent, settings: Any
) -> None:
    settings.DEBUG = True  # the simulator takes the place of a provider
    Commune.objects.filter(pk=commune.pk).update(sender=SENDER)
    client, _page = account_of(theo)
    assert give(client, "06 39 98 00 11") == 302
    incident, _new = report_fault(cabin=cabin, kind=IncidentKind.DOOR, note="", by=alice, now=TUESDAY)
    confirm_fault(incident=incident, end=None, by=alice, now=TUESDAY)
    run()
    assert [(row.channel, row.recipient) for row in Message.objects.all()] == [(Channel.SMS, "+33639980011")]


def test_the_account_says_whether_and_how_its_agent_is_told(theo: Agent, settings: Any) -> None:
    settings.SENDS_EMAIL = True
    client, page = account_of(theo)
    assert "Aucune panne ne vous est encore signalée" in page
    give(client, "06 39 98 00 11")
    assert "vous sont signalés par SMS" in account_of(theo)[1]
    Agent.objects.filter(pk=theo.pk).update(email="theo@example.org", email_confirmed=True)
    theo.refresh_from_db()
    assert (
        "vous sont signalés par courriel. Ce numéro ne sert que sans adresse confirmée."
        in account_of(theo)[1]
    )


def test_a_number_is_given_where_no_e_mail_leaves(theo: Agent, settings: Any) -> None:
    settings.SENDS_EMAIL = False
    client, page = account_of(theo)
    assert "donnez un numéro de portable" in page
    assert give(client, "06 39 98 00 11") == 302
    theo.refresh_from_db()
    assert theo.phone == "+33639980011"


def test_a_landline_is_refused_since_it_takes_no_text_messages(theo: Agent) -> None:
    client, _page = account_of(theo)
    assert give(client, "02 35 00 11 22") == 422
    theo.refresh_from_db()
    assert theo.phone == ""


def test_it_can_be_taken_away(theo: Agent) -> None:
    client, _page = account_of(theo)
    give(client, "06 39 98 00 11")
    assert "06 39 98 00 11" in account_of(theo)[1]
    assert give(client, "") == 302
    theo.refresh_from_db()
    assert theo.phone == ""


def test_who_hears_of_no_fault_is_not_asked_for_a_number(alice: Agent) -> None:
    client, page = account_of(alice)
    assert OWN_PHONE not in page
    assert client.post(OWN_PHONE, {"phone-phone": "06 39 98 00 11"}).status_code == 404
