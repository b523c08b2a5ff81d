"""The clock of a test process: it stands where the test puts it, and no test reads it unasked.

A test that fetches a page asks for the present through the fixtures `set_clock` and `tuesday`
(tests/conftest.py). One that reads the present without asking fails, since it would depend on the day it
runs; so does one that pretends a present by the settings, which have no effect here. What keeps real time
(sessions, heartbeats, the queue) does not read this clock. Processes that a test starts have a
clock of their own, `PERMANENCE_NOW_FILE`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.conf import settings

from core import clock

type SetClock = Callable[[datetime], None]

_machine = clock._read


def refuse_the_clock() -> None:
    """From here on, whoever reads the present without having asked for a clock fails."""
    clock._read = _refuse


@contextmanager
def stopped_clock(instant: datetime) -> Iterator[SetClock]:
    """The clock stands at this instant; the function that it gives puts it elsewhere."""
    present = instant

    def put(moment: datetime) -> None:
        nonlocal present
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no time zone")
        present = moment

    def read() -> datetime:
        _refuse_settings()
        return present.astimezone(UTC)

    with _reading(read):
        yield put


@contextmanager
def running_clock() -> Iterator[None]:
    """The clock of the machine, and what the settings pretend."""
    with _reading(_machine):
        yield


@contextmanager
def _reading(read: Callable[[], datetime]) -> Iterator[None]:
    before, clock._read = clock._read, read
    try:
        yield
    finally:
        clock._read = before


def _refuse() -> datetime:
    _refuse_settings()
    raise AssertionError(
        "This test reads the present without having asked for it: use the fixture `tuesday` or `set_clock`."
    )


def _refuse_settings() -> None:
    if settings.PERMANENCE_NOW or settings.PERMANENCE_NOW_FILE:
        raise AssertionError("PERMANENCE_NOW is ignored in a test process: use the fixture `set_clock`.")
