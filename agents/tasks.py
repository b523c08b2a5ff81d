"""The worker's tasks for accounts. Links in mails are made here, so that no secret waits in the queue.

If the installation cannot send e-mail (any more), no link is made.
"""

from django.conf import settings
from django.core.management import call_command
from django.tasks import task

from agents.actions.invitations import forget_expired, note_mailed, renew_link
from agents.actions.leaving import close_ended
from agents.email_confirmation import address_token
from agents.guessing import forget_old
from agents.mails import mail_address_check, mail_invitation, mail_password_link
from agents.models import Agent
from agents.sessions import end_sessions
from core import clock


@task
def send_invitation(invitation_id: int) -> None:
    if not settings.SENDS_EMAIL:
        return
    found = renew_link(invitation_id=invitation_id, now=clock.now())
    if found:
        mail_invitation(*found)
        note_mailed(invitation=found[0], now=clock.now())


@task
def send_address_check(agent_id: int) -> None:
    agent = Agent.objects.filter(pk=agent_id, is_active=True, email_confirmed=False).exclude(email="").first()
    if agent and settings.SENDS_EMAIL:
        mail_address_check(agent, address_token(agent))


@task
def send_password_link(agent_id: int) -> None:
    agent = Agent.objects.filter(pk=agent_id, is_active=True, email_confirmed=True).first()
    if agent and settings.SENDS_EMAIL:
        mail_password_link(agent)


@task
def close_accounts() -> None:
    """Each minute: close the memberships whose last day is over, and end the sessions of agents who have no
    other. They are refused from midnight on even if this task comes later."""
    for agent in close_ended(now=clock.now()):
        if not agent.is_active:
            end_sessions(agent)


@task(queue_name="long")
def tidy_up() -> None:
    """Each night: delete expired invitations, ended sessions, old failed logins (their lock-outs are over),
    and addresses from which nobody logged in lately."""
    forget_expired(now=clock.now())
    forget_old(clock.now())
    call_command("clearsessions")
    call_command("axes_reset")
