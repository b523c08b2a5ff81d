"""Stretches of time as people say them: « jeudi 3 décembre, 13:00–18:00 », « 2 h 30 »."""

from datetime import datetime, time, timedelta

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from core import clock
from core.templatetags.times import day, day_year, hour

register = template.Library()


@register.simple_tag
def span(start: datetime, end: datetime) -> str:
    """From when until when, in the commune's local time; whole days are written without hours."""
    first, last = timezone.localtime(start), timezone.localtime(end)
    says = day if first.year == last.year == timezone.localtime(clock.now()).year else day_year
    whole = first.time() == last.time() == time()
    last_day = (last - timedelta(days=1)).date() if whole else last.date()
    if first.date() == last_day:
        if whole:
            return says(start)
        names = {"day": says(start), "from": hour(start), "until": hour(end)}
        return _("%(day)s, %(from)s–%(until)s") % names
    if whole:
        return _("from %(first)s to %(last)s") % {"first": says(start), "last": says(last_day)}
    return _("from %(first)s, %(from)s, to %(last)s, %(until)s") % {
        "first": says(start),
        "from": hour(start),
        "last": says(end),
        "until": hour(end),
    }


@register.simple_tag
def hours(start: datetime, end: datetime) -> str:
    """« 9–12 », « 9:30–12 »: for narrow places where it is clear that hours are meant."""
    return "–".join(hour(at).removesuffix(":00") for at in (start, end))


@register.filter
def duration(minutes: int) -> str:
    """« 45 min », « 2 h », « 2 h 30 »."""
    hours, rest = divmod(minutes, 60)
    if not hours or minutes == 60:
        return _("%(minutes)s min") % {"minutes": minutes}
    if not rest:
        return _("%(hours)s h") % {"hours": hours}
    return _("%(hours)s h %(minutes)s") % {"hours": hours, "minutes": f"{rest:02d}"}
