"""A purge that is killed anywhere goes on the next night; two at once do no harm."""

import multiprocessing
from datetime import timedelta

import pytest
from django.db import connection

from booking.models import Resident
from privacy import runs
from privacy.enums import RunState
from privacy.models import PurgeCount, PurgeRun
from privacy.purge import BATCH, purge
from tests.factories import TUESDAY, make_commune
from tests.privacy.purging import forgettable_people, purge_and_die, purge_to_the_end

pytestmark = [pytest.mark.crash, pytest.mark.database, pytest.mark.django_db(transaction=True)]

spawn = multiprocessing.get_context("spawn")
LIMIT_S = 120
PEOPLE = 3 * BATCH + 17
LONG_AGO = TUESDAY - timedelta(days=500)
TOMORROW = TUESDAY + timedelta(days=1)


def run(target, *arguments, **named) -> int | None:
    process = spawn.Process(target=target, args=arguments, kwargs=named, daemon=True)
    process.start()
    process.join(LIMIT_S)
    return process.exitcode


def database() -> str:
    return str(connection.settings_dict["NAME"])


@pytest.mark.parametrize("committed", [False, True], ids=["in a batch", "between two"])
def test_a_purge_that_is_killed_goes_on_the_next_night(monkeypatch, committed):
    monkeypatch.setattr(runs, "LEASE", timedelta(0))
    commune = make_commune()
    forgettable_people(commune, PEOPLE, LONG_AGO)
    forgettable_people(commune, 5, TUESDAY)
    assert run(purge_and_die, database(), commune.pk, TUESDAY, 2, committed=committed) == -9
    gone = (2 if committed else 1) * BATCH
    assert Resident.objects.count() == PEOPLE + 5 - gone
    count = PurgeCount.objects.get(kind="residents")
    assert (count.before, count.deleted, count.after) == (PEOPLE + 5, gone, None)

    assert purge(commune=commune, now=TOMORROW, anyway=True).residents == PEOPLE - gone

    killed, done = PurgeRun.objects.order_by("night")
    assert (killed.state, killed.interruptions) == (RunState.INTERRUPTED, 1)
    assert (done.state, done.why) == (RunState.DONE, "")
    assert Resident.objects.count() == 5


def test_killed_and_begun_again_in_the_same_night_it_counts_on(monkeypatch):
    monkeypatch.setattr(runs, "LEASE", timedelta(0))
    commune = make_commune()
    forgettable_people(commune, PEOPLE, LONG_AGO)
    assert run(purge_and_die, database(), commune.pk, TUESDAY, 1, committed=True) == -9
    purge(commune=commune, now=TUESDAY + timedelta(minutes=10), anyway=True)
    row = PurgeRun.objects.get()
    count = row.counts.get(kind="residents")
    assert (row.state, row.why, row.interruptions) == (RunState.DONE, "", 1)
    assert (count.before, count.deleted, count.created, count.after) == (PEOPLE, PEOPLE, 0, 0)


def test_two_purges_at_once_do_no_harm():
    commune = make_commune()
    forgettable_people(commune, PEOPLE, LONG_AGO)
    forgettable_people(commune, 5, TUESDAY)
    both = [
        spawn.Process(target=purge_to_the_end, args=(database(), commune.pk, TUESDAY), daemon=True)
        for _ in range(2)
    ]
    for each in both:
        each.start()
    for each in both:
        each.join(LIMIT_S)
    assert [each.exitcode for each in both] == [0, 0]
    row = PurgeRun.objects.get()
    assert (row.state, row.why) == (RunState.DONE, "")
    assert row.counts.get(kind="residents").deleted == PEOPLE
    assert Resident.objects.count() == 5
