"""Periods, when a change may be said, and « En bref »."""

from datetime import date, timedelta
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.figures.change import change, share_change
from reporting.figures.numbers import CellRow, Numbers, Sum, percent
from reporting.figures.periods import Compare, Period, PeriodKind, compared, last_complete_quarter, period_of
from reporting.figures.reading import Reading
from reporting.figures.words import in_brief, title, when

Q3 = period_of(PeriodKind.QUARTER, date(2026, 8, 15))
TODAY = date(2026, 11, 24)
any_day = st.dates(date(2001, 1, 1), date(2090, 1, 1))


@given(any_day, st.sampled_from([PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR]))
def test_periods_of_a_kind_follow_each_other_without_gap(day: date, kind: PeriodKind) -> None:
    found = period_of(kind, day)
    assert found.first <= day < found.end
    assert found.before().end == found.first and found.after().first == found.end
    assert found.after().before() == found
    assert sum(month.day for month in found.months()) == {"month": 1, "quarter": 3, "year": 12}[kind]


@given(any_day, any_day, st.integers(1, 900), st.sampled_from(Compare))
def test_what_is_compared_never_overlaps(today: date, first: date, days: int, how: Compare) -> None:
    period = Period(PeriodKind.DATES, first, first + timedelta(days=days))
    other = compared(period, how, today)
    if other is None:
        assert how == Compare.NONE
    else:
        assert other.end <= period.first and other.days >= 1


def test_the_page_opens_on_the_last_complete_quarter() -> None:
    assert last_complete_quarter(TODAY) == Q3
    assert last_complete_quarter(date(2027, 1, 1)).first == date(2026, 10, 1)


def test_a_period_that_runs_is_compared_up_to_the_same_day() -> None:
    running = period_of(PeriodKind.QUARTER, TODAY)
    assert compared(running, Compare.YEAR, TODAY) == Period(
        PeriodKind.QUARTER, date(2025, 10, 1), date(2025, 11, 24)
    )
    before = compared(running, Compare.BEFORE, TODAY)
    assert before == Period(PeriodKind.QUARTER, date(2026, 7, 1), date(2026, 8, 24))
    leap = compared(
        Period(PeriodKind.DATES, date(2028, 2, 29), date(2028, 3, 1)), Compare.YEAR, date(2028, 5, 1)
    )
    assert leap is not None and leap.days >= 1


@given(st.integers(0, 3000), st.integers(0, 3000), st.booleans())
def test_a_change_is_said_only_where_chance_does_not_explain_it(a: int, b: int, complete: bool) -> None:
    found = change(a, b, complete=complete)
    if not complete or a < 30 or b < 30:
        assert found is None
    else:
        assert found is not None
        assert (found.percent is None) == (abs(a - b) <= 2 * sqrt(a + b))
        if found.percent is not None:
            assert (found.percent > 0) == (a > b) and abs(found.percent - 100 * (a - b) / b) <= 0.5


@pytest.mark.parametrize(
    ("part", "whole", "before", "of", "points"),
    [(533, 871, 447, 771, 0), (600, 871, 380, 771, 20), (5, 20, 10, 20, None), (300, 871, 500, 771, -30)],
)
def test_points_of_a_share(part: int, whole: int, before: int, of: int, points: int | None) -> None:
    assert share_change(part, whole, before, of, complete=True) == points
    assert share_change(part, whole, before, of, complete=False) is None


def test_per_cent_is_rounded_once_and_nothing_has_none() -> None:
    assert (percent(1, 3), percent(1, 200), percent(2, 3), percent(0, 0)) == (33, 1, 67, None)


def numbers(done: int, *, helped: int = 0, missed: int = 0) -> Numbers:
    found = Numbers()
    found.take([CellRow(1, "ended_as", "done", "", Sum(done, done, done * 30, done * 30))])
    found.take([CellRow(1, "ended_as", "no_show", "", Sum(missed))] if missed else [])
    found.take([CellRow(1, "helped_by", "helper", "", Sum(helped))])
    found.take([CellRow(1, "service", "7", "CAF", Sum(done))] if done else [])
    found.take([CellRow(1, "lead", "days_3_7", "", Sum(done))] if done else [])
    return found


def brief(now: Numbers, before: Numbers | None, *, complete: bool = True) -> list[str]:
    other = compared(Q3, Compare.YEAR, TODAY) if before else None
    return in_brief(Q3, other, Reading(now, before), complete=complete)


def test_in_brief_can_be_read_aloud() -> None:
    said = brief(numbers(871, helped=533, missed=57), numbers(771))
    assert [each.replace("\xa0", " ") for each in said] == [
        "De juillet à septembre 2026, 871 visites ont eu lieu dans les cabines, 13 % de plus "
        "qu’avant (3e trimestre 2025 : 771).",
        "6 visites sur 10 se sont faites avec un aidant.",
        "On vient d’abord pour : CAF.",
        "La moitié des rendez-vous sont pris 7 jours avant ou moins.",
        "57 personnes sur 928 ne sont pas venues à leur rendez-vous.",
    ]


def test_nothing_is_compared_that_may_not_be() -> None:
    assert "qu’avant" not in brief(numbers(20), numbers(90))[0]
    assert "qu’avant" not in brief(numbers(90), numbers(300), complete=False)[0]
    assert "à peu près autant" in brief(numbers(100), numbers(101))[0]
    assert brief(numbers(0), None) == [
        "De juillet à septembre 2026, aucune visite n’a eu lieu dans les cabines."
    ]


@pytest.mark.parametrize(
    ("helped", "text"), [(0, "Toutes"), (40, "Toutes"), (1, "Presque"), (39, "Presque"), (4, "1")]
)
def test_shares_at_the_edges_are_not_said_as_tenths(helped: int, text: str) -> None:
    assert brief(numbers(40, helped=helped), None)[1].startswith(text)


def test_periods_have_names() -> None:
    assert [
        title(period_of(kind, TODAY)) for kind in (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR)
    ] == [
        "Novembre 2026",
        "4e trimestre 2026",
        "2026",
    ]
    free = Period(PeriodKind.DATES, date(2026, 11, 1), date(2026, 11, 20))
    assert title(free).replace("\xa0", " ") == "1er novembre 2026 – 19 novembre 2026"
    assert when(period_of(PeriodKind.MONTH, TODAY)) == "En novembre 2026"
