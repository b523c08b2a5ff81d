"""Opening hours as people write them (cases/hours.txt): each line has its verdict."""

from datetime import date
from pathlib import Path

import pytest

from communes.errors import HoursError
from communes.opening.hours import parse

LINES = (Path(__file__).parent / "cases" / "hours.txt").read_text().splitlines()

HONOURED: dict[int, dict[tuple[str, str], list[str]]] = {
    0: {
        ("2026-11-10", "2026-11-13"): [  # the 11th is a public holiday
            *("10 09:00-12:00", "10 13:30-17:00"),
            *("12 09:00-12:00", "12 13:30-17:00"),
        ]
    },
    1: {
        ("2026-11-25", "2026-11-29"): [
            "25 08:30-12:00",
            *("26 08:30-12:00", "26 13:30-17:30"),
            *("27 08:30-12:00", "27 13:30-16:30"),
        ]
    },
    # After `;` a rule takes its days over: on the first Wednesday, in the afternoon only.
    2: {("2026-12-01", "2026-12-04"): ["01 09:00-12:00", "02 14:00-18:00", "03 09:00-12:00"]},
    3: {
        ("2026-07-14", "2026-07-19"): ["14 10:00-12:00", "14 14:00-18:00"],
        ("2026-08-18", "2026-08-22"): ["21 10:00-12:00", "21 14:00-18:00"],
    },
    4: {
        ("2026-12-23", "2026-12-26"): ["23 08:45-12:15", "24 08:45-11:30", "25 08:45-12:15"],
        ("2026-12-28", "2027-01-05"): ["04 08:45-12:15"],
    },
    # Week 53 of 2026 is followed by week 1 of 2027.
    5: {("2026-12-17", "2027-01-15"): ["17 14:00-17:00", "31 14:00-17:00", "07 14:00-17:00"]},
    # Easter is on 5 April.
    6: {("2026-04-01", "2026-04-08"): ["01 09:00-12:00", "02 14:00-19:00", "07 09:00-12:00"]},
    10: {("2026-11-01", "2026-12-01"): ["28 09:00-12:00"]},
    11: {("2026-11-24", "2026-11-25"): ["24 00:00-00:00"]},
}

REFUSED = {
    7: ("comment", 18),
    8: ("syntax", 2),
    9: ("school_holidays", 19),
    12: ("variable_time", 6),
    13: ("syntax", 0),
    14: ("syntax", 0),
    15: ("open_end", 17),
    16: ("holiday_rule", 6),
}


def opened(written: str, start: str, end: str) -> list[str]:
    spans = parse(written, "76498").local_spans(date.fromisoformat(start), date.fromisoformat(end))
    return [f"{opens:%d %H:%M}-{closes:%H:%M}" for opens, closes in spans]


def test_each_line_has_one_verdict() -> None:
    assert sorted([*HONOURED, *REFUSED]) == list(range(len(LINES)))


@pytest.mark.parametrize("number", HONOURED)
def test_what_is_honoured_is_honoured_exactly(number: int) -> None:
    for (start, end), expected in HONOURED[number].items():
        assert opened(LINES[number], start, end) == expected


@pytest.mark.parametrize("number", REFUSED)
def test_the_rest_is_refused_with_its_problem_and_position(number: int) -> None:
    with pytest.raises(HoursError) as refusal:
        parse(LINES[number], "76498")
    assert (refusal.value.problem, refusal.value.position) == REFUSED[number]


# ---- read wrongly by the evaluator, found by trying ----------------------------------------------------


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("Jan,Mar Mo[1] 10:00-12:00", ["05", "02"]),
        ("Jan-Feb,Apr Tu[-1] 10:00-12:00", ["27", "24", "28"]),
        ("2026 Jan, Feb Su[1] 10:00-12:00", ["04", "01"]),
        ("Jan 8,Mar Mo[1] 10:00-12:00", ["08", "02"]),
        ("Jan Mo[1],Mar Mo[1] 10:00-12:00", ["05", "02"]),
    ],
)
def test_an_nth_weekday_of_several_months_is_one_day_of_each(written: str, days: list[str]) -> None:
    assert opened(written, "2026-01-01", "2027-01-01") == [f"{day} 10:00-12:00" for day in days]


@pytest.mark.parametrize(
    ("written", "days"), [("easter-May 10", 36), ("Mar 1-easter", 36), ("2026 easter-Apr 10", 6)]
)
def test_a_range_to_or_from_easter_is_honoured_where_every_year_has_its_order(
    written: str, days: int
) -> None:
    assert len(opened(f"{written} 10:00-12:00", "2026-01-01", "2027-01-01")) == days
