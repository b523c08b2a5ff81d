"""The numbers of a period: read by a few statements, they are what one gets by looking at each record."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from booking import actions
from booking.enums import CancelledBy, HelpedBy, Lead, Notice, Origin, Outcome, Status, ToldBy
from booking.models import VisitRecord
from booking.national import Autonomy
from booking.sums import cells_of
from communes.enums import Theme
from communes.models import Commune, Site
from reporting.figures.numbers import Numbers, quantile
from reporting.figures.periods import Period, PeriodKind
from reporting.figures.reading import read
from reporting.figures.rows import as_csv, as_xlsx, harmless, rows_of
from tests.factories import TUESDAY, make_cabin, make_commune, make_site
from tests.profiles import share

pytestmark = pytest.mark.django_db

NOVEMBER = Period(PeriodKind.MONTH, date(2026, 11, 1), date(2026, 12, 1))
OCTOBER = Period(PeriodKind.MONTH, date(2026, 10, 1), date(2026, 11, 1))

days = st.dates(date(2026, 9, 25), date(2026, 12, 5))
minutes = st.none() | st.integers(0, 200)
drawn = st.fixed_dictionaries(
    {
        "day_on": days,
        "half_hour": st.integers(0, 47),
        "site": st.integers(0, 1),
        "cabin_ref": st.integers(1, 2),
        "service_ref": st.integers(1, 3),
        "theme": st.sampled_from([Theme.MONEY, Theme.EMAIL]),
        "ended_as": st.sampled_from(
            [Status.DONE, Status.DONE, Status.NO_SHOW, Status.CANCELLED, Status.UNRECORDED]
        ),
        "cancelled_by": st.sampled_from(CancelledBy),
        "notice": st.sampled_from(Notice),
        "booked_min": st.integers(5, 90),
        "used_min": minutes,
        "waited_min": minutes,
        "helped_by": st.sampled_from(HelpedBy),
        "persons": st.integers(1, 6),
        "origin": st.sampled_from(Origin),
        "is_walk_in": st.booleans(),
        "lead": st.sampled_from(Lead),
        "outcome": st.sampled_from(["", *Outcome]),
        "told_by": st.sampled_from(ToldBy),
        "is_medical": st.booleans(),
        "themes_noted": st.sampled_from([[], ["email"], ["email", "logement"], ["logement"]]),
        "equipment_used": st.sampled_from([[], ["ordinateur"], ["ordinateur", "autre"]]),
        "autonomy": st.sampled_from(["", *Autonomy]),
        "orientation": st.sampled_from([[], ["autre"], ["administration", "autre"]]),
    }
)


USUAL: dict[str, Any] = {
    "day_on": date(2026, 11, 3),
    "half_hour": 20,
    "site": 0,
    "cabin_ref": 1,
    "service_ref": 1,
    "theme": Theme.MONEY,
    "ended_as": Status.DONE,
    "booked_min": 30,
    "used_min": 20,
    "waited_min": 1,
    "helped_by": HelpedBy.HELPER,
    "persons": 1,
    "origin": Origin.DESK,
    "is_walk_in": False,
    "lead": Lead.SAME_DAY,
}


def record(commune: Commune, sites: list[Site], values: dict[str, Any]) -> VisitRecord:
    site = sites[values["site"]]
    rest = {name: value for name, value in values.items() if name != "site"}
    return VisitRecord(
        commune=commune,
        site_ref=site.pk,
        site_name=site.name,
        cabin_name=f"cabine {rest['cabin_ref']}",
        service_name=f"démarche {rest['service_ref']}",
        **rest,
    )


def expected(
    records: list[VisitRecord], period: Period
) -> dict[tuple[int, str, str], tuple[int, int, int, int]]:
    """Each cell of `booking.sums`, by looking at each record."""
    found: dict[tuple[int, str, str], Counter[str]] = defaultdict(Counter)
    for each in records:
        if period.first <= each.day_on < period.end:
            for cell, _label in cells_of(each):
                found[cell.site_ref, cell.dimension, cell.code].update(
                    visits=1, persons=each.persons, booked=each.booked_min, used=each.used_min or 0
                )
    return {key: (c["visits"], c["persons"], c["booked"], c["used"]) for key, c in found.items()}


def told(now: Numbers) -> dict[tuple[int, str, str], tuple[int, int, int, int]]:
    return {
        (site, dimension, code): (each.visits, each.persons, each.booked_min, each.used_min)
        for site, dimensions in now.by_site.items()
        for dimension, cells in dimensions.items()
        for code, each in cells.items()
    }


@given(st.lists(drawn, max_size=25))
@settings(
    max_examples=share(0.25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_statements_find_what_each_record_says(commune: Commune, many: list[dict[str, Any]]) -> None:
    VisitRecord.objects.all().delete()
    sites = list(Site.objects.filter(commune=commune)) or [make_site(commune), make_site(commune)]
    records = [record(commune, sites, values) for values in many]
    VisitRecord.objects.bulk_create(records)
    found = read(commune, NOVEMBER, OCTOBER, sites=sites)
    assert found.before is not None
    assert told(found.now) == expected(records, NOVEMBER)
    assert told(found.before) == expected(records, OCTOBER)
    for numbers in (found.now, found.before):
        agree(numbers)
    alone = read(commune, NOVEMBER, None, sites=sites[:1], is_whole=False)
    assert told(alone.now) == {key: value for key, value in told(found.now).items() if key[0] == sites[0].pk}


def agree(now: Numbers) -> None:
    """Sums of parts are the whole, everywhere."""
    for dimension in (
        "service",
        "theme",
        "cabin",
        "helped_by",
        "origin",
        "walk_in",
        "lead",
        "told_by",
        "weekday",
        "half_hour",
        "waited",
    ):
        assert sum(each.visits for each in now.by[dimension].values()) == now.visits, dimension
        assert sum(each.used_min for each in now.by[dimension].values()) == now.used_min, dimension
    assert sum(now.heat.values()) == now.visits
    asked = sum(each.visits for each in now.by["outcome"].values())  # nothing is asked of medical visits
    assert sum(each.visits for each in now.by["autonomy"].values()) == asked <= now.visits
    for dimension in ("noted_theme", "equipment", "orientation"):
        assert sum(each.visits for each in now.by[dimension].values()) >= asked, "mentions, or unknown"
    assert sum(sum(helped.values()) for helped in now.by_day.values()) == now.visits
    assert sum(each.visits for each in now.by["missed_told"].values()) == now.missed
    assert sum(each.visits for each in now.by["notice"].values()) == now.ended("cancelled")
    assert now.appointments == now.visits - now.walk_ins + now.missed


@given(st.lists(drawn, max_size=20))
@settings(
    max_examples=share(0.15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_folding_changes_no_number_of_whole_months(commune: Commune, many: list[dict[str, Any]]) -> None:
    VisitRecord.objects.all().delete()
    commune.monthly_sums.all().delete()
    sites = list(Site.objects.filter(commune=commune)) or [make_site(commune), make_site(commune)]
    VisitRecord.objects.bulk_create([record(commune, sites, values) for values in many])
    before = read(commune, NOVEMBER, OCTOBER, sites=sites)
    # In the middle of the month: half of November is folded, half is still there.
    actions.fold_records(commune=commune, now=TUESDAY + timedelta(days=365 - 8))
    after = read(commune, NOVEMBER, OCTOBER, sites=sites)
    assert before.before and after.before
    assert told(after.now) == told(before.now)
    assert told(after.before) == told(before.before)
    assert not after.is_cut
    agree_after_folding(after.now)


def agree_after_folding(now: Numbers) -> None:
    by_day = sum(sum(helped.values()) for helped in now.by_day.values())
    by_month = sum(sum(helped.values()) for helped in now.by_month.values())
    assert by_day + by_month == now.visits


def test_a_part_of_a_month_of_which_only_sums_are_left_is_said_to_be_missing(commune: Commune) -> None:
    site = make_site(commune)
    values = {**USUAL, "day_on": date(2025, 10, 3)}
    record(commune, [site], values).save()
    actions.fold_records(commune=commune, now=TUESDAY)
    part = Period(PeriodKind.DATES, date(2025, 10, 2), date(2025, 11, 1))
    whole = Period(PeriodKind.MONTH, date(2025, 10, 1), date(2025, 11, 1))
    assert (
        read(commune, part, None, sites=[site]).is_cut,
        read(commune, whole, None, sites=[site]).is_cut,
    ) == (
        True,
        False,
    )
    assert read(commune, part, None, sites=[site]).now.visits == 0
    assert read(commune, whole, None, sites=[site]).now.visits == 1


def test_nothing_of_another_commune_is_read(commune: Commune) -> None:
    there = make_commune()
    make_cabin(make_site(there))
    site = make_site(there)
    record(there, [site], USUAL).save()
    # Even if its place were asked for.
    assert read(commune, NOVEMBER, None, sites=[site]).now.is_empty


def test_the_number_of_queries_does_not_depend_on_what_there_is(commune: Commune) -> None:
    sites = [make_site(commune), make_site(commune)]
    with CaptureQueriesContext(connection) as asked:
        read(commune, NOVEMBER, OCTOBER, sites=sites)
    assert len(asked) <= 8


@given(st.dictionaries(st.integers(0, 60), st.integers(1, 9), min_size=1), st.sampled_from([0.5, 0.9]))
def test_a_quantile_is_the_least_value_that_so_many_do_not_exceed(
    histogram: dict[int, int], part: float
) -> None:
    values = sorted(value for value, count in histogram.items() for _ in range(count))
    found = quantile(histogram, part)
    assert found is not None
    assert sum(value <= found for value in values) >= part * len(values)
    assert sum(value < found for value in values) < part * len(values)


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@x", "\tx", "\rx"])
def test_no_name_is_calculated_by_a_spreadsheet(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("Impôts = aide") == "Impôts = aide"


def test_a_workbook_holds_texts_and_numbers_and_no_formula() -> None:
    rows: list[list[str | int]] = [
        ["2026-11-01", "2026-11-30", "=1+1", "service", "7", "https://x.fr", 4, 5, 60]
    ]
    sheet = load_workbook(BytesIO(as_xlsx(rows))).active
    assert sheet is not None
    head, row = sheet.iter_rows()
    assert [each.value for each in row] == rows[0] and len(head) == len(row)
    assert {each.data_type for each in row[:6]} == {"s"} and {each.data_type for each in row[6:]} == {"n"}
    assert all(each.hyperlink is None for each in row)
    assert b"'=1+1" in as_csv(rows)


def test_rows_hold_each_cell_once_with_its_place(commune: Commune) -> None:
    sites = [make_site(commune, name="=Mairie"), make_site(commune, name="École")]
    for place in (0, 1, 1):
        record(commune, sites, {**USUAL, "site": place}).save()
    rows = list(
        rows_of(read(commune, NOVEMBER, None, sites=sites).now, {each.pk: each.name for each in sites})
    )
    ends = [row for row in rows if row[1] == "ended_as"]
    assert ends == [
        ["=Mairie", "ended_as", "done", "terminé", 1, 1, 20],
        ["École", "ended_as", "done", "terminé", 2, 2, 40],
    ]
    assert len(rows) == len({tuple(row[:3]) for row in rows})
