"""What the worker does for reporting."""

from django.tasks import task

from communes.models import Commune
from core import clock
from reporting.purge import purge


@task(queue_name="long")
def purge_all() -> None:
    """Each night: forget, in every commune, the people whose time is over."""
    now = clock.now()
    for commune in Commune.objects.all():
        purge(commune=commune, now=now)
