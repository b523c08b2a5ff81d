"""The worker's task for what several apps share."""

from django.tasks import task

from core import clock
from core.edits import forget_traces


@task
def forget_edit_traces() -> None:
    """Delete what says who edited which record, after a few days."""
    forget_traces(now=clock.now())
