"""What a search asks of the database, and how the database goes about it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from agents.models import Absence, Agent
from booking.free.slots import check_slot, find_first
from communes.models import Closure, Commune, Service
from core.roles import Role
from tests.booking.test_loading import DAY, DAYS, Queries, find, starts
from tests.factories import at, make_agent, make_appointment, make_cabin, make_resident, make_shift, make_site

pytestmark = pytest.mark.django_db


def _grow(commune: Commune, service: Service, sites: int, people: int) -> None:
    for _ in range(sites):
        site = make_site(commune)
        Closure.objects.create(site=site, starts_at=at(11), ends_at=at(12))
        make_appointment(make_cabin(site), service, at(9))
        for _ in range(people):
            helper = make_agent(commune, Role.HELPER, skills=[service])
            make_shift(helper, site, at(9), at(17))
            Absence.objects.create(agent=helper, starts_at=at(14), ends_at=at(15))
            make_appointment(make_cabin(site), service, at(10), helper=helper)


@pytest.mark.parametrize(("with_helper", "queries"), [(True, 3), (False, 3)])
def test_queries_do_not_grow_with_the_commune(
    commune: Commune, short: Service, django_assert_num_queries: Queries, with_helper: bool, queries: int
) -> None:
    _grow(commune, short, sites=1, people=1)
    with django_assert_num_queries(queries):
        assert starts(find(short, with_helper=with_helper))
    _grow(commune, short, sites=3, people=3)
    with django_assert_num_queries(queries):
        assert len(find(short, with_helper=with_helper, end=DAY + 28 * DAYS).offers.days) == 28
    with django_assert_num_queries(queries):
        assert find_first(commune=commune, service=short, with_helper=with_helper, now=at(6))


def test_a_case_takes_four_queries(
    commune: Commune, short: Service, django_assert_num_queries: Queries
) -> None:
    _grow(commune, short, sites=2, people=2)
    site, resident = commune.sites.all()[0], make_resident(commune)
    with django_assert_num_queries(4):
        case = check_slot(
            service=short, site=site, start=at(9), with_helper=True, resident=resident, now=at(8)
        )
        assert case.candidates


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what the tables hold")
def test_years_of_past_visits_are_not_read_to_find_what_is_taken(short: Service, helper: Agent) -> None:
    """SQLite takes the index of live appointments only where the statement says that they are live. Nor does
    it look at all the agents there are, to see who is on shift."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(note):
        find(short, with_helper=True)
    ((sql, params),) = [each for each in asked if "booking_appointment" in each[0]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        steps = " ".join(row[3] for row in cursor.fetchall())
    assert "appointment_live_by_commune" in steps
    assert "appointment_live_by_helper" in steps
    assert "COVERING INDEX shift_by_site" in steps


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans in no time")
def test_postgresql_plans_a_search_once(short: Service, helper: Agent) -> None:
    """To plan it took five times as long as to run it."""

    def planned() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM pg_prepared_statements WHERE statement LIKE '%agents_shift%'")
            return cursor.fetchall()

    find(short, with_helper=True)
    known = planned()
    assert known
    find(short, with_helper=True, start=DAY + timedelta(days=1), end=DAY + timedelta(days=2))
    assert planned() == known
