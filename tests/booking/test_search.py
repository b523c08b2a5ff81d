"""One field: phone number, name, or appointment number."""

import pytest

from booking.actions import PhoneInput, create_resident
from booking.enums import Status
from booking.models import Resident
from booking.names import NameIndex, folded
from booking.search import search
from tests.factories import TUESDAY, at, make_appointment, make_commune, make_resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(commune):
    """First name and last name → resident."""
    known = {}
    for first, last, *numbers in (
        ("Fatima", "Bensaïd", "+33639981234", "+33261910001"),
        ("Karim", "Bensaïd", "+33639981234"),
        ("Jean-François", "D’Arcy", "+33639985678"),
        ("Zoé", "Lœuvre"),
        ("Mohamed", "Ben Said", "+33639980000"),
        ("Marie", "Dupont", "+262639981234"),
        ("Jeanne", "Dupond"),
    ):
        known[f"{first} {last}"] = create_resident(
            commune=commune,
            first_name=first,
            last_name=last,
            phones=[PhoneInput(number) for number in numbers],
            now=TUESDAY,
        )
    return known


def names(commune, text):
    return [str(match.resident) for match in search(commune=commune, text=text, now=TUESDAY).residents]


@pytest.mark.parametrize(
    "text",
    [
        "bensaid fatima",
        "Fatima BENSAÏD",
        "fatima bensaid",
        "fatma bensaid",
        "Fatiam Bensaid",
        "f bensaïd",
        "fat ben",
        "Mme Bensaid Fatima",
        "  bensaid,fatima ",
        "Fatima Bensaîd",
        "fatima bensayd",
    ],
)
def test_a_name_is_found_whatever_the_accents_the_order_and_small_mistakes(commune, people, text):
    assert names(commune, text)[0] == "Fatima Bensaïd"


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("jean francois darcy", "Jean-François D’Arcy"),
        ("jeanfrancois", "Jean-François D’Arcy"),
        ("d'arcy", "Jean-François D’Arcy"),
        ("darcy", "Jean-François D’Arcy"),
        ("loeuvre", "Zoé Lœuvre"),
        ("Zoe Leuvre", "Zoé Lœuvre"),
        ("mohamed bensaid", "Mohamed Ben Said"),
        ("mouhamed ben said", "Mohamed Ben Said"),
    ],
)
def test_hyphens_apostrophes_and_spaces_do_not_matter(commune, people, text, who):
    assert names(commune, text)[0] == who


def test_an_exact_name_comes_before_one_that_is_alike(commune, people):
    assert names(commune, "dupont") == ["Marie Dupont", "Jeanne Dupond"]


def test_every_word_typed_must_be_answered(commune, people):
    assert names(commune, "fatima dupont") == []
    assert names(commune, "xavier") == []


@pytest.mark.parametrize(
    "text",
    ["06 39 98 12 34", "0639981234", "06.39.98.12.34", "+33 6 39 98 12 34", "0033639981234", "639981234"],
)
def test_several_people_behind_one_number_are_all_listed(commune, people, text):
    found = search(commune=commune, text=text, now=TUESDAY)
    assert [str(match.resident) for match in found.residents][:2] == ["Fatima Bensaïd", "Karim Bensaïd"]
    assert found.only is None and not found.is_certain


def test_a_national_number_may_be_one_of_an_overseas_territory(commune, people):
    assert "Marie Dupont" in names(commune, "06 39 98 12 34")
    assert "Marie Dupont" not in names(commune, "+33 6 39 98 12 34")


def test_a_whole_number_of_one_person_is_certain(commune, people):
    found = search(commune=commune, text="02 61 91 00 01", now=TUESDAY)
    assert (str(found.only), found.is_certain) == ("Fatima Bensaïd", True)


def test_part_of_a_number_is_enough_but_not_certain(commune, people):
    found = search(commune=commune, text="5678", now=TUESDAY)
    assert (str(found.only), found.is_certain) == ("Jean-François D’Arcy", False)
    assert names(commune, "06 39 98 56") == ["Jean-François D’Arcy"]
    assert names(commune, "678") == []


def test_numbers_that_begin_so_come_before_those_that_contain_it(commune):
    for number, name in (("+33261910639", "Ends"), ("+33639980000", "Begins")):
        create_resident(
            commune=commune, first_name="A", last_name=name, phones=[PhoneInput(number)], now=TUESDAY
        )
    assert names(commune, "0639") == ["A Begins", "A Ends"]


@pytest.mark.parametrize("text", ["482913", "482 913", "482\N{NO-BREAK SPACE}913"])
def test_an_appointment_number_finds_the_appointment_and_its_resident(commune, people, cabin, service, text):
    resident = people["Zoé Lœuvre"]
    make_appointment(cabin, service, at(9, day=10), number="482913", status=Status.DONE)
    coming = make_appointment(cabin, service, at(14), number="482913", resident=resident)
    found = search(commune=commune, text=text, now=TUESDAY)
    assert (found.appointment, found.only, found.is_certain) == (coming, resident, True)


def test_another_commune_is_not_searched(people, cabin, service):
    other = make_commune(name="Grand-Quevilly")
    make_appointment(cabin, service, at(14), number="482913")
    assert names(other, "bensaid") == names(other, "0639981234") == []
    assert search(commune=other, text="482913", now=TUESDAY).appointment is None


def test_merged_and_emptied_residents_are_not_found(commune, people):
    keep, gone = people["Fatima Bensaïd"], people["Karim Bensaïd"]
    Resident.objects.filter(pk=gone.pk).update(merged_into=keep)
    assert names(commune, "karim") == []


def test_last_visits_and_coming_appointments_are_shown(commune, people, cabin, service):
    resident = people["Zoé Lœuvre"]
    for day in (3, 4, 5, 6):
        make_appointment(cabin, service, at(9, day=day), resident=resident, status=Status.DONE)
    make_appointment(cabin, service, at(15), resident=resident, status=Status.CANCELLED)
    later = make_appointment(cabin, service, at(14, day=25), resident=resident)
    sooner = make_appointment(cabin, service, at(14), resident=resident)
    (match,) = search(commune=commune, text="zoe", now=TUESDAY).residents
    assert [visit.starts_at for visit in match.last_visits] == [at(9, day=6), at(9, day=5), at(9, day=4)]
    assert match.coming == [sooner, later]
    assert match.last_visit_at == at(9, day=6)


@pytest.mark.parametrize("text", ["bensaid", "0639981234", "482913", "zzz", ""])
def test_four_queries_are_enough(commune, people, cabin, service, django_assert_max_num_queries, text):
    make_appointment(cabin, service, at(14), number="482913", resident=people["Zoé Lœuvre"])
    with django_assert_max_num_queries(4):
        for match in search(commune=commune, text=text, now=TUESDAY).residents:
            assert str(match.resident)
            assert all(phone.number for phone in match.phones)
            assert all(visit.service.name and visit.site.name for visit in match.coming)


def test_more_than_a_page_of_people_says_so(commune):
    for number in range(25):
        create_resident(commune=commune, first_name="Jean", last_name=f"Martin{number}", now=TUESDAY)
    found = search(commune=commune, text="martin", now=TUESDAY)
    assert (len(found.residents), found.has_more, found.only) == (20, True, None)


def test_a_misspelt_name_is_found_among_very_many():
    firsts = ["fatima", "jean", "marie", "karim", "zoe", "mohamed", "anne sophie", "luc", "ines", "paul"]
    everyone = [(number, f"{firsts[number % 10]} {syllables(number)}") for number in range(3_000)]
    assert NameIndex(everyone).best(everyone[2_345][1][:-1], 20)[0] == 2_345


def syllables(number):
    parts = ["ba", "den", "fou", "gil", "har", "lem", "mo", "ne", "pré", "sol"]
    return folded("".join(parts[int(digit)] for digit in f"{number:05d}"))


@pytest.mark.parametrize(
    ("text", "name", "number"),
    [
        ("jeanne dupuis 02 61 91 00 77", "jeanne dupuis", "02 61 91 00 77"),
        ("02.61.91.00.77 Jeanne Dupuis", "Jeanne Dupuis", "02.61.91.00.77"),
        ("d’Arcy, +33 2 61 91 00 77", "d’Arcy", "+33 2 61 91 00 77"),
        ("Dupuis 7", "Dupuis 7", ""),
    ],
)
def test_a_name_and_a_number_typed_together_are_told_apart(commune, people, text, name, number):
    found = search(commune=commune, text=text, now=TUESDAY)
    assert (found.name_typed, found.number_typed) == (name, number)


@pytest.mark.parametrize(
    "text",
    [
        "0639985678 (sa fille)",
        "sa fille 06 39 98 56 78",
        "06 39 98 56 78 - sa fille",
        "(sa fille) +33 (0)6 39 98 56 78",
        "0639985678 sa fille",
    ],
)
def test_a_number_typed_with_words_is_read_and_the_words_are_kept(commune, people, text):
    found = search(commune=commune, text=text, now=TUESDAY)
    assert [str(match.resident) for match in found.residents] == ["Jean-François D’Arcy"]
    assert (found.name_typed, found.remark, found.is_certain) == ("", "sa fille", False)


def test_two_numbers_typed_together_are_both_looked_for(commune, people):
    assert set(names(commune, "06 39 98 56 78 / 02 61 91 00 01")) == {
        "Jean-François D’Arcy",
        "Fatima Bensaïd",
    }


def test_a_zero_in_brackets_does_not_hide_a_number(commune, people):
    assert names(commune, "+33 (0)2 61 91 00 01") == ["Fatima Bensaïd"]


def test_an_overseas_mobile_is_found_however_its_country_code_was_typed(commune):
    person = make_resident(commune, "+590690123456", first_name="Line", last_name="Coco")
    for text in ("+33 690 12 34 56", "0033 690", "0690 12", "+590 690 12 34 56", "33690123456"):
        assert names(commune, text) == [str(person)], text


def test_beside_belgium_a_belgian_number_is_found_as_it_is_dialled_there():
    beside, elsewhere = make_commune(insee_code="59599"), make_commune(insee_code="76217")
    for commune in (beside, elsewhere):
        make_resident(commune, "+32470123456")
    assert names(beside, "0470 12 34") == names(beside, "0470/12.34.56") == ["Fatima Bensaïd"]
    assert names(elsewhere, "0470 12 34 56") == []


def test_one_chinese_character_is_a_name(commune):
    make_resident(commune, first_name="小明", last_name="王")
    make_resident(commune, first_name="", last_name="王大力")
    assert set(names(commune, "王")) == {"小明 王", "王大力"}
    assert names(commune, "大力") == ["王大力"]
    assert names(commune, "b") == []


def test_a_text_that_is_too_long_is_said_to_be_and_finds_nobody(commune, people):
    found = search(commune=commune, text="bensaid " * 30, now=TUESDAY)
    assert (found.is_too_long, found.residents) == (True, [])


def test_of_a_name_and_a_number_the_number_comes_first_and_nobody_is_certain(commune, people):
    found = search(commune=commune, text="Lucie Dupond 06 39 98 56 78", now=TUESDAY)
    assert [str(match.resident) for match in found.residents] == ["Jean-François D’Arcy"]
    assert not found.is_certain
    assert names(commune, "Jeanne Dupond 06 39 98 77 77") == names(commune, "Jeanne Dupond")


def test_words_after_the_eighth_neither_count_nor_cost():
    index = NameIndex([(1, "marie claire de la tour d auvergne lauraguais")])
    assert index.best("marie claire de la tour d auvergne lauraguais " + "m " * 30, 5) == [1]
