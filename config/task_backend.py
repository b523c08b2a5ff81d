"""Runs the tasks declared with Django's `@task` on django-q2.

The queue named `default` is served by the cluster of that name; any other queue by the cluster
called like it (`Q_CLUSTER["ALT_CLUSTERS"]`). A queued task is a row of the database: enqueuing
inside `atomic()` rolls back with the data. Tasks may run more than once, so they take ids and
are idempotent.
"""

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


def run(path: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Called by the cluster: the task at `path` with its arguments. Its errors end up in django-q2's log."""
    task = import_string(path)
    if not isinstance(task, Task):
        raise TypeError(f"{path} is not a task.")
    return task.call(*args, **kwargs)
