"""The call list: one card for each person whom no automatic message reaches."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from booking.enums import Status
from booking.models import Appointment, Resident, ResidentPhone
from communes.models import Commune
from notifications import histories
from notifications.actions.calls import NEED_MORE
from notifications.enums import AUTOMATIC, Audience, DeskReason, MessageKind
from notifications.histories import is_theirs
from notifications.models import CallClaim, InboundMessage, Message
from notifications.plan.calling import post_by, post_on
from notifications.plan.decide import SOON
from notifications.replies.possible_stop import may_be_stop
from notifications.suppressions import suppressed

RETURN_WITHIN = timedelta(days=1)
WRONG_NUMBERS_SINCE = timedelta(days=2)


@dataclass(frozen=True)
class CallLine:
    """One reason to call: what to say, and what was tried before."""

    message: Message
    tried: Sequence[Message] = ()

    @property
    def is_offer(self) -> bool:
        return self.message.kind == MessageKind.OFFER

    @property
    def know_by(self) -> datetime:
        """When the person must know it. Lines of older versions do not have it stored."""
        message = self.message
        if message.know_by:
            return message.know_by
        if message.kind == MessageKind.CALL_BACK:
            return message.told_start or (message.asked_at or message.created_at) + RETURN_WITHIN
        return min(message.told_start or message.expires_at, message.expires_at)


@dataclass(frozen=True)
class CallTopic:
    """An appointment of the person with the reasons to call about it; reasons about none together."""

    appointment: Appointment | None
    lines: Sequence[CallLine] = ()

    @property
    def can_change(self) -> bool:
        """Whether the appointment can still be moved or cancelled: it is booked, and still belongs to this
        person."""
        is_booked = self.appointment is not None and self.appointment.status == Status.BOOKED
        return is_booked and all(is_theirs(each.message) for each in self.lines)

    @property
    def must_change(self) -> bool:
        return any(each.message.kind == MessageKind.IMPOSSIBLE for each in self.lines)


@dataclass(frozen=True)
class CallNumber:
    number: str
    owner: str = ""
    """Whose phone it is, if it is not the resident's own."""
    has_lines: bool = True
    """Whether a line asks to call it; the other numbers are there to be tried after it."""


@dataclass
class CallCard:
    """A person to call, with everything to tell them."""

    lines: list[CallLine]
    now: datetime
    commune: Commune
    resident: Resident | None = None
    numbers: list[CallNumber] = field(default_factory=list)
    others: list[Appointment] = field(default_factory=list)
    """Their other coming appointments, about which nothing is to say."""
    stopped: frozenset[str] = frozenset()
    """Those of the numbers of its lines that want no automatic messages."""
    wrong_numbers: int = 0
    """How many wrong appointment numbers were keyed from their phone lately."""
    claim: CallClaim | None = None
    agent_id: int | None = None
    """The agent who looks at the list."""

    def __post_init__(self) -> None:
        self.lines.sort(key=lambda line: (line.know_by, line.message.pk))

    @property
    def is_with_a_colleague(self) -> bool:
        return self.claim is not None and self.claim.agent_id != self.agent_id

    @property
    def first(self) -> Message:
        return self.lines[0].message

    @property
    def pk(self) -> int:
        """Of the oldest line: it stays while the person is on the list."""
        return min(line.message.pk for line in self.lines)

    @property
    def know_by(self) -> datetime:
        return self.lines[0].know_by

    @property
    def is_letter(self) -> bool:
        return not self.numbers

    @property
    def dialled(self) -> int:
        """How many numbers the lines ask to call."""
        return sum(each.has_lines for each in self.numbers)

    @property
    def told_at(self) -> str:
        """The number at which an agent talks to them; empty if they have none."""
        return self.numbers[0].number if self.numbers else ""

    @property
    def post_on(self) -> date | None:
        """The last day to post a letter; None if the person has a phone, or no letter arrives in time."""
        calendar = histories.calendar(self.commune)
        if not self.is_letter or post_by(calendar, self.know_by, self.now) is None:
            return None
        return post_on(calendar, self.know_by)

    @property
    def deadline(self) -> datetime:
        """What the list is ordered by."""
        by_post = post_by(histories.calendar(self.commune), self.know_by, self.now)
        return by_post if self.is_letter and by_post else self.know_by

    @property
    def days(self) -> int:
        """Days from today to the deadline, in the commune's calendar."""
        local = self.commune.local
        return (local(self.deadline).date() - local(self.now).date()).days

    @property
    def knows_in_days(self) -> int:
        local = self.commune.local
        return (local(self.know_by).date() - local(self.now).date()).days

    @property
    def is_over(self) -> bool:
        return self.know_by <= self.now

    @property
    def left(self) -> str:
        """How much time is left, in words: « dans 5 h 06 », « dans 7 jours »."""
        minutes = int((self.know_by - self.now).total_seconds() // 60)
        if self.is_over:
            return _("the hour has passed")
        if minutes < 60:
            return _("in %(minutes)d min") % {"minutes": minutes}
        if self.knows_in_days < 2:
            hours, rest = divmod(minutes, 60)
            return _("in %(hours)d h %(minutes)02d") % {"hours": hours, "minutes": rest}
        return _("in %(days)d days") % {"days": self.knows_in_days}

    @property
    def retry_at(self) -> datetime | None:
        """When to call again after no answer; None if nobody was called yet, or it is time."""
        times = [line.message.retry_at for line in self.lines]
        return min((each for each in times if each), default=None) if all(times) else None

    @property
    def waits(self) -> bool:
        return self.retry_at is not None and self.retry_at > self.now

    @property
    def is_pressing(self) -> bool:
        """They would come, or miss it, within half an hour; or today, and nobody has tried yet."""
        soon = any(
            line.message.why == DeskReason.SOON
            or (line.message.kind == MessageKind.IMPOSSIBLE and line.know_by <= self.now + SOON)
            for line in self.lines
        )
        return soon or (self.days <= 0 and not self.waits)

    @property
    def whys(self) -> list[str]:
        """The reasons in words, each once."""
        return list(
            dict.fromkeys(str(line.message.get_why_display()) for line in self.lines if line.message.why)
        )

    @property
    def can_be_told(self) -> bool:
        """Whether there is something that is done once the person knows it."""
        return any(line.message.kind not in NEED_MORE for line in self.lines)

    @property
    def can_think(self) -> bool:
        """Whether something needs their answer: they may be told of it, and want to think it over."""
        return any(line.message.kind in NEED_MORE for line in self.lines)

    @property
    def may_want_to_stop(self) -> str:
        """The number from which they wrote what may be a STOP that was not understood, while it is not
        suppressed yet; "" if there is none."""
        wrote = [line.message for line in self.lines if line.message.inbound and line.message.inbound.text]
        numbers = [each.recipient for each in wrote if may_be_stop(each.text)]
        return next((each for each in numbers if each.startswith("+") and each not in self.stopped), "")

    @property
    def has_asked_to_stop(self) -> bool:
        return bool(self.stopped) and all(line.message.why != DeskReason.STOPPED for line in self.lines)

    @property
    def last_try(self) -> Message | None:
        tried = [line.message for line in self.lines if line.message.attempts]
        return max(tried, key=lambda each: each.claimed_at or each.created_at, default=None)

    @property
    def asked_often(self) -> Message | None:
        return next((line.message for line in self.lines if line.message.times_asked > 1), None)

    @property
    def tried(self) -> list[Message]:
        """What was sent or called automatically before, oldest first."""
        return list({each.pk: each for line in self.lines for each in line.tried}.values())

    @property
    def topics(self) -> list[CallTopic]:
        by_appointment: dict[int | None, list[CallLine]] = defaultdict(list)
        for line in self.lines:
            by_appointment[line.message.appointment_id].append(line)
        return [CallTopic(lines[0].message.appointment, lines) for lines in by_appointment.values()] + [
            CallTopic(each) for each in self.others
        ]

    @property
    def appointments(self) -> int:
        return len({line.message.appointment_id for line in self.lines if line.message.appointment_id})


def call_cards(commune: Commune, *, now: datetime, agent_id: int | None = None) -> list[CallCard]:
    """Everyone whom the desk must reach itself, by the hour at which they must know. `agent_id` looks."""
    waiting = Message.objects.to_call_back(now).filter(commune=commune)
    related = waiting.select_related(
        "commune",
        "appointment__site",
        "appointment__service",
        "resident__merged_into",
        "inbound",
        "handled_by",
    )
    lines = [CallLine(each) for each in related.order_by("pk")]
    tried = _tried(lines)
    by_person: dict[int | str, list[CallLine]] = defaultdict(list)
    for line in lines:
        key = (line.message.cause, line.message.kind)
        by_person[_person(line.message)].append(CallLine(line.message, tried.get(key, ())))
    cards = [CallCard(each, now, commune, agent_id=agent_id) for each in by_person.values()]
    _add_people(cards, commune, now)
    return sorted(cards, key=lambda card: (card.deadline, card.pk))


def in_groups(cards: Iterable[CallCard]) -> list[tuple[str, list[CallCard]]]:
    """The cards by day: until tonight, tomorrow, later; days without anybody are left out."""
    groups: dict[str, list[CallCard]] = {"today": [], "tomorrow": [], "later": []}
    for card in cards:
        groups["today" if card.days <= 0 else "tomorrow" if card.days == 1 else "later"].append(card)
    return [(name, found) for name, found in groups.items() if found]


def people_waiting(commune: Commune, *, now: datetime) -> int:
    """How many people are on the call list."""
    lines = Message.objects.to_call_back(now).filter(commune=commune)
    whose = lines.values_list("resident__merged_into", "resident", "recipient")
    return len({merged or resident or recipient for merged, resident, recipient in whose})


def _person(message: Message) -> int | str:
    """The record that stands for the resident now, else the number."""
    if message.resident is None:
        return message.recipient
    return message.resident.merged_into_id or message.resident.pk


def _add_people(cards: Sequence[CallCard], commune: Commune, now: datetime) -> None:
    for card in cards:
        whose = card.first.resident
        card.resident = (whose.merged_into or whose) if whose else None
    ids = [card.resident.pk for card in cards if card.resident]
    phones: dict[int, list[ResidentPhone]] = defaultdict(list)
    for phone in ResidentPhone.objects.filter(resident__in=ids).order_by("id"):
        phones[phone.resident_id].append(phone)
    coming = _coming(ids, now)
    claims = _claims(cards, now)
    recipients = {line.message.recipient for card in cards for line in card.lines}
    stopped = suppressed((commune.pk, each) for each in recipients)
    wrong = _wrong_numbers(cards, commune, now)
    for card in cards:
        pk = card.resident.pk if card.resident else None
        is_limited = card.resident is not None and card.resident.is_limited
        card.numbers = _numbers(card.lines, [] if is_limited else phones.get(pk or 0, []))
        about = {line.message.appointment_id for line in card.lines}
        others = [] if is_limited else coming.get(pk or 0, [])
        card.others = [each for each in others if each.pk not in about]
        card.stopped = frozenset(
            line.message.recipient for line in card.lines if (commune.pk, line.message.recipient) in stopped
        )
        card.claim = claims.get(_person(card.first) if pk else f"line:{card.pk}")
        card.wrong_numbers = max(
            (
                wrong.get(line.message.recipient, 0)
                for line in card.lines
                if line.message.kind == MessageKind.CALL_BACK
            ),
            default=0,
        )


def _numbers(lines: Iterable[CallLine], phones: Sequence[ResidentPhone]) -> list[CallNumber]:
    """The numbers to dial: those that the lines name, then the other ones that may be called."""
    owners = {each.number: each.get_owner_display() for each in phones if each.owner != "self"}
    named = [line.message.recipient for line in lines if line.message.recipient.startswith("+")]
    others = [each.number for each in phones if each.may_call]
    return [
        CallNumber(each, owners.get(each, ""), has_lines=each in named)
        for each in dict.fromkeys([*named, *others])
    ]


def _coming(residents: Sequence[int], now: datetime) -> Mapping[int, list[Appointment]]:
    coming: dict[int, list[Appointment]] = defaultdict(list)
    rows = Appointment.objects.filter(
        resident__in=residents, status=Status.BOOKED, is_walk_in=False, starts_at__gt=now
    )
    for each in rows.select_related("site").order_by("starts_at", "pk"):
        coming[each.resident_id or 0].append(each)
    return coming


def _claims(cards: Sequence[CallCard], now: datetime) -> dict[int | str, CallClaim]:
    """Who is called by whom: by the resident's id, or by `line:` and the oldest line of a stranger."""
    residents = [card.resident.pk for card in cards if card.resident]
    strangers = [card.pk for card in cards if not card.resident]
    rows = CallClaim.objects.filter(Q(resident__in=residents) | Q(line__in=strangers), until__gt=now)
    return {each.resident_id or f"line:{each.line_id}": each for each in rows.select_related("agent")}


def _wrong_numbers(cards: Sequence[CallCard], commune: Commune, now: datetime) -> dict[str, int]:
    callers = {
        line.message.recipient
        for card in cards
        for line in card.lines
        if line.message.kind == MessageKind.CALL_BACK
    }
    calls = InboundMessage.objects.filter(
        commune=commune, sender__in=callers, wrong_numbers__gt=0, received_at__gt=now - WRONG_NUMBERS_SINCE
    )
    return dict(calls.values_list("sender").annotate(n=Sum("wrong_numbers")))


def _tried(lines: Sequence[CallLine]) -> dict[tuple[str, str], list[Message]]:
    """By cause and kind, the messages that were tried before a line was put on the call list."""
    tried: dict[tuple[str, str], list[Message]] = {}
    about = {line.message.appointment_id for line in lines if line.message.appointment_id}
    for each in Message.objects.filter(
        appointment__in=about, channel__in=AUTOMATIC, audience=Audience.RESIDENT
    ).order_by("id"):
        tried.setdefault((each.cause, each.kind), []).append(each)
    return tried
