"""The day's outages by e-mail to technicians: once, when the last of their places has closed."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.mails import link_to, mail_text
from agents.models import Agent, Membership, current
from communes.models import Commune, Site
from communes.open_hours import open_spans
from core.days import day_span
from core.localtime import Span
from core.templatetags.times import day, hour, short_day
from kiosk.models import DigestSent, ScreenOutage
from kiosk.outages import open_time

LATEST = timedelta(hours=3)
"""So long after closing it is still sent: a worker may have stood still."""

BUDGET_S = 10.0
"""No further e-mail is begun after so long: a task that runs for half a minute is ended, and the e-mail it is
about lost. The next quarter sends the others."""

_OF_ONE_ADDRESS = (SMTPRecipientsRefused, SMTPDataError)
"""What a mail server says of one e-mail; all else is about the server itself."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One outage of the day, in opening hours: the screen, from when to when (None: it lasts), and who takes
    care."""

    commune: Commune
    place: str
    screen: str
    began_at: datetime
    ended_at: datetime | None
    minutes: int
    taken_by: str


def send_digests(*, now: datetime) -> int:
    """Send what is due; returns how many e-mails left. Nothing is sent of a day without outages, of a closed
    one, or where the installation sends no e-mail. One address that is refused keeps nobody else from theirs;
    raises its error at the end, and OSError at once where the mail server is away."""
    if not settings.SENDS_EMAIL:
        return 0
    rows = Membership.objects.filter(is_technician=True, agent__is_active=True, agent__wants_digest=True)
    rows = rows.exclude(agent__email="").filter(agent__email_confirmed=True)
    DigestSent.objects.filter(on__lt=now.date() - timedelta(days=30)).delete()
    by_agent: dict[Agent, list[Commune]] = {}
    for each in current(rows.select_related("agent", "commune").order_by("pk"), lambda: now):
        by_agent.setdefault(each.agent, []).append(each.commune)
    sent, refused, stop_at = 0, None, time.monotonic() + BUDGET_S
    for agent, communes in by_agent.items():
        if sent and time.monotonic() >= stop_at:
            break
        today = communes[0].local(now).date()
        # The last place may close after midnight, or on the other side of the world.
        for on in (today - timedelta(days=1), today):
            try:
                sent += _send(agent, communes, on, now)
            except _OF_ONE_ADDRESS as error:
                refused = error
    if refused is not None:
        raise refused
    return sent


def _send(agent: Agent, communes: list[Commune], on: date, now: datetime) -> bool:
    if DigestSent.objects.filter(agent=agent, on=on).exists():
        return False
    hours = {commune.pk: _hours(commune, on) for commune in communes}
    ends = [end for own in hours.values() for spans in own.values() for _start, end in spans]
    if not ends or not max(ends) <= now < max(ends) + LATEST:
        return False
    cuts = [cut for commune in communes for cut in _cuts(commune, hours[commune.pk], now)]
    # It leaves outside of any transaction: a slow mail server would keep everybody from writing.
    if not cuts or not DigestSent.objects.get_or_create(agent=agent, on=on)[1]:
        return False
    try:
        _mail(agent, on, cuts)
    except OSError:  # the next quarter tries again
        DigestSent.objects.filter(agent=agent, on=on).delete()
        raise
    return True


def _mail(agent: Agent, on: date, cuts: list[Cut]) -> None:
    with translation.override("fr"):
        subject = _("Screens: the outages of %(day)s") % {"day": day(on)}
        lines = list(_lines(cuts, on))
        context = {
            "agent": agent,
            "lines": lines,
            "link": link_to("screens"),
            "account": link_to("account"),
        }
        mail_text(agent.email, subject, "screens/mail_digest.txt", context)


def _hours(commune: Commune, on: date) -> dict[int, list[Span]]:
    """Site id → what it opened for on that day, also past midnight; one that never closes has the day."""
    sites = Site.objects.filter(
        commune=commune, is_active=True, screens__revoked_at=None, screens__isnull=False
    )
    around = open_spans(sites.distinct(), commune, on - timedelta(days=1), on + timedelta(days=2))
    whole = day_span(on, commune.tz)
    return {pk: list(_begun(spans, whole)) for pk, spans in around.items()}


def _begun(spans: Iterable[Span], day: Span) -> Iterable[Span]:
    for start, end in spans:
        if end - start <= timedelta(days=1):
            if day[0] <= start < day[1]:
                yield start, end
        elif start < day[1] and day[0] < end:
            yield max(start, day[0]), min(end, day[1])


def _cuts(commune: Commune, hours: dict[int, list[Span]], now: datetime) -> Iterable[Cut]:
    edges = [edge for spans in hours.values() for span in spans for edge in span]
    if not edges:
        return
    lasted = Q(ended_at=None) | Q(ended_at__gt=min(edges))
    rows = ScreenOutage.objects.filter(lasted, began_at__lt=max(edges), screen__site__commune=commune)
    rows = rows.select_related("screen__site", "incident__taken_by")
    for row in rows.order_by("began_at"):
        spans = hours.get(row.screen.site_id, [])
        dark = open_time(spans, (row.began_at, row.ended_at or now))
        if dark >= timedelta(minutes=1):
            taken_by = str(row.incident.taken_by) if row.incident and row.incident.taken_by else ""
            minutes = int(dark.total_seconds() // 60)
            yield Cut(
                commune,
                row.screen.site.short_name,
                row.screen.name,
                row.began_at,
                row.ended_at,
                minutes,
                taken_by,
            )


def _lines(cuts: Iterable[Cut], on: date) -> Iterable[str]:
    for cut in cuts:
        with timezone.override(cut.commune.tz):
            words = {
                "commune": cut.commune.name,
                "place": cut.place,
                "screen": cut.screen,
                "from": _when(cut.began_at, on),
                "to": _when(cut.ended_at, on) if cut.ended_at else "",
                "n": cut.minutes,
                "who": cut.taken_by,
            }
            if cut.ended_at:
                text = ngettext(
                    "%(commune)s, %(place)s, %(screen)s: dark from %(from)s to %(to)s, %(n)s opening minute",
                    "%(commune)s, %(place)s, %(screen)s: dark from %(from)s to %(to)s, %(n)s opening minutes",
                    cut.minutes,
                )
            else:
                text = ngettext(
                    "%(commune)s, %(place)s, %(screen)s: dark since %(from)s, %(n)s opening minute so far",
                    "%(commune)s, %(place)s, %(screen)s: dark since %(from)s, %(n)s opening minutes so far",
                    cut.minutes,
                )
            line = text % words
            yield line + (_(" (taken care of by %(who)s)") % words if cut.taken_by else "")


def _when(at: datetime, on: date) -> str:
    """The hour, and its day where that is another one."""
    if timezone.localtime(at).date() == on:
        return hour(at)
    return _("%(day)s at %(hour)s") % {"day": short_day(at), "hour": hour(at)}
