"""`manage.py create_commune`: begins a commune, with its name and clock from the official list."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from communes.actions import create_commune
from communes.errors import CommuneExists
from communes.official_list import OfficialCommune, official_commune, with_name
from communes.opening.holidays import public_holidays
from core import clock
from core.fields import read_phone
from core.insee import department, tidy_code
from core.templatetags.times import day_month


class Command(BaseCommand):
    help = "Begin a commune: its name, department, time zone and public holidays follow from its INSEE code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="INSEE code (76498), or the name if only one commune has it")
        parser.add_argument("--phone", default="", help="phone of the mairie")
        parser.add_argument(
            "--slug", default="", help="short name for commands; otherwise made from the name"
        )

    def handle(self, *, code: str, phone: str, slug: str, **options: Any) -> None:
        found = _official(code)
        try:
            reading = read_phone(phone, insee_code=found.code)
            number = reading.e164 if reading else ""
            commune = create_commune(insee_code=found.code, name=found.name, phone=number, slug=slug)
        except CommuneExists as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        today = clock.now().astimezone(commune.tz).date()
        coming = sorted(
            day for day in public_holidays(found.code, [today.year, today.year + 1]) if day >= today
        )
        place = f"{found.department_name} ({department(found.code)})"
        self.stdout.write(f"{commune.name}, {place}, {commune.insee_code}")
        self.stdout.write(_("Clock: %s") % commune.time_zone)
        self.stdout.write(_("Next public holidays: %s") % ", ".join(day_month(day) for day in coming[:3]))
        self.stdout.write(_("Next: its first manager."))
        self.stdout.write(
            f"  manage.py create_agent --commune {commune.insee_code} --role manager sophie Sophie Lemaire"
        )


def _official(written: str) -> OfficialCommune:
    """Raises CommandError with what comes close."""
    found = official_commune(tidy_code(written))
    if found is None:
        named = with_name(written)
        if len(named) != 1:
            raise CommandError(_not_found(written, named))
        return named[0]
    if found.part_of:
        whole = official_commune(found.part_of)
        raise CommandError(
            _("%(name)s is a part of %(whole)s (%(code)s): create that commune.")
            % {"name": found.name, "whole": whole.name if whole else "", "code": found.part_of}
        )
    return found


def _not_found(written: str, named: list[OfficialCommune]) -> str:
    if not named:
        return _("The official list has no commune %s.") % written
    lines = [f"  {each.code} {each.name}, {each.department_name}" for each in named[:20]]
    return "\n".join([_("Several communes have this name: write the code."), *lines])
