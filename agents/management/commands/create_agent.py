"""`manage.py create_agent`: makes accounts, the first manager's above all."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

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
        # Apart, so that a script can take the password alone.
        said = {"name": agent.username, "commune": commune}
        self.stderr.write(_("Account %(name)s made, in the commune %(commune)s.") % said)
        self.stderr.write(_("Its password is shown only now. At the first login another one must be chosen:"))
        self.stdout.write(password)


def _commune(text: str) -> Commune:
    found = find_commune(text)
    if found is None:
        raise CommandError(
            _("There is no commune “%(text)s”. Begin it first: manage.py create_commune CODE")
            % {"text": text}
        )
    return found
