"""Whoever follows the links of the demonstration finds a page behind each of them."""

from datetime import datetime

import pytest
from django.test import Client

from agents.models import Agent
from demo.build import Town
from demo.people import COLLEAGUES
from tests.demonstration.loaded import ON_ONE_WORKER, TUESDAY_MORNING
from tests.links import follow_links

# On PostgreSQL three of them do so after an upgrade (tests/upgrades/journey.py).
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.process,
    pytest.mark.sqlite,
    ON_ONE_WORKER,
    pytest.mark.parametrize("town", [pytest.param(TUESDAY_MORNING, id="Tuesday")], indirect=True),
]


FEWEST = {"theo": 3, "helene": 2}
"""A technician has the screens and an account, an elected official the published figures and an account."""


@pytest.mark.parametrize("username", [each.username for each in COLLEAGUES])
def test_no_link_is_dead(town: Town, username: str, tuesday: datetime) -> None:
    client = Client()
    client.force_login(Agent.objects.get(username=username))
    kinds, dead = follow_links(client)
    assert dead == []
    assert len(kinds) > FEWEST.get(username, 8)
