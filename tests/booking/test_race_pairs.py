"""Pairs of different actions, drawn at random, meet in two processes; after each pair everything still holds.

`make race` lets them meet for minutes, with other draws each time, and over HTTP too. Here the rounds are few
and always the same. What comes first is a matter of the machine: a failure names the pair, its seeds and the
round.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from random import Random

import pytest
from django.db import connection

from tests.booking.meetings import Meet, meetings
from tests.booking.pairs import VERBS, act
from tests.booking.racers import PATIENCE_S
from tests.booking.test_race import processes, spawn
from tests.booking.towns import Town

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 150
SEED = 20261124


@contextmanager
def two_processes(town: Town) -> Iterator[Meet]:
    barrier, answers = spawn.Barrier(2), spawn.Queue()
    orders = [spawn.Queue(), spawn.Queue()]
    database = connection.settings_dict["NAME"]
    given = [(database, barrier, each, answers, town.commune.pk) for each in orders]

    def meet(pair, seeds, now):
        for queue, verb, seed in zip(orders, pair, seeds, strict=True):
            queue.put((verb, seed, now))
        return [answers.get(timeout=PATIENCE_S) for _ in pair]

    with processes(act, given):
        yield meet
        for queue in orders:
            queue.put(None)


def test_any_two_actions_may_meet():
    came_of_it: Counter[str] = Counter()
    for each in islice(meetings(Random(SEED), VERBS, two_processes), ROUNDS):
        assert (each.errors, each.faults) == ([], []), str(each)
        came_of_it.update(f"{verb} {why}" for verb, why in each.came)
    assert sum(times for what, times in came_of_it.items() if what.endswith(" done")) > ROUNDS / 2
