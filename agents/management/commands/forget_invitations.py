"""`manage.py forget_invitations`: delete those that nobody accepted in time (each night, by the worker)."""

from typing import Any

from django.core.management.base import BaseCommand

from agents.invitations import forget_expired
from config import clock


class Command(BaseCommand):
    help = "Delete the invitations that nobody accepted in time."

    def handle(self, *args: Any, **options: Any) -> None:
        forget_expired(now=clock.now())
