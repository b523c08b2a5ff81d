"""What apps keep beside a resident's own record, and delete when the commune's time for it is over.

An app registers one function in `AppConfig.ready`; the purge of `reporting` calls all of them for each
commune. What hangs from a resident's or an appointment's row needs no function: it goes with the row.
"""

from datetime import datetime
from typing import Any, Protocol


class Forget(Protocol):
    def __call__(self, *, commune: Any, now: datetime) -> int:
        """Delete what `commune` keeps no longer at `now`; how many rows went."""


_forgetters: list[Forget] = []


def register(forget: Forget) -> None:
    """Have `forget` called by each purge. Registering it again changes nothing."""
    if forget not in _forgetters:
        _forgetters.append(forget)


def forget_all(*, commune: Any, now: datetime) -> int:
    """Call what is registered; how many rows went."""
    return sum(forget(commune=commune, now=now) for forget in _forgetters)
