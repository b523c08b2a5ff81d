"""Bars of a figure: a label, a count, its share and how long it is drawn. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from reporting.figures.words import number, share


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    count: int
    shown: str
    share: str
    width: float
    """Of the longest, in per cent."""


def bars(rows: Sequence[tuple[str, int]], whole: int | None = None) -> list[Bar]:
    """`whole`: what the shares are of, where it is not the sum of the rows."""
    total = sum(count for _label, count in rows) if whole is None else whole
    most = max((count for _label, count in rows), default=0)
    return [
        Bar(str(label), count, number(count), share(count, total), round(100 * count / most, 1))
        for label, count in rows
        if count
    ]
