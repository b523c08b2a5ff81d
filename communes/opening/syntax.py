"""Opening hours in the OpenStreetMap syntax: what we accept of it, made ready for the evaluator.

The evaluator (`opening-hours-py`) parses more than it honours. Tried with 2.1.4: an open end, a
repetition, a comment alone and a day that does not exist (`Apr 31`) all come out as *open*, some
of them round the clock; its public holidays are the national ones only; a rule for Saturday cuts
the night of Friday; `week 41-44/4` is taken for all four weeks. So this module refuses what
cannot be honoured, with its position, and rewrites some of the rest:
- `PH off` becomes dated closings, filled in later from the calendar of the commune;
- an opening past midnight becomes two expressions: one until midnight, and one with the hours after
  midnight, stored under the day before, since hours belong to the day on which they start;
- a step longer than its range is taken out;
- `Jan,Mar Mo[1]` becomes `Jan,Mar 1-31 Mo[1]`: the evaluator takes `Mar Mo[1]` for one date of the list, and
  would open on every day of January.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # missing in its stubs

from communes.errors import HoursError
from communes.opening.cleaned_text import CleanedText
from communes.opening.french_words import in_osm_syntax

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MIDNIGHT = 24 * 60

_WDAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su)|\[[-,1-5]+\])?"
_WDAYS = rf"{_WDAY}(?:,{_WDAY})*"
_MONTH = "|".join(MONTHS)
_DAY = rf"(?:\d{{4}} )?(?:(?:{_MONTH}) ?\d{{1,2}}|easter)(?: [+-]\d+ days?)?"
_SPAN = r"(\d{1,2}):(\d\d) ?- ?(\d{1,2}):(\d\d)"

# Quoted comments are masked by a run of quotation marks before any of these is tried.
_SEPARATOR = re.compile(r"; ?|, ")
_CLOSED = re.compile(r"\b(?:off|closed)(?: ?\"+)?$", re.IGNORECASE)
_OPENING_WORD = re.compile(r" ?\bopen\b(?: ?\"+)?$", re.IGNORECASE)
HOLIDAYS_OFF = re.compile(rf"(?:({_WDAYS}),)?PH(?:,({_WDAYS}))? (?:off|closed)(?: ?\"+)?", re.IGNORECASE)
_DATED = re.compile(rf"{_DAY}(?:,{_DAY})*(?: {_SPAN}(?:,{_SPAN})*)?(?: open)?(?: ?\"+)?", re.IGNORECASE)
SPANS = re.compile(rf"{_SPAN}(?:,{_SPAN})*")
_TIME = re.compile(_SPAN)
_DATE = re.compile(
    rf"(?:(\d{{4}}) ?)?\b({_MONTH}) ?(\d{{1,2}})(?![\d:])(?:-(\d{{1,2}})(?![\d:]))?", re.IGNORECASE
)
_RANGE = re.compile(r"(?<![\d:])(\d+)-(\d+)(?![\d:])")
_STEPS = re.compile(r"(?<![\d:])(\d+)-(\d+)/(\d+)")
_YEAR_OF_MONTHS = re.compile(rf"\b\d{{4}} ?({_MONTH})-({_MONTH})\b", re.IGNORECASE)
_MONTHS_AND_NTH = re.compile(
    rf"(?<![,\w])(?:\d{{4}} )?(?:{_MONTH})(?:-(?:{_MONTH}))?(?:,(?:{_MONTH})(?:-(?:{_MONTH}))?)*,({_MONTH})"
    r"(?= (?:Mo|Tu|We|Th|Fr|Sa|Su)\[-?\d\](?: [+-]\d+ days?)?(?: ?\d{1,2}:\d\d| \w|$))",
    re.IGNORECASE,
)
_EASTER_RANGE = re.compile(
    rf"(?<!\d{{4}} )\b(?:easter(?: ([+-]\d+) days?)?-({_MONTH}) ?(\d+)"
    rf"|({_MONTH}) ?(\d+)-easter(?: ([+-]\d+) days?)?)",
    re.IGNORECASE,
)
_EASTER = date(2025, 3, 22), date(2025, 4, 25)
"""The earliest and the latest day of Easter, in a year that is no leap year."""

# What the parser accepts but cannot be honoured: problem code, pattern, message for the manager.
_REFUSED: tuple[tuple[str, re.Pattern[str], str | Promise], ...] = (
    (
        "school_holidays",
        re.compile(r"\bSH\b"),
        _("school holidays are not known here: write the dates instead."),
    ),
    (
        "variable_time",
        re.compile(r"\b(?:sunrise|sunset|dawn|dusk)\b", re.IGNORECASE),
        _("hours that follow the sun cannot be booked: write times."),
    ),
    ("open_end", re.compile(r"(?<=\d:\d\d)\+"), _("an end is needed: from when until when?")),
    (
        "repetition",
        re.compile(r"(?<=\d:\d\d) ?/"),
        _("times repeated at an interval are not opening hours."),
    ),
    (
        "unknown",
        re.compile(r"\bunknown\b", re.IGNORECASE),
        _("“unknown” does not say whether the place is open."),
    ),
    (
        "fallback",
        re.compile(r"\|\|"),
        _("alternatives (“||”) cannot be honoured: write one set of hours."),
    ),
    (
        "comment",
        re.compile(
            r"(?<!\bopen)(?<!\bopen )(?<!\boff)(?<!\boff )(?<!\bclosed)(?<!\bclosed )(?<!\")\"+",
            re.IGNORECASE,
        ),
        _("a comment alone does not say whether the place is open: put “open” or “off” before it."),
    ),
)


@dataclass(frozen=True, slots=True)
class SyntaxRule:
    """One rule of an expression; `start` is its offset in the cleaned text."""

    separator: str
    text: str
    masked: str
    start: int

    @property
    def is_closing(self) -> bool:
        return _CLOSED.search(self.masked) is not None


@dataclass(frozen=True, slots=True)
class ReadyRules:
    """An expression ready to evaluate. None stands for the closing on public holidays."""

    evening: tuple[tuple[str, str] | None, ...]
    """Separator and text of each rule, openings cut at midnight."""
    morning: tuple[tuple[str, str] | None, ...]
    """The hours after midnight, stored under the day before; empty if no opening passes midnight."""

    @property
    def closes_on_holidays(self) -> bool:
        return None in self.evening


LONGEST = 4000
"""Characters. The parser's time grows with their square: a minute for 60,000."""


@lru_cache(maxsize=1024)
def read(expression: str) -> ReadyRules:
    """The rules of an expression. Raises `HoursError` for the first problem in it."""
    try:
        return _read(expression)
    except HoursError as error:
        raise (_with_hint(error, expression) if error.problem == "syntax" else error) from None


def _read(expression: str) -> ReadyRules:
    if len(expression) > LONGEST:
        raise HoursError("too_long", LONGEST, _("opening hours have 4,000 characters at most."))
    text = CleanedText(expression)
    if not text.clean:
        raise HoursError("empty", 0, _("no opening hours are written here."))
    _check_syntax(text)
    rules = list(split(text))
    refusals = sorted(_refusals(text, rules), key=lambda refusal: refusal[0])
    if refusals:
        position, problem, message = refusals[0]
        raise text.error(problem, position, message)
    rules = [_exact_months(_exact_steps(rule)) for rule in rules]
    return ReadyRules(evening=tuple(_evening(rules)), morning=tuple(_morning(rules)))


def _with_hint(error: HoursError, text: str) -> HoursError:
    """The error, with the hours as they are to be written if French days and hours are all that is wrong."""
    meant = in_osm_syntax(text)
    with suppress(HoursError):
        _read(meant)
        hint = gettext("this is not understood. Perhaps: %(hours)s") % {"hours": meant}
        return HoursError(error.problem, error.position, hint, error.fragment)
    return error


def _check_syntax(text: CleanedText) -> None:
    try:
        OpeningHours(text.clean, auto_country=False, auto_timezone=False)
    except ParserError as error:
        column = re.search(r"--> \d+:(\d+)", str(error))
        if column:
            index = int(column[1]) - 1
            while re.match(r"\d\d", text.clean[max(index - 1, 0) : index + 1]):
                index -= 1  # the parser stops within a number: name all of it
            raise text.error("syntax", index, _("this is not understood.")) from None
        problem, index = _locate(text)
        message = _("the end comes before the beginning.") if problem == "reversed" else _("out of range.")
        raise text.error(problem, index, message) from None


def _locate(text: CleanedText) -> tuple[str, int]:
    """The problem and the position of an error for which the parser gives no position."""
    for match in _RANGE.finditer(text.masked):
        if int(match[1]) > int(match[2]):
            return "reversed", match.start()
    for match in _TIME.finditer(text.masked):
        if _minutes(match)[1] > 2 * MIDNIGHT:
            return "out_of_range", match.start(3)
    for rule in split(text):
        try:
            OpeningHours(rule.text, auto_country=False, auto_timezone=False)
        except ParserError:
            return "out_of_range", rule.start
    return "out_of_range", 0


def split(text: CleanedText) -> Iterator[SyntaxRule]:
    """The rules of an expression, with the separator before each."""
    start, separator = 0, "; "
    for match in _SEPARATOR.finditer(text.masked):
        yield SyntaxRule(
            separator, text.clean[start : match.start()], text.masked[start : match.start()], start
        )
        start, separator = match.end(), "; " if match[0].startswith(";") else ", "
    yield SyntaxRule(separator, text.clean[start:], text.masked[start:], start)


def _refusals(text: CleanedText, rules: list[SyntaxRule]) -> Iterator[tuple[int, str, str | Promise]]:
    """What cannot be honoured, as (index, problem, message)."""
    for problem, pattern, message in _REFUSED:
        yield from ((match.start(), problem, message) for match in pattern.finditer(text.masked))
    yield from _date_refusals(text)
    nights = any(end > MIDNIGHT for start, end in map(_minutes, _TIME.finditer(text.masked)))
    for match in _TIME.finditer(text.masked):
        if match[1].zfill(2) + match[2] == match[3].zfill(2) + match[4]:
            yield match.start(), "empty_span", _("it opens and closes at the same time.")
    holidays_seen = False
    for rule in rules:
        holiday = re.search(r"\bPH\b", rule.masked)
        if holiday and "SH" not in rule.masked and not HOLIDAYS_OFF.fullmatch(rule.masked):
            yield (
                rule.start + holiday.start(),
                "holiday_rule",
                _("of rules for public holidays, only “PH off” can be honoured."),
            )
        if holidays_seen and not holiday and not rule.is_closing and not _DATED.fullmatch(rule.masked):
            yield (
                rule.start,
                "after_holiday_rule",
                _("this would open again on public holidays: write “PH off” last."),
            )
        if nights and rule.is_closing and _TIME.search(rule.masked):
            yield (
                rule.start,
                "timed_closing",
                _("closing for some hours cannot be combined with openings past midnight."),
            )
        holidays_seen = holidays_seen or holiday is not None


def _date_refusals(text: CleanedText) -> Iterator[tuple[int, str, str | Promise]]:
    for match in _DATE.finditer(text.masked):
        year = int(match[1]) if match[1] else 2024  # a leap year, so that Feb 29 may be written
        days = monthrange(year, MONTHS.index(match[2].capitalize()) + 1)[1]
        first, last = int(match[3]), int(match[4] or match[3])
        if max(first, last) > days:
            yield match.start(2), "no_such_day", _("there is no such day.")
        elif last < first:
            yield match.start(2), "reversed", _("the end comes before the beginning.")
    for match in _YEAR_OF_MONTHS.finditer(text.masked):
        first, last = (MONTHS.index(match[group].capitalize()) for group in (1, 2))
        if last < first:  # which of the two years would the second month be in?
            yield match.start(), "reversed", _("the end comes before the beginning.")
    for match in _EASTER_RANGE.finditer(text.masked):
        if _is_reversed_in_some_years(match):
            yield match.start(), "reversed", _("the end comes before the beginning.")


def _is_reversed_in_some_years(match: re.Match[str]) -> bool:
    """Whether Easter falls on either side of the other end of the range, as the year has it. The evaluator
    would take `easter-Apr 10` for nearly a year where Easter is later."""
    easter_first = match[2] is not None
    month, day, offset = (match[group] for group in ((2, 3, 1) if easter_first else (4, 5, 6)))
    other = date(2025, MONTHS.index(month.capitalize()) + 1, 1) + timedelta(days=int(day) - 1)
    earliest, latest = (each + timedelta(days=int(offset or 0)) for each in _EASTER)
    return earliest <= other < latest if easter_first else earliest < other <= latest


def _exact_steps(rule: SyntaxRule) -> SyntaxRule:
    """The rule with `week 41-44/4` as `week 41`: the evaluator drops a step longer than its range."""
    text, masked = rule.text, rule.masked
    for match in reversed(list(_STEPS.finditer(masked))):
        first, last, step = map(int, match.groups())
        if last - first < step:
            text, masked = (t[: match.start()] + match[1] + t[match.end() :] for t in (text, masked))
    return replace(rule, text=text, masked=masked)


def _exact_months(rule: SyntaxRule) -> SyntaxRule:
    """The rule with `Jan,Mar Mo[1]` as `Jan,Mar 1-31 Mo[1]`: two months, and the first Monday of each."""
    match = _MONTHS_AND_NTH.search(rule.masked)
    if match is None:
        return rule
    days = f" 1-{monthrange(2024, MONTHS.index(match[1].capitalize()) + 1)[1]}"
    text, masked = (t[: match.end()] + days + t[match.end() :] for t in (rule.text, rule.masked))
    return replace(rule, text=text, masked=masked)


def _minutes(match: re.Match[str]) -> tuple[int, int]:
    """Start and end of an opening in minutes from midnight of its day; after midnight they exceed 1440."""
    start, end = (int(match[i]) * 60 + int(match[i + 1]) for i in (1, 3))
    return start, end if end > start else end + MIDNIGHT


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _evening(rules: list[SyntaxRule]) -> Iterator[tuple[str, str] | None]:
    for rule in rules:
        if holidays := HOLIDAYS_OFF.fullmatch(rule.masked):
            weekdays = holidays[1] or holidays[2]
            if weekdays:
                yield rule.separator, f"{weekdays} off"
            yield None
        else:
            yield (
                rule.separator,
                _TIME.sub(
                    lambda match: (
                        _clock(_minutes(match)[0]) + "-" + _clock(min(_minutes(match)[1], MIDNIGHT))
                    ),
                    rule.text,
                ),
            )


def _morning(rules: list[SyntaxRule]) -> Iterator[tuple[str, str] | None]:
    """The same rules with only the hours after midnight, written from 00:00."""
    if all(_minutes(match)[1] <= MIDNIGHT for rule in rules for match in _TIME.finditer(rule.masked)):
        return
    for rule in rules:
        if HOLIDAYS_OFF.fullmatch(rule.masked):
            yield from _evening([rule])
        elif rule.is_closing:
            yield rule.separator, rule.text
        else:
            times = SPANS.search(rule.masked)
            ends = [_minutes(match)[1] - MIDNIGHT for match in _TIME.finditer(times[0])] if times else []
            after = ",".join(f"00:00-{_clock(end)}" for end in ends if end > 0)
            if times and after:
                yield rule.separator, rule.text[: times.start()] + after + rule.text[times.end() :]
            elif rule.separator == "; ":
                # The rule still replaces what the rules before it say for its days.
                rest = times or _OPENING_WORD.search(rule.masked)
                days = rule.text[: rest.start()] if rest else rule.text
                yield "; ", f"{days.strip()} off".strip()
