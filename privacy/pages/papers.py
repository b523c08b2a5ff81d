"""A paper as its page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass

from communes.models import Commune
from privacy.papers.values import values_of
from privacy.papers.words import Paper, Part, Say, pieces

type Pieces = list[tuple[str, bool]]
"""Words, each with whether they are a blank that the commune has to fill in."""


@dataclass(frozen=True)
class ShownPart:
    """`rows`: cells, each with its sentences."""

    title: str
    says: list[Pieces]
    head: tuple[str, ...]
    rows: list[list[list[Pieces]]]
    is_list: bool


@dataclass(frozen=True)
class ShownPaper:
    name: str
    title: str
    lead: list[Pieces]
    parts: list[ShownPart]
    blanks: int
    """How many things are still to be written."""


def shown_paper(paper: Paper, commune: Commune) -> ShownPaper:
    values = values_of(commune)
    lead = _said(paper.lead, values)
    parts = [_part(part, values) for part in paper.parts]
    said = [say.filled(values) for say in paper.every_say if say.is_said(values)]
    blanks = sum(is_blank for text in said for _piece, is_blank in pieces(text))
    return ShownPaper(paper.name, paper.title, lead, parts, blanks)


def _part(part: Part, values: Mapping[str, str]) -> ShownPart:
    width = len(part.head)
    rows = []
    for row in part.rows:
        said = _said(row, values)
        rows.append([*([each] for each in said[: width - 1]), said[width - 1 :]])
    return ShownPart(part.title, _said(part.says, values), part.head, rows, part.is_list)


def _said(says: tuple[Say, ...], values: Mapping[str, str]) -> list[Pieces]:
    return [pieces(say.filled(values)) for say in says if say.is_said(values)]
