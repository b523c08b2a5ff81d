"""Read a file of places in the national standard of digital-inclusion places: one CSV file, one place a line.

For each line, the INSEE code is read first. Lines of communes that were not asked for are counted and
skipped, and a line without a usable code is reported and left out. Only the others are checked field by
field.
"""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from communes.errors import FileRefused
from communes.official_list import OfficialCommune, whole_commune
from communes.place_files.records import COLUMNS, PlacesFile, Problem, Severity
from communes.place_files.row import read_row
from communes.place_files.table import read_header, read_table
from core.insee import is_insee_code, tidy_code


def read_file(data: bytes, *, only_insee_code: str | None = None, most: int | None = None) -> PlacesFile:
    """Every site of the file and every problem. Raises FileRefused if the file as a whole is unreadable, or
    has more than `most` lines to check.

    With an INSEE code, lines that have another one are only counted.
    """
    result = PlacesFile()
    lines = read_table(data)
    header_line, names = next(lines, (1, []))
    header = read_header(names)
    result.problems += [
        Problem(header_line, name, Severity.WARNING, _("this column is not in the standard: it is ignored."))
        for name in header
        if name and name not in COLUMNS
    ]
    seen: dict[tuple[str, str], int] = {}
    checked = 0
    for line, values in lines:
        if len(values) != len(header):
            result.problems.append(_torn(values, header, line=line, only_insee_code=only_insee_code))
            continue
        row = {name: value for name, value in zip(header, values, strict=True) if name in COLUMNS}
        code = tidy_code(row["code_insee"])
        if not is_insee_code(code):
            result.problems.append(_nowhere(row, line=line))
            continue
        whole = None if code == only_insee_code else whole_commune(code)
        if only_insee_code and only_insee_code != (whole.code if whole else code):
            result.elsewhere += 1
            continue
        if whole:
            result.problems.append(_part(row, whole, line=line))
            row |= {"code_insee": whole.code, "commune": whole.name}
        checked += 1
        if most is not None and checked > most:
            message = gettext("More than %(most)d places of your commune are in it: is it the right file?")
            raise FileRefused(message % {"most": most})
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
    """The problem of a line without a usable INSEE code; it names the line so that it can be found."""
    about = {"name": _name_of(row), "code": " ".join(row["code_insee"].split())[:20]}
    if about["code"]:
        text = gettext("%(name)s: “%(code)s” is no INSEE code. This line is left out.") % about
    else:
        text = gettext("%(name)s: without INSEE code. This line is left out.") % about
    return Problem(line, "code_insee", Severity.LEFT_OUT, text)


def _part(row: dict[str, str], whole: OfficialCommune, *, line: int) -> Problem:
    """The note that the place belongs to the commune of which its code names a part."""
    about = {"part": tidy_code(row["code_insee"]), "whole": whole.name, "code": whole.code}
    text = gettext("“%(part)s” is a part of %(whole)s: read as %(code)s.") % about
    return Problem(line, "code_insee", Severity.WARNING, text)


def _torn(values: list[str], header: list[str], *, line: int, only_insee_code: str | None) -> Problem:
    """The problem of a line with too many or too few fields, which cannot be assigned to columns.

    It is an error, unless one commune was asked for and its code is nowhere in the line.
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
