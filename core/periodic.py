"""Tasks that the worker runs periodically. Each app registers its own in `AppConfig.ready`.

The worker (`config/worker/supervisor.py`) enqueues whatever is registered and names no task of an app.
"""

from collections import defaultdict
from enum import Enum, auto
from typing import Any

from django.tasks import Task


class Every(Enum):
    MINUTE = auto()
    QUARTER = auto()
    """Each quarter of an hour."""
    NIGHT = auto()
    """Once between three and four o'clock in the morning (UTC)."""


_tasks: dict[Every, list[Task[..., Any]]] = defaultdict(list)


def register(every: Every, task: Task[..., Any]) -> None:
    """Have `task`, which takes no argument, enqueued that often. Registering it again changes nothing."""
    if task not in _tasks[every]:
        _tasks[every].append(task)


def registered(every: Every) -> tuple[Task[..., Any], ...]:
    """The tasks of that period, in the order in which the apps are installed."""
    return tuple(_tasks[every])
