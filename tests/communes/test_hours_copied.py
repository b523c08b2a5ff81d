"""« Recopier le lundi »: the usual week of a place is typed once, and copied to the days that are empty."""

from typing import Any

import pytest
from django.test import Client

from agents.models import Agent
from communes.models import Site

pytestmark = pytest.mark.usefixtures("tuesday")

MONDAY = {"from_0_0": "09:00", "until_0_0": "12:00", "from_0_1": "13:30", "until_0_1": "17:30"}


def sent(client: Client, site: Site, **typed: str) -> Any:
    return client.post(f"/lieux/{site.pk}/horaires/", {"holidays": "on", **MONDAY, "copy": "1", **typed})


def test_monday_fills_the_empty_working_days_and_nothing_is_stored(
    client: Client, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    page = sent(client, site, from_2_0="10:00", until_2_0="11:00")
    assert page.status_code == 200
    form = page.context["form"]
    shown = {name: form[name].value() for name in form.fields}
    for day in (1, 3, 4):
        assert shown[f"from_{day}_0"] == "09:00" and shown[f"until_{day}_1"] == "17:30"
    assert (shown["from_2_0"], shown["until_2_0"]) == ("10:00", "11:00")
    assert not shown.get("from_2_1") and not shown.get("from_5_0") and not shown.get("from_6_0")
    assert "Du lundi au mardi" in page.content.decode().replace("du lundi", "Du lundi")
    site.refresh_from_db()
    assert site.hours_edited_at is None


def test_what_is_half_typed_is_copied_without_being_judged(client: Client, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    page = sent(client, site, until_0_1="")
    assert page.status_code == 200
    assert page.context["form"]["from_4_1"].value() == "13:30"
    assert "errorlist" not in page.content.decode()
