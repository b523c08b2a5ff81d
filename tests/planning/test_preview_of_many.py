"""« Avant de publier » with more helpers than a page can list line by line."""

from datetime import date, time

import pytest
from django.test import Client

from agents.models import Agent, ShiftPattern
from communes.models import Commune, Site
from core.roles import Role
from planning.actions.usual_weeks import set_pattern
from planning.publication_preview import MOST_OPEN
from tests.factories import make_agent

pytestmark = pytest.mark.usefixtures("tuesday")

PUBLISH = "/equipe/semaines-types/publier/?until=2026-12-31"


@pytest.mark.parametrize(("helpers", "folded"), [(MOST_OPEN, False), (MOST_OPEN + 1, True)])
def test_the_changes_of_many_helpers_are_folded_under_their_names(
    client: Client, commune: Commune, dana: Agent, site: Site, helpers: int, folded: bool
) -> None:
    for number in range(helpers):
        agent = make_agent(commune, Role.HELPER, first_name=f"H{number}")
        set_pattern(
            pattern=ShiftPattern(),
            wanted={
                "agent": agent,
                "site": site,
                "weekdays": [0, 1],
                "starts": time(9),
                "ends": time(12),
                "every_weeks": 1,
                "anchor_on": date(2026, 11, 30),
                "from_on": date(2026, 11, 30),
                "until_on": None,
            },
        )
    client.force_login(dana)
    response = client.get(PUBLISH)
    said = response.content.decode()
    assert said.count('<details class="changes-of">') == (helpers if folded else 0)
    assert said.count("<tr>") >= 2 * helpers, "all is on the page"
    preview = response.context["preview"]
    assert sum(each.count for each in preview.by_agent) == preview.count
