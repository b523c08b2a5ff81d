"""The worker's tasks for planning."""

import logging
from datetime import datetime

from django.conf import settings
from django.tasks import task

from communes.models import Commune
from core import clock
from planning.actions.news import agents_to_mail, claim_mail, forget_old, mail_again, tell_of_end
from planning.actions.publishing import rota_ends_soon
from planning.actions.visit_news import tell_of_visits
from planning.calendars.reading import drop_expired_uploads, read_due, read_upload, refresh
from planning.mails import mail_news
from planning.models import CalendarUpload, ExternalCalendar
from planning.replacing import clear_possible_again

logger = logging.getLogger(__name__)


@task
def each_minute() -> None:
    """Take off the call list the appointments that are possible again, delete expired uploads, tell helpers
    of their appointments, and have news mailed."""
    now = clock.now()
    tell_of_visits(now=now)
    clear_possible_again(now=now)
    drop_expired_uploads(now=now)
    if settings.SENDS_EMAIL:
        for agent_id in agents_to_mail(now=now):
            send_news.enqueue(agent_id)


@task
def send_news(agent_id: int) -> None:
    """Mail an agent what changed for them; news that do not leave now are tried again."""
    now = clock.now()
    found = claim_mail(agent_id=agent_id, now=now)
    if not found:
        return
    try:
        mail_news(found)
    except OSError:
        mail_again(news=found, now=now)
        raise


@task
def each_night() -> None:
    """Warn managers of published weeks that end soon, and delete old news."""
    now = clock.now()
    for commune in Commune.objects.all():
        until = rota_ends_soon(commune, now)
        if until is not None:
            tell_of_end(commune=commune, until=until, now=now)
    forget_old(now=now)


@task(queue_name="long")
def read_calendars() -> None:
    """Each quarter of an hour. The calendars are on other servers, which may be slow."""
    logger.info("calendars: %s", read_some(clock.now()))


@task(queue_name="long")
def read_external_calendar(pk: int) -> None:
    now = clock.now()
    calendar = ExternalCalendar.objects.asked_for(now).select_related("agent").filter(pk=pk).first()
    if calendar is not None:
        refresh(calendar, now=now)


@task(queue_name="long")
def read_calendar_upload(pk: int) -> None:
    upload = CalendarUpload.objects.select_related("calendar__agent").filter(pk=pk).first()
    if upload is not None:
        read_upload(upload, now=clock.now())


@task(queue_name="long")
def read_more_calendars(started: str) -> None:
    """Continue a pass over the calendars that began at `started` (ISO 8601)."""
    logger.info("calendars: %s", read_some(datetime.fromisoformat(started)))


def read_some(started: datetime) -> str:
    """Run half a minute of a pass. The rest is queued behind other tasks, such as a file just sent."""
    done = read_due(now=clock.now(), started=started)
    if not done.is_complete:
        read_more_calendars.enqueue(started.isoformat())
    return f"{done.read} of {done.tried} calendars read{'' if done.is_complete else '; the rest follows'}."
