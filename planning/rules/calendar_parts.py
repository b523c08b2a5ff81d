"""A calendar file (iCalendar, RFC 5545) cut into its components, with the lines that say when one is busy.

The file is cut before anything in it is understood: what is wrong in one event says nothing about the others.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

_COMPONENTS = {b"VEVENT", b"VFREEBUSY", b"VTIMEZONE"}
_SIBLINGS = _COMPONENTS | {b"VTODO", b"VJOURNAL", b"VAVAILABILITY", b"VCALENDAR"}
"""A component that begins among these ends the one before it, which has then lost its last line."""
_TIMES = {b"DTSTART", b"DTEND", b"DURATION", b"RRULE", b"RECURRENCE-ID"}
_KEPT = _TIMES | {
    *(
        b"DTSTART",
        b"DTEND",
        b"DURATION",
        b"RRULE",
        b"RDATE",
        b"EXDATE",
        b"RECURRENCE-ID",
        b"SEQUENCE",
        b"UID",
    ),
    *(
        b"TRANSP",
        b"STATUS",
        b"X-MICROSOFT-CDO-BUSYSTATUS",
        b"ATTENDEE",
        b"ORGANIZER",
        b"FREEBUSY",
        b"SUMMARY",
    ),
}
"""An alarm, a description or a line that is none has no say in when somebody is busy."""

_NAME = re.compile(rb"[A-Za-z0-9-]+(?=[;:])")
_DAY = re.compile(rb"(\d{4})-?(\d\d)-?(\d\d)")
_UNTIL = re.compile(rb"UNTIL=(\d{4})(\d\d)(\d\d)", re.IGNORECASE)
_LENGTH = re.compile(
    rb"P(?:(\d{1,3})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?", re.IGNORECASE
)
_LONGEST_TITLE = 60


class NotACalendar(Exception):
    """The file does not begin as a calendar."""


class CutShort(Exception):
    """The file has no end: the rest was lost on the way."""


@dataclass(slots=True)
class Part:
    """A component as it was written: its name, the number of its first line, and the lines that count, by
    the names of their properties. Long lines are made one again. `is_whole`: its last line is there."""

    name: bytes
    line: int
    rows: list[tuple[bytes, bytes]] = field(default_factory=list)
    is_whole: bool = False

    def all(self, name: bytes) -> list[bytes]:
        return [row for each, row in self.rows if each == name]

    def first(self, name: bytes) -> bytes:
        """The value of a property as text, without its parameters; empty if there is none."""
        return next((row.partition(b":")[2].strip() for row in self.all(name)), b"")

    @property
    def text(self) -> str:
        """The component for the library, without its title."""
        rows = [row for name, row in self.rows if name != b"SUMMARY"]
        lines = [b"BEGIN:" + self.name, *rows, b"END:" + self.name, b""]
        return b"\r\n".join(lines).decode(errors="replace")

    @property
    def title(self) -> str:
        text = self.first(b"SUMMARY").decode(errors="replace")
        plain = re.sub(r"\\(.)", lambda found: " " if found[1] in "nN" else found[1], text)
        shown = "".join(letter for letter in plain if letter.isprintable())
        return shown if len(shown) <= _LONGEST_TITLE else f"{shown[: _LONGEST_TITLE - 1]}…"

    @property
    def on(self) -> date | None:
        """The day that its beginning names, however it is written."""
        return _day(_DAY.search(self.first(b"DTSTART")))

    def ends_before(self, day: date) -> bool:
        """Whether it surely ends before this day, without understanding more than digits. False for all
        that is in doubt."""
        begin, days = self.on, self._most_days()
        if begin is None or days is None or self.all(b"RDATE") or self.all(b"RECURRENCE-ID"):
            return False
        rules = self.all(b"RRULE")
        last = _day(_UNTIL.search(rules[0])) if len(rules) == 1 else begin if not rules else None
        if last is None:
            return False
        return last.toordinal() + days + 2 < day.toordinal()  # two days: zones, and the end of a day

    def _most_days(self) -> int | None:
        """How many days it lasts, or a little more; None if that is in doubt."""
        if self.all(b"DURATION"):
            found = _LENGTH.fullmatch(self.first(b"DURATION"))
            if found is None or self.all(b"DTEND"):
                return None
            weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups())
            return 7 * weeks + days + (hours * 3600 + minutes * 60 + seconds) // 86400 + 1
        begin, end = self.on, _day(_DAY.match(self.first(b"DTEND") or self.first(b"DTSTART")))
        return (end - begin).days if begin and end and begin <= end else None


def _day(found: re.Match[bytes] | None) -> date | None:
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def parts_of(body: bytes) -> Iterator[Part]:
    """The components that say when somebody is busy, in their order, and the time zones.

    Raises NotACalendar, or, at the end, CutShort.
    """
    lines = _lines(body)
    _number, first = next(lines, (0, b""))
    if first.strip().upper() != b"BEGIN:VCALENDAR":
        raise NotACalendar
    cutter = _Cutter()
    for number, row in lines:
        ended = cutter.take(number, row)
        if ended is not None:
            yield ended
    if cutter.is_open:
        raise CutShort


@dataclass(slots=True)
class _Cutter:
    """Takes the lines of a calendar one by one, and gives each component back when it ends."""

    part: Part | None = None
    inside: int = 0
    """How many components there are around the line within this one, as alarms."""
    is_open: bool = True
    """Whether the end of the calendar is still to come."""

    def take(self, number: int, row: bytes) -> Part | None:
        word, _colon, name = row.strip().upper().partition(b":")
        is_edge = word in {b"BEGIN", b"END"}
        if is_edge and name in _SIBLINGS:
            return self._turn(name, begins=word == b"BEGIN", number=number)
        if self.part is None:
            return None
        if self.part.name == b"VTIMEZONE":
            self.part.rows.append((word, row))
        elif is_edge:
            self.inside = self.inside + 1 if word == b"BEGIN" else max(0, self.inside - 1)
        elif not self.inside:
            _keep(self.part, row)
        return None

    def _turn(self, name: bytes, *, begins: bool, number: int) -> Part | None:
        ended, self.inside = self.part, 0
        if ended is not None:
            ended.is_whole = not begins and name == ended.name
        if name == b"VCALENDAR":
            self.is_open = begins
        self.part = Part(name, number) if begins and name in _COMPONENTS else None
        return ended


def _keep(part: Part, row: bytes) -> None:
    """Keep a line that counts, without spaces around its value. An exception without a date, and a version
    that is no number, say nothing."""
    found = _NAME.match(row)
    name = found[0].upper() if found else b""
    if name not in _KEPT:
        return
    head, colon, value = row.rpartition(b":")
    if name in {b"EXDATE", b"RDATE"}:
        value = value.strip(b" \t,")
        row = head + colon + value
        if not value:
            return
    elif name in _TIMES:
        row = head + colon + value.strip()
    elif name == b"SEQUENCE" and not value.strip().isdigit():
        return
    part.rows.append((name, row))


def _lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that are not empty, with their numbers. A line that begins with a space continues the one
    before."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        body = body.decode("utf-16", errors="replace").encode()
    pieces: list[bytes] = []
    began = 0
    for number, row in enumerate(body.removeprefix(codecs.BOM_UTF8).splitlines(), start=1):
        if row[:1] in {b" ", b"\t"} and pieces:
            pieces.append(row[1:])
        elif row.strip():
            if pieces:
                yield began, b"".join(pieces)
            pieces, began = [row], number
    if pieces:
        yield began, b"".join(pieces)
