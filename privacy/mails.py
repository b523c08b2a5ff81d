"""The e-mail that reminds a manager of requests to answer: how many and until when, nobody's name."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.mails import link_to, mail_text
from agents.models import Agent
from communes.models import Commune
from core.templatetags.times import day_month_year
from privacy.deadlines import SOON_DAYS
from privacy.enums import RequestState
from privacy.models import RightsRequest


def mail_requests(agent: Agent, communes: Sequence[Commune], now: datetime) -> int:
    """Write what is late and what is to be answered within ten days; returns how many e-mails left: none if
    all was answered meanwhile. Raises OSError where the mail server is away."""
    with translation.override("fr"):
        by_commune = [(commune, list(_lines(commune, now))) for commune in communes]
        lines = [line for _commune, lines in by_commune for line in lines]
        if not lines:
            return 0
        subject = lines[0] if len(lines) == 1 else _("Requests of residents are to be answered")
        context = {
            "agent": agent,
            "communes": [(commune, lines) for commune, lines in by_commune if lines],
            "link": link_to("rights-requests"),
        }
        mail_text(agent.email, _("Permanence: %(what)s") % {"what": subject}, _TEXT, context)
    return 1


_TEXT = "privacy/mail_requests.txt"


def _lines(commune: Commune, now: datetime) -> Iterable[str]:
    """At most two: what is late, and what is to be answered soon, with the first deadline."""
    today = commune.local(now).date()
    rows = RightsRequest.objects.filter(commune=commune, state=RequestState.OPEN)
    due = list(rows.filter(due_on__lte=today + timedelta(days=SOON_DAYS)).values_list("due_on", flat=True))
    if late := sorted(day for day in due if day < today):
        yield ngettext(
            "%(n)s request is late: it was to be answered by %(day)s",
            "%(n)s requests are late: the first one was to be answered by %(day)s",
            len(late),
        ) % _words(late)
    if soon := sorted(day for day in due if day >= today):
        yield _soon(soon) % _words(soon)


def _soon(days: list[date]) -> str:
    if len(set(days)) == 1:
        return ngettext(
            "%(n)s request to answer by %(day)s", "%(n)s requests to answer by %(day)s", len(days)
        )
    return _("%(n)s requests to answer, the first one by %(day)s")


def _words(days: list[date]) -> dict[str, object]:
    return {"n": len(days), "day": day_month_year(days[0])}
