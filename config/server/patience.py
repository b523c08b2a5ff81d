"""Requests are finished even when nobody waits for the answer any more; streams end when their listener goes.

Django cancels a request whose client has gone. Its thread works on regardless, and the end of the request
is then announced where nobody listens any longer, so that its database connection is never given back: a
pool of five was empty after a few impatient clicks on « Recharger », and every page failed from then on
(tried with Django 6.1.3, asgiref 3.13, psycopg-pool 3.3). So Django is told that a client has gone only
once the answer turns out to be a stream; pages take milliseconds, and are finished.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

type Receive = Callable[[], Awaitable[Mapping[str, Any]]]
type Send = Callable[[Mapping[str, Any]], Awaitable[None]]
type Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

_STREAM = b"text/event-stream"


def patient(application: Application) -> Application:
    async def run(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        is_stream = asyncio.Event()
        has_body = False

        async def receive_patiently() -> Mapping[str, Any]:
            nonlocal has_body
            if has_body:
                await is_stream.wait()
            message = await receive()
            has_body = not message.get("more_body", False)
            return message

        async def send_and_look(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                types = [
                    value for name, value in message.get("headers", ()) if name.lower() == b"content-type"
                ]
                if any(value.startswith(_STREAM) for value in types):
                    is_stream.set()
            await send(message)

        await application(scope, receive_patiently, send_and_look)

    return run
