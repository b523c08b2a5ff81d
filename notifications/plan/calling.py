"""By when the desk must have reached a person, and when it calls again. Pure.

The call list is ordered by the hour at which the person must know. A letter needs days, so it counts from the
last day on which it can be posted.
"""

from datetime import date, datetime, time, timedelta

from notifications.plan.hours import Calendar, CallHours, Urgency, calling_day_before, next_time

LETTER_DAYS = 3
"""Delivery days (Monday to Saturday, no public holiday) that an ordinary letter takes."""
LAST_COLLECTION = time(15)
RETRY_AFTER = timedelta(hours=1)
THINKING = timedelta(hours=24)
"""How long somebody who was told may think it over before the desk calls again."""
RETRY_AT_LEAST = timedelta(minutes=10)
RETRY_STEP = timedelta(minutes=5)


def post_on(calendar: Calendar, know_by: datetime) -> date:
    """The last day to post a letter that arrives at the latest on the day before `know_by`."""
    return calling_day_before(calendar, calendar.local(know_by).date(), LETTER_DAYS + 1)


def post_by(calendar: Calendar, know_by: datetime, now: datetime) -> datetime | None:
    """The last collection on that day; None if it is over, so that no letter arrives in time."""
    at = datetime.combine(post_on(calendar, know_by), LAST_COLLECTION, calendar.time_zone)
    return at if at > now else None


def retry_at(
    calendar: Calendar, now: datetime, know_by: datetime, hours: CallHours, after: timedelta = RETRY_AFTER
) -> datetime:
    """When to call again after no answer: in an hour (`after`), sooner where the time is short, at an hour
    when the person may be called. Rounded up to five minutes."""
    left = max(know_by - now, timedelta())
    wished = now + max(min(after, left / 2), RETRY_AT_LEAST)
    allowed = next_time(calendar, wished, Urgency.CALM, hours)
    at = allowed if allowed and (allowed < know_by or know_by <= now) else wished
    over = at - datetime.min.replace(tzinfo=at.tzinfo)
    return at + (-over % RETRY_STEP)
