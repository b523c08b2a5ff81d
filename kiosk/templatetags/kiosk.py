"""Template filters of the screens."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from core.templatetags.times import day, hour_in_sentence
from kiosk.pictograms import pictogram_of

register = template.Library()


@register.filter
def clock(value: datetime | None) -> str:
    """« 09:05 »: always five characters, so that times line up."""
    return f"{timezone.localtime(value):%H:%M}" if value else ""


@register.filter
def until(value: datetime | None, now: datetime) -> str:
    """« 13:30 », « demain à 09:00 », « lundi à 09:00 »; of another week, « mercredi 2 décembre à 09:00 »."""
    return _until(value, now, clock)


def until_in_sentence(value: datetime | None, now: datetime) -> str:
    """The same, as a sentence says it: « 13 h 30 », « demain à 9 h »."""
    return _until(value, now, hour_in_sentence)


def _until(value: datetime | None, now: datetime, say: Callable[[datetime], str]) -> str:
    if value is None:
        return ""
    days = (timezone.localtime(value).date() - timezone.localtime(now).date()) // timedelta(days=1)
    words = {"time": say(value), "weekday": WEEKDAYS[timezone.localtime(value).weekday()]}
    if days == 0:
        return words["time"]
    if days >= len(WEEKDAYS):
        return _("%(day)s at %(time)s") % {"day": day(value), **words}
    return _("tomorrow at %(time)s") % words if days == 1 else _("%(weekday)s at %(time)s") % words


@register.filter
def ms(value: datetime | None) -> int | str:
    """Milliseconds since the epoch, as scripts use them."""
    return round(value.timestamp() * 1000) if value else ""


@register.filter
def spaced(number: str) -> str:
    """« 482 913 »."""
    return f"{number[:3]}\N{NO-BREAK SPACE}{number[3:]}"


@register.filter
def pictogram(theme: str) -> str:
    """The static path of the drawing for a theme of support."""
    return pictogram_of(theme)
