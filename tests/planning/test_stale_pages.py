"""What a manager presses on a page that is no longer true: it is said, and nothing is done over others."""

from datetime import date, time

import pytest
from django.test import Client

from agents.enums import AbsenceKind
from agents.models import Agent, Shift, ShiftPattern
from communes.models import Commune, Site
from core.days import Week
from planning.actions.absences import ask_absence, withdraw_request
from planning.actions.publishing import publish_shifts
from planning.actions.usual_weeks import set_pattern
from planning.errors import RotaChanged
from planning.publication_preview import preview_publication
from tests.factories import TUESDAY, at, make_shift

pytestmark = pytest.mark.usefixtures("tuesday")

PAGE = "/equipe/semaines-types/"
PUBLISH = f"{PAGE}publier/"
UNDO = "/equipe/annuler/"
UNTIL = date(2026, 12, 11)


def usual(agent: Agent, site: Site) -> ShiftPattern:
    return set_pattern(
        pattern=ShiftPattern(),
        wanted={
            "agent": agent,
            "site": site,
            "weekdays": [0],
            "starts": time(9),
            "ends": time(12),
            "every_weeks": 1,
            "anchor_on": date(2026, 11, 30),
            "from_on": date(2026, 11, 30),
            "until_on": None,
        },
    )


def take_this_week(client: Client) -> None:
    client.post(f"{PAGE}cette-semaine/", {"week": "2026-11-24"})


def test_nothing_is_published_but_what_was_seen(
    commune: Commune, bob: Agent, dana: Agent, site: Site
) -> None:
    pattern = usual(bob, site)
    seen = preview_publication(commune, until=UNTIL, now=TUESDAY, by=dana).digest
    ShiftPattern.objects.filter(pk=pattern.pk).update(weekdays=[4])
    with pytest.raises(RotaChanged):
        publish_shifts(commune=commune, until=UNTIL, now=TUESDAY, by=dana, seen=seen)
    assert not Shift.objects.exists()


def test_taking_a_week_back_leaves_what_a_colleague_has_changed_since(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    old = usual(bob, site)
    make_shift(bob, site, at(9, day=26), at(11, day=26))
    take_this_week(client)
    new = ShiftPattern.objects.exclude(pk=old.pk).get()
    set_pattern(pattern=new, wanted={"ends": time(17)})
    response = client.post(UNDO, follow=True)
    assert ShiftPattern.objects.get(pk=new.pk).ends == time(17)
    assert "Quelqu’un a modifié" in response.content.decode()


def test_taking_a_week_back_leaves_an_old_usual_week_that_a_colleague_has_changed_since(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    old = usual(bob, site)
    make_shift(bob, site, at(9, day=26), at(11, day=26))
    take_this_week(client)
    ShiftPattern.objects.filter(pk=old.pk).update(ends=time(17))
    client.post(UNDO)
    assert ShiftPattern.objects.get(pk=old.pk).ends == time(17)


def test_a_week_that_is_published_is_not_offered_to_be_taken_back(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    make_shift(bob, site, at(9, day=26), at(11, day=26))
    take_this_week(client)
    assert client.get("/equipe/").context["undo"]
    client.post(PUBLISH, {"until": UNTIL.isoformat()})
    assert not client.get("/equipe/").context["undo"]


def test_a_request_that_was_withdrawn_meanwhile_is_said_to_be_gone(
    client: Client, commune: Commune, bob: Agent, dana: Agent
) -> None:
    start, end = Week.of(UNTIL).span(commune.tz)
    asked = ask_absence(
        agent=bob, commune=commune, starts_at=start, ends_at=end, kind=AbsenceKind.LEAVE, now=TUESDAY
    )
    pk = asked.pk
    withdraw_request(request=asked)
    client.force_login(dana)
    assert_gone(client, f"/equipe/absences/demandes/{pk}/", back="/equipe/absences/")
    client.force_login(bob)
    assert_gone(client, f"/equipe/absences/demandes/{pk}/retirer/", back="/equipe/absences/")


@pytest.mark.parametrize(
    "address", ["presences/9/deplacer/", "presences/9/supprimer/", "absences/9/supprimer/"]
)
def test_what_a_colleague_has_removed_meanwhile_is_said_to_be_gone(
    client: Client, dana: Agent, address: str
) -> None:
    client.force_login(dana)
    assert_gone(client, f"/equipe/{address}", back="/equipe/")


def assert_gone(client: Client, address: str, *, back: str) -> None:
    response = client.post(address, {"accept": "1"})
    assert response.status_code == 404
    said = response.content.decode()
    assert "entre-temps" in said and f'href="{back}"' in said


def test_the_page_of_a_week_leads_to_what_is_not_published_in_it(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    """Published until Thursday, the changes of Friday would not be among those that the page shows."""
    client.force_login(dana)
    pattern = usual(bob, site)
    ShiftPattern.objects.filter(pk=pattern.pk).update(weekdays=[4])
    client.post(PUBLISH, {"until": "2027-03-04"})
    week = client.get("/equipe/?week=2027-03-01")
    assert week.context["grid"].draft_count == 1
    address = f"{PUBLISH}?week=2027-03-01"
    assert f'href="{address}"' in week.content.decode()
    shown = client.get(address)
    assert shown.context["preview"].count == 1
    assert shown.context["until"] == date(2027, 3, 7)
    assert client.get(f"{PUBLISH}?week=9999-01-01").context["until"] <= date(2028, 1, 1)


def test_where_the_published_weeks_end_soon_the_next_ones_are_proposed(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    usual(bob, site)
    client.post(PUBLISH, {"until": "2026-12-01"})
    shown = client.get(PUBLISH)
    assert shown.context["until"] == date(2027, 2, 16)
    assert shown.context["preview"].count
