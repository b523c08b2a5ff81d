"""Whether what is kept no longer is deleted."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.models import Resident
from core import clock
from operation.doctor.finding import Finding, bad, doubtful, good
from privacy.alarms import alarming_runs
from privacy.enums import RunState
from privacy.models import PurgeRun

TWO_NIGHTS = timedelta(hours=50)
"""Two nights, and what a deletion may take."""


def purge() -> Iterator[Finding]:
    about, now = _("Deletion of old data"), clock.now()
    to_do = _("It runs each night in the worker. Read its log, then “manage.py purge --dry-run”.")
    found = list(alarming_runs(now))
    for run in found:
        whose = run.commune.insee_code if run.commune else _("the installation")
        words = (
            _("Stopped for %(whose)s: %(why)s.") if run.state == RunState.STOPPED else "%(whose)s: %(why)s."
        )
        told = words % {"whose": whose, "why": run.get_why_display()}
        yield bad(about, told, _("Compare the clock. If it is right: “manage.py purge --anyway”."))
    last = PurgeRun.objects.filter(began_at__lte=now).aggregate(at=Max("began_at"))["at"]
    if last is None:
        if Resident.objects.filter(created_at__lt=now - TWO_NIGHTS).exists():
            yield bad(about, _("No night has deleted anything yet."), to_do)
        else:
            yield doubtful(about, _("It has not run yet."), _("The worker does it in the night."))
    elif now - last > TWO_NIGHTS:
        nights = (now - last).days
        said = ngettext("It has not run for %s night.", "It has not run for %s nights.", nights) % nights
        yield bad(about, said, to_do)
    elif not found:
        yield good(about, _("It has run in the last two nights."))
