"""The API does what its OpenAPI description says: schemathesis asks what it allows, and what it does not."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from config.api.site import api
from tests.addresses import make_world
from tests.api.caller import make_key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

DESCRIPTION: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
OPERATIONS = [(method, path) for path, methods in DESCRIPTION["paths"].items() for method in methods]


@pytest.fixture
def connection_stays() -> Iterator[None]:
    """The end of a request leaves the connection, which is that of the test."""
    ends = (signals.request_started, signals.request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("connection_stays")
@pytest.mark.parametrize("mode", GenerationMode, ids=str)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_as_described(method: str, path: str, mode: GenerationMode) -> None:
    headers = {"Authorization": f"Bearer {make_key(make_world().commune, figures=True)}"}
    schema = schemathesis.openapi.from_dict(DESCRIPTION)
    schema.app = get_wsgi_application()

    @seed(1)
    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=schema[path][method.upper()].as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        cache.clear()
        # No description can say which times are offered: what it allows may be refused, with 422.
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    ask()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_parameter_has_a_name(method: str, path: str) -> None:
    for parameter in DESCRIPTION["paths"][path][method].get("parameters", []):
        assert parameter["name"]
        assert not (parameter["required"] and "default" in parameter["schema"])


def test_the_number_of_people_may_be_left_out_of_a_search() -> None:
    parameters = DESCRIPTION["paths"]["/api/v1/availability"]["get"]["parameters"]
    (people,) = [each for each in parameters if each["name"] == "party_size"]
    assert (people["required"], people["schema"]["default"]) == (False, 1)
