"""The pages from which agents come to somebody's page, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, str | Promise] = {
    "": _("typed, or from elsewhere"),
    "home": _("home"),
    "login": _("login"),
    "desk": _("Book an appointment"),
    "today": _("Today"),
    "today-list": _("Today"),
    "place": _("Today"),
    "waiting-list": _("Waiting"),
    "waiting-join": _("Waiting"),
    "my-day": _("My day"),
    "my-week": _("My week"),
    "my-day-follow-up": _("My day"),
    "my-day-end": _("My day"),
    "call-list": _("To call back"),
    "message-log": _("Log of messages"),
    "replacements": _("Appointments to place again"),
    "resident": _("record of the person"),
    "resident-duplicates": _("records that look alike"),
    "appointment": _("page of an appointment"),
    "appointment-change": _("page of an appointment"),
    "appointment-cancel": _("page of an appointment"),
    "appointment-give": _("page of an appointment"),
    "slip": _("appointment slip"),
    "consultations": _("who looked"),
}


def origin_words(name: str) -> str | Promise:
    """How a page is called, by the name of its address; any other is « another page »."""
    return WORDS.get(name, _("another page"))
