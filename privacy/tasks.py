"""What the worker does for privacy."""

import logging

from django.db import DatabaseError
from django.tasks import task

from communes.models import Commune
from core import clock
from privacy.actions import mail_alarms, raise_alarms, remind, write_reminders
from privacy.alarms import mail_alarm
from privacy.models import PurgeRun
from privacy.purge import purge

logger = logging.getLogger(__name__)


@task(queue_name="long")
def purge_all() -> None:
    """Each night: delete what is kept no longer, in every commune and of the installation. One commune that
    fails keeps no other from it; the error is raised at the end."""
    failed: DatabaseError | None = None
    for commune in [*Commune.objects.order_by("pk"), None]:
        try:
            _purge(commune)
        except DatabaseError as error:
            logger.exception("purge: commune %s failed", commune and commune.pk)
            failed = error
    if failed is not None:
        raise failed


@task
def mail_purge_alarm(run_id: int) -> None:
    """Write to those who should look, unless it has gone on meanwhile."""
    run = PurgeRun.objects.select_related("commune").filter(pk=run_id).exclude(why="").first()
    if run is not None:
        mail_alarm(run)


@task(queue_name="long")
def purge_commune(commune_id: int) -> None:
    """Somebody said to go on with a deletion that had stopped."""
    commune = Commune.objects.filter(pk=commune_id).first()
    if commune is not None:
        _purge(commune)


def _purge(commune: Commune | None) -> None:
    gone = purge(commune=commune, now=clock.now())
    about = commune.pk if commune else "-"
    logger.info("purge: commune %s, %s people, %s visits", about, gone.residents, gone.appointments)
    if gone.stopped:
        logger.error("purge: commune %s: %s", about, gone.stopped)
        if gone.run is not None:
            mail_purge_alarm.enqueue(gone.run.pk)


@task
def each_quarter() -> None:
    """Tell managers of agents who were shown very many people within an hour."""
    now = clock.now()
    if made := raise_alarms(now=now):
        logger.warning("consultations: %s alarms", made)
    mail_alarms(now=now)


@task
def remind_of_requests() -> None:
    """Each night: have an e-mail written to each manager with requests to answer soon, or late."""
    for agent_id in write_reminders(now=clock.now()):
        send_reminder.enqueue(agent_id)


@task
def send_reminder(agent_id: int) -> None:
    """Remind one manager of requests; what does not leave now is tried again in the next night."""
    remind(agent_id=agent_id, now=clock.now())
