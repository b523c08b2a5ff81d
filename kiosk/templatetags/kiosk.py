"""Template filters of the screens."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from django import template
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.html import format_html
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from communes.enums import IncidentKind
from communes.models import Service
from core.templatetags.times import day, day_month, hour_in_sentence
from kiosk.board.types import Card
from kiosk.pictograms import pictogram_of
from kiosk.words import no_walk_in_words, wait_words, was_words

register = template.Library()

LONG = 24
"""Letters: « Marie-Antoinette B. » is large on every board."""


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
def soon_day(value: datetime, now: datetime) -> str:
    """« aujourd’hui », « demain », « jeudi 26 novembre »."""
    days = (timezone.localtime(value).date() - timezone.localtime(now).date()).days
    if days == 0:
        return pgettext("day", "today")
    return pgettext("day", "tomorrow") if days == 1 else day(value)


@register.filter
def end_in_full(value: datetime | None) -> str:
    """The end of a span of days as a voice says it: « 26 novembre » for the midnight after that day, else
    « 26 novembre à 14 h »."""
    if value is None:
        return ""
    at = timezone.localtime(value)
    if at.time() == time():
        return day_month(at.date() - timedelta(days=1))
    return _("%(day)s at %(time)s") % {"day": day_month(at), "time": hour_in_sentence(value)}


@register.filter
def ms(value: datetime | None) -> int | str:
    """Milliseconds since the epoch, as scripts use them."""
    return round(value.timestamp() * 1000) if value else ""


@register.filter
def spaced(number: str) -> str:
    """« 482 913 »."""
    return f"{number[:3]}\N{NO-BREAK SPACE}{number[3:]}"


@register.filter
def waits(card: Card, phone: str) -> list[str]:
    """What the card says to the resident who waits; `phone`: that of the place."""
    return wait_words(card.wait, phone=phone) if card.wait else []


@register.filter
def no_walk_in(card: Card) -> str:
    """Why nobody without an appointment can begin in this free cabin."""
    return no_walk_in_words(card.no_walk_in) if card.no_walk_in else ""


@register.filter
def is_long(card: Card) -> bool:
    """Whether a name on it takes so many letters that they must be smaller."""
    return max(len(card.cabin.name), len(card.who.name) if card.who else 0) > LONG


@register.filter
def was(card: Card, now: datetime) -> str:
    """What the card says while the screen has no connection."""
    return was_words(card, until=until_in_sentence(card.until, now))


@register.simple_tag
def service_name(service: Service) -> str:
    """Its name in the language of the screen; if the commune gives none, in French, marked as such."""
    lang = get_language() or "fr"
    name = service.name if lang == "fr" else service.names.get(lang, "").strip()
    return name or format_html('<span lang="fr">{}</span>', service.name)


@register.filter
def pictogram(service: Service) -> str:
    """The static path of the drawing for a service."""
    return pictogram_of(service.theme, service.pictogram, service.name)


@register.filter
def fault_name(kind: IncidentKind) -> str:
    """What does not work, as a button says it."""
    return {
        IncidentKind.SCREEN: pgettext("fault", "The screen"),
        IncidentKind.SCANNER: pgettext("fault", "The scanner"),
        IncidentKind.PRINTER: pgettext("fault", "The printer"),
        IncidentKind.VIDEO: pgettext("fault", "The video call"),
        IncidentKind.KIT: pgettext("fault", "The medical instruments"),
        IncidentKind.DOOR: pgettext("fault", "The door"),
        IncidentKind.CLEANLINESS: pgettext("fault", "It is not clean"),
    }[kind]
