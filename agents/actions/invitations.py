"""Invitations: a link, sent by e-mail or handed over, with which somebody joins a commune.

Somebody without e-mail gets an account and a first password instead (`agents.actions.accounts`). Somebody
who already works for another commune joins with their existing account.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from agents.errors import AlreadyMember, InvitationOver
from agents.models import Agent, Invitation, Membership
from communes.actions import bump_sites
from communes.models import Commune, Service

INVITATION_LIFE = timedelta(days=7)


@transaction.atomic
def invite(
    *,
    commune: Commune,
    email: str,
    fields: Mapping[str, Any],
    skills: Iterable[Service],
    invited_by: Agent,
    now: datetime,
) -> tuple[Invitation, str]:
    """A new invitation and the secret of a link to hand over. If it has an e-mail address, the worker
    makes another link for the mail."""
    token = _token()
    invitation = Invitation.objects.create(
        commune=commune,
        email=email,
        token_hash=Invitation.hash(token),
        invited_by=invited_by,
        expires_at=now + INVITATION_LIFE,
        **fields,
    )
    invitation.skills.set(skills)
    return invitation, token


def open_invitations(*, now: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(expires_at__gt=now).select_related("commune", "invited_by")


def renew_link(*, invitation_id: int, now: datetime) -> tuple[Invitation, str] | None:
    """Make a new secret for the mail of an invitation. Returns None if the invitation was withdrawn or its
    link was handed over meanwhile.

    If a mail is sent twice, only the link in the last copy works.
    """
    token = _token()
    open_ones = open_invitations(now=now).filter(pk=invitation_id).exclude(email="")
    if not open_ones.update(token_hash=Invitation.hash(token)):
        return None
    return open_ones.get(), token


def note_mailed(*, invitation: Invitation, now: datetime) -> None:
    Invitation.objects.filter(pk=invitation.pk, token_hash=invitation.token_hash).update(mailed_at=now)


def hand_over_link(*, invitation: Invitation, now: datetime) -> str | None:
    """Make a new secret for a link that is handed over instead of mailed. The earlier link stops working,
    and the new one does not confirm an e-mail address. Returns None if the invitation is over."""
    token = _token()
    fields = {"token_hash": Invitation.hash(token), "email": "", "mailed_at": None}
    return token if open_invitations(now=now).filter(pk=invitation.pk).update(**fields) else None


def find_invitation(*, token: str, now: datetime) -> Invitation | None:
    return open_invitations(now=now).filter(token_hash=Invitation.hash(token)).first()


@transaction.atomic
def join(*, invitation: Invitation, agent: Agent, now: datetime) -> Membership:
    """Use up the invitation. Raises InvitationOver, or AlreadyMember, which leaves the invitation open."""
    held = open_invitations(now=now).select_for_update(of=("self",)).filter(pk=invitation.pk).first()
    if held is None:
        raise InvitationOver
    if agent.memberships.filter(commune=held.commune).exists():
        raise AlreadyMember
    membership = Membership.objects.create(
        agent=agent,
        commune=held.commune,
        is_desk=held.is_desk,
        is_helper=held.is_helper,
        is_manager=held.is_manager,
        is_technician=held.is_technician,
        is_elected=held.is_elected,
        weekly_hours=held.weekly_hours,
    )
    membership.skills.set(held.skills.all())
    held.delete()
    bump_sites(membership.commune.sites.values_list("pk", flat=True))
    return membership


@transaction.atomic
def join_as_new(*, invitation: Invitation, agent: Agent, password: str, now: datetime) -> Membership:
    """Join with a new account; a mailed link confirms its address. Raises InvitationOver, NameTaken."""
    agent.email, agent.email_confirmed = invitation.email, bool(invitation.email)
    agent.add(password)
    return join(invitation=invitation, agent=agent, now=now)


def forget_expired(*, now: datetime) -> int:
    return Invitation.objects.filter(expires_at__lte=now).delete()[0]


def _token() -> str:
    return secrets.token_urlsafe(32)
