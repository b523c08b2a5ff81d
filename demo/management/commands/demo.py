"""`manage.py demo`: load the demonstration commune, or bring it up to the present."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core import clock
from demo.load import DemoRefused, load
from demo.people import PASSWORD
from demo.summary import summary


class Command(BaseCommand):
    help = "Load the demonstration commune (Petit-Quevilly), or bring it up to the present."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force",
            action="store_true",
            help="also where DEBUG is off, with passwords made up and shown once",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["force"]:
            raise CommandError(
                _("This would put invented people into a real installation. If that is wanted: --force.")
            )
        # A password written in the sources must not work on a machine that others can reach.
        password = PASSWORD if settings.DEBUG else secrets.token_urlsafe(12)
        try:
            town = load(now=clock.now(), password=password)
        except DemoRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(summary(town, password))
