"""What requests a sweep, and several sweeps at the same time."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.urls import reverse

from booking.actions.base import action
from booking.enums import AskedBy, Reason
from booking.models import Appointment
from communes.models import Commune
from notifications import next_looks
from notifications.actions import report
from notifications.enums import Channel, DeskReason, MessageKind, State
from notifications.models import Message, NextLook
from notifications.providers.base import Receipt
from notifications.sending import plan_messages, sweep_request
from notifications.sending.send import claim, settle
from notifications.sending.sweep import sweep
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
    sweep_request.begin()
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
    plan_messages.plan_messages(now=TUESDAY, stop_at=float("inf"))

    def claim_all() -> list[int]:
        mine: list[int] = []
        while rows := claim(now=TUESDAY):
            mine += [row.pk for row in rows]
        return mine

    claimed = [pk for pks in at_once(4, claim_all) for pk in pks]

    assert len(claimed) == len(set(claimed)) == 60


# ---- the order of locks ------------------------------------------------------------------------------

type Work = Callable[[], object]


def meeting(first: Work, second: Work) -> None:
    """Both at once; raises what one of them raised."""
    with ThreadPoolExecutor(2) as pool:
        working = [pool.submit(closing, each) for each in (first, second)]
        for each in working:
            each.result(60)


def closing(work: Work) -> None:
    try:
        work()
    finally:
        connections.close_all()


def once(work: Work) -> Work:
    """Inside a caller's transaction nothing is tried again: an order that deadlocks is seen."""

    def run() -> None:
        with transaction.atomic():
            work()

    return run


@pytest.fixture
def sent(cabin, service, commune: Commune) -> list[Message]:
    """Two messages that the provider has, of two appointments."""
    for n in range(2):
        book_for(make_resident(commune, f"+3363998130{n}"), cabin, service, at(8 + n, day=27))
    sweep(now=TUESDAY)
    return list(Message.objects.order_by("id"))


def ids_of(messages: list[Message]) -> list[int]:
    return [each.appointment_id for each in messages if each.appointment_id is not None]


def pausing(monkeypatch: pytest.MonkeyPatch, name: str, met: threading.Event) -> None:
    """Half a second, in which the other one comes as far as it can, before a step of `next_looks`."""
    step = getattr(next_looks, name)

    def paused(*args: Any) -> None:
        met.set()
        time.sleep(0.5)
        step(*args)

    monkeypatch.setattr(next_looks, name, paused)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["forget", "plan_next"])
@pytest.mark.parametrize("missing", [{0}, {0, 1}])
@pytest.mark.parametrize("other", ["settle", "report"])
def test_whoever_plans_and_whoever_asks_for_a_look_never_hold_what_the_other_wants(
    sent: list[Message], step: str, missing: set[int], other: str, monkeypatch
):
    ids = ids_of(sent)
    Message.objects.update(state=State.SENDING)
    NextLook.objects.filter(appointment__in=[ids[n] for n in missing]).delete()
    met = threading.Event()
    pausing(monkeypatch, step, met)
    others: dict[str, Work] = {
        "settle": lambda: settle(sent, [Receipt(each.provider_id) for each in sent], now=TUESDAY),
        "report": lambda: [
            report(message_id=each.pk, provider_id=each.provider_id, state=State.DELIVERED, now=TUESDAY)
            for each in sent
        ],
    }

    def asks() -> None:
        assert met.wait(10)
        once(others[other])()

    meeting(once(lambda: plan_messages.plan_appointments(ids, now=TUESDAY)), asks)

    looked_at = NextLook.objects.filter(at=TUESDAY).values_list("appointment", flat=True)
    assert set(looked_at) == set(ids), "whoever asks meanwhile is not overheard"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_what_the_provider_said_is_not_lost_to_someone_who_takes_two_appointments_in_another_order(
    sent: list[Message],
):
    Message.objects.update(state=State.SENDING)
    met = threading.Event()

    @action
    def takes_them_backwards() -> None:
        for pk in reversed(ids_of(sent)):
            Appointment.objects.select_for_update().get(pk=pk)
            met.set()
            time.sleep(0.5)

    def settles() -> None:
        assert met.wait(10)
        settle(sent, [Receipt(each.provider_id, State.DELIVERED) for each in sent], now=TUESDAY)

    meeting(takes_them_backwards, settles)

    assert set(Message.objects.values_list("state", flat=True)) == {State.DELIVERED}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_line_of_the_call_list_that_cancels_does_not_meet_the_sweep_halfway(
    sent: list[Message], dana, client, tuesday, monkeypatch
):
    line = sent[0]
    Message.objects.filter(pk=line.pk).update(
        channel=Channel.DESK, state=State.PENDING, why=DeskReason.NOT_REACHED
    )
    met = threading.Event()
    pausing(monkeypatch, "forget", met)
    client.force_login(dana)
    answers = []

    def cancels() -> None:
        assert met.wait(10)
        address = reverse("call-cancel", args=[line.appointment_id])
        answers.append(client.post(address, {"reason": Reason.CANNOT_COME, "asked_by": AskedBy.RESIDENT}))

    meeting(once(lambda: plan_messages.plan_appointments(ids_of([line]), now=TUESDAY)), cancels)

    line.refresh_from_db()
    assert line.appointment
    assert (answers[0].status_code, line.appointment.status) == (302, "cancelled")
    assert line.state == State.EXPIRED, "it told a time that is no more"
    told = Message.objects.get(appointment=line.appointment, state=State.TOLD)
    assert told.kind == MessageKind.CANCELLATION
