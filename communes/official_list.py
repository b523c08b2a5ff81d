"""The official list of communes (INSEE), kept in communes/data by scripts/official_communes.py."""

import csv
import gzip
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.insee import department

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True, slots=True)
class OfficialCommune:
    code: str
    name: str
    part_of: str
    """The code of the commune of which it is a part today (an arrondissement, or one that has merged), or
    ""."""

    @property
    def department_name(self) -> str:
        return _departments().get(department(self.code), "")


@lru_cache(maxsize=1)
def _departments() -> dict[str, str]:
    with (DATA / "departments.csv").open(encoding="utf-8", newline="") as file:
        return dict(csv.reader(file))


@lru_cache(maxsize=1)
def _communes() -> dict[str, OfficialCommune]:
    """By code: 37,000, read in a tenth of a second, by commands alone."""
    with gzip.open(DATA / "official-communes.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return {code: OfficialCommune(code, name, part_of) for code, name, part_of in csv.reader(file)}


def official_commune(code: str) -> OfficialCommune | None:
    return _communes().get(code)


def whole_commune(code: str) -> OfficialCommune | None:
    """The commune of which this code names a part: Paris of `75110`. None for the code of a commune."""
    found = official_commune(code)
    return official_commune(found.part_of) if found and found.part_of else None


def with_name(written: str) -> list[OfficialCommune]:
    """The communes whose name is, or ends with, what is written; capitals, accents and hyphens do not
    matter."""
    wanted = _plain(written)
    if not wanted:
        return []
    named = [each for each in _communes().values() if not each.part_of and wanted in _plain(each.name)]
    return [each for each in named if _plain(each.name) == wanted] or [
        each for each in named if _plain(each.name).endswith(f" {wanted}")
    ]


def _plain(name: str) -> str:
    letters = (
        each for each in unicodedata.normalize("NFKD", name).casefold() if not unicodedata.combining(each)
    )
    return " ".join("".join(each if each.isalnum() else " " for each in letters).split())
