"""Managers' actions on the accounts of their commune: create, change, reset the password, end.

A manager has rights in their own commune only. They cannot reset the password of an agent who works for
several communes: whoever holds the new password could see the others' residents.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.utils import reset as lift_lockout
from django.db import transaction
from django.db.models import Q

from agents.actions.locks import lock_agents
from agents.errors import LastManager, RoleMissing, WorksElsewhere
from agents.models import Agent, Membership, Shift, ShiftPattern
from communes.actions import bump_sites
from communes.models import Commune, Service
from core.edits import Edit, lock_row, merged, record_name, values_of

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits without those that look alike on paper: i, l, o, 0, 1."""


def temporary_password() -> str:
    """A password to be said or written down once: four groups of four characters, about 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


@transaction.atomic
def create_account(
    *,
    commune: Commune,
    username: str,
    first_name: str,
    last_name: str,
    fields: Mapping[str, Any],
    skills: Iterable[Service] = (),
    password: str | None = None,
) -> tuple[Agent, str]:
    """A new agent and the password for the first login (made up if none is given), to be changed then."""
    password = password or temporary_password()
    agent = Agent(username=username, first_name=first_name, last_name=last_name, must_change_password=True)
    agent.add(password)
    membership = Membership.objects.create(agent=agent, commune=commune, **fields)
    membership.skills.set(skills)
    return agent, password


@transaction.atomic
def change_membership(
    *, membership: Membership, changes: Mapping[str, Any], edit: Edit | None = None
) -> Membership:
    """Change roles, skills and hours; raises LastManager if the commune would have no manager left,
    RoleMissing, RecordGone, EditConflict."""
    _lock_commune(membership)
    row = lock_row(Membership.objects.select_related("agent", "commune"), membership.pk)
    was_manager = row.is_manager
    done = merged(edit, record_name(row), values_of(row, changes), changes)
    fields = [name for name in done if name != "skills"]
    for name in fields:
        setattr(row, name, done[name])
    if not row.roles:
        raise RoleMissing
    if was_manager and not row.is_manager:
        _keep_a_manager(row)
    row.save(update_fields=fields)
    if "skills" in done:
        row.skills.set(done["skills"])
    bump_sites(row.commune.sites.values_list("pk", flat=True))
    return row


@transaction.atomic
def reset_password(*, membership: Membership) -> str:
    """Set and return a new temporary password. All sessions of the agent end, and so does a lock-out.
    Raises WorksElsewhere."""
    agent = membership.agent
    if agent.memberships.exclude(pk=membership.pk).exists() or agent.is_superuser:
        raise WorksElsewhere
    password = temporary_password()
    agent.set_password(password)
    agent.must_change_password = True
    agent.save(update_fields=["password", "must_change_password"])
    lift_lockout(username=agent.username)
    return password


def choose_news(*, agent: Agent, by_email: bool) -> None:
    """Whether the agent is also written to when their shifts change; only an address that is confirmed is."""
    Agent.objects.filter(pk=agent.pk).update(news_by_email=by_email)


@dataclass(frozen=True, slots=True)
class LeavingResult:
    """How many coming shifts were deleted; `planning.orphans` finds the appointments that lost them."""

    shifts: int


@transaction.atomic
def leave(*, membership: Membership, now: datetime) -> LeavingResult:
    """End an agent's work for a commune: delete their coming shifts and end their usual weeks; keep the rest.

    An agent left without any commune can no longer log in. Raises LastManager.
    """
    commune, agent = membership.commune, membership.agent
    _lock_commune(membership)
    lock_agents([agent.pk])
    if membership.is_manager:
        _keep_a_manager(membership)
    coming = Shift.objects.filter(agent=agent, site__commune=commune, starts_at__gt=now)
    number = coming.count()
    coming.delete()
    yesterday = commune.local(now).date() - timedelta(days=1)
    usual = ShiftPattern.objects.filter(agent=agent, site__commune=commune)
    usual.filter(from_on__gt=yesterday).delete()
    usual.filter(Q(until_on=None) | Q(until_on__gt=yesterday)).update(until_on=yesterday)
    membership.delete()
    if not agent.memberships.exists():
        agent.is_active = False
        agent.save(update_fields=["is_active"])
    return LeavingResult(number)


def _lock_commune(membership: Membership) -> None:
    """Lock the commune, so that of two managers who remove each other's role at once, one remains."""
    bump_sites(membership.commune.sites.values_list("pk", flat=True))
    list(Commune.objects.select_for_update(no_key=True).filter(pk=membership.commune_id))


def _keep_a_manager(membership: Membership) -> None:
    others = Membership.objects.filter(
        commune=membership.commune_id, is_manager=True, agent__is_active=True
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise LastManager
