"""Figures outlive places and cabins, and what was used is held against what is known to have been open."""

import csv
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from agents.models import Agent
from booking import actions
from booking.enums import Status
from booking.models import VisitRecord
from communes.models import Cabin, Commune, Site
from communes.setup_actions import delete
from reporting.figures.page import PlaceRow
from reporting.models import CabinDay
from tests.api.caller import Caller, make_key
from tests.factories import TUESDAY, at, make_cabin, make_site
from tests.reporting.test_figures_read import USUAL, record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]
NOVEMBER: dict[str, Any] = {"kind": "month", "day": "2026-11-10"}


@pytest.fixture
def manager(client: Client, dana: Agent) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def place(commune: Commune) -> Site:
    site = make_site(commune, name="Espace Verlaine")
    make_cabin(site)
    return site


def visits(commune: Commune, cabin: Cabin, count: int, **values: Any) -> None:
    more = {**USUAL, "cabin_ref": cabin.pk, **values}
    VisitRecord.objects.bulk_create([record(commune, [cabin.site], more) for _ in range(count)])


def opened(cabin: Cabin, day_on: date, open_min: int) -> None:
    CabinDay.objects.create(
        commune=cabin.site.commune, day_on=day_on, site_ref=cabin.site_id, site_name=cabin.site.name,
        cabin_ref=cabin.pk, cabin_name=cabin.name, open_min=open_min, closed_min=0, out_min=0,
    )  # fmt: skip


def rows(manager: Client, **asked: Any) -> list[PlaceRow]:
    found: list[PlaceRow] = manager.get("/chiffres/", {**NOVEMBER, **asked}).context["found"].places
    return found


def share(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("is_folded", [False, True])
def test_a_deleted_place_keeps_its_figures_and_its_name(
    manager: Client, commune: Commune, place: Site, dana: Agent, is_folded: bool
) -> None:
    visits(commune, place.cabins.get(), 25)
    if is_folded:
        VisitRecord.objects.update(day_on=date(2025, 11, 3))
        actions.fold_records(commune=commune, now=TUESDAY)
    asked = {"kind": "month", "day": "2025-11-10" if is_folded else "2026-11-10", "compare": "none"}
    before = manager.get("/chiffres/nombres.csv", asked).content
    for row in (place.cabins.get(), place):
        delete(row, by=dana, now=TUESDAY)
    page = manager.get("/chiffres/", asked)
    assert page.context["found"].cards[0].value == "25"
    assert [(row.name, row.visits) for row in page.context["found"].places] == [("Espace Verlaine", 25)]
    assert manager.get("/chiffres/nombres.csv", asked).content == before


def test_the_api_has_a_deleted_place_too(commune: Commune, place: Site) -> None:
    visits(commune, place.cabins.get(), 3)
    place.cabins.all().delete()
    place.delete()
    numbers = Caller(make_key(commune, figures=True)).get("/figures", first="2026-11-01", last="2026-11-30")
    ended = [each for each in numbers.json()["numbers"] if each["dimension"] == "ended_as"]
    assert [(each["site"], each["visits"]) for each in ended] == [("Espace Verlaine", 3)]


def test_cabins_of_a_place_add_up_when_one_has_been_deleted(
    manager: Client, commune: Commune, place: Site
) -> None:
    first, second = place.cabins.get(), make_cabin(place, name="Cabine 2")
    for cabin in (first, second):
        visits(commune, cabin, 6)
        opened(cabin, date(2026, 11, 3), 360)
    before = [share(row.occupied) for row in rows(manager)]
    second.delete()
    after = rows(manager)
    assert [row.visits for row in after] == [12, 6, 6]
    assert [share(row.occupied) for row in after] == before == ["50 %", "", ""]


def test_no_more_is_used_than_was_open_where_opening_is_known_of_a_part_only(
    manager: Client, commune: Commune, place: Site
) -> None:
    cabin = place.cabins.get()
    for day in (2, 3, 24):  # before the first night, on a known day, and on the present one
        visits(commune, cabin, 6, day_on=date(2026, 11, day))
    visits(commune, cabin, 1, day_on=date(2026, 11, 3), ended_as=Status.NO_SHOW)
    opened(cabin, date(2026, 11, 3), 420)
    opened(cabin, date(2026, 11, 23), 0)
    cards = manager.get("/chiffres/", NOVEMBER).context["found"].cards
    assert share(cards[2].value) == "50 %"
    assert [share(row.occupied) for row in rows(manager)] == ["50 %"]
    assert at(9).date() == date(2026, 11, 24)
    assert cards[0].value == "18"


def test_a_file_of_one_place_holds_no_other(manager: Client, commune: Commune, place: Site) -> None:
    gone = make_site(commune, name="Ancienne mairie")
    visits(commune, make_cabin(gone), 4)
    visits(commune, place.cabins.get(), 2)
    gone.cabins.all().delete()
    gone.delete()
    file = manager.get("/chiffres/nombres.csv", {**NOVEMBER, "site": place.pk}).content.decode()
    assert {line["lieu"] for line in csv.DictReader(StringIO(file))} == {"Espace Verlaine"}
    assert [row.name for row in rows(manager, site=place.pk)] == ["Espace Verlaine"]
