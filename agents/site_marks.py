"""What stands for each site on the pages of the team, where there is no room for its name."""

import re
from collections.abc import Iterable, Iterator
from itertools import count
from typing import NamedTuple

from communes.models import Commune, Site


class Mark(NamedTuple):
    """A short sign for a site where there is little room: « HV » in a colour, for Hôtel de ville."""

    colour: int
    letters: str


def site_marks(commune: Commune) -> dict[int, Mark]:
    """The mark of each site (by id), the same on every page. There are only six colours: the name or its
    letters always stand beside them."""
    return marks_of(commune.sites.all())


def marks_of(sites: Iterable[Site]) -> dict[int, Mark]:
    """The same, of all sites of a commune."""
    found: dict[int, Mark] = {}
    taken: set[str] = set()
    for index, site in enumerate(sorted(sites, key=lambda site: site.pk)):
        letters = next(each for each in _short_for(site.short_name) if each not in taken)
        taken.add(letters)
        found[site.pk] = Mark(index % 6 + 1, letters)
    return found


def _short_for(name: str) -> Iterator[str]:
    """Letters for a name: the first letters of its words, then more of the first word, then numbers."""
    words = [word for word in re.findall(r"\w+", name) if len(word) > 2] or [name.strip() or "?"]
    initials = "".join(word[0] for word in words[:3]).upper()
    yield initials
    yield from (words[0][:length].capitalize() for length in (2, 3))
    yield from (f"{initials[0]}{number}" for number in count(2))
