"""An opening-hours expression with harmless slips corrected; it still knows where each character stood.

Corrected are: doubled or no-break spaces, a long dash, a final `;`,
and a space after the comma of a list (`Mo, We 10:00-12:00`, which the evaluator would take for
"all of Monday, and Wednesday from 10").
"""

import re

from django.utils.functional import Promise

from communes.errors import HoursError

_LIST_COMMA = re.compile(r"(?P<before>[^\s;,]+)(?P<gap>, )(?=(?P<after>[^\s;,]+))")


class CleanedText:
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
        """Remove the space in `Mo, We 10:00-12:00` and `10:00-12:00, 14:00-18:00`: these are lists."""
        self._drop(
            [
                match.end("gap") - 1
                for match in _LIST_COMMA.finditer(self.masked)
                if _is_selector(match["before"]) or (":" in match["before"] and ":" in match["after"])
            ]
        )

    def _join_ranges(self) -> None:
        """Remove the spaces in `Mo - Fr`, but not those in `easter -2 days`."""
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
