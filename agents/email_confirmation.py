"""The e-mail address of an agent's account: confirmed by a link, and then usable to reset a password."""

from datetime import datetime, timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.db.models import Q

from agents.models import Agent
from core.edits import Edit, lock_row, merged, record_name, values_of
from core.ids import read_id

LINK_LIFE = timedelta(days=1)
BETWEEN_MAILS = timedelta(minutes=10)
"""Anybody who knows a user name can ask for a new password again and again: at most one mail is sent in
this time."""


@transaction.atomic
def change_address(*, agent: Agent, email: str, edit: Edit | None = None) -> None:
    """Change the address. It cannot be used until the agent has opened the link sent to it. Given again, the
    same address must be confirmed again. Raises EditConflict."""
    row = lock_row(Agent.objects.all(), agent.pk)
    changes = merged(edit, record_name(row), values_of(row, ["email"]), {"email": email})
    if changes or row.email == email:
        row.email, row.email_confirmed = email, False
        row.save(update_fields=["email", "email_confirmed"])
    agent.email, agent.email_confirmed = row.email, row.email_confirmed


def address_token(agent: Agent) -> str:
    """A token for the account's present address, which is part of its signature but not of its text."""
    return _signer(agent).sign(str(agent.pk))


def confirm_address(*, token: str) -> Agent | None:
    """Confirm the address; returns its agent, or None if the link is too old or for another address."""
    number = token.partition(":")[0]
    agent = Agent.objects.filter(pk=read_id(number), is_active=True).first()
    if agent is None or not agent.email:
        return None
    try:
        _signer(agent).unsign(token, max_age=LINK_LIFE)
    except BadSignature:
        return None
    agent.email_confirmed = True
    agent.save(update_fields=["email_confirmed"])
    return agent


def claim_password_mail(*, name: str, now: datetime) -> list[int]:
    """Mark as mailed, and return, the ids of accounts with this user name or confirmed address that were
    not mailed within `BETWEEN_MAILS`."""
    rows = Agent.objects.filter(
        Q(username=name) | Q(email__iexact=name), is_active=True, email_confirmed=True
    )
    due = Q(password_mailed_at=None) | Q(password_mailed_at__lte=now - BETWEEN_MAILS)
    found = rows.filter(due).values_list("pk", flat=True)
    return [pk for pk in found if Agent.objects.filter(due, pk=pk).update(password_mailed_at=now)]


def _signer(agent: Agent) -> TimestampSigner:
    return TimestampSigner(salt=f"agents.address:{agent.email}")
