"""Tasks of this app, run by django-q2."""

from collections.abc import Iterable

from django.core.management import call_command, get_commands
from django.tasks import task

from communes.models import Commune
from config import clock
from notifications import alarms, webhooks
from notifications.actions import forget_strangers, move_to_present_key
from notifications.alarm_mail import mail_alarm
from notifications.models import ProviderAlarm
from notifications.sweep import sweep

NIGHTLY_COMMANDS = ("purge", "forget_invitations", "clearsessions", "axes_reset")
"""Commands of other apps that run each night, by name: this app need not know whose they are. The last
forgets failed logins, whose lock-outs end long before."""


COMMANDS_EACH_QUARTER = ("read_calendars",)


@task
def sweep_now() -> None:
    """Rung by the doorbell: look at what has just been written."""
    _sweep(thorough=False)


@task
def sweep_all() -> None:
    """Each minute: also the reminders, which nothing rings for."""
    _sweep(thorough=True)


def _sweep(*, thorough: bool) -> None:
    sweep(now=clock.now(), thorough=thorough)
    for alarm_id in alarms.to_warn_of(now=clock.now()):
        warn_managers.enqueue(alarm_id)


@task(queue_name="long")
def tidy_up() -> None:
    """Each night: delete what is kept no longer."""
    now = clock.now()
    webhooks.forget_old(now=now)
    for commune in Commune.objects.all():
        move_to_present_key(commune=commune)
        forget_strangers(commune=commune, now=now)
    _run(NIGHTLY_COMMANDS)


@task(queue_name="long")
def look_outside() -> None:
    """Each quarter of an hour: what takes other people's servers, which may be slow."""
    _run(COMMANDS_EACH_QUARTER)


def _run(commands: Iterable[str]) -> None:
    for command in commands:
        if command in get_commands():
            call_command(command)


@task
def warn_managers(alarm_id: int) -> None:
    """Write to the managers whom an alarm of the provider concerns, unless it is over already."""
    alarm = ProviderAlarm.objects.select_related("commune").filter(pk=alarm_id).first()
    if alarm:
        mail_alarm(alarm)
