"""The beginning and the end of a web process, as the server tells them to the application."""

import asyncio
from contextlib import suppress
from typing import Any

from config import systemd


async def live(receive: Any, send: Any) -> None:
    """Answers the server, and gives systemd signs of life in between."""
    alive: asyncio.Task[None] | None = None
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            alive = asyncio.create_task(systemd.live())
            systemd.tell(systemd.READY)
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            systemd.tell(systemd.STOPPING)
            if alive is not None:
                alive.cancel()
                with suppress(asyncio.CancelledError):
                    await alive
            await send({"type": "lifespan.shutdown.complete"})
            return
