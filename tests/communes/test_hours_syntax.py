"""What is refused, and where it says the culprit stands."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from communes.errors import HoursError
from communes.opening.hours import parse
from core.errors import PermanenceError

REFUSED = [
    ("", "empty", 0),
    ("   ", "empty", 0),
    (" ; ", "empty", 0),
    ("lundi 09:00-12:00", "syntax", 0),
    ("Mo-Fr 9h-12h", "syntax", 6),
    ("Mo-Fr 9-12", "syntax", 6),
    ("Mo-Fr 25:00-26:00", "syntax", 6),
    ("Mo-Fr 09:00-12:00; Jour férié fermé", "syntax", 19),
    ("Mo-Fr 09:00-12:00 14:00-18:00", "syntax", 18),
    ("Mo 10:00", "syntax", 8),
    ("  Mo-Fr   9h", "syntax", 10),
    ("Mo-Fr  09:00–12:00; Sa 9h", "syntax", 23),
    ("week 54 Mo 10:00-11:00", "syntax", 5),
    ("Mo[6] 10:00-11:00", "syntax", 3),
    ("Mo-Fr 09:00-12:00; SH off", "school_holidays", 19),
    ("SH Mo 10:00-12:00", "school_holidays", 0),
    ("Mo-Fr 09:00-12:00; PH,SH off", "school_holidays", 22),
    ("Mo-Fr 09:00-12:00; sh off", "school_holidays", 19),
    ("PH 09:00-12:00", "holiday_rule", 0),
    ("Mo-Fr 09:00-12:00; PH 10:00-11:00", "holiday_rule", 19),
    ("Mo-Fr,PH 09:00-12:00", "holiday_rule", 6),
    ("Mo-Fr 09:00-12:00; PH", "holiday_rule", 19),
    ("Mo-Fr 09:00-12:00; PH open", "holiday_rule", 19),
    ("Mo-Fr 09:00-12:00; PH Mo off", "holiday_rule", 19),
    ("Mo-Fr 09:00-12:00; Aug PH off", "holiday_rule", 23),
    ("Mo-Fr 09:00-12:00; PH -1 day off", "holiday_rule", 19),
    ("Mo-Fr 09:00-12:00; PH 09:00-10:00 off", "holiday_rule", 19),
    ("PH off; Mo-Fr 09:00-12:00", "after_holiday_rule", 8),
    ("Mo-Fr 09:00-12:00; PH off; Jul-Aug 10:00-12:00", "after_holiday_rule", 27),
    ("Mo-Fr 09:00-12:00; PH off, Sa 10:00-12:00", "after_holiday_rule", 27),
    ("Mo-Fr 09:00-12:00; PH off; Jul 1-Aug 31 10:00-12:00", "after_holiday_rule", 27),
    ("Mo-Fr sunrise-sunset", "variable_time", 6),
    ("Mo 10:00-sunset", "variable_time", 9),
    ("Mo (dawn+01:00)-12:00", "variable_time", 4),
    ("Mo-Fr 09:00+", "open_end", 11),
    ("Mo-Fr 09:00-12:00+", "open_end", 17),
    ("Mo 10:00-16:00/01:30", "repetition", 14),
    ("Mo 10:00-16:00/30", "repetition", 14),
    ("Mo 09:00-12:00 unknown", "unknown", 15),
    ("Mo 09:00-12:00 || Tu 10:00-12:00", "fallback", 15),
    ('Mo 09:00-12:00 "sur rendez-vous"', "comment", 15),
    ('Mo 09:00-12:00, "sur rendez-vous"', "comment", 16),
    ('"SH et PH"', "comment", 0),
    ("Apr 31 10:00-12:00", "no_such_day", 0),
    ("Mo-Fr 09:00-12:00; Feb 30 off", "no_such_day", 19),
    ("2027 Feb 29 off", "no_such_day", 5),
    ("Feb 10-30 10:00-12:00", "no_such_day", 0),
    ("Aug 20-10 off", "reversed", 0),
    ("Mo 09:00-12:00; 2026 Nov-Feb off", "reversed", 16),
    ("week 50-2 Mo 10:00-12:00", "reversed", 5),
    ("easter-Apr 10 10:00-12:00", "reversed", 0),
    ("Mo 10:00-12:00; easter +10 days-Apr 30 off", "reversed", 16),
    ("Apr 10-easter -1 day 10:00-12:00", "reversed", 0),
    ("2027-2026 Mo 10:00-12:00", "reversed", 0),
    ("Mo 09:00-12:00; Tu 10:00-10:00", "empty_span", 19),
    ("Fr 22:00-48:01", "out_of_range", 9),
    ("Fr 22:00-02:00; 2026 Jul 10 22:00-23:00 off", "timed_closing", 16),
]


@pytest.mark.parametrize(("expression", "problem", "position"), REFUSED)
def test_what_cannot_be_honoured_is_refused_at_its_position(expression, problem, position):
    with pytest.raises(HoursError) as refusal:
        parse(expression, "76498")
    assert (refusal.value.problem, refusal.value.position) == (problem, position)
    assert expression[position:].upper().startswith(refusal.value.fragment[:2].upper())
    assert str(position + 1) in str(refusal.value)


def test_the_refusal_is_an_error_of_the_product_with_a_stable_code():
    with pytest.raises(PermanenceError) as refusal:
        parse("Mo-Fr 9h-12h", "76498")
    assert refusal.value.code == "hours_invalid"
    assert refusal.value.details == {"problem": "syntax", "position": 6}


def test_the_first_culprit_is_named_when_there_are_several():
    with pytest.raises(HoursError) as refusal:
        parse("Mo 09:00+; SH off; PH 10:00-12:00", "76498")
    assert (refusal.value.problem, refusal.value.position) == ("open_end", 8)


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("Mo, We 10:00-12:00", "Mo,We 10:00-12:00"),
        ("Mo-Fr, Su 10:00-12:00", "Mo-Fr,Su 10:00-12:00"),
        ("Mo - Fr 10:00 - 12:00", "Mo-Fr 10:00-12:00"),
        ("Mo–Fr 10:00–12:00", "Mo-Fr 10:00-12:00"),
        ("Mo-Fr 08:00-12:00 , 13:00-14:00", "Mo-Fr 08:00-12:00,13:00-14:00"),
        ("Mo-Fr 08:00-12:00, 13:00-14:00", "Mo-Fr 08:00-12:00,13:00-14:00"),
        ("Mo-Fr  10:00-12:00 ;\n Tu\u00a0off ; ", "Mo-Fr 10:00-12:00; Tu off"),
        ("Mo-Fr 10:00-12:00;Tu off", "Mo-Fr 10:00-12:00; Tu off"),
        ("Mo-Fr 10:00-12:00; Dec 24, Dec 31 off", "Mo-Fr 10:00-12:00; Dec 24,Dec 31 off"),
        ("Mo-Sa 10:00-12:00; Sa, PH off", "Mo-Sa 10:00-12:00; Sa,PH off"),
        ("Mo-Fr 10:00-12:00; ph off", "Mo-Fr 10:00-12:00; PH off"),
        ("mo-fr 10:00-12:00; PH Off", "Mo-Fr 10:00-12:00; PH off"),
        ("Mo-Fr 10:00-12:00; PH off", "Mo-Fr 10:00-12:00, PH closed"),
        ('Mo-Fr 10:00-12:00 open “avec ou sans; rendez-vous”; PH off "férié"', "Mo-Fr 10:00-12:00; PH off"),
    ],
)
def test_harmless_slips_are_forgiven(slip, meant):
    year = date(2026, 1, 1), date(2027, 1, 1)
    spans = parse(slip, "76498").local_spans(*year)
    assert spans
    assert spans == parse(meant, "76498").local_spans(*year)


PIECES = st.sampled_from(
    [
        *("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "Mo-Fr", "Sa-Su", "PH", "SH", "24/7", "week", "1-53/2"),
        *("off", "closed", "open", "unknown", "Jan", "Feb", "Aug", "24", "31", "2026", "easter", "+1", "day"),
        *("09:00-12:00", "14:00-18:00", "22:00-02:00", "20:00-30:00", "12:00", "sunset", "[1]", "[-1]"),
        *("+", "-", ",", ";", "||", "/", ":", '"', "é", ", ", "; ", " ", " ", " "),
    ]
)


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40))
def test_anything_is_either_honoured_or_refused_within_the_text(expression):
    try:
        hours = parse(expression, "97411")
    except HoursError as refusal:
        position, sentence = refusal.position, str(refusal)
    else:
        position, sentence = 0, "honoured"
        spans = hours.local_spans(date(2026, 2, 20), date(2026, 4, 10))
        assert all(start < end for start, end in spans)
        hours.usual_week(date(2026, 2, 20))
    assert 0 <= position <= len(expression)
    assert sentence


def test_a_text_longer_than_can_be_stored_is_refused_before_it_is_parsed() -> None:
    """60,000 characters of `1-1-…` took the parser a minute."""
    with pytest.raises(HoursError) as refused:
        parse("1-" * 30_000, "76498")
    assert (refused.value.problem, refused.value.position) == ("too_long", 4000)
    assert parse("Mo 09:00-12:00" + " " * 3980, "76498").rules.evening
