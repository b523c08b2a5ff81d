"""Bars under a heading, as most of the page « Chiffres » consists of. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reporting.figures.bars import Bar
from reporting.figures.numbers import Numbers


@dataclass(frozen=True, slots=True)
class Block:
    """Bars under a heading, and how they are counted. `id`: in the page."""

    id: str
    heading: str
    counted: str
    bars: list[Bar]
    unit: str = ""
    """What the shares are of, where it is not visits."""


def counts_of(now: Numbers, dimension: str) -> dict[str, int]:
    return {code: each.visits for code, each in now.by[dimension].items()}


def in_order(counts: Mapping[str, int], labels: Iterable[tuple[str, object]]) -> list[tuple[str, int]]:
    return [(str(label), counts.get(code, 0)) for code, label in labels]
