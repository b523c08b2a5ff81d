"""A transaction that lost to a deadlock is tried again, a bounded number of times."""

import threading

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from booking.actions.base import ATTEMPTS, action, is_contention
from booking.errors import SlotTaken
from communes.models import Site
from tests.factories import make_commune, make_site


class Refusal(Exception):
    """As psycopg says it."""

    def __init__(self, sqlstate):
        self.sqlstate = sqlstate


def lost(sqlstate="40P01"):
    try:
        raise OperationalError from Refusal(sqlstate)
    except OperationalError as error:
        return error


@pytest.fixture
def no_waiting(monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr("booking.actions.base.time.sleep", waits.append)
    return waits


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_a_loser_is_tried_again_in_a_new_transaction(no_waiting, sqlstate):
    tries = []

    @action
    def verb(*, errors):
        tries.append(transaction.get_connection().in_atomic_block)
        if errors:
            make_commune(name="half done")
            raise errors.pop()
        return "done"

    assert verb(errors=[lost(sqlstate), lost(sqlstate)]) == "done"
    assert tries == [True] * 3
    assert len(no_waiting) == 2
    assert not Site.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_gives_up_after_a_few_times(no_waiting):
    tries = []

    @action
    def verb():
        tries.append(1)
        raise lost()

    with pytest.raises(OperationalError):
        verb()
    assert len(tries) == ATTEMPTS
    assert no_waiting[-1] > no_waiting[0]  # longer as it goes on
    assert sum(no_waiting) < 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "error", [OperationalError("disk full"), lost("57014"), SlotTaken(), IntegrityError()]
)
def test_other_errors_are_not_tried_again(no_waiting, error):
    tries = []

    @action
    def verb():
        tries.append(1)
        raise error

    with pytest.raises(type(error)):
        verb()
    assert len(tries) == 1


@pytest.mark.django_db(transaction=True)
def test_inside_another_transaction_only_the_whole_could_be_tried_again(no_waiting):
    tries = []

    @action
    def verb():
        tries.append(1)
        raise lost()

    with pytest.raises(OperationalError), transaction.atomic():
        verb()
    assert len(tries) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_that_deadlock_are_both_done():
    """Each takes one site, waits for the other to have taken its own, and wants the other's.

    On SQLite the second waits from the start for the only lock, so that they cannot meet.
    """
    commune = make_commune()
    sites = [make_site(commune).pk, make_site(commune).pk]
    meet = threading.Barrier(2)
    tries = {0: 0, 1: 0}
    answers = []

    @action
    def take_both(*, first):
        tries[first] += 1
        for step in (first, 1 - first):
            Site.objects.filter(pk=sites[step]).update(phone=str(first))
            if step == first and tries[first] == 1 and connection.vendor == "postgresql":
                meet.wait(20)
        return "done"

    def run(first):
        try:
            answers.append(take_both(first=first))
        except OperationalError as error:
            answers.append(is_contention(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(first,)) for first in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == ["done", "done"]
    assert sum(tries.values()) == (3 if connection.vendor == "postgresql" else 2)
    assert len(set(Site.objects.values_list("phone", flat=True))) == 1
