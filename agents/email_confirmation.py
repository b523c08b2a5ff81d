"""The e-mail address of an agent's account: proven by a link, then good for a forgotten password."""

from datetime import datetime, timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.db.models import Q

from agents.models import Agent
from core.ids import read_id

LINK_LIFE = timedelta(days=1)
BETWEEN_MAILS = timedelta(minutes=10)
"""Whoever knows a name can ask for its password again and again; one mail in ten minutes leaves."""


def change_address(*, agent: Agent, email: str) -> None:
    """It counts for nothing until the link sent to it has been opened."""
    agent.email, agent.email_confirmed = email, False
    agent.save(update_fields=["email", "email_confirmed"])


def address_token(agent: Agent) -> str:
    """Holds for the address that the account has now, which stands in it only as part of the signature."""
    return _signer(agent).sign(str(agent.pk))


def confirm_address(*, token: str) -> Agent | None:
    """The agent whose address is now proven; None for a link that is too old, or of another address."""
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


def may_be_mailed_a_password_link(*, name: str, now: datetime) -> list[int]:
    """Accounts with this user name or proven address that were not mailed just now; they count as mailed."""
    rows = Agent.objects.filter(
        Q(username=name) | Q(email__iexact=name), is_active=True, email_confirmed=True
    )
    due = Q(password_mailed_at=None) | Q(password_mailed_at__lte=now - BETWEEN_MAILS)
    found = rows.filter(due).values_list("pk", flat=True)
    return [pk for pk in found if Agent.objects.filter(due, pk=pk).update(password_mailed_at=now)]


def _signer(agent: Agent) -> TimestampSigner:
    return TimestampSigner(salt=f"agents.address:{agent.email}")
