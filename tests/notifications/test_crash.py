"""Kill the sender at every step: each message is sent exactly once."""

import json
import multiprocessing
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

import pytest
from django.db import connection

from notifications.enums import State
from notifications.models import Message
from tests.factories import make_cabin, make_commune, make_service, make_site
from tests.notifications.conftest import SENDER
from tests.notifications.many import make_messages
from tests.notifications.sweepers import STEPS, sweep_and_die, sweep_to_the_end
from tests.once import ROOT

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

MESSAGES = 500
LIMIT_S = 90
spawn = multiprocessing.get_context("spawn")


@pytest.fixture
def provider_url() -> Iterator[str]:
    """The provider, in a process that outlives ours."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.notifications.fake_twilio",
            "--delay",
            "0.02",
            "--now",
            "2026-11-24T10:00",
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.kill()
    process.wait()


def taken_by(provider_url: str) -> dict[str, int]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{provider_url}/_count", timeout=10) as response:
        counts: dict[str, int] = json.load(response)
    return counts


def run(target, *arguments) -> int | None:
    process = spawn.Process(target=target, args=arguments, daemon=True)
    process.start()
    process.join(LIMIT_S)
    if process.is_alive():
        process.kill()
        pytest.fail("a sweep did not end")
    return process.exitcode


def test_a_request_cut_off_by_a_crash_is_no_message(provider_url):
    host, _, port = provider_url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as killed:
        killed.sendall(
            b"POST /2010-04-01/Accounts/AC0/Messages.json HTTP/1.1\r\nContent-Length: 40\r\n\r\nTo="
        )
        killed.shutdown(socket.SHUT_WR)
        assert killed.recv(100) == b"", "the connection is closed without an answer"
    assert taken_by(provider_url) == {}


def test_killed_at_every_step_each_message_is_sent_exactly_once(provider_url):
    commune = make_commune(insee_code="76498", sender=SENDER)
    cabin = make_cabin(make_site(commune))
    make_messages(commune, cabin, make_service(commune), MESSAGES)
    database, began = connection.settings_dict["NAME"], time.time()

    for step in STEPS:
        # In the second batch: the first one is settled, the third not begun.
        code = run(sweep_and_die, database, provider_url, step, 2, began)
        assert code == -signal.SIGKILL, step
    in_doubt = Message.objects.filter(state__in=[State.SENDING, State.UNKNOWN]).count()
    assert in_doubt >= 64, "the crashes left messages of which nobody here knows whether they were sent"

    assert run(sweep_to_the_end, database, provider_url, began, LIMIT_S - 10) == 0

    counts = taken_by(provider_url)
    assert set(Message.objects.values_list("state", flat=True)) == {State.SENT}
    assert len(counts) == MESSAGES, "none is lost"
    assert set(counts.values()) == {1}, "none is doubled"
    assert Message.objects.values("provider_id").distinct().count() == MESSAGES
