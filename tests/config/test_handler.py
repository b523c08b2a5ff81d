"""The web process's own handler: one thread for the whole of a request, streams without a thread."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from django.core import signals
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.urls.resolvers import URLPattern

from config.server.handler import THREADS, ThreadedHandler
from core.afterwards import after_answer

seen: list[str] = []


def echo(request: HttpRequest) -> HttpResponse:
    seen.append(threading.current_thread().name)
    return HttpResponse(request.body + request.GET.get("q", "").encode())


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


def file(request: HttpRequest) -> HttpResponseBase:
    def parts() -> Iterator[bytes]:
        for number in range(3):
            seen.append(threading.current_thread().name)
            yield f"{number}\n".encode()

    return StreamingHttpResponse(parts())


def stream(request: HttpRequest) -> HttpResponseBase:
    async def events() -> AsyncIterator[str]:
        try:
            while True:
                yield "event\n"
                await asyncio.sleep(0.01)
        finally:
            seen.append("cleaned up")

    return StreamingHttpResponse(events(), content_type="text/event-stream")


def worked(what: str) -> None:
    seen.append(f"{what} in {threading.current_thread().name.partition('_')[0]}")


def later(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("page")
    after_answer(response, lambda: worked("first"))
    if "fails" in request.GET:
        after_answer(response, lambda: 1 / 0)
    after_answer(response, lambda: worked("second"))
    return response


def file_with_work(request: HttpRequest) -> HttpResponseBase:
    response = file(request)
    after_answer(response, lambda: worked("work"))
    return response


urlpatterns: list[URLPattern] = [
    path("later", later),
    path("file-with-work", file_with_work),
    path("echo", echo),
    path("breaks", breaks),
    path("file", file),
    path("stream", stream),
]


@pytest.fixture
def handler(settings: Any) -> ThreadedHandler:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    seen.clear()
    return ThreadedHandler()


class Exchange:
    """One request as a server hands it over, and what was sent back."""

    def __init__(self, target: str, body: bytes = b"", leave_after: int | None = None) -> None:
        where, _, query = target.partition("?")
        self.scope = {
            "type": "http",
            "method": "POST" if body else "GET",
            "path": where,
            "query_string": query.encode(),
            "headers": [(b"host", b"localhost")],
        }
        self.body = body
        self.leave_after = leave_after
        self.sent: list[dict[str, Any]] = []
        self.left = asyncio.Event()
        self.asked = False

    async def receive(self) -> dict[str, Any]:
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": self.body, "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        if self.leave_after is not None and len(self.sent) > self.leave_after:
            self.left.set()

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def content(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])


def answer(handler: ThreadedHandler, *exchanges: Exchange) -> None:
    async def run() -> None:
        async with asyncio.timeout(10):
            await asyncio.gather(*(handler(each.scope, each.receive, each.send) for each in exchanges))

    asyncio.run(run())


def test_a_request_is_answered_with_its_query_and_body(handler: ThreadedHandler) -> None:
    exchange = Exchange("/echo?q=oui", b"corps ")
    answer(handler, exchange)
    assert (exchange.status, exchange.content) == (200, b"corps oui")


def test_a_failing_view_is_an_error_page_and_the_next_one_is_answered(
    handler: ThreadedHandler, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["localhost"]
    monkeypatch.setattr(handler, "handle_uncaught_exception", lambda *args: HttpResponse(status=500))
    exchanges = [Exchange("/breaks"), Exchange("/echo?q=1")]
    for exchange in exchanges:
        answer(handler, exchange)
    assert [exchange.status for exchange in exchanges] == [500, 200]


def test_requests_are_worked_on_from_first_signal_to_last_in_the_few_threads_that_stay(
    handler: ThreadedHandler,
) -> None:
    def note(**kwargs: Any) -> None:
        seen.append(threading.current_thread().name)

    signals.request_started.connect(note)
    signals.request_finished.connect(note)
    try:
        for _ in range(5):
            answer(handler, Exchange("/echo"))
        assert len(seen) == 15
        for n in range(0, 15, 3):
            assert len(set(seen[n : n + 3])) == 1
        answer(handler, *(Exchange("/echo") for _ in range(40)))
    finally:
        signals.request_started.disconnect(note)
        signals.request_finished.disconnect(note)
    assert len(set(seen)) <= THREADS
    assert all(name.startswith("web") for name in seen)


def test_a_file_is_read_in_the_threads_and_sent_whole(handler: ThreadedHandler) -> None:
    exchange = Exchange("/file")
    answer(handler, exchange)
    assert exchange.content == b"0\n1\n2\n"
    assert all(name.startswith("web") for name in seen)


def test_open_streams_take_no_thread_and_clean_up_when_their_listener_leaves(
    handler: ThreadedHandler,
) -> None:
    streams = [Exchange("/stream", leave_after=10) for _ in range(3 * THREADS)]
    page = Exchange("/echo?q=page")
    answer(handler, *streams, page)
    assert page.content == b"page"
    assert all(each.content.startswith(b"event\nevent\n") for each in streams)
    assert seen.count("cleaned up") == len(streams)


class Noting(Exchange):
    """Notes when the whole answer was sent."""

    async def send(self, message: dict[str, Any]) -> None:
        await super().send(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            seen.append("sent")


def test_work_for_afterwards_is_done_in_a_thread_once_all_is_sent(handler: ThreadedHandler) -> None:
    exchange = Noting("/later")
    answer(handler, exchange)
    assert exchange.content == b"page"
    assert seen == ["sent", "first in web", "second in web"]


def test_work_for_afterwards_waits_for_the_last_part_of_a_file(handler: ThreadedHandler) -> None:
    exchange = Noting("/file-with-work")
    answer(handler, exchange)
    assert exchange.content == b"0\n1\n2\n"
    assert seen[-2:] == ["sent", "work in web"]


def test_work_that_fails_keeps_nothing_else_from_being_done(handler: ThreadedHandler) -> None:
    answer(handler, Noting("/later?fails=1"), Noting("/echo"))
    assert seen.count("sent") == 2
    assert seen.count("second in web") == 1


def test_work_for_afterwards_gives_its_database_connection_back(
    handler: ThreadedHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.server.handler.close_old_connections", lambda: worked("given back"))
    answer(handler, Noting("/later"), Noting("/echo"))
    assert seen.count("given back in web") == 1
    assert seen.index("given back in web") > seen.index("second in web")


def test_work_for_afterwards_is_done_also_where_the_listener_has_gone(handler: ThreadedHandler) -> None:
    class Gone(Exchange):
        async def send(self, message: dict[str, Any]) -> None:
            raise OSError("gone")

    exchange = Gone("/later")
    with pytest.raises(OSError, match="gone"):
        answer(handler, exchange)
    assert seen == ["first in web", "second in web"]
