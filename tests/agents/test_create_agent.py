from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from communes.models import Commune
from core.roles import Role


def create(commune: Commune, *arguments: str) -> str:
    output = StringIO()
    options = {"stdout": output, "stderr": StringIO()}
    call_command(
        "create_agent", "sophie", "Sophie", "Lemaire", f"--commune={commune.slug}", *arguments, **options
    )
    return output.getvalue().strip()


def test_a_first_manager_can_log_in_and_is_asked_for_a_password_of_her_own(
    commune: Commune, client: Client, tuesday: datetime
):
    password = create(commune, "--role=manager", "--role=desk")
    agent = Agent.objects.get(username="sophie")
    assert agent.memberships.get(commune=commune).roles == {Role.MANAGER, Role.DESK}
    response = client.post(reverse("login"), {"username": "sophie", "password": password}, follow=True)
    assert response.redirect_chain[-1][0] == reverse("password-change")


def test_a_name_that_is_taken_is_refused(commune: Commune):
    create(commune, "--role=manager")
    with pytest.raises(CommandError):
        create(commune, "--role=helper")
    assert Agent.objects.count() == 1


def test_an_unknown_commune_is_refused(db: None):
    with pytest.raises(CommandError, match="nulle-part"):
        create(Commune(slug="nulle-part"), "--role=manager")
    assert not Agent.objects.exists()


@pytest.mark.parametrize("written", ["1004", " 01 004", "01004", "Commune-De-Test"])
def test_the_commune_is_known_by_its_code_as_people_write_it(commune: Commune, written: str):
    Commune.objects.filter(pk=commune.pk).update(insee_code="01004", slug="commune-de-test")
    create(Commune(slug=written), "--role=manager")
    assert Agent.objects.get().memberships.get().commune == commune


def test_a_key_of_the_api_is_made_for_the_commune_that_was_meant(commune: Commune, tuesday: datetime):
    Commune.objects.filter(pk=commune.pk).update(insee_code="2A004")
    call_command(
        "api_key", "create", "--commune=2a 004", "--name=Agenda", stdout=StringIO(), stderr=StringIO()
    )
    assert commune.api_keys.get().name == "Agenda"
