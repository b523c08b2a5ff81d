"""A client for many event streams at once, simple enough not to distort the measurement.

It runs in its own thread, so that the caller can write to the database meanwhile.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass
class Stream:
    """One stream: the versions that it received, and when (`time.monotonic`)."""

    path: str
    cookie: str
    told: list[tuple[float, str]] = field(default_factory=list)
    status: int = 0
    is_open: bool = False

    def first(self, wanted: Callable[[str], bool]) -> float | None:
        """When the stream first received a version that `wanted` accepts."""
        return next((at for at, version in list(self.told) if wanted(version)), None)


class Listeners:
    """Streams that stay open until the block ends."""

    def __init__(self, port: int, streams: Iterable[Stream], pace_s: float = 0.0) -> None:
        self.port = port
        self.streams = list(streams)
        self.pace_s = pace_s
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._main.cancel)
        self._thread.join(10)

    def _run(self) -> None:
        self._main = self._loop.create_task(self._listen_all())
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._main)
        self._loop.close()

    async def _listen_all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for stream in self.streams:
                group.create_task(self._listen(stream))
                await asyncio.sleep(self.pace_s)
            await asyncio.sleep(3600)

    async def _listen(self, stream: Stream) -> None:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return
        try:
            writer.write(
                f"GET {stream.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {stream.cookie}\r\n"
                "Accept: text/event-stream\r\n\r\n".encode()
            )
            await writer.drain()
            stream.status = int((await reader.readline()).split()[1])
            while (await reader.readline()).strip():
                pass
            stream.is_open = stream.status == 200
            while line := await reader.readline():
                if line == b"0\r\n":  # the last chunk
                    break
                if line.startswith(b"data: "):
                    stream.told.append((time.monotonic(), line[6:].strip().decode()))
        except (OSError, IndexError):
            pass
        finally:
            stream.is_open = False
            writer.close()


def wait_for(condition: Callable[[], bool], timeout_s: float) -> None:
    """Wait until the condition is true; raises TimeoutError."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    seconds: float


def fetch(port: int, requests: Iterable[tuple[str, str]], at_once: int = 4) -> list[Answer]:
    """Fetch (path, cookie) pairs, `at_once` of them at a time."""

    async def work() -> list[Answer]:
        gate = asyncio.Semaphore(at_once)

        async def one(path: str, cookie: str) -> Answer:
            async with gate:
                return await get(port, path, cookie)

        return await asyncio.gather(*(one(path, cookie) for path, cookie in requests))

    return asyncio.run(work())


async def get(port: int, path: str, cookie: str) -> Answer:
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        await writer.drain()
        answer = await reader.read()
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return Answer(int(head.split()[1]), body, time.monotonic() - began)
