"""Which rows belong to a commune: of every table, also of one that is added tomorrow."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from agents.models import Absence, Agent, Membership
from communes.models import Commune, SetupChange
from core.models import EditTrace
from tests.transfer.filled import Rows, fill
from transfer.owned import accounts_of, rows_of, tables

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


def ids(rows: Rows) -> dict[str, set[Any]]:
    return {table._meta.label: {row.pk for row in each} for table, each in rows.items()}


def found(commune: Commune) -> dict[str, set[Any]]:
    rows = {table._meta.label: set(each.values_list("pk", flat=True)) for table, each in rows_of(commune)}
    return {label: each for label, each in rows.items() if each}


def commune_of(rows: Rows) -> Commune:
    commune = rows[Commune][0]
    assert isinstance(commune, Commune)
    return commune


def agent_of(rows: Rows) -> Agent:
    agent = rows[Agent][0]
    assert isinstance(agent, Agent)
    return agent


def test_every_row_belongs_to_its_own_commune_and_to_no_other() -> None:
    here, there = fill("76498", "Quevilly"), fill("76681", "Sotteville")
    assert found(commune_of(here)) == ids(here)
    assert found(commune_of(there)) == ids(there)


def test_what_names_a_row_stands_before_it() -> None:
    order = tables()
    for place, table in enumerate(order):
        for field in table._meta.concrete_fields:
            if field.is_relation and field.related_model in order and field.related_model is not table:
                assert order.index(field.related_model) > place


def test_an_account_that_works_elsewhere_too_stays_with_what_is_the_agents_own() -> None:
    here, there = fill("76498", "Quevilly"), fill("76681", "Sotteville")
    agent = agent_of(here)
    own = Absence.objects.create(
        agent=agent, starts_at="2026-12-01T08:00Z", ends_at="2026-12-01T10:00Z", kind="leave"
    )
    assert own.pk in found(commune_of(here))["agents.Absence"]
    Membership.objects.create(agent=agent, commune=commune_of(there), is_desk=True)
    assert accounts_of(commune_of(here)) == []
    rows = found(commune_of(here))
    assert "agents.Agent" not in rows
    assert "planning.ExternalCalendar" not in rows
    assert own.pk not in rows["agents.Absence"]


def test_an_account_that_another_commune_still_names_stays() -> None:
    here, there = fill("76498", "Quevilly"), fill("76681", "Sotteville")
    agent = agent_of(here)
    SetupChange.objects.create(
        commune=commune_of(there), record="", name="Cabine", kind="changed", at="2026-11-24T10:00Z", by=agent
    )
    assert accounts_of(commune_of(here)) == []


def test_whoever_administers_the_installation_stays() -> None:
    here = fill("76498", "Quevilly")
    agent = agent_of(here)
    agent.is_superuser = True
    agent.save()
    assert accounts_of(commune_of(here)) == []


def test_groups_of_an_account_go_with_it() -> None:
    here = fill("76498", "Quevilly")
    agent_of(here).groups.add(Group.objects.create(name="Essai"))
    assert len(found(commune_of(here))["agents.Agent_groups"]) == 1


def test_a_trace_of_an_edit_belongs_to_the_commune_of_what_was_edited() -> None:
    here, there = fill("76498", "Quevilly"), fill("76681", "Sotteville")
    site = next(row for table, rows in here.items() if table._meta.label == "communes.Site" for row in rows)
    trace = EditTrace.objects.create(
        record=f"communes.site:{site.pk}", names=["name"], by=agent_of(there), at="2026-11-24T10:00Z"
    )
    odd = EditTrace.objects.create(
        record="gone.thing:x", names=[], by=agent_of(there), at="2026-11-24T10:00Z"
    )
    assert trace.pk in found(commune_of(here))["core.EditTrace"]
    assert odd.pk not in found(commune_of(here))["core.EditTrace"]
