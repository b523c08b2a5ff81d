"""Two communes with a row in every table that can belong to one, and which row is whose: a plain oracle."""

from datetime import timedelta
from typing import Any

from django.db import DatabaseError, models, transaction

from agents.models import Agent
from booking.models import Appointment
from communes.models import Cabin, Commune, Service
from core.models import EditTrace
from tests.factories import at, make_appointment
from tests.upgrades.filled import CHOSEN, WANTED, may_be_left, value_for
from transfer.owned import tables

type Rows = dict[type[models.Model], list[models.Model]]

VALID: dict[str, dict[str, Any]] = {
    **CHOSEN,
    # The demonstration has these already, so that a database filled for upgrades needs no further row.
    "agents.Membership": {"is_desk": True},
    "communes.Service": {"duration_min": 30},
    # Any other fault is of a cabin.
    "communes.Incident": {"kind": "offline"},
}

NAMED = {
    **WANTED,
    # Without it, a row is of no commune: a code that no screen has taken yet, an alarm of the whole
    # account, a message of a commune that was removed.
    "kiosk.PairingCode": "screen",
    "notifications.ProviderAlarm": "commune",
    "notifications.ProviderErasure": "commune",
}

ALWAYS_NAMED = {
    # One a night and commune: a run without a commune is of the installation.
    "privacy.PurgeRun": ("commune", "allowed_by"),
}

OF_NOBODY = {
    # What is kept of logins, of the worker and of releases names no commune.
    "agents.FailedLogin",
    "agents.KnownAddress",
    "kiosk.PageRelease",
    "kiosk.ScreenWatch",
    "notifications.Heartbeat",
    "notifications.WebhookReceipt",
    # Nothing in the product writes these.
    "agents.Agent_groups",
    "agents.Agent_user_permissions",
}


def fill(code: str, name: str) -> Rows:
    """Make a commune and its rows: one of each table with what it must name, and one for each further row
    that it may name."""
    rows: Rows = {}
    commune = Commune.objects.create(name=name, slug=name.lower(), insee_code=code)
    agent = Agent.objects.create_user(username=f"agent-{code}", first_name="Awa")
    rows[Commune], rows[Agent] = [commune], [agent]
    left = [table for table in tables() if table not in rows and table._meta.label not in OF_NOBODY]
    while left:
        done = [table for table in left if _try(table, rows, {})]
        assert done, f"cannot be filled: {[table._meta.label for table in left]}"
        left = [table for table in left if table not in done]
    for table in rows:
        for key in table._meta.concrete_fields:
            if isinstance(key, models.ForeignKey) and key.null and key.related_model in rows:
                _try(table, rows, {key.name: rows[key.related_model][0]})
    rows[EditTrace].append(_trace(f"communes.commune:{commune.pk}", agent))
    return rows


def _trace(record: str, agent: Agent) -> models.Model:
    return EditTrace.objects.create(record=record, names=["name"], by=agent, at="2026-11-24T10:00Z")


def _try(table: type[models.Model], rows: Rows, chosen: dict[str, Any]) -> bool:
    """Make a row of the table, all of whose neighbours are among `rows`. Says whether that was possible."""
    values = {**VALID.get(table._meta.label, {}), **chosen}
    for column in table._meta.concrete_fields:
        is_wanted = column.name == NAMED.get(table._meta.label) and not chosen
        is_wanted |= column.name in ALWAYS_NAMED.get(table._meta.label, ())
        if column.name in values or (may_be_left(column) and not is_wanted):
            continue
        if isinstance(column, models.ForeignKey):
            if column.related_model not in rows:
                return False
            values[column.name] = rows[column.related_model][-1]
        else:
            values[column.name] = value_for(column, not column.name.startswith(("ends", "until", "expire")))
    try:
        with transaction.atomic():
            made = (
                _appointment(rows, chosen) if table is Appointment else table._base_manager.create(**values)
            )
            rows.setdefault(table, []).append(made)
    except DatabaseError:
        return False
    return True


def _appointment(rows: Rows, chosen: dict[str, Any]) -> models.Model:
    """No two may be in a cabin at once."""
    starts_at = at(8) + timedelta(hours=len(rows.get(Appointment, [])))
    return make_appointment(_last(rows, Cabin), _last(rows, Service), starts_at, **chosen)


def _last[M: models.Model](rows: Rows, table: type[M]) -> M:
    found = rows[table][-1]
    assert isinstance(found, table)
    return found
