from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from agents.enums import Role
from agents.models import Agent
from communes.models import Commune


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
