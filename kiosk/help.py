"""« Appeler un agent »: who calls, who sees it, who answers."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from agents.models import Agent, Membership
from communes.actions import bump_sites
from core.days import day_span
from core.roles import Role
from kiosk.models import HelpCall, Screen

UNANSWERED = timedelta(minutes=2)
"""After that the screen shows the mairie's phone in large type."""

GIVEN_UP = timedelta(minutes=15)
"""A call that nobody answered leaves the screen; agents see it for longer (FORGOTTEN)."""

ANSWER_SHOWN = timedelta(minutes=2)
FORGOTTEN = timedelta(hours=1)


@transaction.atomic
def call_help(*, screen: Screen, now: datetime) -> HelpCall:
    """Ring the agents of the site; pressing again while a call is open rings no second time."""
    bump_sites([screen.site_id])
    waiting = HelpCall.objects.open().filter(screen=screen)
    if call := waiting.filter(called_at__gt=now - GIVEN_UP).first():
        return call
    # One that was given up on the screen is the same to agents: two would ring them for one.
    waiting.update(withdrawn_at=now)
    return HelpCall.objects.create(
        commune_id=screen.site.commune_id,
        site_id=screen.site_id,
        cabin_id=screen.cabin_id,
        screen=screen,
        called_at=now,
    )


@transaction.atomic
def withdraw_help(*, screen: Screen, now: datetime) -> None:
    """The resident needs no one any more, or has seen that someone comes."""
    bump_sites([screen.site_id])
    HelpCall.objects.filter(screen=screen, withdrawn_at=None).update(withdrawn_at=now)


@transaction.atomic
def answer_help(*, call: HelpCall, agent: Agent, now: datetime) -> bool:
    """Say that someone comes; False when a colleague was faster or the call was withdrawn."""
    bump_sites([call.site_id])
    answered = HelpCall.objects.open().filter(pk=call.pk)
    return bool(answered.update(answered_at=now, answered_by=agent))


def call_on_screen(screen: Screen, now: datetime) -> HelpCall | None:
    """The call that this screen speaks of, if any."""
    waits = Q(answered_at=None, called_at__gt=now - GIVEN_UP)
    calls = HelpCall.objects.filter(waits | Q(answered_at__gt=now - ANSWER_SHOWN))
    return calls.filter(screen=screen, withdrawn_at=None).first()


def changes_at(call: HelpCall | None) -> list[datetime]:
    """When the screen will say something else about the call."""
    if call is None:
        return []
    if call.answered_at:
        return [call.answered_at + ANSWER_SHOWN]
    return [call.called_at + UNANSWERED, call.called_at + GIVEN_UP]


def calls_for(membership: Membership, now: datetime) -> list[HelpCall]:
    """Open calls that ring this agent: the desk and managers hear the whole commune, a helper the
    sites where they are on shift today."""
    calls = HelpCall.objects.open().filter(commune_id=membership.commune_id, called_at__gt=now - FORGOTTEN)
    if not membership.roles & {Role.DESK, Role.MANAGER}:
        tz = membership.commune.tz
        start, end = day_span(now.astimezone(tz).date(), tz)
        shifts = membership.agent.shifts.overlapping(start, end)
        calls = calls.filter(site__in=shifts.values("site"))
    return list(calls.select_related("site", "cabin").order_by("called_at"))
