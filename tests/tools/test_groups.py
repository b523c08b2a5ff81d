"""What the runs of the tests rely on without a word: groups, marks, and the examples that are drawn."""

import os

import pytest
from hypothesis import settings


@pytest.mark.xdist_group("kept together")
def test_the_workers_know_of_groups(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("loadgroup", default=False):
        assert request.node.nodeid.endswith("@kept together")


@pytest.mark.sqlite
@pytest.mark.django_db
def test_what_depends_on_no_database_is_not_for_postgresql(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("database") is None


def test_property_tests_draw_the_same_examples_each_time() -> None:
    if os.environ.get("HYPOTHESIS_PROFILE", "quick") == "quick":
        assert settings().derandomize
