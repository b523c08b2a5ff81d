"""Every page of the team takes as many queries with fifty helpers as with five."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.enums import AbsenceKind
from agents.models import AbsenceRequest, Agent, Membership
from communes.models import Commune
from core.roles import Role
from planning.actions.publishing import publish_shifts
from planning.models import CalendarFeed, ExternalCalendar
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_resident,
    make_service,
    make_site,
)

FEW, MANY = 5, 50


def names(helpers: int) -> list[str]:
    return [f"Aidante {number}" for number in range(helpers)]


def populate(helpers: int) -> tuple[Commune, Agent]:
    """A commune with so many helpers, each with a usual week, absences, and a visit today; two visits have
    nobody. And an agent with all roles."""
    commune = make_commune()
    places = [make_site(commune, short_name=name) for name in ("Mairie", "Verlaine")]
    service = make_service(commune)
    boss = make_agent(commune, *Role, skills=[service])
    people = [boss] + [
        make_agent(commune, Role.HELPER, skills=[service], first_name=name) for name in names(helpers)
    ]
    Membership.objects.filter(commune=commune).update(weekly_hours=35)
    for number, agent in enumerate(people):
        site = places[number % 2]
        agent.patterns.create(
            site=site,
            weekdays=[0, 1, 2],
            starts="09:00",
            ends="17:00",
            anchor_on=at(9).date(),
            from_on=at(9, day=23).date(),
        )
        resident = make_resident(commune, "+33639981234", first_name=f"Personne {number}")
        make_appointment(make_cabin(site), service, at(14), helper=agent, resident=resident)
        agent.absences.create(
            commune=commune, starts_at=at(9, day=27), ends_at=at(12, day=27), kind=AbsenceKind.LEAVE
        )
        AbsenceRequest.objects.create(
            commune=commune, agent=agent, starts_at=at(9, day=30), ends_at=at(12, day=30), asked_at=TUESDAY
        )
        ExternalCalendar.objects.create(agent=agent, url="https://example.org/a.ics", created_at=TUESDAY)
        CalendarFeed.objects.create(
            commune=commune, agent=agent, token_hash=f"{commune.pk}-{number}", created_at=TUESDAY
        )
    publish_shifts(commune=commune, until=at(9, day=30).date(), now=at(6, day=23))
    for _ in range(2):
        resident = make_resident(commune, "+33639981234")
        make_appointment(make_cabin(places[0]), service, at(15), with_helper=True, resident=resident)
    return commune, boss


def pages_of(commune: Commune, boss: Agent) -> dict[str, str]:
    member = boss.memberships.get()
    plain = (
        "team",
        "team-month",
        "patterns",
        "patterns-publish",
        "replacements",
        "my-absences",
        "accounts",
        "feeds",
    )
    return {
        name: reverse(name) for name in (*plain, "today", "my-day", "my-week", "shift-new", "absence-new")
    } | {
        "usual-week": reverse("usual-week", args=[boss.pk]),
        "account-edit": reverse("account-edit", args=[member.pk]),
    }


NAMES_ALL = {"team", "team-month", "patterns", "accounts", "my-absences", "today", "shift-new"}


def queries_of(boss: Agent, address: str, *, named: list[str]) -> list[str]:
    client = Client()
    client.force_login(boss)
    first = client.get(address).content.decode()
    assert not [name for name in named if name not in first], "a page without its helpers counts nothing"
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200, address
    return [query["sql"] for query in captured.captured_queries]


@pytest.mark.usefixtures("tuesday")
def test_no_page_of_the_team_takes_more_queries_with_more_helpers(
    db: None, subtests: pytest.Subtests
) -> None:
    few, many = (populate(number) for number in (FEW, MANY))
    for (name, here), there in zip(pages_of(*few).items(), pages_of(*many).values(), strict=True):
        with subtests.test(name):
            small, large = (
                queries_of(boss, address, named=names(number) if name in NAMES_ALL else [])
                for boss, address, number in ((few[1], here, FEW), (many[1], there, MANY))
            )
            assert len(large) == len(small), "\n".join(sql[:160] for sql in large)
