"""What somebody should look at although no page fails: an app upstairs registers how it is found.

Managers read it on all their pages, a monitor by its code, the technician in `manage.py doctor`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Trouble:
    """`code`: for a monitor. `text`: a sentence for the manager. `page`: the name of the address where it is
    dealt with, `link` what that link says."""

    code: str
    text: str
    page: str
    link: str


type Find = Callable[[Any, datetime], Trouble | None]
"""Of a commune, or (None) whether any commune has it."""

_finders: list[Find] = []


def register(find: Find) -> None:
    """Have `find` called. Registering it again changes nothing."""
    if find not in _finders:
        _finders.append(find)


def troubles_of(commune: Any | None, now: datetime) -> Iterator[Trouble]:
    for find in _finders:
        if found := find(commune, now):
            yield found
