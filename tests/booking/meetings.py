"""Round after round, two different actions meet in a small town: for `test_race_pairs.py` and `make race`."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from communes.models import Commune
from tests.booking.pair_faults import faults
from tests.booking.towns import Town
from tests.factories import at, make_commune, make_resident, make_service

AFRESH = 25
"""After so many rounds the town is made anew: in the end everything is booked, closed or gone."""

type Meet = Callable[[list[str], list[int], datetime], list[tuple[str, str]]]
"""Let the verbs meet, each with its seed, at an instant; returns each verb with what came of it."""


@dataclass(frozen=True)
class Round:
    """What met, what came of each, and what does not hold any more."""

    number: int
    seeds: list[int]
    came: list[tuple[str, str]]
    faults: list[str]

    @property
    def errors(self) -> list[str]:
        return [why for _, why in self.came if why.startswith("error")]

    def __str__(self) -> str:
        return f"round {self.number}: {self.came} {self.seeds} {self.faults}"


def a_town() -> Town:
    """Two helpers, two cabins, five people, and four visits of the day."""
    town = Town(make_commune(insee_code=f"{10000 + Commune.objects.count()}"))
    town.add_helper()
    town.add_cabin()
    rare = make_service(town.commune, name="Téléconsultation", duration_min=30)
    town.add_helper(town.service, rare)
    people = [make_resident(town.commune, created_at=at(8) - timedelta(days=400)) for _ in range(5)]
    for n, start in enumerate((at(9), at(10), at(14), at(15))):
        town.book(start, resident=people[n], now=at(8))
    return town


def meetings(
    random: Random, verbs: Collection[str], opened: Callable[[Town], AbstractContextManager[Meet]]
) -> Iterator[Round]:
    """Endless rounds; `opened` gives the way in which two verbs meet in a town, while the town lasts."""
    number = 0
    while True:
        town = a_town()
        with opened(town) as meet:
            for step in range(AFRESH):
                pair = random.sample(sorted(verbs), 2)
                seeds = [random.randrange(10**6) for _ in pair]
                came = meet(pair, seeds, at(8) + timedelta(minutes=7 * step))
                yield Round(number, seeds, came, faults(town.commune.pk))
                number += 1
