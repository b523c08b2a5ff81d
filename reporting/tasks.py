"""Tasks of this app, run by the worker."""

from django.tasks import task

from communes.models import Commune
from core import clock
from reporting.purge import purge


@task(queue_name="long")
def purge_all() -> None:
    """Each night: delete, in every commune, the residents whose retention time is over."""
    now = clock.now()
    for commune in Commune.objects.all():
        purge(commune=commune, now=now)
