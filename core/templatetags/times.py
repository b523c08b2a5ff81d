"""Days and hours as people say them: « mardi 24 novembre », « 1er décembre », « 10:30 », « 10 h 30 »."""

from datetime import date, datetime, time, timedelta

from django import template
from django.utils import timezone
from django.utils.dates import MONTHS, MONTHS_AP, WEEKDAYS
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()


def _local(value: date | datetime) -> date:
    """The local day in the active time zone, which is the commune's."""
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


def _number(day: date) -> str:
    return "1er" if day.day == 1 and (get_language() or "fr").startswith("fr") else str(day.day)


@register.filter
def day(value: date | datetime | None) -> str:
    """« mardi 24 novembre »."""
    if value is None:
        return ""
    on = _local(value)
    return _("%(weekday)s %(day)s %(month)s") % {
        "weekday": WEEKDAYS[on.weekday()],
        "day": _number(on),
        "month": MONTHS[on.month],
    }


@register.filter
def day_month(value: date | datetime | None) -> str:
    """« 24 novembre »."""
    if value is None:
        return ""
    on = _local(value)
    return _("%(day)s %(month)s") % {"day": _number(on), "month": MONTHS[on.month]}


@register.filter
def day_number(value: date | datetime | None) -> str:
    """« 24 », « 1er »: the day of the month, to follow the weekday."""
    return _number(_local(value)) if value is not None else ""


@register.filter
def end(value: datetime | None) -> str:
    """The end of a span of days: « 27 nov. » for the midnight after that day, else « 27 nov. à 14:00 »."""
    if value is None:
        return ""
    at = timezone.localtime(value)
    if at.time() == time():
        return short_day(at.date() - timedelta(days=1))
    return _("%(day)s at %(hour)s") % {"day": short_day(at), "hour": hour(at)}


@register.filter
def end_in_sentence(value: datetime | None) -> str:
    """« mardi 24 novembre à 18 h »; « jeudi 26 novembre au soir » for the midnight after that day."""
    if value is None:
        return ""
    at = timezone.localtime(value)
    if at.time() == time():
        return _("the end of %(day)s") % {"day": day(at.date() - timedelta(days=1))}
    return _("%(day)s at %(hour)s") % {"day": day(at), "hour": hour_in_sentence(at)}


@register.filter
def short_day(value: date | datetime | None) -> str:
    """« 24 nov. »."""
    if value is None:
        return ""
    on = _local(value)
    return _("%(day)s %(month)s") % {"day": _number(on), "month": MONTHS_AP[on.month]}


@register.filter
def day_year(value: date | datetime | None) -> str:
    """« mardi 24 novembre 2026 »."""
    return f"{day(value)} {_local(value).year}" if value is not None else ""


@register.filter
def day_month_year(value: date | datetime | None) -> str:
    """« 24 novembre 2026 »."""
    return f"{day_month(value)} {_local(value).year}" if value is not None else ""


@register.filter
def month_year(value: date | datetime | None) -> str:
    """« novembre 2026 »."""
    return f"{MONTHS[_local(value).month]} {_local(value).year}" if value is not None else ""


@register.filter
def month(value: date | datetime | None) -> str:
    """« mars »."""
    return str(MONTHS[_local(value).month]) if value is not None else ""


@register.filter
def weekday(value: date | datetime | None) -> str:
    return str(WEEKDAYS[_local(value).weekday()]) if value is not None else ""


@register.filter
def short_weekday(value: date | datetime | None) -> str:
    """« lun. »."""
    return f"{weekday(value)[:3]}." if value is not None else ""


@register.filter
def hour(value: datetime | None) -> str:
    """« 9:00 », « 10:30 »: for tables, tiles, fields and boards. Within a sentence: `hour_in_sentence`."""
    if value is None:
        return ""
    at = timezone.localtime(value)
    return f"{at.hour}:{at.minute:02d}"


@register.filter
def hour_in_sentence(value: datetime | time | None) -> str:
    """« 9 h », « 10 h 30 » in French, with no-break spaces: for sentences and for paper.

    An instant is told in the active time zone, which is the commune's; a `time` is local already.
    """
    if value is None:
        return ""
    at = timezone.localtime(value).time() if isinstance(value, datetime) else value
    text = _("%(hour)s:%(minutes)s") if at.minute else _("%(hour)s:00")
    return text % {"hour": at.hour, "minutes": f"{at.minute:02d}"}
