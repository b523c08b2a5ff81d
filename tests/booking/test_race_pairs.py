"""Pairs of different actions, drawn at random, meet in two processes; after each pair everything still holds.

`RACE_MINUTES=10` lets them meet for so long, with draws of the day; else the rounds are few and always the
same. What comes first is a matter of the machine: a failure names the pair, its seeds and the round.
"""

import os
import time
from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from django.db import connection

from tests.booking.pairs import VERBS, act, faults
from tests.booking.racers import PATIENCE_S
from tests.booking.test_race import processes, spawn
from tests.booking.towns import Town
from tests.factories import at, make_resident, make_service

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 150
MINUTES = float(os.environ.get("RACE_MINUTES", "0"))
AFRESH = 25
"""After so many rounds the town is made anew: in the end everything is booked, closed or gone."""


def a_town() -> Town:
    town = Town()
    town.add_helper()
    town.add_cabin()
    rare = make_service(town.commune, name="Téléconsultation", duration_min=30)
    town.add_helper(town.service, rare)
    people = [make_resident(town.commune, created_at=at(8) - timedelta(days=400)) for _ in range(5)]
    for n, start in enumerate((at(9), at(10), at(14), at(15))):
        town.book(start, resident=people[n], now=at(8))
    return town


def test_any_two_actions_may_meet():
    seed = time.time_ns() if MINUTES else 20261124
    random = Random(seed)
    until = time.monotonic() + 60 * MINUTES
    came_of_it: Counter[str] = Counter()
    number = 0
    while time.monotonic() < until if MINUTES else number < ROUNDS:
        town = a_town()
        barrier, answers = spawn.Barrier(2), spawn.Queue()
        orders = [spawn.Queue(), spawn.Queue()]
        database = connection.settings_dict["NAME"]
        given = [(database, barrier, each, answers, town.commune.pk) for each in orders]
        with processes(act, given):
            for step in range(AFRESH):
                now = at(8) + timedelta(minutes=7 * step)
                pair = random.sample(sorted(VERBS), 2)
                seeds = [random.randrange(10**6) for _ in pair]
                for queue, verb, each in zip(orders, pair, seeds, strict=True):
                    queue.put((verb, each, now))
                got = [answers.get(timeout=PATIENCE_S) for _ in pair]
                told = f"seed {seed}, round {number}: {pair} {seeds} {got}"
                assert not [why for _, why in got if why.startswith("error")], told
                assert faults(town.commune.pk) == [], told
                came_of_it.update(f"{verb} {why}" for verb, why in got)
                number += 1
            for queue in orders:
                queue.put(None)
    assert sum(times for what, times in came_of_it.items() if what.endswith(" done")) > number / 2
