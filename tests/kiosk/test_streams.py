"""Streams of a real web process: what they report, how fast, and which connections they use."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from agents.models import Agent
from bench import sse, web
from communes.actions import bump_sites
from communes.models import Cabin, Site
from core.roles import Role
from kiosk.models import Screen
from kiosk.pairing import ScreenPosition, change_screen, revoke_screen
from kiosk.requests import COOKIE
from tests.factories import TUESDAY, make_agent, make_site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

FLUX = "/ecran/flux/"
STREAMS = 200
MOST_CONNECTIONS = 5


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[tuple[int, Any]]:
    """The web process on the database of the test."""
    port = web.free_port()
    env = {"DEBUG": "1", "PERMANENCE_VAR": str(tmp_path), "DATABASE_URL": database_url()}
    with web.web(env, port) as process:
        yield port, process


def database_url() -> str:
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    user = f"{values['USER']}:{values['PASSWORD']}" if values["PASSWORD"] else values["USER"]
    return f"postgres://{user}@{values['HOST']}:{values['PORT'] or 5432}/{values['NAME']}"


def pair(site: Site, cabin: Cabin | None = None) -> tuple[Screen, str]:
    token = Screen.new_token()
    screen = Screen.objects.create(
        site=site, cabin=cabin, name="Borne", token_hash=Screen.hash(token), paired_at=TUESDAY
    )
    return screen, f"{COOKIE}={token}"


def connections_of_others() -> int:
    """How many connections to the test's database are not this test's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def told(stream: sse.Stream) -> bool:
    return bool(stream.told)


def test_two_hundred_streams_hold_five_connections_while_pages_answer(
    server: tuple[int, Any], site: Site, cabin: Cabin
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("counts the connections of a PostgreSQL server: set TEST_DATABASE_URL")
    port, process = server
    cookies = [pair(site, cabin)[1] for _ in range(20)]
    streams = [sse.Stream(FLUX, cookies[n % 20]) for n in range(STREAMS)]
    pages = [(("/ecran/tableau/", "/connexion/", "/ecran/")[n % 3], cookies[n % 20]) for n in range(60)]
    answers: list[sse.Answer] = []
    with sse.Listeners(port, streams):
        sse.wait_for(lambda: all(map(told, streams)), 30)
        time.sleep(1.5)
        assert connections_of_others() <= MOST_CONNECTIONS
        visitor = threading.Thread(target=lambda: answers.extend(sse.fetch(port, pages)))
        visitor.start()
        most = 0
        while visitor.is_alive():
            most = max(most, connections_of_others())
            time.sleep(0.02)
        assert {answer.status for answer in answers} == {200}
        assert most <= MOST_CONNECTIONS
        known = streams[0].told[0][1]
        began = time.monotonic()
        bump_sites([site.pk])
        sse.wait_for(lambda: all(each.first(lambda version: version != known) for each in streams), 10)
        assert time.monotonic() - began < 2
        assert all(stream.is_open for stream in streams)
        assert connections_of_others() <= MOST_CONNECTIONS
        assert web.stop(process) < 5


def test_impatient_visitors_leave_no_connection_behind(server: tuple[int, Any], site: Site) -> None:
    """A request whose client has gone keeps its connection where nothing finishes it (config/server/)."""
    port, _ = server
    cookie = pair(site)[1]
    for n in range(60):
        with socket.create_connection(("127.0.0.1", port)) as impatient:
            head = f"GET /ecran/tableau/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n"
            impatient.sendall(head.encode())
            time.sleep(0.004 * (n % 8))
    answers = sse.fetch(port, [("/ecran/tableau/", cookie)] * 8)
    assert {answer.status for answer in answers} == {200}
    if connection.vendor == "postgresql":
        assert connections_of_others() <= MOST_CONNECTIONS


def test_a_change_is_told_to_the_screens_of_its_site_only(
    server: tuple[int, Any], site: Site, elsewhere: Cabin
) -> None:
    mine, other = sse.Stream(FLUX, pair(site)[1]), sse.Stream(FLUX, pair(elsewhere.site)[1])
    with sse.Listeners(server[0], [mine, other]):
        sse.wait_for(lambda: told(mine) and told(other), 10)
        before = len(other.told)
        bump_sites([site.pk])
        version = str(Site.objects.get(pk=site.pk).version)
        sse.wait_for(lambda: mine.first(lambda each: each == version) is not None, 2)
        time.sleep(1)
        assert len(other.told) == before


def test_a_revoked_screen_s_stream_ends(server: tuple[int, Any], site: Site) -> None:
    screen, cookie = pair(site)
    stream = sse.Stream(FLUX, cookie)
    with sse.Listeners(server[0], [stream]):
        sse.wait_for(lambda: told(stream), 10)
        revoke_screen(screen=screen, by=make_agent(site.commune, Role.DESK), now=TUESDAY)
        sse.wait_for(lambda: not stream.is_open, 5)


def test_the_stream_of_a_screen_that_hangs_elsewhere_now_ends(
    server: tuple[int, Any], site: Site, elsewhere: Cabin
) -> None:
    """It would go on telling the versions of the place that it left."""
    screen, cookie = pair(site)
    stream = sse.Stream(FLUX, cookie)
    with sse.Listeners(server[0], [stream]):
        sse.wait_for(lambda: told(stream), 10)
        change_screen(screen=screen, changes={"place": ScreenPosition(elsewhere.site, elsewhere)})
        sse.wait_for(lambda: not stream.is_open, 5)


def test_a_stream_opens_to_nobody_without_a_token(server: tuple[int, Any]) -> None:
    answer = sse.fetch(server[0], [(FLUX, "")])[0]
    assert (answer.status, answer.body) == (401, b"")


def test_agents_hear_the_sites_of_their_own_commune(
    server: tuple[int, Any], site: Site, elsewhere: Cabin, alice: Agent, charlie: Agent
) -> None:
    far = make_site(charlie.memberships.get().commune)
    stream, strange = (sse.Stream("/flux/lieux/", session_of(agent)) for agent in (alice, charlie))
    with sse.Listeners(server[0], [stream, strange]):
        sse.wait_for(lambda: told(stream) and told(strange), 10)
        first = json.loads(stream.told[0][1])
        assert set(first) == {str(site.pk), str(elsewhere.site_id)}
        bump_sites([site.pk])
        sse.wait_for(lambda: json.loads(stream.told[-1][1])[str(site.pk)] == first[str(site.pk)] + 1, 2)
        time.sleep(1)
        assert [json.loads(each[1]) for each in strange.told] == [{str(far.pk): far.version}]


def session_of(agent: Agent) -> str:
    client = Client()
    client.force_login(agent)
    return f"sessionid={client.cookies['sessionid'].value}"


def test_an_open_screen_is_noted_as_seen(server: tuple[int, Any], site: Site) -> None:
    screen, cookie = pair(site)
    stream = sse.Stream(FLUX, cookie)
    with sse.Listeners(server[0], [stream]):
        sse.wait_for(lambda: told(stream), 10)
        sse.wait_for(lambda: Screen.objects.filter(pk=screen.pk, last_seen_at__isnull=False).exists(), 5)
