"""What rings for a sweep, and several sweeps at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from communes.models import Commune
from notifications import bell, owe
from notifications.enums import State
from notifications.models import Message
from notifications.send import claim
from notifications.sweep import sweep
from tests.factories import TUESDAY, at, make_resident
from tests.notifications.conftest import book_for

FRIDAY = at(10, 30, day=27)

pytestmark = pytest.mark.usefixtures("simulated")


# ---- the doorbell ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_writing_an_event_rings_for_one_sweep_however_many_there_are(cabin, service, fatima):
    from django_q.models import OrmQ

    for n in range(3):
        book_for(fatima, cabin, service, FRIDAY + timedelta(hours=2 * n))

    assert OrmQ.objects.count() == 1
    bell.answer()
    book_for(fatima, cabin, service, FRIDAY + timedelta(days=1))
    assert OrmQ.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_booking_that_is_rolled_back_rings_for_nothing(cabin, service, fatima):
    from django.db import transaction
    from django_q.models import OrmQ

    with transaction.atomic():
        book_for(fatima, cabin, service)
        transaction.set_rollback(True)

    assert OrmQ.objects.count() == 0


# ---- several at once ---------------------------------------------------------------------------------


def at_once[R](threads: int, work: Callable[[], R]) -> list[R]:
    """What came of it in each thread; raises what one of them raised."""
    start = threading.Barrier(threads)

    def one() -> R:
        start.wait(10)
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        working = [pool.submit(one) for _ in range(threads)]
        return [each.result(60) for each in working]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_sweeps_at_the_same_time_tell_nobody_twice(cabin, service, commune: Commune, settings):
    for n in range(40):
        resident = make_resident(commune, f"+33639981{n:03d}")
        book_for(resident, cabin, service, at(8, day=27) + timedelta(hours=n))

    at_once(4, lambda: sweep(now=TUESDAY))
    sweep(now=TUESDAY)

    assert Message.objects.count() == 40
    assert set(Message.objects.values_list("state", "attempts")) == {(State.DELIVERED, 1)}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_message_is_claimed_by_one_only(cabin, service, commune: Commune):
    for n in range(60):
        resident = make_resident(commune, f"+33639982{n:03d}")
        book_for(resident, cabin, service, at(8, day=27) + timedelta(hours=n))
    owe.owe(now=TUESDAY, stop_at=float("inf"))

    def claim_all() -> list[int]:
        mine: list[int] = []
        while rows := claim(now=TUESDAY):
            mine += [row.pk for row in rows]
        return mine

    claimed = [pk for pks in at_once(4, claim_all) for pk in pks]

    assert len(claimed) == len(set(claimed)) == 60
