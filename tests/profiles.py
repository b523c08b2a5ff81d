"""How hard hypothesis tries: hundreds of worlds each time, thousands with `HYPOTHESIS_PROFILE=long`.

A test that needs fewer says so with a share of the profile: `@settings(max_examples=share(0.2))`.
"""

import os

from hypothesis import HealthCheck, settings

SLOW_WORLDS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile("quick", max_examples=300, deadline=None, suppress_health_check=SLOW_WORLDS)
settings.register_profile("long", max_examples=3000, deadline=None, suppress_health_check=SLOW_WORLDS)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "quick")


def share(part: float) -> int:
    """A part of the examples of the profile in use."""
    return max(1, int(settings().max_examples * part))
