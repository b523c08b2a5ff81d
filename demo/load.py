"""Loads the demonstration, completely or not at all."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from communes.models import Commune
from demo.build import Town, build, pair_screens, publish_rota
from demo.days import DAYS_BEHIND, fill
from demo.faults import past_fault, past_outages
from demo.people import COLLEAGUES
from demo.places import COMMUNE, PLACES
from demo.rota import WEEKS, monday_of
from demo.year import play_years


class DemoRefused(Exception):
    """The database holds data that the demonstration did not make, so it changes nothing."""


@transaction.atomic
def load(*, now: datetime, password: str) -> Town:
    """Make the demonstration, or bring it up to `now`. Raises DemoRefused."""
    commune = Commune.objects.filter(insee_code=COMMUNE["insee_code"]).first()
    _check_that_it_is_ours(commune)
    town = build(now=now, password=password)
    monday = monday_of(town.today)
    first = monday - timedelta(days=DAYS_BEHIND)
    weeks = range(DAYS_BEHIND // 7 + WEEKS)
    publish_rota(town, [first + timedelta(weeks=week) for week in weeks])
    fill(town, fresh=commune is None)
    if commune is None:
        play_years(town, first)
        pair_screens(town)
        past_fault(town)
        past_outages(town)
    return town


def _check_that_it_is_ours(commune: Commune | None) -> None:
    if commune is None:
        names = [colleague.username for colleague in COLLEAGUES]
        taken = Agent.objects.filter(username__in=names).values_list("username", flat=True)
        if taken:
            raise DemoRefused(
                _("Accounts with these names exist already: %(names)s.") % {"names": ", ".join(sorted(taken))}
            )
    elif not commune.sites.filter(ref__in=[place.ref for place in PLACES]).exists():
        raise DemoRefused(
            _("The commune %(name)s exists already, with other places: it is not the demonstration.")
            % {"name": commune.name}
        )
