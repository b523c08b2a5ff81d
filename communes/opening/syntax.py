"""Opening hours in the OpenStreetMap syntax: what we accept of it, made ready for the evaluator.

The evaluator (`opening-hours-py`) parses more than it honours. Tried with 2.1.4: an open end, a
repetition, a comment alone and a day that does not exist (`Apr 31`) all come out as *open*, some
of them round the clock; its public holidays are the national ones only; a rule for Saturday cuts
the night of Friday; `week 41-44/4` is taken for all four weeks. So this module refuses with its
position what cannot be honoured, and rewrites the rest:
- `PH off` becomes dated closings, filled in later from the calendar of the commune;
- an opening past midnight becomes two expressions, one until midnight and one for the following
  morning keyed by the evening, since hours belong to the day on which they start;
- a step longer than its range is taken out.

Harmless slips of the pen are forgiven: doubled or no-break spaces, a long dash, a final `;`,
and a space after the comma of a list (`Mo, We 10:00-12:00`, which the evaluator would take for
"all of Monday, and Wednesday from 10").
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # missing in its stubs

from communes.errors import HoursError

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
_HOLIDAYS_OFF = re.compile(rf"(?:({_WDAYS}),)?PH(?:,({_WDAYS}))? (?:off|closed)(?: ?\"+)?", re.IGNORECASE)
_DATED = re.compile(rf"{_DAY}(?:,{_DAY})*(?: {_SPAN}(?:,{_SPAN})*)?(?: open)?(?: ?\"+)?", re.IGNORECASE)
_TIMES = re.compile(rf"{_SPAN}(?:,{_SPAN})*")
_TIME = re.compile(_SPAN)
_DATE = re.compile(
    rf"(?:(\d{{4}}) ?)?\b({_MONTH}) ?(\d{{1,2}})(?![\d:])(?:-(\d{{1,2}})(?![\d:]))?", re.IGNORECASE
)
_RANGE = re.compile(r"(?<![\d:])(\d+)-(\d+)(?![\d:])")
_STEPS = re.compile(r"(?<![\d:])(\d+)-(\d+)/(\d+)")
_YEAR_OF_MONTHS = re.compile(rf"\b\d{{4}} ?({_MONTH})-({_MONTH})\b", re.IGNORECASE)
_LIST_COMMA = re.compile(r"(?P<before>[^\s;,]+)(?P<gap>, )(?=(?P<after>[^\s;,]+))")

# What is well-formed, but cannot be honoured: its code, how it looks, and what to tell.
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
    """What remains after midnight, keyed by the day before; empty when nothing does."""

    @property
    def closes_on_holidays(self) -> bool:
        return None in self.evening


LONGEST = 500
"""Characters. The parser takes time with the square of them: a minute for 60,000."""


@lru_cache(maxsize=1024)
def read(expression: str) -> ReadyRules:
    """The rules of an expression, or `HoursError` for the first that cannot be honoured."""
    if len(expression) > LONGEST:
        raise HoursError("too_long", LONGEST, _("opening hours have 500 characters at most."))
    text = _Text(expression)
    if not text.clean:
        raise HoursError("empty", 0, _("no opening hours are written here."))
    _check_syntax(text)
    rules = list(_split(text))
    refusals = sorted(_refusals(text, rules), key=lambda refusal: refusal[0])
    if refusals:
        position, problem, message = refusals[0]
        raise text.error(problem, position, message)
    rules = [_exact_steps(rule) for rule in rules]
    return ReadyRules(evening=tuple(_evening(rules)), morning=tuple(_morning(rules)))


class _Text:
    """The expression as given, cleaned, and masked; knows where each character came from."""

    def __init__(self, expression: str) -> None:
        chars: list[tuple[str, int]] = []
        quoted = False
        for position, char in enumerate(expression):
            if char in '"“”':
                char, quoted = '"', not quoted
            elif not quoted:
                char = " " if char.isspace() else "-" if char in "‐‑‒–—−" else char
                previous = chars[-1][0] if chars else ";"
                if char == " " and previous in " ;":
                    continue
                if char in ",;" and previous == " ":
                    chars.pop()
            chars.append((char, position))
        while chars and chars[-1][0] in " ;":
            chars.pop()
        self.given = expression
        self._chars = chars
        self._index()
        self._join_lists()
        self._join_ranges()
        for match in re.finditer(r"\b(?:ph|sh)\b", self.masked, re.IGNORECASE):
            for index in range(*match.span()):
                self._chars[index] = (self._chars[index][0].upper(), self._chars[index][1])
        self._index()

    def _index(self) -> None:
        self.clean = "".join(char for char, _position in self._chars)
        self.masked = re.sub(r'"[^"]*"', lambda match: '"' * len(match[0]), self.clean)

    def _drop(self, indices: list[int]) -> None:
        gone = set(indices)
        self._chars = [char for index, char in enumerate(self._chars) if index not in gone]
        self._index()

    def _join_lists(self) -> None:
        """Take the space out of `Mo, We 10:00-12:00` and `10:00-12:00, 14:00-18:00`: they are lists."""
        self._drop(
            [
                match.end("gap") - 1
                for match in _LIST_COMMA.finditer(self.masked)
                if _is_selector(match["before"]) or (":" in match["before"] and ":" in match["after"])
            ]
        )

    def _join_ranges(self) -> None:
        """Take the spaces out of `Mo - Fr`; those of `easter -2 days` stay."""
        self._drop(
            [
                index
                for match in re.finditer(r"( ?)-( )", self.masked)
                for index in range(*match.span())
                if self.masked[index] == " "
            ]
        )

    def position(self, index: int) -> int:
        """Where a character of the cleaned text stands in the text as given."""
        return self._chars[index][1] if index < len(self._chars) else len(self.given.rstrip())

    def error(self, problem: str, index: int, message: str | Promise) -> HoursError:
        fragment = re.match(r"[^\s;]{0,24}(?: \d[^\s;:]*(?![\d:]))?", self.clean[index:])
        return HoursError(problem, self.position(index), message, fragment[0] if fragment else "")


def _is_selector(word: str) -> bool:
    """Whether a word before a comma is a bare day, month or number, so that the comma makes a list."""
    return (
        ":" not in word
        and word.lower() not in {"off", "closed", "open", "unknown", "24/7"}
        and '"' not in word
    )


def _check_syntax(text: _Text) -> None:
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


def _locate(text: _Text) -> tuple[str, int]:
    """Find a culprit that the parser names without saying where it stands."""
    for match in _RANGE.finditer(text.masked):
        if int(match[1]) > int(match[2]):
            return "reversed", match.start()
    for match in _TIME.finditer(text.masked):
        if _minutes(match)[1] > 2 * MIDNIGHT:
            return "out_of_range", match.start(3)
    for rule in _split(text):
        try:
            OpeningHours(rule.text, auto_country=False, auto_timezone=False)
        except ParserError:
            return "out_of_range", rule.start
    return "out_of_range", 0


def _split(text: _Text) -> Iterator[SyntaxRule]:
    start, separator = 0, "; "
    for match in _SEPARATOR.finditer(text.masked):
        yield SyntaxRule(
            separator, text.clean[start : match.start()], text.masked[start : match.start()], start
        )
        start, separator = match.end(), "; " if match[0].startswith(";") else ", "
    yield SyntaxRule(separator, text.clean[start:], text.masked[start:], start)


def _refusals(text: _Text, rules: list[SyntaxRule]) -> Iterator[tuple[int, str, str | Promise]]:
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
        if holiday and "SH" not in rule.masked and not _HOLIDAYS_OFF.fullmatch(rule.masked):
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


def _date_refusals(text: _Text) -> Iterator[tuple[int, str, str | Promise]]:
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


def _exact_steps(rule: SyntaxRule) -> SyntaxRule:
    """The rule with `week 41-44/4` as `week 41`: the evaluator drops a step longer than its range."""
    text, masked = rule.text, rule.masked
    for match in reversed(list(_STEPS.finditer(masked))):
        first, last, step = map(int, match.groups())
        if last - first < step:
            text, masked = (t[: match.start()] + match[1] + t[match.end() :] for t in (text, masked))
    return replace(rule, text=text, masked=masked)


def _minutes(match: re.Match[str]) -> tuple[int, int]:
    """Start and end of an opening in minutes of its day; past midnight goes on after 1440."""
    start, end = (int(match[i]) * 60 + int(match[i + 1]) for i in (1, 3))
    return start, end if end > start else end + MIDNIGHT


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _evening(rules: list[SyntaxRule]) -> Iterator[tuple[str, str] | None]:
    for rule in rules:
        if holidays := _HOLIDAYS_OFF.fullmatch(rule.masked):
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
    """The same rules with only what goes past midnight, as hours of the following day."""
    if all(_minutes(match)[1] <= MIDNIGHT for rule in rules for match in _TIME.finditer(rule.masked)):
        return
    for rule in rules:
        if _HOLIDAYS_OFF.fullmatch(rule.masked):
            yield from _evening([rule])
        elif rule.is_closing:
            yield rule.separator, rule.text
        else:
            times = _TIMES.search(rule.masked)
            ends = [_minutes(match)[1] - MIDNIGHT for match in _TIME.finditer(times[0])] if times else []
            after = ",".join(f"00:00-{_clock(end)}" for end in ends if end > 0)
            if times and after:
                yield rule.separator, rule.text[: times.start()] + after + rule.text[times.end() :]
            elif rule.separator == "; ":
                # The rule still takes its days over from the rules before it.
                rest = times or _OPENING_WORD.search(rule.masked)
                days = rule.text[: rest.start()] if rest else rule.text
                yield "; ", f"{days.strip()} off".strip()
