"""How the web process answers: each request in one thread out of a few, which stay.

Django's own ASGI handler passes a request back and forth between the event loop and a new thread, once
for each middleware that is not asynchronous and once for the view. As the thread ends with the request, so
does its database connection. Our pages wait for the database only, so here the whole request runs in one go,
as under WSGI, in a thread that keeps its connection. A day's availability takes a fifth less processor time
that way (docs/decisions/0006-one-thread-per-request.md). Only the sending is asynchronous: an open stream of
events takes no thread.

A page is finished even if its client has gone: nothing listens for that while the thread works, so nothing
cancels the request, and its database connection always comes back. Only a stream ends with its listener.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import IO, Any, cast

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import close_old_connections
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from config.server import lifespan
from config.server.bodies import AsgiScope, bounded
from core.afterwards import Work, do, take

THREADS = 4
"""Requests that one process works on at once. More threads would only wait for each other: Python runs one
at a time, and the database answers quickly."""


class ThreadedHandler(ASGIHandler):
    def __init__(self) -> None:
        self.load_middleware(is_async=False)
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="web")

    async def __call__(self, scope: AsgiScope, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan.live(receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"This application serves HTTP, not {scope['type']}.")
        try:
            body = await self.read_body(bounded(receive, scope))
        except RequestAborted:
            return
        with closing(body):
            response, afterwards = await self._in_thread(self._answer, scope, body)
            if not response.streaming:
                try:
                    await self.send_response(response, send)
                finally:
                    if afterwards:
                        await self._in_thread(self._do_afterwards, afterwards)
                return
            try:
                await self._stream(cast(StreamingHttpResponse, response), receive, send)
            finally:
                await self._in_thread(response.close)

    async def _in_thread(self, function: Any, *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.threads, function, *args)

    def _answer(self, scope: AsgiScope, body: IO[bytes]) -> tuple[HttpResponseBase, list[Work]]:
        """Do all that Django does for a request, from its first signal to its last, in this thread. Also
        returns what is to be done once the answer has been sent."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = self.get_response(request) if request is not None else refusal
        assert response is not None
        if response.streaming:
            return response, []  # closed at its end, and its work is done then
        afterwards = take(response)
        response.close()  # its content is complete; this gives the database connection back
        return response, afterwards

    def _do_afterwards(self, works: list[Work]) -> None:
        try:
            do(works)
        finally:
            close_old_connections()  # as at the end of a request: the pool gets it back

    async def _stream(self, response: StreamingHttpResponse, receive: Any, send: Any) -> None:
        """Send a stream until it ends or its client has gone."""
        if not response.is_async:
            parts = cast(Iterator[bytes], response.streaming_content)
            response.streaming_content = self._read_in_thread(parts)
        sending = asyncio.create_task(self.send_response(response, send))
        gone = asyncio.create_task(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait((sending, gone), return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            for task in (sending, gone):
                task.cancel()
            # A cancelled stream cleans up after itself; wait for that.
            await asyncio.gather(sending, gone, return_exceptions=True)

    async def _read_in_thread(self, parts: Iterator[bytes]) -> AsyncIterator[bytes]:
        """The parts of a synchronous stream (a file), read in the threads, as reading may block."""
        while (part := await self._in_thread(next, parts, None)) is not None:
            yield part
