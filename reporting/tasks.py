"""What the worker does for reporting."""

import logging

from django.tasks import task

from communes.models import Commune
from core import clock
from reporting.cabin_days import write_cabin_days
from reporting.published.closing import close_publication
from reporting.purge import purge

logger = logging.getLogger(__name__)


@task(queue_name="long")
def purge_all() -> None:
    """Each night: delete, in every commune, the data of people whose time is over."""
    now = clock.now()
    for commune in Commune.objects.all():
        gone = purge(commune=commune, now=now)
        logger.info("purge: commune %s, %s people, %s visits", commune.pk, gone.residents, gone.appointments)


@task(queue_name="long")
def write_days() -> None:
    """Each night: write down how long each cabin could be used on the day that is over."""
    write_cabin_days(now=clock.now())


@task(queue_name="long")
def close_publications() -> None:
    """Each night: publish the months whose day has come."""
    now = clock.now()
    for commune in Commune.objects.all():
        if closed := close_publication(commune=commune, now=now):
            logger.info("publication: commune %s, %s months closed", commune.pk, closed)
