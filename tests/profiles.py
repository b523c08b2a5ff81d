"""How hard hypothesis tries: hundreds of worlds each time, thousands with `HYPOTHESIS_PROFILE=long`.

`quick` draws the same worlds each time, so that one change passes or fails always (docs/decisions/0024). On
PostgreSQL it is a third of them: the database decides little of what these tests are about.
`long` draws new ones, and says how a failure is played again.

A test that needs fewer says so with a share of the profile: `@settings(max_examples=share(0.2))`.
"""

import os

from hypothesis import HealthCheck, settings

SLOW_WORLDS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
IS_POSTGRESQL = bool(os.environ.get("TEST_DATABASE_URL"))

settings.register_profile(
    "quick",
    max_examples=100 if IS_POSTGRESQL else 300,
    derandomize=True,
    deadline=None,
    suppress_health_check=SLOW_WORLDS,
)
settings.register_profile(
    "long", max_examples=3000, deadline=None, print_blob=True, suppress_health_check=SLOW_WORLDS
)


def load_profile() -> None:
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "quick")


def share(part: float) -> int:
    """A part of the examples of the profile in use."""
    return max(1, int(settings().max_examples * part))
