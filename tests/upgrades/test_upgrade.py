"""A filled database of an earlier day is brought up to date, loses nothing, and can be used."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.upgrades.databases import Environment, counts, dumps, filled_database, number, run

pytestmark = [pytest.mark.process, pytest.mark.database]


@pytest.fixture(params=dumps(), ids=lambda path: path.name.partition(".")[0])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Environment]:
    with filled_database(request.param, tmp_path) as environment:
        yield environment


def test_it_is_brought_up_to_date_and_used(filled: Environment) -> None:
    before = counts(filled)
    assert len(before) > 50
    counted = number(filled, "SELECT SUM(count) FROM booking_visitcount")
    run("manage.py", "migrate", "--no-input", "--verbosity", "0", environment=filled)
    after = counts(filled)
    lost = {name for name in before if after.get(name, 0) < before[name] and name not in GONE_ON_PURPOSE}
    assert lost == set()
    ended = number(filled, "SELECT COUNT(*) FROM booking_visitrecord")
    gone = number(filled, "SELECT SUM(visits) FROM booking_monthlysum WHERE dimension = 'ended_as'")
    assert counted and ended + gone == counted
    assert "as the log tells them" in run(
        "-m", "tests.in_django", "tests.upgrades.records", environment=filled
    )
    assert "one appointment booked and announced" in run(
        "-m", "tests.in_django", "tests.upgrades.journey", environment=filled
    )


GONE_ON_PURPOSE = frozenset({"booking_visitcount"})
"""Tables of which a later migration removes rows: say in that migration why."""
