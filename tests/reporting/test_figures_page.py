"""The page « Chiffres » and its file."""

import csv
from datetime import date
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from agents.models import Agent
from booking.enums import Lead, Status
from booking.models import VisitRecord
from communes.models import Commune, Site
from core import clock
from reporting.models import CabinDay
from tests.factories import make_cabin, make_commune, make_site
from tests.reporting.test_figures_read import USUAL, record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

PAGE, FILE, BOOK = "/chiffres/", "/chiffres/nombres.csv", "/chiffres/nombres.xlsx"
PUBLISHED = "/chiffres-publies/"
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


def visits(commune: Commune, site: Site, count: int, **values: Any) -> None:
    rows = [record(commune, [site], {**USUAL, **values}) for _ in range(count)]
    VisitRecord.objects.bulk_create(rows)


def text(answer: Any) -> str:
    return str(answer.content.decode().replace("\xa0", " ").replace("\u202f", " "))


def test_it_opens_on_the_last_complete_quarter_and_says_that_nothing_is_there(manager: Client) -> None:
    page = manager.get(PAGE)
    assert "3e trimestre 2026" in text(page) and "Pas de visite à compter" in text(page)
    assert page.context["asked"].period.first == date(2026, 7, 1)


def test_what_is_shown_adds_up_to_what_there_is(manager: Client, commune: Commune, place: Site) -> None:
    visits(commune, place, 25)
    visits(commune, place, 3, ended_as=Status.NO_SHOW)
    visits(commune, place, 2, ended_as=Status.CANCELLED, cancelled_by="resident", notice="hours_2")
    page = manager.get(PAGE, NOVEMBER)
    found = page.context["found"]
    assert found.cards[0].value == "25"
    services = found.pairs[0][0].bars
    assert [bar.count for bar in services] == [25] and services[0].share.startswith("100")
    assert [row.visits for row in found.places if row.name == place.name] == [25]
    assert "en cours, jusqu’au" in text(page)
    assert 'role="img"' in text(page) and "<title" in text(page)
    assert "style=" not in text(page).split("<main", 1)[1]


def test_use_is_what_was_booked_out_of_what_was_open_and_in_order(
    manager: Client, commune: Commune, place: Site
) -> None:
    cabin = place.cabins.get()
    visits(commune, place, 4, booked_min=30)
    visits(commune, place, 2, booked_min=30, ended_as=Status.NO_SHOW)
    visits(commune, place, 9, booked_min=30, ended_as=Status.CANCELLED)
    CabinDay.objects.create(
        commune=commune, day_on=date(2026, 11, 3), site_ref=place.pk, site_name="x", cabin_ref=cabin.pk,
        cabin_name="y", open_min=420, closed_min=60, out_min=60,
    )  # fmt: skip
    card = manager.get(PAGE, NOVEMBER).context["found"].cards[2]
    assert card.value.startswith("50") and "5" in card.says


def test_few_visits_are_a_table_and_many_a_picture(manager: Client, commune: Commune, place: Site) -> None:
    visits(commune, place, 19)
    assert manager.get(PAGE, NOVEMBER).context["found"].columns == []
    visits(commune, place, 1)
    assert manager.get(PAGE, NOVEMBER).context["found"].columns


def test_a_place_can_be_chosen_and_only_one_of_the_commune(
    manager: Client, commune: Commune, place: Site
) -> None:
    other = make_site(commune, name="Mairie")
    theirs = make_site(make_commune(), name="Ailleurs")
    visits(commune, place, 5)
    visits(commune, other, 2)
    page = manager.get(PAGE, {**NOVEMBER, "site": place.pk})
    assert page.context["found"].cards[0].value == "5" and "Ailleurs" not in text(page)
    refused = manager.get(PAGE, {**NOVEMBER, "site": theirs.pk})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "dates"},
        {"kind": "dates", "first": "2026-11-20", "last": "2026-11-01"},
        {"kind": "dates", "first": "2016-11-20", "last": "2026-11-01"},
        {"kind": "dates", "first": "demain", "last": "2026-11-01"},
        {"kind": "siècle"},
        {"kind": "month", "day": "0001-01-01"},
        {"kind": "year", "day": "9999-12-31"},
        {"kind": "dates", "first": "9999-12-30", "last": "9999-12-31"},
        {"compare": "hier"},
        {"site": "\x00"},
    ],
)
def test_what_cannot_be_read_is_said_at_the_field(manager: Client, asked: dict[str, str]) -> None:
    for address in (PAGE, FILE, BOOK):
        answer = manager.get(address, asked)
        assert answer.status_code in (400, 422), asked
    if asked != {"site": "\x00"}:
        assert "error-summary" in text(manager.get(PAGE, asked))


@pytest.mark.parametrize("kind", ["month", "quarter", "year"])
def test_one_steps_to_the_period_before_and_back(manager: Client, kind: str) -> None:
    first = manager.get(PAGE, {"kind": kind, "day": "2025-05-05"})
    there = manager.get(first.context["before"][0])
    assert there.context["asked"].period.end == first.context["asked"].period.first
    back = manager.get(there.context["after"][0])
    assert back.context["asked"].period == first.context["asked"].period
    assert manager.get(PAGE, {"kind": kind, "day": "2026-11-24"}).context["after"] is None


def test_the_file_holds_the_numbers_of_the_page(manager: Client, commune: Commune, place: Site) -> None:
    visits(commune, place, 4)
    answer = manager.get(FILE, NOVEMBER)
    assert (
        answer["Content-Type"] == "text/csv; charset=utf-8" and "2026-11-01" in answer["Content-Disposition"]
    )
    rows = list(csv.DictReader(StringIO(answer.content.decode())))
    done = [row for row in rows if (row["dimension"], row["code"]) == ("ended_as", "done")]
    assert [(row["debut"], row["lieu"], row["nombre"]) for row in done] == [
        ("2026-11-01", "Espace Verlaine", "4")
    ]


def test_the_workbook_has_as_many_lines_as_the_file(manager: Client, commune: Commune, place: Site) -> None:
    visits(commune, place, 4)
    lines = manager.get(FILE, NOVEMBER).content.decode().splitlines()
    sheet = load_workbook(BytesIO(manager.get(BOOK, NOVEMBER).content)).active
    assert sheet is not None and sheet.max_row == len(lines) > 10


@pytest.mark.parametrize("count", [3, 25])
def test_every_figure_says_how_it_is_counted(
    manager: Client, commune: Commune, place: Site, count: int
) -> None:
    visits(commune, place, count)
    shown = text(manager.get(PAGE, NOVEMBER))
    sections = [each for each in shown.split('<section class="panel"')[1:] if 'id="brief"' not in each]
    unsaid = [each[:80] for each in sections if "Comment c’est compté" not in each.split("</section>")[0]]
    assert len(sections) > 10 and unsaid == []


def test_the_file_keeps_walk_ins_apart_from_what_was_booked_on_the_same_day_as_the_page_does(
    manager: Client, commune: Commune, place: Site
) -> None:
    visits(commune, place, 4, lead=Lead.SAME_DAY, persons=2, used_min=20)
    visits(commune, place, 3, lead=Lead.SAME_DAY, is_walk_in=True, persons=1, used_min=10)
    visits(commune, place, 2, lead=Lead.DAYS_1_2)
    file = manager.get(FILE, NOVEMBER).content.decode()
    leads = {
        row["code"]: (row["nombre"], row["personnes"], row["minutes"])
        for row in csv.DictReader(StringIO(file))
        if row["dimension"] == "lead"
    }
    assert leads["same_day"] == ("4", "8", "80") and leads["walk_in"] == ("3", "3", "30")
    assert sum(int(number) for number, *_more in leads.values()) == 9
    shown = manager.get(PAGE, NOVEMBER).context["found"].leads.bars
    assert [each.shown for each in shown if each.label == "le jour même"] == ["4"]


def test_a_year_in_the_midst_of_which_the_places_began_is_not_compared(
    manager: Client, commune: Commune, place: Site
) -> None:
    visits(commune, place, 80, day_on=date(2025, 3, 4))
    visits(commune, place, 40, day_on=date(2024, 10, 8))
    year = {"kind": "year", "day": "2025-03-04", "compare": "year"}
    page = text(manager.get(PAGE, year))
    assert "de plus qu’avant" not in page
    assert "Pas de comparaison : aucune visite n’est comptée le premier mois de cette période (2024)." in page
    assert "de plus qu’avant" not in text(manager.get("/chiffres/besoins/", year))
    visits(commune, place, 1, day_on=date(2024, 1, 30))
    page = text(manager.get(PAGE, year))
    assert "95 % de plus qu’avant (2024 : 41)" in page and "Pas de comparaison" not in page


def test_a_manager_comes_from_the_figures_to_those_that_are_published(
    manager: Client, commune: Commune
) -> None:
    Commune.objects.filter(pk=commune.pk).update(opened_at=clock.now())
    assert f'<a href="{PUBLISHED}">Chiffres publiés</a>' in text(manager.get(PAGE))
    bar = text(manager.get(PUBLISHED)).split("</header>")[0]
    assert f'<a href="{PAGE}" aria-current="page">Chiffres' in bar


def test_only_managers_open_it(client: Client, alice: Agent, bob: Agent) -> None:
    for agent in (alice, bob):
        client.force_login(agent)
        assert client.get(PAGE).status_code == client.get(FILE).status_code == 404


def test_its_queries_are_few(
    manager: Client, commune: Commune, place: Site, django_assert_max_num_queries: Any
) -> None:
    visits(commune, place, 40)
    manager.get(PAGE, NOVEMBER)
    with django_assert_max_num_queries(12):
        manager.get(PAGE, NOVEMBER)


# ---- what was noted --------------------------------------------------------------------------------


def test_what_was_noted_has_unknown_as_a_row_of_its_own_and_shares_of_mentions(
    manager: Client, commune: Commune, place: Site
) -> None:
    noted: dict[str, Any] = {
        "outcome": "solved",
        "themes_noted": ["email", "logement"],
        "autonomy": "autonome",
    }
    visits(commune, place, 3, **noted, equipment_used=["ordinateur"])
    visits(commune, place, 1)
    visits(commune, place, 5, is_medical=True)
    page = manager.get(PAGE, NOVEMBER)
    blocks = {block.id: block for pair in page.context["found"].noted for block in pair}

    def rows(block: str) -> list[tuple[str, int, str]]:
        return [(bar.label, bar.count, bar.share.replace("\xa0", " ")) for bar in blocks[block].bars]

    assert rows("outcome") == [("fait", 3, "75 %"), ("non noté", 1, "25 %")]
    assert rows("noted-theme") == [("courriel", 3, "43 %"), ("logement", 3, "43 %"), ("non noté", 1, "14 %")]
    assert rows("equipment") == [("ordinateur", 3, "75 %"), ("non noté", 1, "25 %")]
    assert rows("autonomy") == [("en autonomie", 3, "75 %"), ("non noté", 1, "25 %")]
    assert rows("orientation") == [("non noté", 4, "100 %")]
    assert [(count, share) for _label, count, share in rows("known")] == [(3, "75 %")] * 4
    shown = text(page)
    assert "6 mentions, dans 3 visites" in shown and "pas des visites" in shown


def test_the_files_have_what_was_noted(manager: Client, commune: Commune, place: Site) -> None:
    visits(commune, place, 2, outcome="partly", orientation=["administration", "autre"])
    lines = list(csv.DictReader(StringIO(manager.get(FILE, NOVEMBER).content.decode())))
    found = {(line["dimension"], line["code"]): line["nombre"] for line in lines}
    assert found["outcome", "partly"] == found["orientation", "administration"] == "2"
    assert found["orientation", "autre"] == found["equipment", "unknown"] == "2"
    sheet = load_workbook(BytesIO(manager.get(BOOK, NOVEMBER).content)).active
    assert sheet is not None
    codes = {(row[3].value, row[4].value) for row in sheet.iter_rows()}
    assert {("orientation", "autre"), ("autonomy", "unknown"), ("noted_theme", "unknown")} <= codes
