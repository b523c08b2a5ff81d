"""What becomes of the account of somebody who left: emptied of all that says who they were.

The row stays, since visits, shifts and changes refer to it until they go themselves; it says « former
agent ».
"""

from collections.abc import Collection
from datetime import UTC, datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.sessions import end_sessions
from core.models import EditTrace
from kiosk.models import DigestSent
from planning.calendars.reading import forget as forget_calendar
from planning.models import CalendarFeed, ExternalCalendar, HelperNews

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Where a date must stand and says nothing any more."""


def to_be_emptied() -> QuerySet[Agent]:
    """Accounts of people who work in no commune any more, and have a name still."""
    return Agent.objects.filter(is_active=False, left_on__isnull=False, memberships=None)


def empty_accounts(ids: Collection[int], *, limit: datetime) -> int:
    """Empty these accounts, where their agents left at least so long ago; returns how many."""
    return sum(_empty(pk, limit) for pk in ids)


@transaction.atomic
def _empty(pk: int, limit: datetime) -> int:
    agent = Agent.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    due = to_be_emptied().filter(pk=pk, left_on__lte=limit.date())
    if agent is None or not due.exists():
        return 0
    end_sessions(agent)
    for calendar in ExternalCalendar.objects.filter(agent=agent):
        forget_calendar(calendar)
    for rows in (
        CalendarFeed.objects.filter(agent=agent),
        HelperNews.objects.filter(agent=agent),
        DigestSent.objects.filter(agent=agent),
        EditTrace.objects.filter(by=agent),
    ):
        rows.delete()
    agent.groups.clear()
    agent.user_permissions.clear()
    Agent.objects.filter(pk=pk).update(
        username=f"ancien-{pk}",
        first_name=_("former agent").capitalize(),
        last_name="",
        email="",
        phone="",
        password=make_password(None),
        last_login=None,
        date_joined=EPOCH,
        password_mailed_at=None,
        email_confirmed=False,
        must_change_password=False,
        news_by_email=False,
        wants_digest=False,
        wants_sound=False,
        left_on=None,
    )
    return 1
