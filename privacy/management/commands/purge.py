"""`manage.py purge`: delete what is kept no longer, now; the worker does it each night."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from communes.models import Commune
from core import clock
from privacy.enums import RunTrouble
from privacy.purge import Purged, purge
from privacy.retention import BY_KEY


class Command(BaseCommand):
    help = (
        "Delete what is kept no longer, kind by kind: people some months after their last visit (each "
        "commune sets how many, at most 12), and everything else that is listed on the page « Conservation »."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--commune", metavar="SLUG", help="only this commune")
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and delete nothing")
        parser.add_argument(
            "--anyway", action="store_true", help="go on where the nightly deletion stopped: nothing is wrong"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        communes: list[Commune | None] = [*Commune.objects.order_by("pk"), None]
        if options["commune"]:
            communes = list(Commune.objects.filter(slug=options["commune"]))
            if not communes:
                raise CommandError(_("There is no such commune."))
        stopped = False
        for commune in communes:
            gone = purge(
                commune=commune, now=clock.now(), dry_run=options["dry_run"], anyway=options["anyway"]
            )
            stopped |= bool(gone.stopped)
            for line in self._lines(commune, gone, is_dry=options["dry_run"]):
                self.stdout.write(line)
        if stopped:
            raise CommandError(_("Look at the clock and at the page « Conservation », then use --anyway."))

    def _lines(self, commune: Commune | None, gone: Purged, *, is_dry: bool) -> list[str]:
        said = {
            "commune": commune.name if commune else _("Installation"),
            "residents": gone.residents,
            "visits": gone.appointments,
        }
        if gone.is_busy:
            return [_("%(commune)s: another process is deleting at this moment.") % said]
        if gone.stopped and not gone.kinds:
            why = {"why": RunTrouble(gone.stopped).label}
            return [_("%(commune)s: stopped, nothing was deleted: %(why)s.") % (said | why)]
        would_go = _("%(commune)s: %(residents)s residents and %(visits)s visits would go.")
        went = _("%(commune)s: %(residents)s residents and %(visits)s visits deleted.")
        lines = [(would_go if is_dry else went) % said]
        if gone.stopped:
            lines.append(f"  ! {RunTrouble(gone.stopped).label}")
        for key, number in gone.kinds.items():
            if number:
                lines.append(f"  {BY_KEY[key].name if key in BY_KEY else key}: {number}")
        return lines
