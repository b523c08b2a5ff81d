"""How large a body may be, by address: what is announced is refused unread, what grows is kept nowhere."""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, resolve
from django.urls.resolvers import URLPattern

from config.server.bodies import MOST_FILE_BYTES, refuse_large_bodies
from config.server.handler import ThreadedHandler
from core.requests import takes_files
from scripts import run
from tests.browser.installation import free_port
from tests.config.test_handler import Exchange, answer
from tests.once import copy_database, migrated

MB = 1024 * 1024
seen: list[int] = []


def text(request: HttpRequest) -> HttpResponse:
    seen.append(len(request.read()))
    return HttpResponse()


@takes_files
def file(request: HttpRequest) -> HttpResponse:
    return text(request)


urlpatterns: list[URLPattern] = [path("text", text), path("file", file)]


class Large(Exchange):
    """A body in parts of a megabyte, as servers hand over large ones; it counts those that were taken."""

    def __init__(self, target: str, parts: int, *, announced: bool) -> None:
        super().__init__(target, b"x" * MB)
        if announced:
            length = (b"content-length", str(parts * MB).encode())
            self.scope["headers"] = [(b"host", b"localhost"), length]
        self.parts, self.taken = parts, 0

    async def receive(self) -> dict[str, Any]:
        if self.taken == self.parts:
            return await super().receive()
        self.taken += 1
        self.asked = self.taken == self.parts
        return {"type": "http.request", "body": self.body, "more_body": not self.asked}


@pytest.fixture
def kept(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes of each body were kept, in memory or on disk."""
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["config.server.bodies.refuse_large_bodies"]
    monkeypatch.setattr(
        "config.server.bodies.render",
        lambda request, name, context, status: HttpResponse(name, status=status),
    )
    seen.clear()
    found: list[int] = []
    read_body = ASGIHandler.read_body

    async def measured(self: ASGIHandler, receive: Any) -> Any:
        body = await read_body(self, receive)
        found.append(len(body.read()))
        body.seek(0)
        return body

    monkeypatch.setattr(ASGIHandler, "read_body", measured)
    return found


@pytest.mark.parametrize(
    ("target", "parts", "announced", "taken", "keeps"),
    [
        ("/text", 2, True, 0, 0),
        ("/text", 3, False, 2, 1),
        ("/nowhere", 2, True, 0, 0),
        ("/file", 17, True, 17, 0),
        ("/file", 20, False, 17, 16),
    ],
)
def test_what_is_too_large_reaches_no_view(
    kept: list[int], target: str, parts: int, announced: bool, taken: int, keeps: int
) -> None:
    large = Large(target, parts, announced=announced)
    answer(ThreadedHandler(), large)
    assert (large.status, large.content, large.taken) == (413, b"413.html", taken)
    assert kept == [keeps * MB]
    assert not seen


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(("target", "parts"), [("/text", 1), ("/file", MOST_FILE_BYTES // MB)])
def test_what_is_as_large_as_it_may_be_is_read_whole(
    kept: list[int], target: str, parts: int, announced: bool
) -> None:
    allowed = Large(target, parts, announced=announced)
    answer(ThreadedHandler(), allowed)
    assert (allowed.status, seen) == (200, [parts * MB])


def test_the_page_that_takes_calendars_takes_files() -> None:
    assert resolve("/agendas/autres/").func.takes_files  # type: ignore[attr-defined]
    assert not hasattr(resolve("/connexion/").func, "takes_files")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/connexion/", "Écrivez moins"),
        ("/agendas/autres/", "10 Mo au plus"),
        ("/api/v1/sites", '"code": "too_large"'),
    ],
)
def test_what_was_too_large_is_answered_by_a_page_of_ours_or_a_stable_code(
    client: Client, db: None, address: str, said: str
) -> None:
    request = client.get(address).wsgi_request
    setattr(request, "scope", {"permanence.body_too_large": True})  # noqa: B010 as an ASGI request has one
    answered = refuse_large_bodies(lambda _: HttpResponse())(request)
    assert isinstance(answered, HttpResponse)
    assert answered.status_code == 413
    assert said in answered.content.decode()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[int]:
    """The web process itself; yields its port."""
    copy_database(migrated(), tmp_path)
    port = free_port()
    environment = {**os.environ, "DEBUG": "1", "DATABASE_URL": "", "PERMANENCE_VAR": str(tmp_path)}
    process = subprocess.Popen(run.web_command(port), cwd=run.ROOT, env=environment, start_new_session=True)
    try:
        deadline = time.monotonic() + run.START_LIMIT_S
        while not _answers(port):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(run.STOP_LIMIT_S)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.mark.process
def test_the_web_process_refuses_without_waiting_for_what_is_announced(web: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", web, timeout=20)
    connection.putrequest("POST", "/api/v1/appointments")
    connection.putheader("Content-Length", str(2 * MB))
    connection.endheaders()
    response = connection.getresponse()
    assert (response.status, b"too_large" in response.read()) == (413, True)
