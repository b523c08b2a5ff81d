"""Tests of one group run on one worker: silently no more after an update of pytest alone, once."""

import pytest


@pytest.mark.xdist_group("kept together")
def test_the_workers_know_of_groups(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("loadgroup", default=False):
        assert request.node.nodeid.endswith("@kept together")
