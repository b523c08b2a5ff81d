"""Files of places as they are published: long hours, arrondissements, exchanged coordinates, French hours."""

from datetime import date, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from communes.errors import HoursError
from communes.imports import import_data, import_places
from communes.models import Commune, Site
from communes.opening.hours import parse
from communes.place_files.reading import read_file
from tests.edits import send_edit

CASES = Path(__file__).parent / "cases"


@pytest.mark.django_db
def test_hours_of_a_whole_year_are_kept_and_honoured() -> None:
    import_places(path=CASES / "long-hours.csv")
    hours = Site.objects.get(ref="m-1").opening_hours
    assert len(hours) > 500
    opened = [start for start, _ in parse(hours, "69029").local_spans(date(2026, 12, 21), date(2026, 12, 30))]
    assert [each for each in opened if each.day in {21, 25, 28}] == [
        datetime.fromisoformat("2026-12-21T08:30"),
        datetime.fromisoformat("2026-12-28T08:30"),
    ], "in the holidays in the morning only, at Christmas never"


@pytest.mark.usefixtures("tuesday")
def test_long_hours_can_be_typed_too(client: Client, dana: Agent, site: Site) -> None:
    days = "; ".join(f"2027 {month} {day:02} off" for month in ("Jan", "Jul") for day in range(1, 29))
    hours = f"Mo-Fr 09:00-12:00; {days}"
    assert 800 < len(hours) < 4000
    client.force_login(dana)
    send_edit(client, reverse("hours-edit", args=[site.pk], query={"text": ""}), {"opening_hours": hours})
    site.refresh_from_db()
    assert site.opening_hours == hours


@pytest.mark.django_db
def test_a_place_of_an_arrondissement_is_one_of_its_commune() -> None:
    report = import_places(path=CASES / "arrondissements.csv")
    assert {each.insee_code: each.name for each in Commune.objects.all()} == {
        "75056": "Paris",
        "13055": "Marseille",
    }
    assert Site.objects.filter(commune__insee_code="75056").count() == 3
    notes = [note for line in report.lines for note in line.notes]
    assert sum("fait partie de" in note for note in notes) == 3, "the third was Paris already"


@pytest.mark.django_db
def test_asked_for_the_commune_its_arrondissements_come_too() -> None:
    paris = Commune.objects.create(insee_code="75056", name="Paris", slug="paris")
    report = import_data(data=(CASES / "arrondissements.csv").read_bytes(), commune=paris)
    assert (len(report.lines), report.elsewhere, report.problems) == (3, 1, [])


def test_exchanged_and_empty_coordinates_are_told() -> None:
    file = read_file((CASES / "exchanged-coordinates.csv").read_bytes())
    assert [(each.latitude, each.longitude) for each in file.places] == [
        (49.4231, 1.0612),
        *[(None, None)] * 3,
    ]
    told = [str(each) for each in file.problems if each.field == "latitude, longitude"]
    assert ["inversées" in each for each in told] == [True, False, False, False]
    assert "0" in told[2]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Lu-Ve 9h-12h", "Mo-Fr 09:00-12:00"),
        ("Lu-Ve 09:00-12:00", "Mo-Fr 09:00-12:00"),
        ("du lundi au vendredi de 9h à 12h et de 14h à 17h30", "Mo-Fr 09:00-12:00,14:00-17:30"),
        ("Lundi : 9h-12h; samedi 9 h 30 - 12 h", "Mo 09:00-12:00; Sa 09:30-12:00"),
        ("Mo-Fr 9h-12h / 14h-17h", "Mo-Fr 09:00-12:00,14:00-17:00"),
    ],
)
def test_hours_in_french_are_refused_with_how_to_write_them(written: str, meant: str) -> None:
    with pytest.raises(HoursError) as refused:
        parse(written, "76498")
    assert refused.value.problem == "syntax"
    assert str(refused.value).endswith(meant)


@pytest.mark.parametrize("written", ["n'importe quoi", "sur rendez-vous", "Lu-Ve matin", "9h"])
def test_without_a_sure_meaning_there_is_no_hint(written: str) -> None:
    with pytest.raises(HoursError) as refused:
        parse(written, "76498")
    assert "Peut-être" not in str(refused.value)
