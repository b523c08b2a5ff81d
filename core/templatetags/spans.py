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
    """From when until when, in the commune's local time; whole days are written without hours, and so is
    midnight at either end."""
    first, last = timezone.localtime(start), timezone.localtime(end)
    says = day if first.year == last.year == timezone.localtime(clock.now()).year else day_year
    from_morning, until_evening = first.time() == time(), last.time() == time()
    last_at = last - timedelta(days=1) if until_evening else last
    names = {"from": hour(start), "until": hour(end)}
    if first.date() == last_at.date():
        names["day"] = says(start)
        if from_morning:
            return says(start) if until_evening else _("%(day)s, until %(until)s") % names
        return (
            _("%(day)s, from %(from)s") % names if until_evening else _("%(day)s, %(from)s–%(until)s") % names
        )
    names |= {"first": says(start), "last": says(last_at)}
    if from_morning:
        if until_evening:
            return _("from %(first)s to %(last)s") % names
        return _("from %(first)s to %(last)s, %(until)s") % names
    if until_evening:
        return _("from %(first)s, %(from)s, to %(last)s") % names
    return _("from %(first)s, %(from)s, to %(last)s, %(until)s") % names


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
