import csv
import io
from datetime import date
from pathlib import Path

import pytest

from communes.errors import FileRefused
from communes.place_files.reading import read_file
from communes.place_files.records import COLUMNS, Severity
from communes.place_files.row import read_row, split_list
from tests.communes.place_rows import ROW

DATA = Path(__file__).resolve().parents[2] / "communes" / "data"


def table(*rows, separator=",", header=None):
    names = header or list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, delimiter=separator, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def problems(data):
    return [(problem.line, problem.field, problem.severity) for problem in read_file(data).problems]


def test_the_places_of_petit_quevilly_are_read_without_a_complaint():
    file = read_file((DATA / "lieux-petit-quevilly.csv").read_bytes())
    assert file.problems == []
    assert [place.ref for place in file.places] == ["pq-hotel-de-ville", "pq-saint-julien", "pq-verlaine"]
    town_hall = file.places[0]
    assert (town_hall.name, town_hall.city, town_hall.insee_code) == (
        "Hôtel de ville",
        "Petit-Quevilly",
        "76498",
    )
    assert town_hall.phone == "+33261910001"
    assert town_hall.opening_hours == "Mo-Fr 08:30-12:00,13:30-17:00; Sa 09:00-12:00; PH off"
    assert town_hall.updated_on == date(2026, 11, 2)
    assert town_hall.lists["services"] == (
        "Aide aux démarches administratives",
        "Maîtrise des outils numériques du quotidien",
    )


def test_the_example_of_the_standard_is_read_with_its_half_quoted_header():
    data = (DATA / "lieux-exemple.csv").read_bytes()
    assert b",formations_labels,autres_formations_labels," in data.splitlines()[0]
    file = read_file(data)
    assert file.problems == []
    [place] = file.places
    assert (place.ref, place.insee_code, place.postal_code) == ("structure-1", "51454", "51100")
    assert place.phone == "+33180059880"
    assert (place.latitude, place.longitude) == (43.52609, 5.41423)
    assert place.lists["formations_labels"][0] == "Formé à « Mon Espace Santé »"
    assert place.lists["courriels"] == ("contact@laquincaillerie.tl", "responsable@laquincaillerie.tl")
    assert set(place.lists) | set(place.texts) < set(COLUMNS)


def test_a_byte_order_mark_semicolons_and_blank_lines_are_no_obstacle():
    data = b"\xef\xbb\xbf" + table(ROW, separator=";").replace(b"\r\n", b"\n") + b"\n;;;;;;;\n\n"
    [place] = read_file(data).places
    assert place.name == "Hôtel de ville"
    assert read_file(table(ROW, separator="\t")).places == read_file(table(ROW)).places == [place]


def test_header_names_may_have_capitals_and_spaces_around_them():
    [place] = read_file(table(ROW).replace(b"id,nom,commune", b' ID , "Nom",COMMUNE', 1)).places
    assert place.ref == "pq-1"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (table(ROW).decode().encode("latin-1"), "UTF-8"),
        (table(ROW).decode().encode("utf-16"), "UTF-16"),
        (b"", "CSV"),
        (b"\xef\xbb\xbf \n", "CSV"),
        (b"PK\x03\x04\x00\x00", "CSV"),
        (b"id,nom\r\n1,Mairie\r\n", "code_insee"),
        (table(ROW).replace(b"telephone", b"nom", 1), "nom"),
        (table(ROW) + b'"pq-2","never closed\r\n', "3"),
    ],
)
def test_a_file_of_which_nothing_can_be_made_is_refused(data, said):
    with pytest.raises(FileRefused) as refusal:
        read_file(data)
    assert str(refusal.value)
    if said != "CSV":
        assert said in str(refusal.value)


def test_latin_1_is_refused_with_the_line_of_its_first_accent():
    plain = {**ROW, "id": "pq-0", "nom": "Mairie"}
    with pytest.raises(FileRefused, match="3"):
        read_file(table(plain, ROW).decode().encode("latin-1"))


def test_lines_are_those_of_the_file_even_after_a_field_of_two_lines():
    long = {**ROW, "adresse": "Place\nde la mairie"}
    bad = {**ROW, "id": "pq-2", "code_insee": "nowhere"}
    file = read_file(table(long, bad))
    assert file.places[0].address == "Place de la mairie"
    assert [(problem.line, problem.field) for problem in file.problems] == [(4, "code_insee")]


@pytest.mark.parametrize("name", ["id", "nom", "commune"])
def test_a_place_cannot_be_without(name):
    assert problems(table({**ROW, name: " "})) == [(2, name, Severity.ERROR)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "x" * 121),
        ("nom", ""),
    ],
)
def test_what_is_an_error(name, value):
    file = read_file(table({**ROW, name: value}))
    assert file.places == []
    assert file.has_errors
    assert [(problem.field, problem.severity) for problem in file.problems] == [(name, Severity.ERROR)]


@pytest.mark.parametrize(
    ("field", "value", "read", "expected"),
    [
        ("code_postal", "7614O", "postal_code", ""),
        ("adresse", "", "address", ""),
        ("telephone", "à la mairie", "phone", ""),
        ("telephone", "06 12 34 56 7", "phone", "+33061234567"),
        ("telephone", "02 61 91 00 01 / 02 61 91 00 02", "phone", "+33261910001"),
        ("latitude", "49,42", "latitude", None),
        ("date_maj", "02/11/2026", "updated_on", None),
        ("pivot", "123", "pivot", ""),
        ("nom", "x" * 130, "name", "x" * 120),
        ("horaires", "Mo-Fr 9h-12h", "opening_hours", ""),
        ("horaires", "Mo 10:00-11:00; " * 251, "opening_hours", ""),
    ],
)
def test_what_is_a_warning_and_left_out_or_mended(field, value, read, expected):
    place, found = read_row({**ROW, field: value}, line=7)
    assert place is not None
    assert getattr(place, read) == expected
    [problem] = found
    assert problem.severity is Severity.WARNING
    assert field in problem.field
    assert (problem.line, str(problem).count("7") > 0) == (7, True)


def test_hours_that_cannot_be_honoured_say_where():
    place, [problem] = read_row({**ROW, "horaires": "Mo-Fr 09:00-12:00; SH off"}, line=3)
    assert place is not None
    assert place.hours_refused
    assert (problem.field, problem.position) == ("horaires", 19)
    assert "20" in str(problem)


def test_the_position_counts_from_the_beginning_of_the_field():
    _place, [problem] = read_row({**ROW, "horaires": "  Mo-Fr  9h"})
    assert problem.position == 9


def test_blank_hours_are_no_problem():
    place, found = read_row({**ROW, "horaires": " "})
    assert found == []
    assert place is not None
    assert (place.opening_hours, place.hours_refused) == ("", False)


def test_a_leading_zero_that_a_spreadsheet_took_is_given_back_and_said():
    place, found = read_row({**ROW, "code_insee": "1004", "code_postal": "1500", "telephone": ""})
    assert place is not None
    assert (place.insee_code, place.postal_code) == ("01004", "01500")
    assert {problem.field for problem in found} == {"code_insee", "code_postal"}
    assert all(problem.severity is Severity.WARNING for problem in found)


def test_coordinates_may_have_decimal_commas_and_must_be_on_earth():
    place, found = read_row({**ROW, "latitude": "49,4212", "longitude": "1,0543"})
    assert found == []
    assert place is not None
    assert (place.latitude, place.longitude) == (49.4212, 1.0543)
    place, found = read_row({**ROW, "latitude": "149", "longitude": "1"})
    assert len(found) == 1
    assert place is not None
    assert place.latitude is None


@pytest.mark.parametrize(
    "code",
    ["", " ", "99999", "764980", "20004", "FR-76", "n/a", "7649²", "７６４９８"],
)
@pytest.mark.parametrize("asked", [None, "76498"])
def test_a_line_without_a_usable_code_is_named_and_left_out(code, asked):
    bad = {**ROW, "id": "bus", "nom": "Bus numérique", "code_insee": code}
    file = read_file(table(bad, ROW), only_insee_code=asked)
    assert [place.ref for place in file.places] == ["pq-1"]
    assert not file.has_errors
    [problem] = file.problems
    assert (problem.line, problem.field, problem.severity) == (2, "code_insee", Severity.LEFT_OUT)
    assert "Bus numérique" in str(problem)
    assert (file.left_out, file.elsewhere) == (1, 0)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1004", "01004"),
        (" 76498", "76498"),
        ("76 498", "76498"),
        ("76\u00a0498", "76498"),
        ("\ufeff76498\u200b", "76498"),
        ("76498.0", "76498"),
        ("1004,0", "01004"),
        ("'76498", "76498"),
        ('="76498"', "76498"),
        ("2a004", "2A004"),
        ("2b 033", "2B033"),
    ],
)
def test_a_code_is_tidied_before_lines_are_chosen(written, code):
    line = {**ROW, "code_insee": written, "telephone": ""}
    here, elsewhere, all_of_them = (
        read_file(table(line), only_insee_code=asked) for asked in (code, "51454", None)
    )
    assert [place.insee_code for place in here.places] == [code]
    assert [place.insee_code for place in all_of_them.places] == [code]
    assert (elsewhere.places, elsewhere.elsewhere, elsewhere.problems) == ([], 1, [])


def test_a_bad_line_of_the_commune_asked_for_is_an_error_however_its_code_is_written():
    bad = {**ROW, "id": "", "code_insee": "7 6498"}
    file = read_file(table(ROW, bad), only_insee_code="76498")
    assert [(problem.line, problem.field, problem.severity) for problem in file.problems] == [
        (3, "id", Severity.ERROR)
    ]


def test_a_torn_line_is_an_error_only_where_it_may_be_of_the_commune_asked_for():
    data = table(ROW) + b"bus,Bus num\xc3\xa9rique,Rouen,76000,76540,Place, des Essais,,\r\n"
    assert [problem.severity for problem in read_file(data).problems] == [Severity.ERROR]
    own = read_file(data.replace(b"76540", b"76 498"), only_insee_code="76498")
    assert [problem.severity for problem in own.problems] == [Severity.ERROR]
    others = read_file(data, only_insee_code="76498")
    [problem] = others.problems
    assert (problem.line, problem.severity, len(others.places)) == (3, Severity.LEFT_OUT, 1)
    assert "Bus numérique" in str(problem)


def test_one_identifier_in_two_communes_is_two_places():
    other = {**ROW, "code_insee": "51454", "commune": "Reims"}
    file = read_file(table(ROW, other))
    assert file.problems == []
    assert [place.insee_code for place in file.places] == ["76498", "51454"]


def test_an_identifier_is_the_same_with_other_spaces_around_it():
    twin = {**ROW, "id": " \ufeffpq-1\u00a0"}
    [problem] = read_file(table(ROW, twin)).problems
    assert (problem.line, problem.field, problem.severity) == (3, "id", Severity.ERROR)


def test_blank_lines_and_a_line_that_announces_the_separator_may_stand_above_the_header():
    bad = {**ROW, "id": ""}
    plain = table(ROW, bad, separator=";")
    for above, line in (
        (b"sep=;\r\n", 4),
        (b'"sep=;"\n', 4),
        (b"\r\n ;;\r\n", 5),
        (b"\xef\xbb\xbfsep=;\r\n\r\n", 5),
    ):
        file = read_file(above + plain)
        assert [place.ref for place in file.places] == ["pq-1"]
        assert [problem.line for problem in file.problems] == [line]


def test_an_identifier_twice_is_an_error_that_names_the_first_line():
    file = read_file(table(ROW, {**ROW, "nom": "Une autre"}))
    [problem] = file.problems
    assert (problem.line, problem.field, problem.severity) == (3, "id", Severity.ERROR)
    assert "2" in str(problem.text)


def test_a_line_with_too_many_or_too_few_fields_is_an_error():
    data = table(ROW) + b"pq-2,Mairie\r\n"
    assert problems(data) == [(3, "", Severity.ERROR)]


def test_a_column_that_is_not_of_the_standard_is_ignored_and_said():
    assert problems(table({**ROW, "couleur": "bleu"})) == [(1, "couleur", Severity.WARNING)]


def test_lines_of_other_communes_are_passed_over_unread():
    broken = {**ROW, "id": "", "code_insee": "51454"}
    file = read_file(table(broken, ROW), only_insee_code="76498")
    assert file.elsewhere == 1
    assert file.problems == []
    assert [place.ref for place in file.places] == ["pq-1"]


def test_the_phone_is_read_in_the_region_of_the_commune():
    place, _found = read_row({**ROW, "code_insee": "97411", "telephone": "0692 12 34 56"})
    assert place is not None
    assert place.phone == "+262692123456"


def test_lists_have_no_blanks_and_no_repetitions():
    assert split_list("a| b |a||c ") == ("a", "b", "c")
    assert split_list("") == ()
