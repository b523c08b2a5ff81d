"""The figures over the API, for a key that may read them."""

import csv
from io import StringIO

import pytest
from django.core.cache import cache
from django.test import Client

from agents.models import Agent
from booking.enums import Status
from booking.models import VisitRecord
from communes.models import Commune, Site
from tests.api.caller import Caller, make_key, problem
from tests.factories import make_cabin, make_commune, make_site
from tests.reporting.test_figures_read import USUAL, record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]
NOVEMBER = {"first": "2026-11-01", "last": "2026-11-30"}


@pytest.fixture
def place(commune: Commune) -> Site:
    site = make_site(commune, name="Espace Verlaine")
    make_cabin(site)
    rows = [record(commune, [site], USUAL) for _ in range(3)]
    rows.append(record(commune, [site], {**USUAL, "ended_as": Status.NO_SHOW}))
    VisitRecord.objects.bulk_create(rows)
    return site


@pytest.fixture
def caller(commune: Commune) -> Caller:
    cache.clear()
    return Caller(make_key(commune, figures=True))


def test_it_gives_the_numbers_of_the_file(caller: Caller, place: Site, client: Client, dana: Agent) -> None:
    answer = caller.get("/figures", **NOVEMBER).json()
    client.force_login(dana)
    file = client.get("/chiffres/nombres.csv", {"kind": "month", "day": "2026-11-10"}).content.decode()
    rows = list(csv.reader(StringIO(file)))[1:]
    numbers = answer["numbers"]
    assert [[str(value) for value in each.values()] for each in numbers] == [row[2:] for row in rows]
    ended = {each["code"]: each["visits"] for each in numbers if each["dimension"] == "ended_as"}
    assert ended == {"done": 3, "no_show": 1}
    assert answer["is_cut"] is False


def test_a_key_for_booking_reads_no_figures(commune: Commune, place: Site) -> None:
    cache.clear()
    assert problem(Caller(make_key(commune)).get("/figures", **NOVEMBER)) == (403, "figures_not_allowed")


def test_another_commune_is_not_read(caller: Caller, place: Site) -> None:
    cache.clear()
    other = make_commune()
    theirs = Caller(make_key(other, figures=True))
    assert theirs.get("/figures", **NOVEMBER).json()["numbers"] == []
    assert problem(theirs.get("/figures", **NOVEMBER, site=place.pk)) == (404, "not_found")


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"first": "2026-11-01"},
        {"first": "2026-11-30", "last": "2026-11-01"},
        {"first": "2016-11-30", "last": "2026-11-01"},
        {"first": "demain", "last": "2026-11-01"},
        {"first": "0001-01-01", "last": "0001-01-02"},
        {**NOVEMBER, "site": "0"},
        {**NOVEMBER, "site": "x"},
    ],
)
def test_a_period_that_cannot_be_used_is_refused(caller: Caller, asked: dict[str, str]) -> None:
    assert problem(caller.get("/figures", **asked)) == (422, "invalid")
