"""One line of `manage.py doctor`."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    GOOD = "good"
    DOUBTFUL = "doubtful"
    """It works; somebody should look at it."""
    BAD = "bad"
    """Something that is promised to people is not done."""


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    about: str
    found: str
    to_do: str = ""

    @property
    def is_bad(self) -> bool:
        return self.level == Level.BAD


def good(about: str, found: str) -> Finding:
    return Finding(Level.GOOD, about, found)


def doubtful(about: str, found: str, to_do: str) -> Finding:
    return Finding(Level.DOUBTFUL, about, found, to_do)


def bad(about: str, found: str, to_do: str) -> Finding:
    return Finding(Level.BAD, about, found, to_do)
