"""Runs the tasks declared with Django's `@task` on django-q2.

The queue named `default` is served by the cluster of that name; any other queue by the cluster
called like it (`Q_CLUSTER["ALT_CLUSTERS"]`). A queued task is a row of the database: enqueuing
inside `atomic()` rolls back with the data. Tasks may run more than once, so they take ids and
are idempotent.
"""

import traceback
from datetime import UTC, datetime
from typing import Any, cast

from django.tasks import Task, TaskResult, TaskResultStatus
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.signals import task_enqueued
from django.utils.json import normalize_json
from django.utils.module_loading import import_string
from django_q.tasks import async_task


class DjangoQBackend(BaseTaskBackend):
    def enqueue(self, task: Task[..., Any], args: Any, kwargs: Any) -> TaskResult[Any, Any]:
        """Store the task by its dotted path; raises TypeError for arguments that are not plain JSON."""
        self.validate_task(task)
        plain_args = cast(list[Any], normalize_json(list(args)))
        plain_kwargs = cast(dict[str, Any], normalize_json(dict(kwargs)))
        task_id = async_task(
            f"{__name__}.{run.__name__}",
            task.module_path,
            plain_args,
            plain_kwargs,
            task_name=task.name,
            cluster=task.queue_name,
        )
        result: TaskResult[Any, Any] = TaskResult(
            task=task,
            id=task_id,
            status=TaskResultStatus.READY,
            enqueued_at=datetime.now(UTC),
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=plain_args,
            kwargs=plain_kwargs,
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
        task_enqueued.send(type(self), task_result=result)
        return result


class TaskFailed(Exception):
    """What went wrong in a task and where, without what the errors say: they quote addresses and numbers."""


def run(path: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Called by the cluster: the task at `path` with its arguments.

    django-q2 writes what is raised into its log and its table, so it is a TaskFailed.
    """
    task = import_string(path)
    if not isinstance(task, Task):
        raise TypeError(f"{path} is not a task.")
    try:
        return task.call(*args, **kwargs)
    except Exception as error:  # noqa: BLE001 whatever it is, it is raised again, without what it says
        raise TaskFailed(f"{path}\n{_without_words(error)}") from None


def _without_words(error: BaseException) -> str:
    """The kind of an error, of those that led to it, and the lines of code; no text of theirs."""
    told, seen = [], set[int]()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        told.append(f"{type(cause).__name__}\n{''.join(traceback.format_tb(cause.__traceback__))}")
        cause = cause.__cause__ or cause.__context__
    return "led to by ".join(told)
