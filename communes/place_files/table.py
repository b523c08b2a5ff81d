"""The CSV of a file of places: its encoding, its separator, its lines and its header.

Headers may be quoted or not (the standard's own example mixes both), and the separator may be the semicolon
that French spreadsheets write.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from communes.errors import FileRefused
from communes.place_files.records import NEEDED

_SEPARATORS = (",", ";", "\t")
_SEP_LINE = re.compile(r'\s*"?sep=([,;\t])"?[,;\t ]*(?:\r\n|\r|\n|$)', re.IGNORECASE)


def read_table(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """The lines of the table that are not blank, each with its line number in the file (from 1)."""
    return ((line, values) for line, values in _rows(_decoded(data)) if any(map(str.strip, values)))


def read_header(names: list[str]) -> list[str]:
    """The column names in lower case; raises FileRefused if a needed one is missing or one is there twice."""
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
