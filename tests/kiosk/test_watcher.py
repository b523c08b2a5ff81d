"""Which queries the watcher makes, however many screens there are."""

import asyncio

import pytest

from bench.bench_screens import watcher_queries
from communes.models import Site
from kiosk.live import PERIOD_S

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 2
ROUNDS = SECONDS / PERIOD_S


def test_five_hundred_streams_cost_the_database_as_much_as_one(site: Site, real_clock: None) -> None:
    one, many = (asyncio.run(watcher_queries([site.pk], streams, SECONDS)) for streams in (1, 500))
    assert ROUNDS - 2 <= one <= ROUNDS + 1
    assert ROUNDS - 2 <= many <= ROUNDS + 1
