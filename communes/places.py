"""Places in the national standard of digital-inclusion places: one CSV file, one place a line.

Schema `LaMednum/standard-mediation-num` on schema.data.gouv.fr. Lists inside a field are separated
by `|`. Headers may be quoted or not (the standard's own example mixes both), the separator may be
the semicolon that French spreadsheets write, and codes that a spreadsheet has robbed of their
leading zero are mended and said so.

Each line is read in this order: its INSEE code is tidied, lines of communes that nobody asked for are
passed over, and only the others are judged. A line whose commune cannot be told is named and left out.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from math import nan
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from communes.errors import HoursError
from communes.opening.hours import parse
from core.errors import PermanenceError
from core.insee import bare_code, is_insee_code, tidy_code
from core.phones import Certainty, read_numbers

COLUMNS = (
    *("id", "pivot", "nom", "commune", "code_postal", "code_insee", "adresse", "complement_adresse"),
    *("latitude", "longitude", "typologie", "telephone", "courriels", "site_web", "horaires"),
    *("presentation_resume", "presentation_detail", "source", "itinerance", "structure_parente", "date_maj"),
    *("services", "publics_specifiquement_adresses", "prise_en_charge_specifique", "frais_a_charge"),
    *("dispositif_programmes_nationaux", "formations_labels", "autres_formations_labels"),
    *("modalites_acces", "modalites_accompagnement", "fiche_acces_libre", "prise_rdv"),
)
NEEDED = ("id", "nom", "commune", "code_postal", "code_insee", "adresse")
LISTS = (
    *("typologie", "courriels", "site_web", "itinerance", "services", "publics_specifiquement_adresses"),
    *("prise_en_charge_specifique", "frais_a_charge", "dispositif_programmes_nationaux"),
    *("formations_labels", "autres_formations_labels", "modalites_acces", "modalites_accompagnement"),
)
TEXTS = (
    *("presentation_resume", "presentation_detail", "source", "structure_parente"),
    *("fiche_acces_libre", "prise_rdv"),
)
LONGEST_ID = 120
LONGEST_HOURS = 500

_SEPARATORS = (",", ";", "\t")
_SEP_LINE = re.compile(r'\s*"?sep=([,;\t])"?[,;\t ]*(?:\r\n|\r|\n|$)', re.IGNORECASE)
_INVISIBLE = re.compile(r"[\u200b\u2060\ufeff]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_WEB = re.compile(r"https?://[^\s|]+")
_POSTAL_CODE = re.compile(r"\d{5}")
_PIVOT = re.compile(r"\d{14}|W\d{9}")


class Severity(StrEnum):
    ERROR = "error"
    """The place cannot be imported, and so the file is not."""
    LEFT_OUT = "left out"
    """Nothing tells which commune the place is in: it is not imported, the other lines are."""
    WARNING = "warning"
    """Something is left out or mended; the place is imported."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a line (from 1, the header's) and field of the file."""

    line: int
    field: str
    severity: Severity
    text: str | Promise
    position: int | None = None
    """Offset in the field, from 0, where that is known."""

    def __str__(self) -> str:
        where = {"line": self.line, "field": self.field, "text": self.text}
        if self.field:
            return gettext("line %(line)d, %(field)s: %(text)s") % where
        return gettext("line %(line)d: %(text)s") % where


class FileRefused(PermanenceError):
    """The file as a whole cannot be read."""

    code = "places_file_refused"
    text = _("This file cannot be read.")


@dataclass(frozen=True, slots=True)
class SiteRecord:
    """One line of the file, checked."""

    line: int
    ref: str
    name: str
    city: str
    postal_code: str
    insee_code: str
    address: str
    address_extra: str = ""
    latitude: float | None = None
    longitude: float | None = None
    phone: str = ""
    """E.164."""
    opening_hours: str = ""
    """As written, and such that they can be honoured; empty otherwise."""
    hours_refused: bool = False
    """Whether hours were written that could not be honoured."""
    pivot: str = ""
    updated_on: date | None = None
    texts: dict[str, str] = field(default_factory=dict)
    """The columns that are neither above nor lists, by name."""
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The columns of LISTS, by name."""


@dataclass(slots=True)
class PlacesFile:
    """What a file holds; `places` only has the lines that can be imported."""

    places: list[SiteRecord] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    elsewhere: int = 0
    """Lines of communes that were not asked for; nothing else was looked at in them."""

    @property
    def has_errors(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def left_out(self) -> int:
        """Lines whose commune cannot be told."""
        return sum(problem.severity is Severity.LEFT_OUT for problem in self.problems)

    def problems_of(self, line: int) -> list[Problem]:
        return [problem for problem in self.problems if problem.line == line]

    def problems_of_no_place(self) -> list[Problem]:
        """Those of the file itself, and of lines that give no place."""
        lines = {place.line for place in self.places}
        return [problem for problem in self.problems if problem.line not in lines]


def read_file(data: bytes, *, only_insee_code: str | None = None) -> PlacesFile:
    """Every place of the file and every problem; raises FileRefused if nothing can be made of it.

    With an INSEE code, lines that bear another one are counted and passed over.
    """
    result = PlacesFile()
    lines = _filled_in(_rows(_decoded(data)))
    header_line, names = next(lines, (1, []))
    header = _header(names)
    result.problems += [
        Problem(header_line, name, Severity.WARNING, _("this column is not in the standard: it is ignored."))
        for name in header
        if name and name not in COLUMNS
    ]
    seen: dict[tuple[str, str], int] = {}
    for line, values in lines:
        if len(values) != len(header):
            result.problems.append(_torn(values, header, line=line, only_insee_code=only_insee_code))
            continue
        row = {name: value for name, value in zip(header, values, strict=True) if name in COLUMNS}
        code = tidy_code(row["code_insee"])
        if not is_insee_code(code):
            result.problems.append(_nowhere(row, line=line))
            continue
        if only_insee_code and code != only_insee_code:
            result.elsewhere += 1
            continue
        place, problems = read_row(row, line=line)
        result.problems += problems
        if place is None:
            continue
        key = (place.insee_code, place.ref)
        if key in seen:
            first = {"id": place.ref, "line": seen[key]}
            message = gettext("“%(id)s” is already on line %(line)d.") % first
            result.problems.append(Problem(line, "id", Severity.ERROR, message))
            continue
        seen[key] = line
        result.places.append(place)
    return result


def _nowhere(row: dict[str, str], *, line: int) -> Problem:
    """The line whose INSEE code is blank or none, named so that it can be found in the file."""
    about = {"name": _name_of(row), "code": " ".join(row["code_insee"].split())[:20]}
    if about["code"]:
        text = gettext("%(name)s: “%(code)s” is no INSEE code. This line is left out.") % about
    else:
        text = gettext("%(name)s: without INSEE code. This line is left out.") % about
    return Problem(line, "code_insee", Severity.LEFT_OUT, text)


def _torn(values: list[str], header: list[str], *, line: int, only_insee_code: str | None) -> Problem:
    """A line with too many or too few fields, whose columns say nothing certain any more.

    It is an error unless one commune was asked for, whose code stands nowhere in the line.
    """
    about: dict[str, Any] = {"found": len(values), "expected": len(header)}
    if only_insee_code is None or only_insee_code in map(tidy_code, values):
        message = gettext("%(found)d fields instead of %(expected)d.") % about
        return Problem(line, "", Severity.ERROR, message)
    about["name"] = _name_of(dict(zip(header, values, strict=False)))
    text = gettext("%(name)s: %(found)d fields instead of %(expected)d. This line is left out.") % about
    return Problem(line, "", Severity.LEFT_OUT, text)


def _name_of(row: dict[str, str]) -> str:
    names = (" ".join(row.get(column, "").split()) for column in ("nom", "id"))
    return next(filter(None, names), gettext("a place without a name"))[:120]


# ---- the file ----------------------------------------------------------------------------------


def _decoded(data: bytes) -> str:
    """The text of the file: UTF-8, with or without a byte order mark."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused(_("This file is in UTF-16: save it again as “CSV UTF-8”."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = gettext(
            "This file is not in UTF-8 (line %(line)d): a spreadsheet has probably saved it in Latin-1 "
            "(Windows-1252). Save it again as “CSV UTF-8”."
        )
        raise FileRefused(message % {"line": data.count(b"\n", 0, error.start) + 1}) from None
    if "\x00" in text:
        raise FileRefused(_("This is not a text file."))
    if not text.strip():
        raise FileRefused(_("This file is empty."))
    return unicodedata.normalize("NFC", text)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line of the table with the line of the file on which it starts."""
    separator, line, text = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    skipped = line - 1
    try:
        for values in reader:
            yield line, values
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        details = {"line": line, "error": error}
        raise FileRefused(gettext("Line %(line)d is not well-formed CSV (%(error)s).") % details) from None


def _separator(text: str) -> tuple[str, int, str]:
    """What separates the fields, on which line the table begins, and the table.

    Some spreadsheets write `sep=;` above it.
    """
    announced = _SEP_LINE.match(text)
    if announced:
        before = text[: announced.end()].splitlines()
        return announced[1], len(before) + 1, text[announced.end() :]
    first = text.lstrip().split("\n", 1)[0]
    return max(_SEPARATORS, key=first.count), 1, text


def _filled_in(lines: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Without blank lines."""
    return ((line, values) for line, values in lines if any(map(str.strip, values)))


def _header(names: list[str]) -> list[str]:
    names = [name.strip().strip('"').lower() for name in names]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        message = gettext("This is no file of the standard: it lacks the columns %(columns)s.")
        raise FileRefused(message % {"columns": ", ".join(missing)})
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise FileRefused(
            gettext("These columns are there twice: %(columns)s.") % {"columns": ", ".join(twice)}
        )
    return names


# ---- one line ----------------------------------------------------------------------------------


def read_row(row: dict[str, str], *, line: int = 1) -> tuple[SiteRecord | None, list[Problem]]:
    """One place, or None where something that cannot be done without is missing or wrong."""
    reader = _RowReader(row, line)
    return reader.place(), reader.problems


def split_list(value: str) -> tuple[str, ...]:
    """The items of a list, in order, without blanks and repetitions."""
    return tuple(dict.fromkeys(item for part in value.split("|") if (item := part.strip())))


class _RowReader:
    """Reads the fields of one line, and writes down what is wrong with them."""

    def __init__(self, row: dict[str, str], line: int) -> None:
        self.row = row
        self.line = line
        self.problems: list[Problem] = []

    def place(self) -> SiteRecord | None:
        insee_code, postal_code = self._code("code_insee"), self._code("code_postal")
        for name in ("id", "nom", "commune", "code_insee"):
            if not self._text(name):
                self._complain(name, _("this field must be filled in."), severity=Severity.ERROR)
        if len(self._text("id")) > LONGEST_ID:
            text = gettext("longer than %d characters.") % LONGEST_ID
            self._complain("id", text, severity=Severity.ERROR)
        if insee_code and not is_insee_code(insee_code):
            text = gettext("“%s” is no INSEE code.") % insee_code
            self._complain("code_insee", text, severity=Severity.ERROR)
        if any(problem.severity is Severity.ERROR for problem in self.problems):
            return None
        latitude, longitude = self._coordinates()
        opening_hours = self._hours(insee_code)
        return SiteRecord(
            line=self.line,
            ref=self._text("id"),
            name=self._short("nom", 120),
            city=self._short("commune", 120),
            postal_code=self._matching(
                "code_postal", postal_code, _POSTAL_CODE, _("“%s” is no postal code: left out.")
            ),
            insee_code=insee_code,
            address=self._address(),
            address_extra=self._short("complement_adresse", 200),
            latitude=latitude,
            longitude=longitude,
            phone=self._phone(insee_code),
            opening_hours=opening_hours,
            hours_refused=not opening_hours and bool(self._text("horaires")),
            pivot=self._matching(
                "pivot", self._text("pivot"), _PIVOT, _("“%s” is neither a SIRET nor an RNA number.")
            ),
            updated_on=self._date("date_maj"),
            texts={name: self._text(name) for name in TEXTS},
            lists={name: self._list(name) for name in LISTS},
        )

    def _complain(
        self,
        name: str,
        text: str | Promise,
        *,
        severity: Severity = Severity.WARNING,
        position: int | None = None,
    ) -> None:
        self.problems.append(Problem(self.line, name, severity, text, position))

    def _text(self, name: str) -> str:
        return " ".join(_INVISIBLE.sub("", self.row.get(name, "")).split())

    def _short(self, name: str, longest: int) -> str:
        """The text, cut where it is longer than we keep."""
        text = self._text(name)
        if len(text) > longest:
            self._complain(name, gettext("longer than %d characters: cut.") % longest)
        return text[:longest].rstrip()

    def _matching(self, name: str, value: str, pattern: re.Pattern[str], complaint: Promise) -> str:
        """The value if it looks right; blank, with the complaint, if it is filled in and does not."""
        if not value or pattern.fullmatch(value):
            return value
        self._complain(name, str(complaint) % value)
        return ""

    def _code(self, name: str) -> str:
        """A code of five characters, its leading zero given back where a spreadsheet took it for a number."""
        written = self.row.get(name, "")
        before, after = bare_code(written), tidy_code(written)
        if before != after:
            mended = {"before": before, "after": after}
            text = gettext("“%(before)s” has lost its leading zero: read as %(after)s.") % mended
            self._complain(name, text)
        return after

    def _address(self) -> str:
        address = self._short("adresse", 200)
        if not address:
            self._complain("adresse", _("the address is missing."))
        return address

    def _coordinates(self) -> tuple[float | None, float | None]:
        """Latitude and longitude in degrees, with a decimal point or comma."""
        written = [self._text(name).replace(",", ".") for name in ("latitude", "longitude")]
        if not any(written):
            return None, None
        try:
            latitude, longitude = map(float, written)
        except ValueError:
            latitude = longitude = nan
        if -90 <= latitude <= 90 and -180 <= longitude <= 180:
            return latitude, longitude
        self._complain("latitude, longitude", _("these are no coordinates: left out."))
        return None, None

    def _phone(self, insee_code: str) -> str:
        """The first number of the field, in E.164."""
        readings = read_numbers(self._text("telephone"), insee_code=insee_code)
        if not readings:
            return ""
        first, *others = readings
        if first.certainty is Certainty.ERROR:
            self._complain("telephone", gettext("“%s” is no phone number: left out.") % first.typed)
        elif first.certainty is not Certainty.VALID:
            doubt = {"typed": first.typed, "number": first.e164}
            self._complain("telephone", gettext("“%(typed)s” is doubtful: read as %(number)s.") % doubt)
        for other in others:
            text = gettext("only one number is kept: “%s” is left out.") % other.typed
            self._complain("telephone", text)
        return first.e164

    def _hours(self, insee_code: str) -> str:
        """The hours as written, blank where they cannot be honoured."""
        written = self.row.get("horaires", "")
        if not written.strip():
            return ""
        if len(written) > LONGEST_HOURS:
            self._complain("horaires", gettext("longer than %d characters.") % LONGEST_HOURS)
            return ""
        try:
            parse(written, insee_code)
        except HoursError as error:
            self._complain("horaires", str(error), position=error.position)
            return ""
        return written.strip()

    def _date(self, name: str) -> date | None:
        written = self._text(name)
        try:
            return date.fromisoformat(written) if written else None
        except ValueError:
            self._complain(name, gettext("“%s” is no date (year-month-day).") % written)
            return None

    def _list(self, name: str) -> tuple[str, ...]:
        items = split_list(self._text(name))
        if name == "courriels":
            items = tuple(
                self._matching(name, item, _EMAIL, _("“%s” is no e-mail address.")) for item in items
            )
        if name == "site_web":
            items = tuple(self._matching(name, item, _WEB, _("“%s” is no web address.")) for item in items)
        return tuple(filter(None, items))
