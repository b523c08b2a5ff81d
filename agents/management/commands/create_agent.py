"""`manage.py create_agent`: makes accounts, the first manager's above all."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from agents.models import Agent, Membership
from communes.lookup import find_commune
from communes.models import Commune
from core.roles import Role


class Command(BaseCommand):
    help = "Make an account in a commune. Its password is shown this once, and changed at the first login."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("first_name")
        parser.add_argument("last_name")
        parser.add_argument("--commune", required=True, help="slug or INSEE code")
        parser.add_argument(
            "--role", action="append", choices=Role.values, required=True, help="may be given several times"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        commune = _commune(options["commune"])
        password = secrets.token_urlsafe(12)
        agent = Agent(
            username=options["username"],
            first_name=options["first_name"],
            last_name=options["last_name"],
            must_change_password=True,
        )
        agent.set_password(password)
        try:
            agent.full_clean()
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        roles = {f"is_{role}": True for role in options["role"]}
        with transaction.atomic():
            agent.save()
            Membership.objects.create(agent=agent, commune=commune, **roles)
        self.stderr.write(f"Account {agent.username} in {commune}. The password is not kept here:")
        self.stdout.write(password)


def _commune(text: str) -> Commune:
    found = find_commune(text)
    if found is None:
        raise CommandError(f"There is no commune {text!r}.")
    return found
