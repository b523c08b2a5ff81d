"""A helper phones in late: the desk says it for them, and takes it back."""

from typing import Any

import pytest
from django.test import Client

from agents.models import Agent, Membership
from booking.enums import ActorKind, EventKind
from booking.models import Delay
from communes.models import Cabin, Commune, Service
from core.roles import Role
from tests.booking.test_today import DAY, text
from tests.factories import (
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_service,
    make_site,
)

pytestmark = pytest.mark.usefixtures("tuesday")

LATE, HERE = "/aujourdhui/retard/", "/aujourdhui/retard/fin/"


@pytest.fixture
def page(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


def test_the_desk_says_it_and_takes_it_back(
    page: Client, alice: Agent, bob: Agent, cabin: Cabin, service: Service
) -> None:
    visit = make_appointment(cabin, service, at(10, 30), helper=bob)
    assert LATE in page.get(DAY).content.decode()
    (awaited,) = page.get(LATE).context["awaited"]
    assert [when for _, when in awaited.choices] == [at(10, 40), at(10, 45), at(10, 50), at(11)]

    response = page.post(LATE, {"helper": bob.pk, "until": "10:45"}, follow=True)
    assert response.redirect_chain == [(DAY, 302)]
    assert "a du retard : arrivée prévue à 10 h 45" in text(response)
    event = visit.events.get()
    assert (event.kind, event.agent) == (EventKind.DELAYED, alice)
    assert Delay.objects.get().until_at == at(10, 45)

    page.post(HERE, {"helper": bob.pk})
    assert not Delay.objects.exists()
    assert "arrivée prévue" not in text(page.get(DAY))
    assert "Plus personne n’a de retard" in text(page.post(HERE, {"helper": bob.pk}, follow=True))


@pytest.mark.parametrize("until", ["", "quand elle peut", "9:00", "10:30"])
def test_a_time_that_means_nothing_is_refused_where_it_was_typed(
    page: Client, bob: Agent, cabin: Cabin, service: Service, until: str
) -> None:
    make_appointment(cabin, service, at(10, 30), helper=bob)
    response = page.post(LATE, {"helper": bob.pk, "until": until})
    assert response.status_code == 422
    assert response.context["chosen"].helper == bob
    assert "errorlist" in response.content.decode()
    assert not Delay.objects.exists()


def test_only_who_is_awaited_here_can_be_late(
    page: Client, bob: Agent, charlie: Agent, cabin: Cabin, service: Service, commune: Commune
) -> None:
    idle, away = make_agent(commune, Role.HELPER), make_agent(make_commune(name="Rouen"), Role.HELPER)
    make_appointment(cabin, service, at(9), helper=charlie)  # over
    make_appointment(cabin, service, at(10, 30), helper=bob)
    assert [each.helper for each in page.get(LATE).context["awaited"]] == [bob]
    for other in (idle, away, charlie):
        assert page.post(LATE, {"helper": other.pk, "until": "10:45"}).status_code == 404
    assert page.post(LATE, {"helper": "x", "until": "10:45"}).status_code == 404


@pytest.mark.parametrize("elsewhere_first", [True, False])
def test_the_other_commune_learns_not_who_said_it(
    page: Client, bob: Agent, cabin: Cabin, service: Service, elsewhere_first: bool
) -> None:
    """Nor is anything said of a visit there before ours."""
    other = make_commune(name="Sotteville")
    Membership.objects.create(agent=bob, commune=other, is_helper=True)
    here_at, there_at = (at(11, 40), at(10, 30)) if elsewhere_first else (at(10, 30), at(11, 30))
    ours = make_appointment(cabin, service, here_at, helper=bob)
    theirs = make_appointment(make_cabin(make_site(other)), make_service(other), there_at, helper=bob)
    response = page.post(LATE, {"helper": bob.pk, "until": "12:00"})
    if elsewhere_first:
        assert response.status_code == 404
        assert not Delay.objects.exists()
        assert "a d’abord un rendez-vous ailleurs" in text(page.get(LATE))
    else:
        assert ours.events.get().actor == ActorKind.AGENT
        event = theirs.events.get()
        assert (event.kind, event.actor, event.agent) == (EventKind.DELAYED, ActorKind.SYSTEM, None)


@pytest.mark.parametrize("helpers", [5, 50])
def test_the_queries_do_not_grow(
    page: Client,
    commune: Commune,
    cabin: Cabin,
    service: Service,
    helpers: int,
    django_assert_num_queries: Any,
) -> None:
    for _ in range(helpers):
        helper = make_agent(commune, Role.HELPER)
        make_appointment(make_cabin(cabin.site), service, at(10, 30), helper=helper)
        Delay.objects.create(helper=helper, until_at=at(10, 45), said_at=at(10, 20))
    page.get(LATE)
    with django_assert_num_queries(3):
        page.get(LATE)
