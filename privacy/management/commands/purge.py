"""`manage.py purge`: delete the residents whose retention time is over."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from communes.models import Commune
from core import clock
from privacy.purge import purge


class Command(BaseCommand):
    help = (
        "Delete personal data some months after the last visit (each commune sets how many, at most 12), and "
        "messages of people who are not recorded, as old."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--commune", metavar="SLUG", help="only this commune")
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and delete nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        communes = Commune.objects.all()
        if options["commune"]:
            communes = communes.filter(slug=options["commune"])
            if not communes:
                raise CommandError(_("There is no such commune."))
        now = clock.now()
        for commune in communes:
            gone = purge(commune=commune, now=now, dry_run=options["dry_run"])
            said = {
                "commune": commune.name,
                "months": commune.retention_months,
                "residents": gone.residents,
                "visits": gone.appointments,
            }
            would_go = _(
                "%(commune)s, %(months)s months: %(residents)s residents and %(visits)s visits would go."
            )
            went = _("%(commune)s, %(months)s months: %(residents)s residents and %(visits)s visits deleted.")
            self.stdout.write((would_go if options["dry_run"] else went) % said)
