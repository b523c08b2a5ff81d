"""SQLite has one lock for writers. Who waits for it in vain is told to try again, with a line in the log."""

import io
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from core.outage import busy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite, pytest.mark.usefixtures("tuesday")]


@pytest.fixture
def held() -> Iterator[sqlite3.Connection]:
    """Another process is writing, for longer than anybody waits."""
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has one lock for all")
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100")
    with closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other
    connection.close()
    busy.answered()


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    (handler,) = [each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler]
    lines = io.StringIO()
    before = handler.setStream(lines)
    yield lines
    handler.setStream(before)


def test_who_waits_in_vain_for_the_lock_reads_that_nothing_is_recorded_and_may_try_again(
    client: Client, alice: Agent, written: io.StringIO, request: pytest.FixtureRequest
) -> None:
    client.force_login(alice)
    client.raise_request_exception = False
    held = request.getfixturevalue("held")
    for _ in range(3):
        response = client.post(reverse("my-news-read"))
        assert (response.status_code, response["Retry-After"]) == (503, "20")
        assert "n’est pas enregistré" in response.content.decode()
    held.execute("ROLLBACK")
    assert client.post(reverse("my-news-read")).status_code == 302
    lines = written.getvalue().splitlines()
    assert len(lines) == 2, lines
    assert "is locked by another writer" in lines[0] and "takes writes again" in lines[1]
