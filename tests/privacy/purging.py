"""Processes that the tests of the purge start, and people whose time is over."""

import os
import signal
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any


def forgettable_people(commune: Any, number: int, at: datetime) -> None:
    """So many residents who were recorded at this instant, and never came."""
    from booking.models import Resident

    Resident.objects.bulk_create(
        Resident(commune=commune, first_name="A", last_name="B", search_name="a b", created_at=at)
        for _ in range(number)
    )


def purge_and_die(database: str, commune_id: int, now: datetime, batches: int, *, committed: bool) -> None:
    """Purge, and be killed in or (`committed`) after that batch, with no chance to tidy up."""
    _set_up(database)
    from communes.models import Commune
    from privacy import purge, runs
    from privacy.models import PurgeCount
    from privacy.over import Rows

    add, next_ids, seen = runs.add, purge._next_ids, 0

    def dying_add(count: PurgeCount, deleted: int) -> None:
        nonlocal seen
        add(count, deleted)
        seen += 1
        if seen == batches and not committed:
            os.kill(os.getpid(), signal.SIGKILL)

    def dying_next_ids(rows: Rows, commune: Commune | None, limit: datetime, last: int | None) -> list[int]:
        if seen == batches and committed:
            os.kill(os.getpid(), signal.SIGKILL)
        return next_ids(rows, commune, limit, last)

    runs.add, purge._next_ids = dying_add, dying_next_ids
    purge.purge(commune=Commune.objects.get(pk=commune_id), now=now, anyway=True)


def purge_to_the_end(database: str, commune_id: int, now: datetime) -> None:
    _set_up(database)
    from communes.models import Commune
    from privacy.purge import purge

    purge(commune=Commune.objects.get(pk=commune_id), now=now, anyway=True)


def _set_up(database: str) -> None:
    import django

    import_module("tests.environment")  # before the settings are read
    django.setup()
    from django.db import connection

    from privacy import runs

    connection.settings_dict["NAME"] = database
    runs.LEASE = timedelta(seconds=2)


def remind_and_die(database: str, agent_id: int, now: datetime, where: str) -> None:
    """Write the night's reminders, and be killed at that place."""
    _set_up(database)
    from django.conf import settings

    reminding: Any = import_module("privacy.actions.reminding")
    settings.SENDS_EMAIL = True

    def die(*_args: Any) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    reminding.write_reminders(now=now)
    if where == "before it is claimed":
        die()
    reminding.mail_requests = die
    reminding.remind(agent_id=agent_id, now=now)
