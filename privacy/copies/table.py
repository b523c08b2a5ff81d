"""How a table is declared for the copy."""

from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """What becomes of the rows of a table."""

    KEPT = "kept"
    """Row by row."""
    INVENTED = "invented"
    """New rows, about people who do not exist."""
    DROPPED = "dropped"
    """None."""
    MADE = "made"
    """By the migrations of the copy itself."""


@dataclass(frozen=True)
class CopiedTable:
    """A table with all its columns. `kept`: the value of the original; `invented`: one that says nothing of
    it; `dropped`: the value of an empty form."""

    name: str
    how: How
    kept: str = ""
    invented: str = ""
    dropped: str = ""

    @property
    def columns(self) -> list[str]:
        return [*self.kept.split(), *self.invented.split(), *self.dropped.split()]
