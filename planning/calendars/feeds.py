"""Calendar feeds in iCalendar (RFC 5545): appointment number and cabin, no resident's name; of an agent, the
shifts too.

An appointment always keeps its UID. SEQUENCE counts the changes that a calendar must show, so that a
calendar program recognises a move or a cancellation. Times are in UTC: no event repeats, so no time zone
must be defined, and Outlook reads no zone whose changes of the clock are listed as dates (RDATE).
"""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from agents.models import Agent, Shift, current
from booking.enums import EventKind
from booking.models import Appointment
from communes.models import Commune, Site
from planning.models import CalendarFeed

BEHIND = timedelta(days=30)

_SHOWS = (
    EventKind.MOVED,
    EventKind.REASSIGNED,
    EventKind.EDITED,
    EventKind.CANCELLING,
    EventKind.CANCEL_UNDONE,
    EventKind.CANCELLED,
    EventKind.RESTORED,
    EventKind.EXTENDED,
    EventKind.GIVEN,
)


@transaction.atomic
def open_feed(
    *, commune: Commune, agent: Agent | None = None, site: Site | None = None, by: Agent, now: datetime
) -> str:
    """Make a new secret for this feed; the earlier secret, if any, stops working."""
    token = secrets.token_urlsafe(32)
    close_feed(commune=commune, agent=agent, site=site)
    CalendarFeed.objects.create(
        commune=commune,
        agent=agent,
        site=site,
        token_hash=CalendarFeed.hash(token),
        created_at=now,
        created_by=by,
    )
    return token


def close_feed(*, commune: Commune, agent: Agent | None = None, site: Site | None = None) -> None:
    CalendarFeed.objects.filter(commune=commune, agent=agent, site=site).delete()


def find_feed(token: str, *, now: datetime) -> CalendarFeed | None:
    """The feed with this secret; None if there is none, or if its agent no longer works for the commune."""
    rows = CalendarFeed.objects.select_related("commune", "agent", "site")
    feed = rows.filter(token_hash=CalendarFeed.hash(token)).first()
    if feed is None or feed.agent is None:
        return feed
    own = feed.agent.memberships.filter(commune=feed.commune).select_related("commune")
    works_here = feed.agent.is_active and bool(current(own, lambda: now))
    return feed if works_here else None


def calendar_of(feed: CalendarFeed, *, host: str, now: datetime) -> bytes:
    """The appointments, and of an agent the shifts, since a month ago: all that are to come."""
    calendar = Calendar()
    calendar.add("prodid", "-//Permanence//permanence//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"Permanence · {feed.agent or feed.site}")
    calendar.add("refresh-interval", timedelta(minutes=15), parameters={"value": "DURATION"})
    for appointment in _appointments(feed, now):
        calendar.add_component(_event(appointment, host))
    for shift in _shifts(feed, now):
        calendar.add_component(_shift_event(shift, feed, host))
    body: bytes = calendar.to_ical()
    return body


def _appointments(feed: CalendarFeed, now: datetime) -> QuerySet[Appointment]:
    whose = {"helper": feed.agent} if feed.agent_id else {"site": feed.site}
    shown = Q(events__kind__in=_SHOWS)
    return (
        Appointment.objects.visible()
        .filter(commune=feed.commune, starts_at__gte=now - BEHIND, **whose)
        .select_related("site", "cabin")
        .annotate(changes=Count("events", filter=shown), changed_at=Max("events__at"))
        .order_by("starts_at", "id")
    )


def _shifts(feed: CalendarFeed, now: datetime) -> QuerySet[Shift]:
    if feed.agent is None:
        return Shift.objects.none()
    mine = Shift.objects.filter(agent=feed.agent, site__commune=feed.commune, ends_at__gt=now - BEHIND)
    return mine.select_related("site")


def _event(appointment: Appointment, host: str) -> Event:
    changed_at: datetime = getattr(appointment, "changed_at", None) or appointment.created_at
    cabin, number = appointment.cabin.name, appointment.spaced_number
    event = Event()
    event.add("uid", f"appointment-{appointment.pk}@{host}")
    event.add("sequence", getattr(appointment, "changes", 0))
    # The stamp is the time of the last change, so that an unchanged feed stays identical to the byte.
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.ends_at)
    event.add("summary", _("Appointment %(number)s · %(cabin)s") % {"number": number, "cabin": cabin})
    event.add("location", _where(appointment.site))
    event.add("status", "CANCELLED" if appointment.is_called_off else "CONFIRMED")
    event.add("class", "PRIVATE")
    return event


def _shift_event(shift: Shift, feed: CalendarFeed, host: str) -> Event:
    """A shift is the frame of a day: it is marked as free, so that the appointments in it can be seen, and
    so that an agent who is absent when their own calendar says busy is not absent from their shifts."""
    event = Event()
    event.add("uid", f"shift-{shift.pk}@{host}")
    event.add("dtstamp", feed.created_at)  # nothing says when a shift changed, and the feed stays identical
    event.add("dtstart", shift.starts_at)
    event.add("dtend", shift.ends_at)
    event.add("summary", _("Shift · %(place)s") % {"place": shift.site.name})
    event.add("location", _where(shift.site))
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def _where(site: Site) -> str:
    return f"{site.name}, {site.address}".rstrip(", ")
