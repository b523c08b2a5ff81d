"""Accounts of a commune's agents, kept by its managers: made, changed, given a new password, ended.

A manager rules over their own commune only. Someone who works for several cannot be given a new
password by one of them: that would hand the others' residents to whoever holds it.
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
from agents.errors import LastManager, WorksElsewhere
from agents.models import Agent, Membership, Shift, ShiftPattern
from communes.actions import bump_sites
from communes.models import Commune, Service

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for one another on paper: i, l, o, 0, 1."""


def temporary_password() -> str:
    """To be said or written down once: four groups of four, about 79 bits."""
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
) -> tuple[Agent, str]:
    """A new agent and the password for their first login, which they must then change."""
    password = temporary_password()
    agent = Agent(username=username, first_name=first_name, last_name=last_name, must_change_password=True)
    agent.add(password)
    membership = Membership.objects.create(agent=agent, commune=commune, **fields)
    membership.skills.set(skills)
    return agent, password


@transaction.atomic
def change_membership(
    *, membership: Membership, fields: Mapping[str, Any], skills: Iterable[Service]
) -> Membership:
    """Roles, skills and hours; raises LastManager rather than leave a commune without one."""
    _lock_commune(membership)
    if membership.is_manager and not fields.get("is_manager", membership.is_manager):
        _keep_a_manager(membership)
    for name, value in fields.items():
        setattr(membership, name, value)
    membership.save(update_fields=list(fields))
    membership.skills.set(skills)
    bump_sites(membership.commune.sites.values_list("pk", flat=True))
    return membership


@transaction.atomic
def reset_password(*, membership: Membership) -> str:
    """A new temporary password; every session of the agent ends, a lock-out too. Raises WorksElsewhere."""
    agent = membership.agent
    if agent.memberships.exclude(pk=membership.pk).exists() or agent.is_superuser:
        raise WorksElsewhere
    password = temporary_password()
    agent.set_password(password)
    agent.must_change_password = True
    agent.save(update_fields=["password", "must_change_password"])
    lift_lockout(username=agent.username)
    return password


@dataclass(frozen=True, slots=True)
class Left:
    """How many coming shifts went; their appointments are found by the query of orphans."""

    shifts: int


@transaction.atomic
def leave(*, membership: Membership, now: datetime) -> Left:
    """End an agent's work for a commune: coming shifts and usual weeks go, the rest stays as it was.

    Whoever works nowhere else can no longer log in. Raises LastManager.
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
    return Left(number)


def _lock_commune(membership: Membership) -> None:
    """Two managers who demote each other at once queue here: one of them stays."""
    bump_sites(membership.commune.sites.values_list("pk", flat=True))
    list(Commune.objects.select_for_update(no_key=True).filter(pk=membership.commune_id))


def _keep_a_manager(membership: Membership) -> None:
    others = Membership.objects.filter(
        commune=membership.commune_id, is_manager=True, agent__is_active=True
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise LastManager
