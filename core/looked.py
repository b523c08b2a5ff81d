"""Who is shown to whom: a view says whose identity its page shows, and somebody upstairs writes it down.

This module knows no resident and no log: it collects ids on the request. Where nobody has put a collector
there (`begin`), saying it does nothing. `privacy` puts one there and writes after the answer has left.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

_NAME = "shown_residents"


class Shown(TextChoices):
    """On what somebody was shown."""

    RECORD = "record", _("record of the person")
    CARD = "card", _("the person chosen for an appointment")
    APPOINTMENT = "appointment", _("page of an appointment")
    SLIP = "slip", _("appointment slip")
    MESSAGES = "messages", _("messages of the person")
    HELD = "held", _("all that is kept about the person")
    SEARCH = "search", _("list of a search")
    ALIKE = "alike", _("records that look alike")
    DAY = "day", _("list of a day")
    PAST_DAY = "past_day", _("list of a day that is over")
    CALLS = "calls", _("call list")
    WAITING = "waiting", _("waiting list")
    REPLACING = "replacing", _("appointments to place again")
    JOURNAL = "journal", _("journal of messages")
    ANNOUNCED = "announced", _("messages that a change makes leave")
    LOOKED = "looked", _("who looked")
    LEAVING = "leaving", _("people whose record goes soon")
    REQUESTS = "requests", _("register of requests")


@dataclass(slots=True)
class Collector:
    """What one request has shown: pairs of a kind and a resident's id, each once, in their order."""

    shown: dict[tuple[Shown, int], None] = field(default_factory=dict)


NOBODY = 0
"""In place of an id: a list was shown or handed over, of nobody in particular."""


def begin(request: HttpRequest) -> Collector:
    """Collect what this request shows, also what a copy of it shows that is made later."""
    collector = Collector()
    setattr(request, _NAME, collector)
    return collector


def shows(request: HttpRequest, kind: Shown, residents: Iterable[int | None]) -> None:
    """Say that the answer to this request shows these residents (ids; None is nobody) on that kind of page.
    No query, and no error where nobody listens."""
    collector: Collector | None = getattr(request, _NAME, None)
    if collector is not None:
        collector.shown.update({(kind, pk): None for pk in residents if pk is not None})


def shows_list(request: HttpRequest, kind: Shown) -> None:
    """Say that a list was shown or handed over, of nobody in particular."""
    shows(request, kind, [NOBODY])
