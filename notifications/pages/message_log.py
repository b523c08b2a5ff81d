"""The log of all messages of a commune: sent, received and to be told by the desk, newest first.

Whatever is looked for, a page costs at most six queries: the sent and the received rows of the page, and who
they are about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from booking import search
from communes.models import Commune
from core.days import day_span
from core.phones import read_numbers
from notifications.alarms.advice import waits_of
from notifications.enums import Channel, Direction
from notifications.models import InboundMessage, Message, MessageSettings
from notifications.pages.journal import JournalEntry

PER_PAGE = 50
DAYS = 7
"""Without other dates the page shows so many days, today included."""
MOST_PAGES = 100
MONTHS = 12
_FEWEST_DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class LogQuery:
    """What is looked for. `who`: a number or its last digits, or a name. Empty values do not restrict.
    `since` and `until` are days of the commune, both included."""

    since: date
    until: date
    who: str = ""
    kind: str = ""
    channel: str = ""
    state: str = ""
    direction: str = ""
    page: int = 1


@dataclass(frozen=True)
class LogPage:
    entries: Sequence[JournalEntry | InboundMessage]
    page: int
    has_more: bool
    finds_nobody: bool = False
    """Nobody has that name, and no number was typed."""
    is_untouched: bool = False
    """The commune has no message at all."""

    @property
    def residents(self) -> list[int | None]:
        """The ids of those whom the entries are about."""
        rows = [each.message if isinstance(each, JournalEntry) else each for each in self.entries]
        return [row.resident_id for row in rows]


def log_page(commune: Commune, query: LogQuery, *, now: datetime) -> LogPage:
    """The page of the log that `query` asks for. The rows before it are read too, for they are few."""
    sent, received = _sent(commune, query), _received(commune, query)
    if query.who:
        people = _people(commune, query.who, now=now)
        if people is None:
            return LogPage((), query.page, has_more=False, finds_nobody=True)
        sent, received = sent.filter(people.sent), received.filter(people.received)
    last = query.page * PER_PAGE + 1
    waits = waits_of(commune)
    rows: list[JournalEntry | InboundMessage] = [
        *(JournalEntry(each, now, waits) for each in sent[:last]),
        *received[:last],
    ]
    rows.sort(key=_when, reverse=True)
    first = (query.page - 1) * PER_PAGE
    untouched = not rows and not any(
        model.objects.filter(commune=commune).exists() for model in (Message, InboundMessage)
    )
    return LogPage(rows[first : last - 1], query.page, has_more=len(rows) >= last, is_untouched=untouched)


def _sent(commune: Commune, query: LogQuery) -> QuerySet[Message]:
    rows = Message.objects.filter(commune=commune, created_at__gte=_begin(commune, query))
    rows = rows.filter(created_at__lt=_end(commune, query))
    if query.direction == Direction.RECEIVED:
        rows = rows.none()
    for name in ("kind", "channel", "state"):
        if value := getattr(query, name):
            rows = rows.filter(**{name: value})
    related = rows.select_related("handled_by", "resident", "commune", "appointment")
    return related.order_by("-created_at", "-id")


def _received(commune: Commune, query: LogQuery) -> QuerySet[InboundMessage]:
    rows = InboundMessage.objects.filter(commune=commune, received_at__gte=_begin(commune, query))
    rows = rows.filter(received_at__lt=_end(commune, query))
    only_sent = query.direction == Direction.SENT or query.kind or query.state
    if only_sent or query.channel not in ("", Channel.SMS, Channel.VOICE):
        rows = rows.none()
    if query.channel:
        # A call to the commune's line has no text.
        rows = rows.filter(text="") if query.channel == Channel.VOICE else rows.exclude(text="")
    return rows.select_related("resident", "appointment").order_by("-received_at", "-id")


def _begin(commune: Commune, query: LogQuery) -> datetime:
    return day_span(query.since, commune.tz)[0]


def _end(commune: Commune, query: LogQuery) -> datetime:
    return day_span(query.until, commune.tz)[1]


def _when(entry: JournalEntry | InboundMessage) -> datetime:
    return entry.received_at if isinstance(entry, InboundMessage) else entry.message.created_at


@dataclass(frozen=True)
class _People:
    sent: Q
    received: Q


def _people(commune: Commune, who: str, *, now: datetime) -> _People | None:
    """The messages of whoever was typed: to and from a number, or of the residents with a name; None if
    nobody has it."""
    numbers = [each.e164 for each in read_numbers(who, insee_code=commune.insee_code) if each.e164]
    if numbers:
        return _People(Q(recipient__in=numbers), Q(sender__in=numbers))
    digits = "".join(char for char in who if char.isdecimal())
    if len(digits) >= _FEWEST_DIGITS:
        last = digits.removeprefix("0")
        # A message to somebody without a phone has the number of their record there.
        sent = Q(recipient__startswith="+", recipient__endswith=last)
        return _People(sent, Q(sender__endswith=last))
    found = search.search(commune=commune, text=who, now=now).residents
    if not found:
        return None
    ids = [each.resident.pk for each in found]
    return _People(Q(resident__in=ids), Q(resident__in=ids))


@dataclass(frozen=True)
class Month:
    """What left in a month of the commune. `euros` is what text messages cost at the commune's price."""

    first_day: date
    texts: int
    segments: int
    calls: int
    euros: Decimal


def months_of(commune: Commune, *, now: datetime) -> list[Month]:
    """The last MONTHS months in which something left, newest first. What a retention period has deleted is
    not counted. One query, and one for the price."""
    today = commune.local(now).date()
    first = date(today.year - 1, today.month, 1)
    left = Message.objects.filter(
        commune=commune,
        channel__in=(Channel.SMS, Channel.VOICE),
        sent_at__gte=day_span(first, commune.tz)[0],
    )
    months = left.annotate(month=TruncMonth("sent_at", tzinfo=commune.tz)).values("month")
    counted = months.annotate(
        texts=Count("pk", filter=Q(channel=Channel.SMS)),
        calls=Count("pk", filter=Q(channel=Channel.VOICE)),
        parts=Sum("segments", filter=Q(channel=Channel.SMS)),
    ).order_by("-month")
    cents = _price(commune)
    return [
        Month(
            row["month"].date(),
            row["texts"],
            row["parts"] or 0,
            row["calls"],
            ((row["parts"] or 0) * cents / 100).quantize(Decimal("0.01")),
        )
        for row in counted[:MONTHS]
    ]


def _price(commune: Commune) -> Decimal:
    settings = MessageSettings.objects.filter(commune=commune).first() or MessageSettings(commune=commune)
    return Decimal(settings.price_sms_cents)
