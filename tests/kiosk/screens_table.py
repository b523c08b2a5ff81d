"""The tables of docs/screens.md, whose rows the tests play."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOC = ROOT / "docs" / "screens.md"
NBSP = "\N{NO-BREAK SPACE}"

SHOWN = """root => [...root.querySelectorAll('h1, h2, h3, p, li, button')]
    .filter(e => e.checkVisibility() && !e.matches('.keys *, [data-speak]'))
    .map(e => e.textContent.replace(/\\s+/g, ' ').trim()).filter(Boolean)"""
"""What is shown below an element, by paragraphs and buttons."""


@dataclass(frozen=True)
class Table:
    """One of the tables, by its heading, and the names of its rows in their order. With WRITE_SCENES in the
    environment the rows are written anew."""

    heading: str
    names: tuple[str, ...]

    def rows(self) -> dict[str, str]:
        _, _, table = DOC.read_text(encoding="utf-8").partition(self.heading)
        lines = table.split("\n\n")[0].splitlines()[2:]
        return {line.split(" | ")[0].removeprefix("| "): line for line in lines}

    def check(self, name: str, *cells: str) -> None:
        """Fail if the row of this name says something else."""
        texts = (cell.replace(NBSP, " ").replace("|", "/") for cell in (name, *cells))
        row = f"| {' | '.join(texts)} |"
        if os.environ.get("WRITE_SCENES"):
            self._write(name, row)
        assert self.rows().get(name) == row

    def _write(self, name: str, row: str) -> None:
        before, heading, rest = DOC.read_text(encoding="utf-8").partition(self.heading)
        _, _, after = rest.partition("\n\n")
        found = self.rows() | {name: row}
        rows = [found[each] for each in self.names if each in found]
        lines = "\n".join([f"{before}{heading}", "|---|---|---|---|", *rows])
        DOC.write_text(f"{lines}\n\n{after}", encoding="utf-8")
