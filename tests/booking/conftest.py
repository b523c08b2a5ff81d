import pytest

from agents.models import Agent
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from tests.booking.towns import Town
from tests.factories import at, make_agent, make_cabin, make_service, make_shift, make_site


@pytest.fixture
def town(db: None) -> Town:
    return Town()


@pytest.fixture
def short(commune: Commune) -> Service:
    """Half an hour, ten minutes of turnaround, a start each half-hour."""
    return make_service(commune, duration_min=30, turnaround_min=10, start_step_min=30)


@pytest.fixture
def morning(commune: Commune) -> Site:
    return make_site(commune, opening_hours="Mo-Sa 09:00-11:00; PH off")


@pytest.fixture
def one_cabin(morning: Site) -> Cabin:
    return make_cabin(morning)


@pytest.fixture
def helper(commune: Commune, short: Service, morning: Site) -> Agent:
    helper = make_agent(commune, Role.HELPER, skills=[short])
    make_shift(helper, morning, at(9), at(11))
    return helper


@pytest.fixture
def full(town: Town) -> Town:
    """Every helper's time of both days is taken: 14:00 to 17:00 on the 24th, all of the 25th."""
    for start, end in (
        (at(9), at(12)),
        (at(14), at(17)),
        (at(9, day=25), at(12, day=25)),
        (at(14, day=25), at(17, day=25)),
    ):
        town.given(start, ends_at=end, blocked_until=end, helper=town.bob)
    return town
