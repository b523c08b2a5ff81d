"""« Demandé sans être trouvé » and « Besoins »: what the desk counted, in numbers and sentences."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.models import Agent
from booking import actions
from booking.actions.unmet import fold_unmet
from booking.enums import Status, UnmetWhy
from booking.models import UnmetRequest, VisitRecord
from communes.models import Commune, Service, Site
from reporting.cabin_days import write_days_of
from reporting.figures.periods import Period, PeriodKind, period_of
from reporting.figures.reading import Reading, read
from reporting.models import CabinDay
from tests.factories import (
    TUESDAY,
    at,
    make_appointment,
    make_cabin,
    make_commune,
    make_site,
)
from tests.profiles import share
from tests.reporting.test_figures_read import USUAL, record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]
PAGE, NEEDS = "/chiffres/", "/chiffres/besoins/"
TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)
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


def text(answer: Any) -> str:
    return str(answer.content.decode().replace("\xa0", " ").replace("\u202f", " "))


def note(commune: Commune, service: Service | None, n: int, *days: actions.WantedDay, **more: Any) -> None:
    asked = actions.Unmet(talk=UUID(int=n + 1), service=service, days=days, **more)
    actions.note_unmet(commune=commune, request=asked, now=TUESDAY)


def wanted(n: int, why: UnmetWhy, *, lacked: bool = False) -> actions.WantedDay:
    return actions.WantedDay(TODAY + n * DAY, why, lacked)


def unmet(reading: Reading) -> dict[tuple[str, str], int]:
    found = reading.now.by
    return {
        (dimension, code): each.visits
        for dimension in found
        if dimension.startswith("unmet_")
        for code, each in found[dimension].items()
    }


def test_what_would_have_served_is_said(
    manager: Client, commune: Commune, service: Service, place: Site
) -> None:
    lacking = [wanted(n, UnmetWhy.NO_HELPER, lacked=True) for n in range(7)]
    note(commune, service, 1, *lacking)
    note(
        commune, service, 2, *[wanted(n, UnmetWhy.FULL) for n in range(10)], wanted(11, UnmetWhy.NOT_SUITING)
    )
    VisitRecord.objects.bulk_create([record(commune, [place], USUAL)])
    page = text(manager.get(PAGE, NOVEMBER))
    assert "2 demandes n’ont trouvé aucun horaire qui convienne ; jours regardés : 18." in page
    assert "Pour 7 des 17 jours sans horaire, une cabine était libre : il manquait un aidant." in page
    needs = text(manager.get(NEEDS, NOVEMBER))
    assert "7 jours : une cabine était libre, il manquait un aidant." in needs
    assert "10 jours : aucune cabine n’était libre" in needs
    assert "1 jour : des horaires étaient libres, à d’autres heures." in needs


@pytest.mark.parametrize("why", [why for why in UnmetWhy if why not in (UnmetWhy.NOT_OFFERED, UnmetWhy.PAST)])
def test_each_day_without_a_time_is_in_one_sentence(
    manager: Client, commune: Commune, service: Service, place: Site, why: UnmetWhy
) -> None:
    note(commune, service, 1, *[wanted(n, why) for n in range(3)])
    sections = manager.get(NEEDS, NOVEMBER).context["sections"]
    says = next(each.says for each in sections if each.id == "would-serve")
    days = [
        int(found[1]) for line in says if (found := re.match(r"(\d+)\s*jours? :", line.replace("\xa0", " ")))
    ]
    assert days == [3], says


def test_hours_that_are_never_open_and_what_is_not_offered_are_named(
    manager: Client, commune: Commune, service: Service
) -> None:
    note(commune, service, 1, wanted(4, UnmetWhy.CLOSED), wanted(11, UnmetWhy.CLOSED), half="am")
    note(commune, None, 2, wanted(0, UnmetWhy.NOT_OFFERED), theme="logement")
    note(commune, None, 3, wanted(0, UnmetWhy.NOT_OFFERED))
    page = text(manager.get(NEEDS, NOVEMBER))
    assert "Samedi matin : demandé pour 2 jours." in page
    assert "Logement : 1 demande." in page and "Thème non précisé : 1 demande." in page


def test_an_empty_commune_is_told_how_to_count(manager: Client) -> None:
    page = manager.get(NEEDS)
    assert page.status_code == 200
    assert text(page).count("Aucun agent n’a compté") == 3


def test_one_place_has_only_what_was_asked_for_there(
    manager: Client, commune: Commune, service: Service, place: Site
) -> None:
    note(commune, service, 1, wanted(1, UnmetWhy.FULL))
    note(commune, service, 2, wanted(1, UnmetWhy.FULL), wanted(2, UnmetWhy.FULL), site=place)
    sites, november = [place], period_of(PeriodKind.MONTH, TODAY)
    assert unmet(read(commune, november, None, sites=sites))["unmet_why", "full"] == 3
    assert unmet(read(commune, november, None, sites=sites, is_whole=False))["unmet_why", "full"] == 2


def test_another_commune_sees_nothing(commune: Commune, service: Service) -> None:
    note(commune, service, 1, wanted(1, UnmetWhy.FULL))
    other = make_commune()
    november = period_of(PeriodKind.MONTH, TODAY)
    assert unmet(read(other, november, None, sites=[make_site(other)])) == {}


drawn = st.tuples(
    st.sampled_from(list(UnmetWhy)), st.booleans(), st.sampled_from(["", "am", "pm"]), st.integers(0, 9)
)


@given(st.lists(drawn, max_size=12))
@settings(
    max_examples=share(0.15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_folding_changes_no_number(
    commune: Commune, service: Service, rows: list[tuple[UnmetWhy, bool, str, int]]
) -> None:
    UnmetRequest.objects.all().delete()
    commune.monthly_sums.all().delete()
    sites = list(Site.objects.filter(commune=commune)) or [make_site(commune)]
    for n, (why, lacked, half, days) in enumerate(rows):
        if why == UnmetWhy.NOT_OFFERED:
            note(commune, None, n, wanted(0, why), theme="logement" if lacked else "")
        else:
            note(commune, service, n, *[wanted(d, why, lacked=lacked) for d in range(days)], half=half)
    november = period_of(PeriodKind.MONTH, TODAY)
    before = unmet(read(commune, november, None, sites=sites))
    fold_unmet(commune=commune, now=TUESDAY + 400 * DAY)
    assert not UnmetRequest.objects.exists()
    assert unmet(read(commune, november, None, sites=sites)) == before


def test_a_theme_is_said_to_rise_only_beyond_chance(manager: Client, commune: Commune, place: Site) -> None:
    def visits(month: int, theme: str, count: int) -> None:
        values = {**USUAL, "theme": theme, "day_on": date(2026, month, 5)}
        VisitRecord.objects.bulk_create([record(commune, [place], values) for _ in range(count)])

    visits(9, "logement", 40)
    visits(10, "logement", 90)
    visits(9, "sante", 60)
    visits(10, "sante", 66)
    page = text(manager.get(NEEDS, {"kind": "month", "day": "2026-10-10", "compare": "before"}))
    assert "Logement : 90 visites, 125 % de plus" in page
    assert "Santé :" not in page


def test_places_differ_only_beyond_chance(manager: Client, commune: Commune, place: Site) -> None:
    other = make_site(commune, name="Mairie")
    for site, helped, alone in ((place, 60, 5), (other, 20, 40)):
        for how, count in (("helper", helped), ("nobody", alone)):
            values = {**USUAL, "helped_by": how, "day_on": date(2026, 10, 5)}
            VisitRecord.objects.bulk_create([record(commune, [site], values) for _ in range(count)])
    page = text(manager.get(NEEDS, {"kind": "month", "day": "2026-10-10"}))
    assert "Espace Verlaine : 65 visites." in page and "Mairie : 60 visites." in page
    assert "Plus souvent avec un aidant que dans les autres lieux (92 % contre 33 %)." in page
    assert "Les rendez-vous y sont" not in page


def test_a_full_day_is_one_that_was_booked_for_nine_tenths(commune: Commune, service: Service) -> None:
    site = make_site(commune, name="Verlaine")
    cabin = make_cabin(site)
    make_appointment(cabin, service, at(8, day=18), ends_at=at(20, day=18))
    make_appointment(cabin, service, at(9, day=19), ends_at=at(10, day=19))
    make_appointment(cabin, service, at(8, day=20), ends_at=at(20, day=20), status=Status.CANCELLED)
    write_days_of(commune, now=TUESDAY)
    booked = dict(CabinDay.objects.filter(cabin_ref=cabin.pk).values_list("day_on", "booked_min"))
    assert (booked[date(2026, 11, 18)], booked[date(2026, 11, 19)], booked[date(2026, 11, 20)]) == (
        720,
        60,
        0,
    )
    november = Period(PeriodKind.DATES, date(2026, 11, 18), date(2026, 11, 21))
    opening = read(commune, november, None, sites=[site]).now.opening
    assert (opening.full_days, opening.known_days) == (1, 3)


@pytest.mark.parametrize(("booked", "full"), [(58, 0), (59, 1)])
def test_nine_tenths_are_not_rounded_down(commune: Commune, place: Site, booked: int, full: int) -> None:
    CabinDay.objects.create(
        commune=commune, day_on=date(2026, 11, 3), site_ref=place.pk, site_name="x", cabin_ref=1,
        cabin_name="y", open_min=70, closed_min=0, out_min=5, booked_min=booked,
    )  # fmt: skip
    november = period_of(PeriodKind.MONTH, TODAY)
    assert read(commune, november, None, sites=[place]).now.opening.full_days == full
