"""Nothing that is sent to a page breaks it."""

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.models import Membership
from tests.addresses import OPEN, PATTERNS, WITHOUT_STREAMS, World, make_world
from tests.junk import junk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


@pytest.fixture
def world() -> World:
    return make_world()


FIELDS = """
    agent autonomy back beside cabin code commune day duplicate ends equipment_used first_name first_on
    follow_up from helper hold in_order keep kind language last_name last_on minutes month move name
    new_password1 next note noted number number_of on opening_hours orientation outcome page party_size
    password phone phones q reason resident resident_id seen service site slot start starts text themes until
    username week
""".split()  # noqa: SIM905 one word each, easier to read so

SCREENS = frozenset(name for name in OPEN if name.startswith("screen"))
"""Pages of screens have junk of their own (tests/test_junk_of_programs.py)."""

queries = st.dictionaries(st.sampled_from(FIELDS), junk, max_size=4)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from([name for name in WITHOUT_STREAMS if name != "logout"]),
    sent=queries,
    as_post=st.booleans(),
)
def test_junk_never_breaks_a_page(world: World, name: str, sent: dict[str, str], as_post: bool) -> None:
    client = Client()
    Membership.objects.filter(agent=world.rows["helper"]).update(is_desk=True, is_manager=True)
    client.force_login(world.rows["helper"])
    address = world.address(name)
    response = client.post(address, sent) if as_post else client.get(address, sent)
    assert response.status_code < 500


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(OPEN.keys() - SCREENS - {"health"})),
    sent=queries,
    word=junk,
    as_post=st.booleans(),
)
def test_junk_never_breaks_a_page_without_login(
    world: World, name: str, sent: dict[str, str], word: str, as_post: bool
) -> None:
    client = Client()
    words = [word or "-"] * len(PATTERNS[name].pattern.converters)
    try:
        address = reverse(name, args=words)
    except NoReverseMatch:
        return  # no address can hold that word
    response = client.post(address, sent) if as_post else client.get(address, sent)
    assert response.status_code < 500
