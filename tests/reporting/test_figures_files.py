"""The files of « Chiffres » say all that the page says, in words."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db.models import TextChoices

from booking.enums import CancelledBy, HelpedBy, Lead, Notice, Origin, Outcome, Status, ToldBy
from booking.national import Autonomy, Material, Orientation
from communes.enums import Theme
from communes.models import Commune
from reporting.figures.numbers import Numbers
from reporting.figures.page import columns
from reporting.figures.periods import Period, PeriodKind
from reporting.figures.reading import read
from reporting.figures.rows import all_rows
from reporting.models import CabinDay
from tests.factories import make_site
from tests.reporting.test_figures_read import NOVEMBER, USUAL, record

pytestmark = pytest.mark.django_db


def each_code() -> Iterator[tuple[str, dict[str, Any]]]:
    """One field with one of its codes, for each code that a record may have."""
    yield "is_walk_in", {"is_walk_in": True}
    for status in (Status.DONE, Status.NO_SHOW, Status.UNRECORDED):
        yield "ended_as", {"ended_as": status}
    cancelled = {"ended_as": Status.CANCELLED}
    yield from (("cancelled_by", {**cancelled, "cancelled_by": code}) for code in CancelledBy)
    yield from (("notice", {**cancelled, "notice": code}) for code in Notice)
    yield from (("told_by", {"told_by": code}) for code in ToldBy)
    yield from (("told_by", {"told_by": code, "ended_as": Status.NO_SHOW}) for code in ToldBy)
    choices: list[tuple[str, type[TextChoices]]] = [
        ("helped_by", HelpedBy),
        ("origin", Origin),
        ("lead", Lead),
        ("outcome", Outcome),
        ("theme", Theme),
        ("autonomy", Autonomy),
    ]
    for name, codes in choices:
        yield from ((name, {name: code}) for code in codes)
    several: list[tuple[str, type[TextChoices]]] = [
        ("themes_noted", Theme),
        ("equipment_used", Material),
        ("orientation", Orientation),
    ]
    for name, codes in several:
        yield from ((name, {name: [code]}) for code in codes)
    yield from (("half_hour", {"half_hour": number}) for number in range(48))
    for waited in (None, 0, 3, 7, 15, 40):
        yield "waited_min", {"waited_min": waited}


def test_every_code_of_the_product_has_words(commune: Commune) -> None:
    """Names that people gave stand there already; whatever else is counted reads in words, in each file."""
    sites = [make_site(commune)]
    for _name, value in each_code():
        record(commune, sites, {**USUAL, **value}).save()
    rows = list(all_rows(read(commune, NOVEMBER, None, sites=sites), {sites[0].pk: "Mairie"}))
    assert [row for row in rows if not row[3]] == []
    assert {row[1] for row in rows} >= {"day", "weekday_hour", "wait_min", "outcome", "equipment", "lead"}


def test_the_further_rows_add_up_to_the_page(commune: Commune) -> None:
    sites = [make_site(commune, name="Mairie"), make_site(commune, name="École")]
    for place in (0, 1, 1):
        record(commune, sites, {**USUAL, "site": place}).save()
    for place, minutes in ((0, 480), (1, 300)):
        CabinDay.objects.create(
            commune=commune,
            day_on=date(2026, 11, 10),
            site_ref=sites[place].pk,
            site_name=sites[place].name,
            cabin_ref=place + 1,
            cabin_name="Cabine",
            open_min=minutes,
            closed_min=30,
            out_min=20,
            booked_min=60,
        )
    found = read(commune, NOVEMBER, None, sites=sites)
    rows = list(all_rows(found, {each.pk: each.name for each in sites}))
    for dimension in ("day", "weekday_hour"):
        assert sum(int(row[4]) for row in rows if row[1] == dimension) == found.now.visits == 3
    usable = {(row[0], row[2]): row[6] for row in rows if row[1] == "opening"}
    assert (usable["Mairie", "open"], usable["École", "open"]) == (480, 300)
    assert (usable["Mairie", "closed"], usable["Mairie", "out"]) == (30, 20)
    assert sum(int(count) for (_place, code), count in usable.items() if code == "reserved") == sum(
        found.now.reserved.values()
    )


def test_months_stand_under_the_first_week_of_each(commune: Commune) -> None:
    quarter = Period(PeriodKind.QUARTER, date(2026, 10, 1), date(2027, 1, 1))
    rows, by_month = columns(quarter, Numbers())
    assert not by_month
    assert [(each.label, each.under) for each in rows if each.under] == [
        ("28", "sept."),
        ("5", "oct."),
        ("2", "nov."),
        ("7", "déc."),
    ]
