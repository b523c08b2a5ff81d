"""What systemd hears of a process that it supervises: that it is ready, that it lives, that it ends.

The process says so from its own loop, whatever the database or anyone else does: a web process that answers
503 lives. Where nothing listens (`NOTIFY_SOCKET` is not set), nothing is said.
"""

import asyncio
import os
import socket
from contextlib import suppress

READY = "READY=1"
ALIVE = "WATCHDOG=1"
STOPPING = "STOPPING=1"
OFTEN = 3
"""How often a sign of life is given in the time after which systemd misses one."""


def tell(state: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # a name without a file
        address = f"\0{address[1:]}"
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_systemd:
        to_systemd.setblocking(False)
        to_systemd.connect(address)
        to_systemd.sendall(state.encode())


def each_s() -> float | None:
    """After how many seconds the next sign of life is due; None if nobody waits for one."""
    try:
        limit = int(os.environ.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return limit / 1_000_000 / OFTEN if limit > 0 else None


async def live() -> None:
    """Give signs of life from the loop in which this runs, until it is cancelled."""
    pause = each_s()
    while pause is not None:
        tell(ALIVE)
        await asyncio.sleep(pause)
