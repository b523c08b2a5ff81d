"""Deletion of what apps keep apart from a resident's own record, after the commune's retention period.

An app registers one function in `AppConfig.ready`; the purge of `reporting` calls all of them for each
commune. Rows that refer to a resident or an appointment need no function: they are deleted with it. An app
that must know of these before they go registers with `register_before`.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Protocol


class Forget(Protocol):
    def __call__(self, *, commune: Any, now: datetime) -> int:
        """Delete what `commune` no longer keeps at `now`; returns how many rows were deleted."""


class BeforeDeletion(Protocol):
    def __call__(self, *, residents: Collection[int], appointments: Collection[int]) -> None:
        """Note what must outlive these residents and appointments, in the transaction that deletes them."""


_forgetters: list[Forget] = []
_before: list[BeforeDeletion] = []


def register(forget: Forget) -> None:
    """Have `forget` called by each purge. Registering it again changes nothing."""
    if forget not in _forgetters:
        _forgetters.append(forget)


def forget_all(*, commune: Any, now: datetime) -> int:
    """Call all registered functions; returns how many rows were deleted."""
    return sum(forget(commune=commune, now=now) for forget in _forgetters)


def register_before(note: BeforeDeletion) -> None:
    """Have `note` called before residents and appointments are deleted."""
    if note not in _before:
        _before.append(note)


def before_deletion(*, residents: Collection[int] = (), appointments: Collection[int] = ()) -> None:
    """Call all functions registered with `register_before`."""
    for note in _before:
        note(residents=residents, appointments=appointments)
