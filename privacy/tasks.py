"""What the worker does for privacy."""

import logging

from django.tasks import task

from communes.models import Commune
from core import clock
from privacy.purge import purge

logger = logging.getLogger(__name__)


@task(queue_name="long")
def purge_all() -> None:
    """Each night: delete, in every commune, the data of people whose time is over."""
    now = clock.now()
    for commune in Commune.objects.all():
        gone = purge(commune=commune, now=now)
        logger.info("purge: commune %s, %s people, %s visits", commune.pk, gone.residents, gone.appointments)
