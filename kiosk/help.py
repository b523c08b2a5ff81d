"""« Appeler un agent »: a resident calls for help on a screen, and agents see and answer it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from agents.models import Agent, Membership
from communes.actions import bump_sites
from core.days import day_span
from core.roles import Role
from kiosk.models import HelpCall, Screen

UNANSWERED = timedelta(minutes=2)
"""After this time without an answer the screen shows a phone number in large type: that of the place, else
that of the mairie."""

GIVEN_UP = timedelta(minutes=15)
"""After this time a call without an answer disappears from the screen. Agents see it until FORGOTTEN."""

ANSWER_SHOWN = timedelta(minutes=2)
FORGOTTEN = timedelta(hours=1)


@transaction.atomic
def call_help(*, screen: Screen, now: datetime) -> HelpCall:
    """Call the agents of the site. Pressing again while a call is open makes no second one."""
    bump_sites([screen.site_id])
    waiting = HelpCall.objects.open().filter(screen=screen)
    if call := waiting.filter(called_at__gt=now - GIVEN_UP).first():
        return call
    # A call that the screen no longer shows is still open for agents; two would ask them for the same person.
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
    """End the call: the resident needs nobody any more, or has seen that someone comes."""
    bump_sites([screen.site_id])
    HelpCall.objects.filter(screen=screen, withdrawn_at=None).update(withdrawn_at=now)


@transaction.atomic
def answer_help(*, call: HelpCall, agent: Agent, now: datetime) -> bool:
    """Note that this agent comes. False if a colleague was faster or the call was withdrawn."""
    bump_sites([call.site_id])
    answered = HelpCall.objects.open().filter(pk=call.pk)
    return bool(answered.update(answered_at=now, answered_by=agent))


def call_on_screen(screen: Screen, now: datetime) -> HelpCall | None:
    """The call that this screen shows, if any."""
    waits = Q(answered_at=None, called_at__gt=now - GIVEN_UP)
    calls = HelpCall.objects.filter(waits | Q(answered_at__gt=now - ANSWER_SHOWN))
    return calls.filter(screen=screen, withdrawn_at=None).first()


def changes_at(call: HelpCall | None) -> list[datetime]:
    """The instants at which the screen will say something else about the call."""
    if call is None:
        return []
    if call.answered_at:
        return [call.answered_at + ANSWER_SHOWN]
    return [call.called_at + UNANSWERED, call.called_at + GIVEN_UP]


def calls_for(membership: Membership, now: datetime) -> list[HelpCall]:
    """The open calls that this agent is told of: the desk and managers see the whole commune, a helper the
    sites where they are on shift today."""
    calls = HelpCall.objects.open().filter(commune_id=membership.commune_id, called_at__gt=now - FORGOTTEN)
    if not membership.roles & {Role.DESK, Role.MANAGER}:
        tz = membership.commune.tz
        start, end = day_span(now.astimezone(tz).date(), tz)
        shifts = membership.agent.shifts.overlapping(start, end)
        calls = calls.filter(site__in=shifts.values("site"))
    return list(calls.select_related("site", "cabin").order_by("called_at"))
