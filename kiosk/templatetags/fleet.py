"""Words of the pages about screens."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.templatetags.spans import duration
from core.templatetags.times import day, hour
from kiosk.board.types import CabinState, Card
from kiosk.models import ScreenCommand

register = template.Library()

_RIGHT_S = 10
"""Less may as well be the time that the request took."""

_CARDS = {
    CabinState.WAITING: gettext_lazy("waits for a visit"),
    CabinState.EXPECTED: gettext_lazy("waits for a visit"),
    CabinState.LATE: gettext_lazy("waits for a visit"),
    CabinState.ARRIVED: gettext_lazy("a visit is about to begin"),
    CabinState.IN_SESSION: gettext_lazy("in a visit"),
    CabinState.OVERTIME: gettext_lazy("in a visit"),
    CabinState.FREE: gettext_lazy("free"),
    CabinState.CLOSED: gettext_lazy("closed"),
    CabinState.OUT_OF_ORDER: gettext_lazy("out of order"),
}


@register.filter
def since(value: datetime | None, now: datetime) -> str:
    """« 8:52 » today, « hier, 16:40 », « jeudi 12 novembre, 16:40 », in the active time zone."""
    if value is None:
        return ""
    days = (timezone.localtime(now).date() - timezone.localtime(value).date()).days
    if days == 0:
        return hour(value)
    if days == 1:
        return _("yesterday, %(time)s") % {"time": hour(value)}
    return _("%(day)s, %(time)s") % {"day": day(value), "time": hour(value)}


@register.filter
def on_the(value: datetime | None, now: datetime) -> str:
    """« à 8:52 » today, « hier à 16:40 », « jeudi 12 novembre à 16:40 »."""
    if value is None:
        return ""
    days = (timezone.localtime(now).date() - timezone.localtime(value).date()).days
    if days == 0:
        return _("at %(time)s") % {"time": hour(value)}
    if days == 1:
        return _("yesterday at %(time)s") % {"time": hour(value)}
    return _("%(day)s at %(time)s") % {"day": day(value), "time": hour(value)}


@register.filter
def lasting(value: datetime | None, now: datetime) -> str:
    """How long ago: « 3 s », « 12 min », « 1 h 08 », « 9 jours »."""
    if value is None:
        return ""
    span = max(now - value, timedelta())
    if span < timedelta(minutes=1):
        return _("%(n)s s") % {"n": span // timedelta(seconds=1)}
    if span < timedelta(days=1):
        return duration(span // timedelta(minutes=1))
    days = span.days
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


@register.filter
def minutes_of(span: timedelta) -> str:
    """« 4 min », « 1 h 08 »; less than a minute as one."""
    return duration(max(1, span // timedelta(minutes=1)))


@register.filter
def over_at(command: ScreenCommand, now: datetime) -> datetime | None:
    """When what was asked ended or expired; None: it is open."""
    return command.over_at(now)


@register.filter
def exactly(value: datetime) -> str:
    """« 10:00:12 »."""
    return f"{timezone.localtime(value):%H:%M:%S}"


@register.filter
def size_words(size: str) -> str:
    """« 1920 × 1080 »."""
    return size.replace("x", " × ")


@register.filter
def drift_words(seconds: int) -> str:
    """By how much the clock of a machine is wrong: positive, behind."""
    if abs(seconds) < _RIGHT_S:
        return _("right")
    minutes = round(abs(seconds) / 60)
    much = duration(minutes) if minutes else _("%(n)s s") % {"n": abs(seconds)}
    return (_("%(much)s behind") if seconds > 0 else _("%(much)s ahead")) % {"much": much}


@register.filter
def card_words(card: Card) -> str:
    """The state of a cabin, in a word; of its visit, nothing."""
    return str(_CARDS[card.state])
