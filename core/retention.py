"""Deletion of what apps keep apart from a resident's own record, after the commune's retention period.

An app registers its functions in `AppConfig.ready`, each under the kind of `privacy/retention.py` that it
serves; the purge (`privacy/purge.py`) calls all of them for each commune. Rows that refer to a resident or an
appointment need no function: they are deleted with it. An app that must know of these before they go
registers with `register_before`.
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


_forgetters: dict[Forget, str] = {}
_before: list[BeforeDeletion] = []


def register(forget: Forget, *, kind: str = "") -> None:
    """Have `forget` called by each purge, for this kind. Registering it again changes nothing."""
    _forgetters[forget] = kind


def registered() -> dict[Forget, str]:
    """All registered functions, each with its kind."""
    return dict(_forgetters)


def forget_kind(kind: str, *, commune: Any, now: datetime) -> int:
    """Call the functions registered for a kind; returns how many rows were deleted."""
    return sum(forget(commune=commune, now=now) for forget, of in _forgetters.items() if of == kind)


def register_before(note: BeforeDeletion) -> None:
    """Have `note` called before residents and appointments are deleted."""
    if note not in _before:
        _before.append(note)


def before_deletion(*, residents: Collection[int] = (), appointments: Collection[int] = ()) -> None:
    """Call all functions registered with `register_before`."""
    for note in _before:
        note(residents=residents, appointments=appointments)
