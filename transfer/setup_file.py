"""Reads a YAML file that describes a whole commune, and keeps the line of each value for what is said of it.

Every value is read as the text that stands there, as a form reads what is typed: `76010` is no number that
loses its first zero, and `no` is the word, not a truth. `docs/commune-file.md` says what the file may hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils.translation import gettext as _

MOST_BYTES = 1_000_000

MOST_VALUES = 50_000
"""More than a commune of any size needs. What an alias (`*name`) stands for counts each time that it is
repeated: a few lines can say a thousand million values."""

SECTIONS = ("commune", "places", "services", "agents")


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """What is wrong with a line of the file; line 0 is the file itself."""

    line: int
    text: str

    def __str__(self) -> str:
        return (
            _("line %(line)d: %(text)s") % {"line": self.line, "text": self.text} if self.line else self.text
        )


@dataclass(slots=True)
class Entry:
    """A mapping of the file: its values by name, each a text, an entry, or a list of these."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """ "" where there is none, or something else than a text."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else ""

    def entries(self, name: str) -> list["Entry"]:
        return [each for each in self.values.get(name, []) if isinstance(each, Entry)]

    def line_of(self, name: str) -> int:
        return self.lines.get(name, self.line)


class SetupFileRefused(Exception):
    """The file cannot be used. `problems`: why, in the order of its lines."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(each) for each in problems))
        self.problems = sorted(problems)


def read_setup_file(data: bytes) -> Entry:
    """The content of the file. Raises SetupFileRefused with all that is wrong with its shape."""
    if len(data) > MOST_BYTES:
        raise SetupFileRefused([Problem(0, _("The file is larger than 1 MB."))])
    try:
        node = yaml.compose(data.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        raise SetupFileRefused([Problem(0, _("The file is not written in UTF-8."))]) from None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        said = _("this is not YAML, or not from here on: check the indentation, the colons and the quotes")
        raise SetupFileRefused([Problem(mark.line + 1 if mark else 0, said)]) from error
    problems: list[Problem] = []
    content = _Reading(problems).content(node)
    if not isinstance(content, Entry):
        raise SetupFileRefused([Problem(0, _("The file must have the sections %s.") % ", ".join(SECTIONS))])
    problems += _shape_problems(content)
    if problems:
        raise SetupFileRefused(problems)
    return content


@dataclass(slots=True)
class _Reading:
    """Makes values of the nodes of YAML; what is wrong with them is added to `problems`."""

    problems: list[Problem]
    number: int = 0

    def content(self, node: Any, above: tuple[Any, ...] = ()) -> Any:
        if node is None:
            return ""
        line = node.start_mark.line + 1
        self.number += 1
        if self.number > MOST_VALUES:
            said = _("from here on there are more than %(most)d values") % {"most": MOST_VALUES}
            raise SetupFileRefused([Problem(line, said)])
        if node in above or len(above) > 8:
            self.problems.append(Problem(line, _("this is inside itself, or too deep")))
            return ""
        within = (*above, node)
        if isinstance(node, yaml.ScalarNode):
            return self._text(node, line)
        if isinstance(node, yaml.SequenceNode):
            return [self.content(each, within) for each in node.value]
        entry = Entry(line)
        for key, value in node.value:
            line = key.start_mark.line + 1
            name = self._text(key, line) if isinstance(key, yaml.ScalarNode) else ""
            if not name or name in entry.values:
                said = _("“%s” stands here a second time") % name if name else _("the name must be a word")
                self.problems.append(Problem(line, said))
                continue
            entry.values[name] = self.content(value, within)
            entry.lines[name] = line
        return entry

    def _text(self, node: yaml.ScalarNode, line: int) -> str:
        """Between quotes a file can say characters that no text has: NUL, half of a pair."""
        text = "" if node.tag == "tag:yaml.org,2002:null" else str(node.value).strip()
        if any(each == "\0" or "\ud800" <= each <= "\udfff" for each in text):
            self.problems.append(Problem(line, _("this is no text: a character in it cannot be stored")))
            return ""
        return text


def _shape_problems(content: Entry) -> Iterator[Problem]:
    for name, value in content.values.items():
        if name not in SECTIONS:
            names = {"name": name, "known": ", ".join(SECTIONS)}
            said = _("“%(name)s” is not known here; known are: %(known)s") % names
            yield Problem(content.line_of(name), said)
        elif name == "commune":
            if not isinstance(value, Entry):
                yield Problem(content.line_of(name), _("here must stand names with their values"))
        else:
            yield from _list_problems(content, name)
    if not isinstance(content.values.get("commune"), Entry):
        yield Problem(0, _("The section “commune” is missing."))
    for place in content.entries("places"):
        if "cabins" in place.values:
            yield from _list_problems(place, "cabins")


def _list_problems(entry: Entry, name: str) -> Iterator[Problem]:
    value = entry.values[name]
    if value == "":
        entry.values[name] = []
    elif not isinstance(value, list) or not all(isinstance(each, Entry) for each in value):
        yield Problem(entry.line_of(name), _("here must stand a list: each entry begins with a dash"))
