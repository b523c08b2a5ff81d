"""Tasks declared with Django's decorator, run by django-q2."""

from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.tasks import task, task_backends
from django.tasks.exceptions import InvalidTask
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from booking import tasks as booking_tasks
from config.worker.task_backend import DjangoQBackend, run
from notifications import tasks

ran: list[tuple] = []


@task
def note(*args: object, **kwargs: object) -> None:
    ran.append((args, kwargs))


@task(queue_name="long")
def note_slowly() -> None:
    ran.append(())


def queued() -> list[tuple[str, dict]]:
    return [(row.key, SignedPackage.loads(row.payload)) for row in OrmQ.objects.order_by("id")]


def test_the_settings_name_this_backend():
    assert isinstance(task_backends["default"], DjangoQBackend)


def test_a_task_is_queued_by_its_path_with_plain_arguments(db):
    result = note.enqueue(7, ("a", "b"), flag=True)

    ((cluster, package),) = queued()
    assert (cluster, package["func"]) == ("default", "config.worker.task_backend.run")
    assert package["args"] == ("tests.notifications.test_task_backend.note", [7, ["a", "b"]], {"flag": True})
    assert (result.id, result.args) == (package["id"], [7, ["a", "b"]])


def test_a_long_task_waits_for_the_cluster_of_that_name(db):
    note_slowly.enqueue()

    assert [cluster for cluster, _ in queued()] == ["long"]


def test_what_was_queued_runs(db):
    ran.clear()
    note.enqueue(7, flag=True)
    (_, package) = queued()[0]

    run(*package["args"])

    assert ran == [((7,), {"flag": True})]


@pytest.mark.parametrize("argument", [datetime.now(UTC), object(), {1, 2}])
def test_what_is_not_plain_is_refused_at_once(db, argument):
    with pytest.raises(TypeError):
        note.enqueue(argument)
    assert queued() == []


def test_a_queue_that_does_not_exist_is_refused():
    with pytest.raises(InvalidTask):
        note.using(queue_name="nowhere")


def test_only_tasks_can_be_run():
    with pytest.raises(TypeError):
        run("os.getcwd", [], {})


@pytest.mark.django_db(transaction=True)
def test_enqueuing_rolls_back_with_the_data():
    with transaction.atomic():
        note.enqueue()
        transaction.set_rollback(True)

    assert queued() == []


def test_the_tasks_of_the_product_can_be_found_by_their_path(db, tuesday):
    for each in (tasks.sweep_now, tasks.sweep_all, booking_tasks.each_minute, tasks.tidy_up):
        each.enqueue()

    for _, package in queued():
        run(*package["args"])
