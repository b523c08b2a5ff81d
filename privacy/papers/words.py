"""Of what a paper is made."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_BLANK = re.compile(r"(\[[^\]]+\])")


@dataclass(frozen=True)
class Say:
    """One sentence, or two that belong together. `{name}` stands for a value (`values.py`), words in square
    brackets for what the commune has to write. `tests`: what shows a promise; `info`: it promises nothing.
    `when`: the name of the value that must not be empty for it to be said; `unless`: that must be."""

    text: str
    tests: tuple[str, ...] = ()
    info: bool = False
    when: str = ""
    unless: str = ""

    def is_said(self, values: Mapping[str, str]) -> bool:
        return not (self.when and not values[self.when]) and not (self.unless and values[self.unless])

    def filled(self, values: Mapping[str, str]) -> str:
        return self.text.format_map(values)


def info(text: str, *, when: str = "", unless: str = "") -> Say:
    """A sentence that promises nothing."""
    return Say(text, info=True, when=when, unless=unless)


@dataclass(frozen=True)
class Part:
    """A part with its title. `rows`: a table below its sentences, with `head`."""

    title: str
    says: tuple[Say, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Say, ...], ...] = ()
    is_list: bool = False

    @property
    def every_say(self) -> Iterator[Say]:
        yield from self.says
        for row in self.rows:
            yield from row


@dataclass(frozen=True)
class Paper:
    name: str
    title: str
    lead: tuple[Say, ...]
    parts: tuple[Part, ...]

    @property
    def every_say(self) -> Iterator[Say]:
        yield from self.lead
        for part in self.parts:
            yield from part.every_say


def pieces(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is a blank to be filled in."""
    return [(piece, piece.startswith("[")) for piece in _BLANK.split(text) if piece]
