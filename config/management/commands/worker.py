"""`manage.py worker`: the process that runs tasks, keeps the minute, and mends a frozen cluster."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from config.management.commands.migrate import refuse_an_older_database
from config.worker import supervisor
from notifications import checks
from notifications.providers import how_to_configure


class Command(BaseCommand):
    help = "Run the tasks: send messages, let holds lapse, delete what is kept no longer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cluster", choices=supervisor.CLUSTERS, help="used by the worker itself")

    def handle(self, *args: Any, **options: Any) -> None:
        checks.refuse_half_a_provider()
        if not settings.DEBUG and not checks.has_provider():
            raise CommandError(
                "No provider of messages is configured: residents would never be told. "
                f"Set {how_to_configure()}."
            )
        if options["cluster"]:
            supervisor.run_cluster(options["cluster"])
            return
        refuse_an_older_database(DEFAULT_DB_ALIAS)  # once, not again in each cluster
        supervisor.Supervisor().run()
