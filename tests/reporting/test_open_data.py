"""Open data: by a manager's decision, to everybody, as its description says."""

import csv
import re
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from frictionless import Resource, Schema

from communes.models import Commune, SetupChange
from core.roles import Role
from reporting.published.open_data import FILES
from tests.edits import send_edit
from tests.factories import make_agent, make_commune, make_site
from tests.reporting.publishing import Visit, begin, close, told, write

pytestmark = pytest.mark.django_db

JANUARY, MARCH, DECEMBER = date(2026, 1, 1), date(2026, 3, 1), date(2026, 12, 1)
NAMES = sorted(FILES)


@pytest.fixture
def commune() -> Commune:
    """Open, with a year of two places, one of which has a name that a spreadsheet would calculate."""
    commune = make_commune(name="Petit-Quevilly", insee_code="01004", opens_data=True)
    refs = [make_site(commune, name=name).pk for name in ("Médiathèque, 1er étage", "=SUM(A1)")]
    begin(commune, JANUARY, *refs)
    for ref in refs:
        for on, helped_by, hour in ((JANUARY, "helper", 18), (MARCH, "nobody", 30)):
            write(commune, [Visit(on, f"{n}", ref, helped_by, half_hour=hour) for n in range(12)])
    close(commune, DECEMBER)
    return commune


def address(name: str, ending: str = "csv", code: str = "01004") -> str:
    return f"/donnees/{code}/{name}.{ending}"


def rows(client: Client, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(client.get(address(name)).content.decode("utf-8"))))


# ---- as its description says ---------------------------------------------------------------------------

TYPES = {
    "string": lambda text: text,
    "integer": lambda text: int(text) if re.fullmatch(r"[+-]?\d+", text) else 1 / 0,
    "year": lambda text: int(text) if re.fullmatch(r"-?\d{4}", text) else 1 / 0,
    "date": date.fromisoformat,
}
"""How specs.frictionlessdata.io/table-schema reads the types that are used, in their default format."""


def faults(schema: dict[str, Any], head: list[str], found: list[dict[str, str]]) -> list[str]:
    """What the specification of TableSchema finds wrong with these rows."""
    wrong = []
    if head != [field["name"] for field in schema["fields"]]:
        wrong.append("header")
    for field in schema["fields"]:
        limits = field.get("constraints", {})
        for row in found:
            text = row[field["name"]]
            try:
                value = TYPES[field["type"]](text)
            except (ValueError, ZeroDivisionError):
                wrong.append(f"{field['name']}: {text}")
                continue
            checks = {
                "required": lambda _limit, text=text: text not in schema["missingValues"],
                "pattern": lambda limit, text=text: re.fullmatch(limit, text) is not None,
                "minimum": lambda limit, value=value: value >= limit,
                "enum": lambda limit, value=value: value in limit,
            }
            wrong += [
                f"{field['name']} {key}: {text}" for key, limit in limits.items() if not checks[key](limit)
            ]
    keys = [tuple(row[name] for name in schema["primaryKey"]) for row in found]
    if len(set(keys)) != len(keys):
        wrong.append("primaryKey")
    return wrong


@pytest.mark.parametrize("name", NAMES)
def test_each_file_is_what_its_schema_says(client: Client, commune: Commune, name: str) -> None:
    schema = client.get(address(name, "schema.json")).json()
    text = client.get(address(name)).content.decode("utf-8")
    head = next(csv.reader(StringIO(text)))
    found = rows(client, name)
    assert found and faults(schema, head, found) == []
    assert {field["type"] for field in schema["fields"]} <= set(TYPES)
    assert schema["licenses"][0]["title"] == "Licence Ouverte 2.0"


@pytest.mark.parametrize("name", NAMES)
def test_frictionless_finds_each_file_valid_and_a_spoiled_one_not(
    client: Client, commune: Commune, name: str, tmp_path: Path
) -> None:
    schema = Schema.from_descriptor(client.get(address(name, "schema.json")).json())
    text = client.get(address(name)).content.decode("utf-8")
    spoiled = text.replace("01004", "1004")
    for number, (content, is_valid) in enumerate(((text, True), (spoiled, False))):
        path = tmp_path / f"{number}.csv"
        path.write_text(content, encoding="utf-8", newline="")
        report = Resource(path=path.name, basepath=str(tmp_path), schema=schema).validate()
        assert report.valid is is_valid, report.flatten(["rowNumber", "fieldName", "note"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("column", "value"),
    [("code_insee", "1004"), ("debut", "01/02/2026"), ("visites", "10"), ("visites", "douze"), ("lieu", "")],
)
def test_the_check_finds_what_is_wrong(
    client: Client, commune: Commune, name: str, column: str, value: str
) -> None:
    schema = client.get(address(name, "schema.json")).json()
    found = rows(client, name)
    found[0][column] = value
    assert faults(schema, list(found[0]), found)


@pytest.mark.parametrize("name", NAMES)
def test_places_of_the_same_name_are_told_apart(client: Client, name: str) -> None:
    commune = make_commune(name="Deux-Mairies", insee_code="01005", opens_data=True)
    refs = [make_site(commune, name="Mairie").pk for _ in range(2)]
    begin(commune, JANUARY, *refs)
    for ref in refs:
        for helped_by, hour in (("helper", 18), ("nobody", 30)):
            write(commune, [Visit(JANUARY, f"{n}", ref, helped_by, half_hour=hour) for n in range(12)])
    close(commune, DECEMBER)
    text = client.get(address(name, code="01005")).content.decode("utf-8")
    found = list(csv.DictReader(StringIO(text)))
    schema = client.get(address(name, "schema.json", "01005")).json()
    assert {row["id_lieu"] for row in found} == {str(ref) for ref in refs}
    assert faults(schema, text.splitlines()[0].split(","), found) == []


def test_the_numbers_are_those_that_were_published(client: Client, commune: Commune) -> None:
    ref = commune.sites.get(name__startswith="Média").pk
    mine = [row for row in rows(client, "frequentation") if row["lieu"].startswith("Média")]
    expected = [row for row in told(commune, ref) if not row[2]]
    assert [(row["debut"], row["fin"], int(row["visites"])) for row in mine] == [
        (first.isoformat(), last.isoformat(), number) for first, last, _table, _category, number in expected
    ]
    assert {row["code_insee"] for row in mine} == {"01004"}
    table = [row for row in rows(client, "repartition-annuelle") if row["lieu"].startswith("Média")]
    assert [(row["tableau"], row["categorie"], row["visites"]) for row in table] == [
        ("aidant", "avec_aidant", "12"),
        ("aidant", "seul", "12"),
        ("moment", "matin", "12"),
        ("moment", "apres_midi", "12"),
    ]
    assert {row["annee"] for row in table} == {"2026"}


def test_no_cell_is_calculated_by_a_spreadsheet(client: Client, commune: Commune) -> None:
    names = {row["lieu"] for name in NAMES for row in rows(client, name)}
    assert names == {"Médiathèque, 1er étage", "'=SUM(A1)"}


# ---- to whom -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["csv", "schema.json"])
@pytest.mark.parametrize("name", NAMES)
def test_it_is_not_there_unless_the_mairie_has_decided_so(
    client: Client, commune: Commune, name: str, ending: str
) -> None:
    assert client.get(address(name, ending)).status_code == 200
    Commune.objects.update(opens_data=False)
    assert client.get(address(name, ending)).status_code == 404
    assert not make_commune().opens_data


@pytest.mark.parametrize(
    "path",
    [
        "/donnees/99999/frequentation.csv",
        "/donnees/01004/autre.csv",
        "/donnees/01004/frequentation.xlsx",
        "/donnees/1004/frequentation.csv",
        "/donnees/",
    ],
)
def test_other_addresses_are_not_there(client: Client, commune: Commune, path: str) -> None:
    assert client.get(path).status_code == 404


def test_it_is_the_same_for_everybody_and_may_be_kept(client: Client, commune: Commune) -> None:
    """Whoever is logged in is not recognised: no cookie comes, and no copy is kept apart for them."""
    unknown = client.get(address("frequentation"))
    client.force_login(make_agent(commune, Role.MANAGER))
    known = client.get(address("frequentation"), headers={"Cookie": f"x=1; {settings.SESSION_COOKIE_NAME}=a"})
    for response in (unknown, known):
        assert response.headers["Cache-Control"] == "public, max-age=3600"
        assert "cookie" not in response.headers.get("Vary", "").lower()
        assert not response.cookies
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert known.content == unknown.content
    assert client.post(address("frequentation")).status_code == 405


def test_a_manager_opens_it_and_takes_it_back(client: Client, commune: Commune, tuesday: Any) -> None:
    Commune.objects.update(opens_data=False)
    manager = make_agent(commune, Role.MANAGER)
    client.force_login(manager)
    page = client.get(reverse("open-data-settings")).content.decode()
    assert "Licence Ouverte 2.0" in page
    send_edit(client, reverse("open-data-settings"), {"opens_data": "on"})
    assert Client().get(address("frequentation")).status_code == 200
    change = SetupChange.objects.get()
    assert change.by == manager and "opens_data" in change.values
    client.post(reverse("settings-undo", args=[change.pk]))
    assert Client().get(address("frequentation")).status_code == 404


def test_the_page_names_the_files_where_they_are_open(client: Client, commune: Commune, tuesday: Any) -> None:
    client.force_login(make_agent(commune, Role.ELECTED))
    assert address("frequentation") in client.get(reverse("publication")).content.decode()
    Commune.objects.update(opens_data=False)
    assert "/donnees/" not in client.get(reverse("publication")).content.decode()
