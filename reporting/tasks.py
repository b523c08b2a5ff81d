"""What the worker does for reporting."""

import logging

from django.tasks import task

from communes.models import Commune
from core import clock
from reporting.cabin_days import write_cabin_days
from reporting.published.closing import close_publication

logger = logging.getLogger(__name__)


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
