"""Managers' actions on the accounts of their commune: create, change, reset the password.

A manager has rights in their own commune only. They cannot reset the password of an agent who works for
several communes: whoever holds the new password could see the others' residents.
"""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from axes.utils import reset as lift_lockout
from django.db import transaction
from django.db.models import QuerySet

from agents.errors import LastManager, RoleMissing, WorksElsewhere
from agents.models import Agent, Membership
from communes.actions import bump_sites
from communes.enums import SetupChangeKind
from communes.models import Commune, Service
from communes.setup_log import record
from core.edits import Edit, lock_row, merged, plain, record_name, values_of

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
def add_membership(
    *, commune: Commune, agent: Agent, fields: Mapping[str, Any], skills: Iterable[Service] = ()
) -> Membership:
    """Let somebody who has an account already work for this commune, too."""
    membership = Membership.objects.create(agent=agent, commune=commune, **fields)
    membership.skills.set(skills)
    bump_sites(commune.sites.values_list("pk", flat=True))
    return membership


@transaction.atomic
def change_membership(
    *, membership: Membership, changes: Mapping[str, Any], edit: Edit | None = None
) -> Membership:
    """Change roles, skills and hours; raises LastManager if the commune would have no manager left,
    RoleMissing, RecordGone, EditConflict."""
    lock_commune(membership)
    row = lock_row(Membership.objects.select_related("agent", "commune"), membership.pk)
    was_manager = row.is_manager
    done = merged(edit, record_name(row), values_of(row, changes), changes)
    fields = [name for name in done if name != "skills"]
    for name in fields:
        setattr(row, name, done[name])
    if not row.roles:
        raise RoleMissing
    if was_manager and not row.is_manager:
        keep_a_manager(row)
    row.save(update_fields=fields)
    if "skills" in done:
        row.skills.set(done["skills"])
    bump_sites(row.commune.sites.values_list("pk", flat=True))
    return row


@transaction.atomic
def choose_helpers(
    *,
    service: Service,
    helpers: Iterable[Any],
    edit: Edit,
    kind: SetupChangeKind = SetupChangeKind.CHANGED,
) -> None:
    """Say which helpers of the commune can help with a service: rows or ids of `helpers_of`; whoever is none
    of these keeps what they can. It is entered in the log of the service as `kind`. Raises RecordGone (of a
    retired one, too), EditConflict."""
    bump_sites(service.commune.sites.values_list("pk", flat=True))
    list(Commune.objects.select_for_update(no_key=True).filter(pk=service.commune_id))
    row = lock_row(Service.objects.filter(retired_at=None), service.pk)
    known = set(helpers_of(service.commune).values_list("pk", flat=True))
    before = sorted(helpers_of(service.commune).filter(skills=row).values_list("pk", flat=True))
    done = merged(edit, record_name(row), {"helpers": before}, {"helpers": list(helpers)})
    if "helpers" not in done:
        return
    after = sorted(known.intersection(plain(done["helpers"])))
    row.skilled.remove(*known.difference(after))
    row.skilled.add(*after)
    record(row, kind, by=edit.by, at=edit.at, before={"helpers": before}, after={"helpers": after})


def helpers_of(commune: Commune) -> QuerySet[Membership]:
    """Who helps in a commune, and can still log in."""
    return Membership.objects.filter(commune=commune, is_helper=True, agent__is_active=True)


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


@transaction.atomic
def change_phone(*, agent: Agent, phone: str, edit: Edit | None = None) -> None:
    """Set the number (E.164) at which the agent is told of faults. Raises EditConflict."""
    row = lock_row(Agent.objects.all(), agent.pk)
    if merged(edit, record_name(row), values_of(row, ["phone"]), {"phone": phone}):
        row.phone = phone
        row.save(update_fields=["phone"])
    agent.phone = row.phone


def choose_news(*, agent: Agent, by_email: bool) -> None:
    """Whether the agent is also written to when their shifts change; only an address that is confirmed is."""
    Agent.objects.filter(pk=agent.pk).update(news_by_email=by_email)


def choose_digest(*, agent: Agent, is_wanted: bool) -> None:
    """Whether a technician is mailed the outages of the day."""
    Agent.objects.filter(pk=agent.pk).update(wants_digest=is_wanted)


def choose_sound(*, agent: Agent, is_wanted: bool) -> None:
    """Whether the agent hears when one of their residents arrives, at whatever browser they log in."""
    Agent.objects.filter(pk=agent.pk).update(wants_sound=is_wanted)
    agent.wants_sound = is_wanted


def lock_commune(membership: Membership) -> None:
    """Lock the commune, so that of two managers who remove each other's role at once, one remains."""
    bump_sites(membership.commune.sites.values_list("pk", flat=True))
    list(Commune.objects.select_for_update(no_key=True).filter(pk=membership.commune_id))


def keep_a_manager(membership: Membership) -> None:
    """Raises LastManager unless somebody else manages the commune and stays."""
    others = Membership.objects.filter(
        commune=membership.commune_id, is_manager=True, agent__is_active=True, last_on=None
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise LastManager
