import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phones import (
    Certainty,
    NumberKind,
    calling_code_of,
    can_receive_sms,
    format_national,
    is_fiction,
    kind_of,
    read_numbers,
    region_of,
)

PETIT_QUEVILLY, SAINT_DENIS, MAMOUDZOU, FORT_DE_FRANCE, BASSE_TERRE = (
    "76498",
    "97411",
    "97608",
    "97209",
    "97105",
)
CAYENNE, SAINT_PIERRE, NOUMEA, PAPEETE, WALLIS = "97302", "97502", "98818", "98735", "98611"


def read(text, insee_code=PETIT_QUEVILLY):
    return [(reading.e164, reading.certainty) for reading in read_numbers(text, insee_code=insee_code)]


def one(text, insee_code=PETIT_QUEVILLY):
    [reading] = read_numbers(text, insee_code=insee_code)
    return reading


@pytest.mark.parametrize(
    "typed",
    [
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "06–12–34–56–78",
        "06/12/34/56/78",
        "06 / 12 / 34 / 56 / 78",
        "06,12,34,56,78",
        "06, 12, 34, 56, 78",
        "06_12_34_56_78",
        "06\u202f12\u202f34\u202f56\u202f78",
        "06\u00a012\u00a034\u00a056\u00a078",
        "06\u200912\u200934 56 78",
        "\u202a06 12 34 56 78\u202c",
        "\t06 12 34 56 78 \n",
        "0033 6 12 34 56 78",
        "0033612345678",
        "00 33 (0) 6 12 34 56 78",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "+33(0)612345678",
        "(+33) 6 12 34 56 78",
        "+330612345678",
        "33612345678",
        "33 6 12 34 56 78",
        "612345678",
        "6 12 34 56 78",
        "06 12 34 56 78 (fils)",
        "(fils) 06 12 34 56 78",
        "06 12 34 56 78 - fille aînée",
        "Tél. : 06 12 34 56 78",
        "06 12 34 56 78 poste 12",
        "06 12 34 56 78 p. 12",
        "06 12 34 56 78 #12",
        "06 12 34 56 78 ext 1234",
        "06 12 34 56 78 (2e fils)",
        "portable 06 12 34 56 78",
        "p. 06 12 34 56 78",
        "☎ 06 12 34 56 78",
        "０６ １２ ３４ ５６ ７８",
        "06 12 34 56 78 ou 0612345678",
    ],
)
def test_one_number_however_it_is_typed(typed):
    assert read(typed) == [("+33612345678", Certainty.VALID)]


@pytest.mark.parametrize(
    "typed",
    [
        "06 12 34 56 78 / 02 35 12 34 56",
        "06 12 34 56 78/02 35 12 34 56",
        "0612345678/0235123456",
        "06/12/34/56/78 / 02/35/12/34/56",
        "0612345678;0235123456",
        "0612345678 ; 02.35.12.34.56",
        "06 12 34 56 78, 02 35 12 34 56",
        "06 12 34 56 78 02 35 12 34 56",
        "06 12 34 56 78 ou 02 35 12 34 56",
        "06 12 34 56 78 et 0235123456",
        "06 12 34 56 78\n02 35 12 34 56",
        "port 06 12 34 56 78 bureau 02 35 12 34 56",
        "06 12 34 56 78 poste 12, 02 35 12 34 56",
        "+33612345678 - +33235123456",
        "+33612345678+33235123456",
        "0612345678 - 02.35.12.34.56",
    ],
)
def test_two_numbers_in_one_field_give_two(typed):
    assert read(typed) == [("+33612345678", Certainty.VALID), ("+33235123456", Certainty.VALID)]


def test_three_numbers_give_three():
    assert [number for number, _ in read("0612345678 / 0235123456 / 0972123456")] == [
        "+33612345678",
        "+33235123456",
        "+33972123456",
    ]


def test_what_is_written_beside_a_number_is_kept_as_a_remark():
    assert one("06 12 34 56 78 (fils)").remark == "fils"
    assert one("02 35 12 34 56 poste 12").remark == "poste 12"
    assert one("06 12 34 56 78").remark == ""


def test_a_remark_keeps_its_figures_and_hyphens_and_loses_only_the_brackets():
    assert one("0639981234 (sa fille)").remark == "sa fille"
    assert one("06 39 98 12 34 - 2e belle-fille, l'aînée").remark == "2e belle-fille l'aînée"
    assert one("chez Mme Roy : 06 39 98 12 34").remark == "chez Mme Roy"


def test_an_empty_field_has_no_number():
    assert read_numbers("", insee_code=PETIT_QUEVILLY) == []
    assert read_numbers("  \n", insee_code=PETIT_QUEVILLY) == []


@pytest.mark.parametrize(
    "typed",
    [
        *("3949", "115", "17", "aucun", "06 12", "06 12 34 56 78 90", "12345678901234567", "-", "abc 12 d"),
        "+32 0038 42 36 33",  # a 0 too many
    ],
)
def test_what_can_be_no_number_is_an_error(typed):
    reading = one(typed)
    assert reading.certainty is Certainty.ERROR
    assert reading.e164 == ""


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("06 12 34 56 7", "+33061234567"),  # a digit is missing
        ("07 00 00 00 00", "+33700000000"),  # not given out, as far as the library knows
    ],
)
def test_possible_but_not_valid_is_a_warning_that_may_be_overridden(typed, e164):
    assert read(typed) == [(e164, Certainty.WARNING)]


@pytest.mark.parametrize(
    ("typed", "insee_code", "e164", "kind", "region"),
    [
        ("0692 12 34 56", SAINT_DENIS, "+262692123456", NumberKind.MOBILE, "RE"),
        ("0262 20 12 34", SAINT_DENIS, "+262262201234", NumberKind.LANDLINE, "RE"),
        ("0639 69 12 34", MAMOUDZOU, "+262639691234", NumberKind.MOBILE, "YT"),
        ("0690 12 34 56", BASSE_TERRE, "+590690123456", NumberKind.MOBILE, "GP"),
        ("0590 27 12 34", BASSE_TERRE, "+590590271234", NumberKind.LANDLINE, "BL"),
        ("0696 20 12 34", FORT_DE_FRANCE, "+596696201234", NumberKind.MOBILE, "MQ"),
        ("0694 20 12 34", CAYENNE, "+594694201234", NumberKind.MOBILE, "GF"),
        ("41 12 34", SAINT_PIERRE, "+508411234", NumberKind.LANDLINE, "PM"),
        ("26 12 34", NOUMEA, "+687261234", NumberKind.LANDLINE, "NC"),
        ("87 12 34 56", PAPEETE, "+68987123456", NumberKind.MOBILE, "PF"),
        ("72 12 34", WALLIS, "+681721234", NumberKind.MOBILE, "WF"),
        # A mainland number typed overseas, and the other way round: the digits leave no doubt.
        ("06 12 34 56 78", SAINT_DENIS, "+33612345678", NumberKind.MOBILE, "FR"),
        ("02 35 12 34 56", FORT_DE_FRANCE, "+33235123456", NumberKind.LANDLINE, "FR"),
        ("0692 12 34 56", PETIT_QUEVILLY, "+262692123456", NumberKind.MOBILE, "RE"),
        ("0694 20 12 34", SAINT_DENIS, "+594694201234", NumberKind.MOBILE, "GF"),
        ("0262 20 12 34", PETIT_QUEVILLY, "+262262201234", NumberKind.LANDLINE, "RE"),
        ("262 692 12 34 56", SAINT_DENIS, "+262692123456", NumberKind.MOBILE, "RE"),
        ("00262692123456", PETIT_QUEVILLY, "+262692123456", NumberKind.MOBILE, "RE"),
        ("+213 551 23 45 67", PETIT_QUEVILLY, "+213551234567", NumberKind.MOBILE, "DZ"),
        ("+32 470 12 34 56", PETIT_QUEVILLY, "+32470123456", NumberKind.MOBILE, "BE"),
        ("09 72 12 34 56", PETIT_QUEVILLY, "+33972123456", NumberKind.VOIP, "FR"),
        ("0 800 12 34 56", PETIT_QUEVILLY, "+33800123456", NumberKind.OTHER, "FR"),
    ],
)
def test_numbers_are_read_in_the_region_of_the_commune_first(typed, insee_code, e164, kind, region):
    reading = one(typed, insee_code)
    assert (reading.e164, reading.certainty) == (e164, Certainty.VALID)
    assert (reading.kind, reading.region) == (kind, region)


@pytest.mark.parametrize(
    ("typed", "insee_code", "candidates"),
    [
        ("0269 61 12 34", MAMOUDZOU, ["+262269611234", "+33269611234"]),
        ("0269 61 12 34", PETIT_QUEVILLY, ["+33269611234", "+262269611234"]),
        ("0596 50 12 34", FORT_DE_FRANCE, ["+596596501234", "+33596501234"]),
        ("0596 50 12 34", SAINT_DENIS, ["+33596501234", "+596596501234"]),
        ("0508 41 12 34", SAINT_PIERRE, ["+33508411234", "+508411234"]),
        ("0976 22 12 34", SAINT_DENIS, ["+262976221234", "+33976221234"]),
    ],
)
def test_two_numbers_written_the_same_are_both_offered(typed, insee_code, candidates):
    reading = one(typed, insee_code)
    assert reading.certainty is Certainty.AMBIGUOUS
    assert [candidate.e164 for candidate in reading.candidates] == candidates
    assert all(candidate.certainty is Certainty.VALID for candidate in reading.candidates)
    assert reading.e164 == candidates[0]


def test_a_text_too_long_to_be_a_field_is_an_error():
    assert one("0612345678 " * 30).certainty is Certainty.ERROR
    assert len(read_numbers("0612345678 / 0235123456 / 0972123456 / 0612345679", insee_code="FR")) == 4


def test_a_region_may_be_given_instead_of_an_insee_code():
    assert read("0692 12 34 56", "RE") == [("+262692123456", Certainty.VALID)]


FICTION = ["0199001234", "0261911234", "0353011234", "0465711234", "0536491234", "0639981234"]


@pytest.mark.parametrize("typed", FICTION)
@pytest.mark.parametrize(
    "insee_code",
    [PETIT_QUEVILLY, SAINT_DENIS, MAMOUDZOU, BASSE_TERRE, FORT_DE_FRANCE, CAYENNE, NOUMEA, PAPEETE],
)
def test_numbers_of_fiction_are_taken_everywhere(typed, insee_code):
    international = f"+33{typed[1:]}"
    for text in (international, "00" + international[1:]):
        assert read(text, insee_code) == [(international, Certainty.VALID)]
    if insee_code not in (NOUMEA, PAPEETE):
        assert read(typed, insee_code) == [(international, Certainty.VALID)]
    assert is_fiction(international)
    assert can_receive_sms(international) == (typed == "0639981234")
    assert kind_of(international) is (NumberKind.MOBILE if typed == "0639981234" else NumberKind.LANDLINE)


@pytest.mark.parametrize(
    "e164", ["+33612345678", "+3363998123", "+336399812345", "0639981234", "+330639981234", ""]
)
def test_other_numbers_are_not_fiction(e164):
    assert not is_fiction(e164)


def test_only_mobiles_receive_text_messages():
    assert can_receive_sms("+33612345678")
    assert can_receive_sms("+262692123456")
    assert can_receive_sms("+681721234")  # landlines and mobiles are not told apart there
    assert not any(
        map(
            can_receive_sms,
            ["+33235123456", "+33972123456", "+33800123456", "+33700000000", "+3361234567", ""],
        )
    )


@pytest.mark.parametrize(
    ("e164", "region", "shown"),
    [
        ("+33639981234", "FR", "06 39 98 12 34"),
        ("+33235123456", "FR", "02 35 12 34 56"),
        ("+33235123456", "RE", "02 35 12 34 56"),
        ("+262692123456", "RE", "0692 12 34 56"),
        ("+262692123456", "FR", "0692 12 34 56"),
        ("+590690123456", "MQ", "0690 12 34 56"),
        ("+687261234", "NC", "26.12.34"),
        ("+687261234", "FR", "+687 26.12.34"),
        ("+33612345678", "NC", "+33 6 12 34 56 78"),
        ("+213551234567", "FR", "+213 551 23 45 67"),
        ("nonsense", "FR", "nonsense"),
    ],
)
def test_a_number_is_written_as_people_of_the_region_dial_it(e164, region, shown):
    assert format_national(e164, region) == shown


def test_a_reading_says_the_number_as_it_is_dialled_here():
    assert one("+33639981234").national == "06 39 98 12 34"
    assert one("0692123456", SAINT_DENIS).national == "0692 12 34 56"
    assert region_of("+262692123456") == "RE"
    assert region_of("nonsense") == ""


@given(st.text(max_size=60) | st.text("0123456789 +()./-;,\u202fefils", max_size=60))
def test_anything_typed_is_read_without_failing(text):
    for code in (PETIT_QUEVILLY, SAINT_DENIS, NOUMEA):
        for reading in read_numbers(text, insee_code=code):
            assert bool(reading.e164) == (reading.certainty is not Certainty.ERROR)
            assert bool(reading.candidates) == (reading.certainty is Certainty.AMBIGUOUS)


@given(st.sampled_from(["+", "00", "0", "", "+33", "0033", "+320", "+4400", "+262"]), st.integers(0, 10**13))
def test_what_was_read_is_read_again_as_the_same_number(begins, rest):
    """Else the action refuses to keep what the form has taken."""
    for code in (PETIT_QUEVILLY, SAINT_DENIS, NOUMEA):
        for reading in read_numbers(f"{begins}{rest}", insee_code=code):
            for each in (reading, *reading.candidates):
                assert not each.e164 or each.e164 in [again for again, _ in read(each.e164, "FR")]


@given(
    st.integers(10_000_000, 99_999_999),
    st.sampled_from(["06", "07"]),
    st.sampled_from([" ", ".", "-", "/", "\u202f", ""]),
)
def test_a_mobile_number_is_read_however_its_digits_are_parted(rest, prefix, separator):
    digits = f"{prefix}{rest}"
    [reading] = read_numbers(separator.join(digits[n : n + 2] for n in range(0, 10, 2)), insee_code="FR")
    code = calling_code_of(digits[1:]) or "33"
    assert reading.e164 == f"+{code}{digits[1:]}" or reading.certainty is not Certainty.WARNING


# ---- overseas mobiles after the country code of the mainland --------------------------------------


@pytest.mark.parametrize(
    ("national", "e164"),
    [
        ("690 12 34 56", "+590690123456"),
        ("691 22 34 56", "+590691223456"),
        ("692 12 34 56", "+262692123456"),
        ("693 12 34 56", "+262693123456"),
        ("639 69 12 34", "+262639691234"),
        ("694 20 12 34", "+594694201234"),
        ("696 20 12 34", "+596696201234"),
        ("697 20 12 34", "+596697201234"),
        ("590 27 12 34", "+590590271234"),
        ("262 20 12 34", "+262262201234"),
        ("594 30 12 34", "+594594301234"),
    ],
)
@pytest.mark.parametrize("before", ["+33 ", "0033 ", "00 33 (0)", "+33 (0)", "33 ", "+33 0", "0", ""])
@pytest.mark.parametrize("insee_code", [PETIT_QUEVILLY, FORT_DE_FRANCE])
def test_a_number_of_a_territory_gets_its_own_country_code(before, national, e164, insee_code):
    assert read(before + national, insee_code) == [(e164, Certainty.VALID)]


def test_a_range_that_is_not_in_use_yet_belongs_to_the_territory_all_the_same():
    assert read("+33 691 50 12 34") == [("+590691501234", Certainty.WARNING)]


@pytest.mark.parametrize("insee_code", [PETIT_QUEVILLY, SAINT_DENIS, MAMOUDZOU])
def test_the_mobiles_of_fiction_and_of_the_mainland_keep_their_country_code(insee_code):
    assert read("+33 639 98 12 34", insee_code) == [("+33639981234", Certainty.VALID)]
    assert read("+33 6 95 12 34 56", insee_code) == [("+33695123456", Certainty.VALID)]
    assert read("0033 9 76 22 12 34", insee_code) == [("+33976221234", Certainty.VALID)]


# ---- beside Belgium -----------------------------------------------------------------------------

TOURCOING, HIRSON, GIVET, LONGWY, BOUILLONVILLE = "59599", "02381", "08190", "54323", "55066"


@pytest.mark.parametrize("insee_code", [TOURCOING, HIRSON, GIVET, LONGWY, BOUILLONVILLE])
@pytest.mark.parametrize(
    "typed",
    ["0470 12 34 56", "0470/12.34.56", "0470-12-34-56", "0470 123 456", "0470/123456", "0470 123.456"],
)
def test_beside_belgium_what_is_grouped_as_there_is_asked_about(typed, insee_code):
    reading = one(typed, insee_code)
    assert reading.certainty is Certainty.AMBIGUOUS
    assert [(each.e164, each.region) for each in reading.candidates] == [
        ("+32470123456", "BE"),
        ("+33470123456", "FR"),
    ]


@pytest.mark.parametrize("typed", ["04 70 12 34 56", "0470123456", "04.70.12.34.56", "04/70/12/34/56"])
def test_beside_belgium_pairs_are_french(typed):
    assert read(typed, TOURCOING) == [("+33470123456", Certainty.VALID)]


@pytest.mark.parametrize("insee_code", [PETIT_QUEVILLY, "62193", "57463", SAINT_DENIS, "FR"])
def test_elsewhere_nobody_is_asked_about_belgium(insee_code):
    assert read("0470 12 34 56", insee_code) == [("+33470123456", Certainty.VALID)]


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("069 12 34 56", "+3269123456"),
        ("069/12.34.56", "+3269123456"),
        ("02 345 67 89", "+3223456789"),
        ("02/345.67.89", "+3223456789"),
    ],
)
def test_a_landline_of_nine_digits_can_only_be_belgian(typed, e164):
    assert read(typed, TOURCOING) == [(e164, Certainty.VALID)]
    assert read(typed)[0][1] is not Certainty.VALID


def test_a_number_of_fiction_is_never_belgian():
    assert read("0465 71 12 34", TOURCOING) == [("+33465711234", Certainty.VALID)]


def test_a_candidate_names_its_country_in_words():
    assert [str(each.country) for each in one("0470 12 34 56", TOURCOING).candidates] == [
        "Belgique",
        "France métropolitaine",
    ]
    assert [each.national for each in one("0470 12 34 56", TOURCOING).candidates] == [
        "+32 470 12 34 56",
        "04 70 12 34 56",
    ]
