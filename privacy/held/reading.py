"""Reads what is held about a person, for the page and for the file."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model

from booking.models import Resident
from privacy.held.groups import PARTS, UNLINKED
from privacy.held.part import Part
from privacy.held.parts.said import shared_messages
from privacy.held.person import Person

FORMAT = 1
"""Of the file; it changes when a name in the file is taken away."""


@dataclass(frozen=True)
class Held:
    """All that is held about one person at an instant."""

    person: Person
    rows: dict[str, list[Model]]
    """By the key of the part."""
    not_shown: int
    """Messages to or from a number that somebody else has too, and nothing else says whose they are."""

    @property
    def counts(self) -> dict[str, int]:
        """How many rows were shown of each table: the proof, without a word about the person."""
        counted: Counter[str] = Counter()
        for part in PARTS:
            counted[part.table] += len(self.rows[part.key])
        return {table: number for table, number in sorted(counted.items()) if number}


def read_held(resident: Resident, *, now: datetime) -> Held:
    person = Person(resident, now)
    rows = {part.key: list(part.rows(person)) for part in PARTS}
    return Held(person, rows, shared_messages(person))


def as_file(held: Held) -> dict[str, Any]:
    """What the file says: names that stay, instants with their offset."""
    person = held.person
    commune = person.resident.commune
    return {
        "format": FORMAT,
        "made_at": commune.local(person.now).isoformat(),
        "commune": commune.name,
        "kept_months_after_the_last_visit": commune.retention_months,
        "data": {part.key: _filed(part, held) for part in PARTS},
        "messages_of_shared_numbers_not_shown": held.not_shown,
        "not_linked_to_anyone": {each.table: str(each.why) for each in UNLINKED},
    }


def _filed(part: Part, held: Held) -> dict[str, Any]:
    rows = [part.filed(row, held.person) for row in held.rows[part.key]]
    return {"table": part.table, "title": str(part.title), "rows": rows}
