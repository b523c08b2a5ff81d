"""The numbers as rows of a table for other programs, and as files of them. Pure."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from io import BytesIO, StringIO

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from booking.enums import Lead
from booking.sums import ANYWHERE
from core.templatetags.times import day_month_year, month_year
from reporting.figures.labels import label_of
from reporting.figures.numbers import Numbers, Opening, Sum
from reporting.figures.reading import Reading

HEAD = ("debut", "fin", "lieu", "dimension", "code", "libelle", "nombre", "personnes", "minutes")

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell of a spreadsheet that begins so is calculated: names typed by people must not."""


def rows_of(now: Numbers, names: Mapping[int, str]) -> Iterator[list[str | int]]:
    """Place, dimension, code, label, visits, persons and minutes used, in a fixed order. A
    place that has been deleted has the name that it had."""
    named = {ref: _name(ref, now, names) for ref in now.by_site}
    for site_ref in sorted(named, key=lambda ref: (named[ref], ref)):
        for dimension, cells in sorted(now.by_site[site_ref].items()):
            for code, each in sorted(_apart(dimension, cells, now.by_site[site_ref]).items()):
                label = now.labels.get((dimension, code)) or label_of(dimension, code)
                texts = (named[site_ref], dimension, code, label)
                yield [*texts, each.visits, each.persons, each.used_min]


def all_rows(read: Reading, names: Mapping[int, str]) -> Iterator[list[str | int]]:
    """All that the page shows: `rows_of`, then what is no sum of visits. Of several places: no name."""
    now = read.now
    found = names.keys() | (now.by_site.keys() - {ANYWHERE})
    place = _name(min(found), now, names) if len(found) == 1 else ""
    yield from rows_of(now, names)
    for site_ref, opening in sorted(now.opening_by_site.items()):
        name = _name(site_ref, now, names)
        yield from _opening(name, opening, now.reserved.get(site_ref, 0))
    for day, helped in sorted(now.by_day.items()):
        yield [place, "day", day, str(day_month_year(date.fromisoformat(day))), sum(helped.values()), 0, 0]
    for month, helped in sorted(now.by_month.items()):
        yield [
            place,
            "month",
            month[:7],
            str(month_year(date.fromisoformat(month))),
            sum(helped.values()),
            0,
            0,
        ]
    for (weekday, hour), count in sorted(now.heat.items()):
        label = f"{WEEKDAYS[weekday - 1]}, {_('%(n)s h') % {'n': hour}}"
        yield [place, "weekday_hour", f"{weekday}-{hour:02}", label, count, 0, 0]
    for minutes, count in sorted(now.waits.items()):
        yield [place, "wait_min", str(minutes), _("%(n)s min") % {"n": minutes}, count, 0, 0]
    # The waiting list is that of the whole commune, as on the page.
    for where, dimension, counts in (("", "waiting", read.waiting), (place, "faces", read.faces)):
        for code, count in sorted(counts.items()):
            yield [where, dimension, code, label_of(dimension, code), count, 0, 0]


def _name(site_ref: int, now: Numbers, names: Mapping[int, str]) -> str:
    return names.get(site_ref) or now.labels.get(("site", str(site_ref)), "")


def _opening(place: str, opening: Opening, reserved_min: int) -> Iterator[list[str | int]]:
    """What « Use of the cabins » is made of, in minutes; then days of cabins."""
    minutes = (
        ("open", _("open by the hours, and not closed"), opening.open_min),
        ("closed", _("open by the hours, but closed"), opening.closed_min),
        ("out", _("open, but out of order"), opening.out_min),
        ("reserved", _("reserved or used"), reserved_min),
    )
    for code, label, count in minutes:
        yield [place, "opening", code, label, 0, 0, count]
    yield [place, "cabin_days", "full", _("booked for nine tenths or more"), opening.full_days, 0, 0]
    yield [place, "cabin_days", "known", _("all days that are known"), opening.known_days, 0, 0]


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
