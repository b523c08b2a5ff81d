"""Whatever is done in whatever order, the rules hold (`machine.py`, `machine_lists.py`)."""

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.booking.machine import Actions
from tests.booking.machine_lists import AllActions
from tests.profiles import SLOW_WORLDS, share

pytestmark = [pytest.mark.django_db, pytest.mark.hypothesis]


@pytest.mark.parametrize(
    ("machine", "part"),
    [(Actions, 0.06), (AllActions, 0.025)],
    ids=["one appointment at a time", "lists, series, groups and plans too"],
)
def test_whatever_is_done_in_whatever_order_the_rules_hold(
    machine: type[RuleBasedStateMachine], part: float
) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=share(part),
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=SLOW_WORLDS,
        ),
    )
