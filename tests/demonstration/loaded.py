"""The demonstration, loaded once for all tests of this folder that look at it: it takes seconds.

They are marked `django_db`, so that what each does to it is undone, and `ON_ONE_WORKER`, since each worker
that takes some of them loads it, and nothing else may run there meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from demo.build import Town
from demo.load import load
from demo.people import PASSWORD
from tests.factories import PARIS

TUESDAY_MORNING = datetime(2026, 11, 24, 10, 0, tzinfo=PARIS)
SATURDAY_EVENING = datetime(2026, 11, 21, 20, 16, tzinfo=PARIS)
ON_ONE_WORKER = pytest.mark.xdist_group("demonstration")


class _Undo(Exception):
    pass


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside is taken back."""
    try:
        with transaction.atomic():
            yield
            raise _Undo
    except _Undo:
        pass


@contextmanager
def loaded(now: datetime, blocker: DjangoDbBlocker) -> Iterator[Town]:
    """As `make run` loads it: with DEBUG on, so that the simulator stands for the phones."""
    with override_settings(DEBUG=True), blocker.unblock(), undone():
        yield load(now=now, password=PASSWORD)
