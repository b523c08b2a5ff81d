"""Nothing that is sent to a page breaks it."""

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.models import Membership
from tests.addresses import WITHOUT_STREAMS, World, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


@pytest.fixture
def world() -> World:
    return make_world()


FIELDS = """
    agent back beside cabin code commune day duplicate ends first_name first_on follow_up from helper hold
    in_order keep kind language last_name last_on minutes month move name next note noted number number_of on
    opening_hours outcome page party_size phone phones q reason resident resident_id seen service site slot
    start starts text until week
""".split()  # noqa: SIM905 one word each, easier to read so

junk = st.one_of(
    st.sampled_from(
        [
            "",
            "0",
            "1",
            "-1",
            "9" * 30,
            "1e5",
            "nan",
            "\x00",
            "é" * 300,
            "x" * 5000,
            "[]",
            "{}",
            "null",
            "' OR 1=1 --",
            "<script>alert(1)</script>",
            "2026-11-24",
            "9999-12-31",
            "0001-01-01",
            "25:99",
            "1@2026-11-24T10:00Z",
            "1@9999-12-31T23:59Z",
            "1@0001-01-01T00:00+14:00",
            "c9999999999999999999",
            "06 39 98 12 34",
            "12,13",
            "../../etc",
            "%00",
        ]
    ),
    st.text(max_size=20),
)
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
