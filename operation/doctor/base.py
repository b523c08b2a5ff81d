"""The machine, the settings and the database."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core import checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from communes.models import Commune
from core.clock import pretended
from core.outage import FAILURES, FEWEST_FREE_BYTES
from notifications.models import Heartbeat
from operation.doctor.finding import Finding, bad, doubtful, good

MEGABYTE = 1024 * 1024
LITTLE_ROOM = 1024 * MEGABYTE
CLOCKS_APART = timedelta(seconds=5)
"""More is no delay of an answer."""
IN_THE_FUTURE = timedelta(minutes=1)


def settings_are_right() -> Iterator[Finding]:
    about = _("Settings")
    found = checks.run_checks(include_deployment_checks=not settings.DEBUG)
    found = [each for each in found if not each.is_silenced()]
    for each in found:
        if each.is_serious():
            yield bad(about, f"{each.id}: {each.msg}", str(each.hint or _("See README.md, “Configuration”.")))
        else:
            yield doubtful(about, f"{each.id}: {each.msg}", str(each.hint or ""))
    if settings.DEBUG:
        yield doubtful(
            about, _("DEBUG is on: this is no installation for the public."), _("Leave DEBUG unset.")
        )
    elif not found:
        yield good(about, _("“check --deploy” has no remark."))


def disk() -> Iterator[Finding]:
    about = _("Room on the disk")
    folders = {settings.VAR_DIR, settings.BACKUP_FOLDER}
    if connection.vendor == "sqlite":
        folders.add(Path(str(connection.settings_dict["NAME"])).parent)
    for folder in sorted(each for each in folders if each.exists()):
        free = shutil.disk_usage(folder).free
        words = _("%(free)s MB are free for %(folder)s.") % {"free": free // MEGABYTE, "folder": folder}
        if free < FEWEST_FREE_BYTES:
            yield bad(about, words, _("Nothing can be written soon: make room, or give it a larger disk."))
        elif free < LITTLE_ROOM:
            yield doubtful(about, words, _("Make room: backups and the database grow."))
        else:
            yield good(about, words)


def database() -> Iterator[Finding]:
    about = _("Database")
    file = Path(str(connection.settings_dict["NAME"]))
    if connection.vendor == "sqlite" and not file.exists():
        # Opening it would make an empty one.
        yield bad(
            about,
            _("There is no file %s.") % file,
            _("Compare PERMANENCE_VAR and DATABASE_URL; “manage.py migrate” begins a new database."),
        )
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except FAILURES as error:
        yield bad(
            about,
            _("%(kind)s does not answer (%(error)s).")
            % {"kind": connection.display_name, "error": type(error.__cause__ or error).__name__},
            _("Start it; compare DATABASE_URL, the password and the rights of its user."),
        )
        return
    yield good(about, _("%s answers.") % connection.display_name)


def unreadable(error: Exception) -> Finding:
    return bad(
        _("Database"),
        _("Its tables are not those of this version (%s).") % type(error).__name__,
        _("Run “manage.py migrate”, then this again."),
    )


def migrations() -> Iterator[Finding]:
    about = _("Migrations")
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not pending:
        yield good(about, _("All are applied."))
        return
    names = ", ".join(f"{each.app_label}.{each.name}" for each, _backwards in pending[:3])
    names += ", …" if len(pending) > 3 else ""
    yield bad(
        about,
        _("To come: %(number)s (%(names)s).") % {"number": len(pending), "names": names},
        _("Stop web and worker, “manage.py backup”, “manage.py migrate”, start them."),
    )


def clock() -> Iterator[Finding]:
    about = _("Clock")
    here = datetime.now(UTC)
    if pretended():
        yield doubtful(
            about, _("PERMANENCE_NOW is set: all times are pretended."), _("Leave it unset, but for trials.")
        )
    apart = _apart_from_the_server(here)
    if apart is not None and abs(apart) > CLOCKS_APART:
        yield bad(
            about,
            _("It is %s seconds apart from that of the database.") % round(abs(apart.total_seconds())),
            _("Switch on the synchronisation of both machines (timedatectl set-ntp true)."),
        )
        return
    ahead = Heartbeat.objects.filter(name="sweep", at__gt=here + IN_THE_FUTURE).first()
    if ahead is not None:
        minutes = round((ahead.at - here).total_seconds() / 60)
        yield bad(
            about,
            ngettext(
                "The worker’s last sign of life is %s minute in the future: a clock is wrong.",
                "The worker’s last sign of life is %s minutes in the future: a clock is wrong.",
                minutes,
            )
            % minutes,
            _("Compare “date” with the right time (timedatectl set-ntp true), then start the worker again."),
        )
        return
    yield good(about, _("%s in UTC: compare it with a clock that you trust.") % f"{here:%Y-%m-%d %H:%M:%S}")


def _apart_from_the_server(here: datetime) -> timedelta | None:
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there: datetime = cursor.fetchone()[0]
    return there - here


def time_zones() -> Iterator[Finding]:
    about = _("Time zones")
    names = list(Commune.objects.values_list("time_zone", flat=True).distinct().order_by("time_zone"))
    for name in names:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            yield bad(
                about,
                _("%s is not known here.") % name,
                _("Install requirements/base.txt again: the package tzdata is missing."),
            )
            return
    yield good(about, ", ".join(names) or _("No commune yet."))
