"""Runs the tasks declared with Django's `@task` on django-q2.

Each queue is served by the django-q2 cluster of the same name (`default`, or one of
`Q_CLUSTER["ALT_CLUSTERS"]`). A queued task is a row of the database: a task enqueued inside `atomic()` is
rolled back with the data. Tasks may run more than once, so they take ids and are idempotent.
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
    """Which errors a task met and where, without their messages, which may quote addresses and numbers."""


def run(path: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """The cluster calls this to run the task at `path`.

    django-q2 writes an exception into its log and its table, so every error is raised as TaskFailed.
    """
    task = import_string(path)
    if not isinstance(task, Task):
        raise TypeError(f"{path} is not a task.")
    try:
        return task.call(*args, **kwargs)
    except Exception as error:  # noqa: BLE001 every error is raised again, without its message
        raise TaskFailed(f"{path}\n{_without_words(error)}") from None


def _without_words(error: BaseException) -> str:
    """The type and the traceback of an error and of its causes, without their messages."""
    told, seen = [], set[int]()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        told.append(f"{type(cause).__name__}\n{''.join(traceback.format_tb(cause.__traceback__))}")
        cause = cause.__cause__ or cause.__context__
    return "led to by ".join(told)
