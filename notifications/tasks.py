"""Tasks of this app, and the function by which other apps ask for a sweep."""

import logging
import time

from django.db import DatabaseError
from django.tasks import task

from communes.models import Commune
from core import clock
from notifications import actions, alarms
from notifications.actions import (
    forget_call_results,
    forget_receipts,
    move_to_present_key,
    plan_erasures,
)
from notifications.alarms.mail import mail_alarm
from notifications.models import ProviderAlarm
from notifications.sending import sweep_request
from notifications.sending.sweep import sweep

logger = logging.getLogger(__name__)

ERASING_S = 240
"""How many seconds a night may take to have texts deleted; the next night goes on."""


def request_sweep() -> None:
    """Have a sweep run soon, unless one is already waiting. If the request is lost, the next sweep is a
    minute away."""
    try:
        if sweep_request.claim():
            sweep_now.enqueue()
    except DatabaseError:
        logger.warning("No sweep could be asked for; the one of this minute will look.", exc_info=True)


@task
def sweep_now() -> None:
    """A requested sweep: plan and send for what has just been written."""
    _sweep(thorough=False)


@task
def sweep_all() -> None:
    """The sweep of each minute: it also looks for reminders, which nobody requests."""
    _sweep(thorough=True)


def _sweep(*, thorough: bool) -> None:
    is_done = sweep(now=clock.now(), thorough=thorough)
    if not is_done:
        request_sweep()
    for alarm_id in alarms.claim_unwarned(now=clock.now()):
        warn_managers.enqueue(alarm_id)


@task(queue_name="long")
def tidy_up() -> None:
    """Each night: delete old webhook receipts and results of calls, and hash numbers again where the key has
    changed."""
    forget_receipts(now=clock.now())
    forget_call_results(now=clock.now())
    for commune in Commune.objects.all():
        move_to_present_key(commune=commune)


@task(queue_name="long")
def erase_at_providers() -> None:
    """Each night: have the providers delete the texts and calls that the commune keeps no longer."""
    now = clock.now()
    for commune in Commune.objects.all():
        plan_erasures(commune=commune, now=now)
    erased, left = actions.erase_at_providers(now=now, stop_at=time.monotonic() + ERASING_S)
    logger.info("erasures: %s deleted at the provider, %s left for another night", erased, left)


@task(queue_name="long")
def erase_at_providers_now() -> None:
    """Right after somebody was erased: have their texts and calls deleted. What is refused, the nights ask
    for again."""
    erased, left = actions.erase_at_providers(now=clock.now(), stop_at=time.monotonic() + ERASING_S)
    logger.info("erasures: %s deleted at the provider, %s left for the night", erased, left)


@task
def warn_managers(alarm_id: int) -> None:
    """Write to the managers whom an alarm of the provider concerns, unless the alarm is over."""
    alarm = ProviderAlarm.objects.select_related("commune").filter(pk=alarm_id).first()
    if alarm:
        mail_alarm(alarm)
