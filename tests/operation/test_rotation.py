"""Which backups stay."""

import tomllib
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from operation.rotation import made_at, name_for, too_many
from operation.version import VERSION
from tests.once import ROOT

NEWEST = datetime(2026, 11, 24, 2, tzinfo=UTC)
ENDINGS = st.sampled_from(["", ".age", ".gpg"])


@given(
    ages=st.sets(st.integers(0, 400), max_size=60),
    ending=ENDINGS,
    newest=st.integers(1, 20),
    weeks=st.integers(0, 12),
)
def test_the_newest_stay_and_the_last_of_each_week(
    ages: set[int], ending: str, newest: int, weeks: int
) -> None:
    names = {name_for(NEWEST - timedelta(days=age), ending): age for age in ages}
    gone = set(too_many(names, newest=newest, weeks=weeks))
    by_age = sorted(names, key=lambda name: names[name])
    week_of = {name: (NEWEST - timedelta(days=age)).isocalendar()[:2] for name, age in names.items()}
    some_weeks = sorted(set(week_of.values()), reverse=True)[:weeks]
    for place, name in enumerate(by_age):
        is_last = not any(week_of[other] == week_of[name] for other in by_age[:place])
        assert (name not in gone) == (place < newest or (is_last and week_of[name] in some_weeks))


def test_other_files_are_left_alone() -> None:
    names = ["permanence-20261124T020000Z.tar", "permanence-of-may.tar", "letters.tar", ".unfinished-x"]
    assert too_many(names, newest=1, weeks=0) == []
    assert made_at("permanence-20261124T020000Z.tar.age") == NEWEST
    assert made_at("permanence-20261324T020000Z.tar") is None


def test_backups_name_the_version_of_the_product() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION
