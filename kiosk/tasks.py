"""The worker's tasks for screens."""

from django.tasks import task

from core import clock
from kiosk.digest import send_digests
from kiosk.outages import watch_screens


@task
def each_minute() -> None:
    """Notice screens that went dark or came back, and have technicians told of what is due."""
    watch_screens(now=clock.now())


@task
def each_quarter() -> None:
    """Mail technicians the outages of the day, once their places have closed."""
    send_digests(now=clock.now())
