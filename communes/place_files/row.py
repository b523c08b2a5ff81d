"""Judge one line of a file of places: a checked record, and what is wrong with its fields.

Codes that a spreadsheet has robbed of their leading zero are corrected, with a warning.
"""

import re
from datetime import date
from math import nan

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from communes.errors import HoursError
from communes.opening.hours import parse
from communes.opening.syntax import LONGEST as LONGEST_HOURS
from communes.place_files.records import LISTS, TEXTS, Problem, Severity, SiteRecord
from core.insee import bare_code, is_insee_code, tidy_code
from core.phones import Certainty, read_numbers

LONGEST_ID = 120

_INVISIBLE = re.compile(r"[\u200b\u2060\ufeff]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_WEB = re.compile(r"https?://[^\s|]+")
_POSTAL_CODE = re.compile(r"\d{5}")
_PIVOT = re.compile(r"\d{14}|W\d{9}")


def read_row(row: dict[str, str], *, line: int = 1) -> tuple[SiteRecord | None, list[Problem]]:
    """The site of one line, or None if a required field is missing or wrong; and the problems of the line."""
    reader = _RowReader(row, line)
    return reader.place(), reader.problems


def split_list(value: str) -> tuple[str, ...]:
    """The items of a list, in order, without blanks and repetitions."""
    return tuple(dict.fromkeys(item for part in value.split("|") if (item := part.strip())))


def _is_exchanged(latitude: float, longitude: float) -> bool:
    """Whether it would be in the Indian Ocean, and in mainland France the other way round."""
    return -6 <= latitude <= 10 and 41 <= longitude <= 52


class _RowReader:
    """Reads the fields of one line and collects what is wrong with them."""

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
        """The text, cut to the length of the database field."""
        text = self._text(name)
        if len(text) > longest:
            self._complain(name, gettext("longer than %d characters: cut.") % longest)
        return text[:longest].rstrip()

    def _matching(self, name: str, value: str, pattern: re.Pattern[str], complaint: Promise) -> str:
        """The value if it is empty or matches; else "", and the complaint is added to the problems."""
        if not value or pattern.fullmatch(value):
            return value
        self._complain(name, str(complaint) % value)
        return ""

    def _code(self, name: str) -> str:
        """A code of five characters; a leading zero that a spreadsheet removed is put back."""
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
        if latitude == longitude == 0:
            self._complain("latitude, longitude", _("both are 0, in the sea: left out."))
            return None, None
        if _is_exchanged(latitude, longitude):
            self._complain(
                "latitude, longitude", _("latitude and longitude are exchanged: read the other way.")
            )
            return longitude, latitude
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
        """The hours as written, "" if they cannot be honoured."""
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
