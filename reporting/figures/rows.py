"""The numbers as rows of a table for other programs, and as files of them. Pure."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO, StringIO

from xlsxwriter import Workbook

from booking.enums import Lead
from reporting.figures.numbers import Numbers, Sum

HEAD = ("debut", "fin", "lieu", "dimension", "code", "libelle", "nombre", "personnes", "minutes")

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell of a spreadsheet that begins so is calculated: names typed by people must not."""


def rows_of(now: Numbers, names: Mapping[int, str]) -> Iterator[list[str | int]]:
    """Place, dimension, code, label, visits, persons and minutes used, in a fixed order. A
    place that has been deleted has the name that it had."""
    named = {ref: names.get(ref) or now.labels.get(("site", str(ref)), "") for ref in now.by_site}
    for site_ref in sorted(named, key=lambda ref: (named[ref], ref)):
        for dimension, cells in sorted(now.by_site[site_ref].items()):
            for code, each in sorted(_apart(dimension, cells, now.by_site[site_ref]).items()):
                label = now.labels.get((dimension, code), "")
                texts = (named[site_ref], dimension, code, label)
                yield [*texts, each.visits, each.persons, each.used_min]


def _apart(
    dimension: str, cells: Mapping[str, Sum], own: Mapping[str, Mapping[str, Sum]]
) -> Mapping[str, Sum]:
    """Of leads: walk-ins in a line of their own, not among those booked on the same day, as on the page."""
    walk_ins = own["walk_in"].get("yes") if "walk_in" in own else None
    same_day = cells.get(Lead.SAME_DAY)
    if dimension != "lead" or not walk_ins or not same_day:
        return cells
    booked = Sum(
        max(0, same_day.visits - walk_ins.visits),
        max(0, same_day.persons - walk_ins.persons),
        max(0, same_day.booked_min - walk_ins.booked_min),
        max(0, same_day.used_min - walk_ins.used_min),
    )
    return {**cells, "same_day": booked, "walk_in": walk_ins}


def as_csv(rows: Iterable[Sequence[str | int]], head: Sequence[str] = HEAD) -> bytes:
    """In UTF-8, with commas."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([harmless(each) if isinstance(each, str) else each for each in row])
    return file.getvalue().encode()


def as_xlsx(rows: Iterable[Sequence[str | int]]) -> bytes:
    """A workbook of one sheet; texts stay texts."""
    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, {**options, "constant_memory": True}) as book:
        sheet = book.add_worksheet("Nombres")
        sheet.freeze_panes(1, 0)
        sheet.set_column(2, 5, 24)
        for number, row in enumerate([HEAD, *rows]):
            for column, value in enumerate(row):
                write = sheet.write_string if isinstance(value, str) else sheet.write_number
                write(number, column, value)
    return file.getvalue()


def harmless(text: str) -> str:
    """With an apostrophe before what a spreadsheet would calculate."""
    return f"'{text}" if text.startswith(FORMULA) else text
