"""The demonstration as it is loaded on a Tuesday morning and on a Saturday evening, for the whole folder."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from demo.build import Town
from tests.demonstration.loaded import SATURDAY_EVENING, TUESDAY_MORNING, loaded


@pytest.fixture(
    scope="package",
    params=[
        pytest.param(TUESDAY_MORNING, id="Tuesday"),
        pytest.param(SATURDAY_EVENING, id="Saturday", marks=[pytest.mark.process, pytest.mark.sqlite]),
    ],
)
def town(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Town]:
    with loaded(request.param, django_db_blocker) as made:
        yield made
