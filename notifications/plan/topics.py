"""What a person must be told: the difference between what they believe and what is true. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from booking.enums import EventKind, Reason, Status
from notifications.enums import TELLING, Audience, Channel, DeskReason, Failure, MessageKind, State
from notifications.plan.escalation import WRITTEN, ContactWay, contact_person_ways, contact_ways, desk
from notifications.plan.handed_on import not_theirs
from notifications.plan.history import AppointmentHistory, Change, MessageRules, SendAttempt
from notifications.plan.hours import CallHours, Urgency, calling_day_before, next_time, time_on_or_before
from notifications.plan.retries import CALL_HOURS
from notifications.plan.topic import Topic

SETTING = (EventKind.BOOKED, EventKind.MOVED, EventKind.RESTORED, EventKind.GIVEN)
"""Events after which the appointment takes place at a known time and site for the person who has it."""
FRESH = timedelta(hours=12)
"""A person who was told less than this before a reminder is due gets no reminder."""
REMIND_AT = CALL_HOURS[0].replace(hour=10, minute=0)
EVENING_BEFORE = CALL_HOURS[1]
SAME_DAY_LEAD = timedelta(hours=2)
NO_REMINDER_IN_LAST = timedelta(hours=1)
FIRST_CALL_DAYS_BEFORE = 4
_HORIZON_DAYS = 40
WORTH_TELLING = timedelta(minutes=10)
"""A delay shorter than this is over before the message is read."""
MISSED_AFTER = timedelta(hours=2)
MISSED_UNTIL = timedelta(days=3)
_WHY_IMPOSSIBLE = {
    Reason.NO_HELPER: DeskReason.NO_HELPER,
    Reason.SITE_CLOSED: DeskReason.SITE_CLOSED,
    Reason.CABIN_OUT_OF_ORDER: DeskReason.CABIN_DOWN,
    Reason.FAULT: DeskReason.FAULT,
}


def topics(history: AppointmentHistory) -> Iterator[Topic]:
    if history.reach is None or history.is_walk_in:
        return
    for audience, ways in (
        (Audience.RESIDENT, contact_ways(history.reach, history.rules)),
        (Audience.CONTACT, _contact_rungs(history)),
    ):
        if ways and history.is_former:
            yield from not_theirs(history, audience, ways)
        elif ways:
            yield from _topics_for(history, audience, ways)


def _contact_rungs(history: AppointmentHistory) -> tuple[ContactWay, ...]:
    if history.reach is None:
        return ()
    own = {phone.number for phone in history.reach.phones}
    ways = contact_person_ways(history.reach.contact, history.rules)
    return tuple(way for way in ways if way.recipient not in own)


def _topics_for(
    history: AppointmentHistory, audience: Audience, ways: tuple[ContactWay, ...]
) -> Iterator[Topic]:
    history = history.without_mistakes(audience)
    if history.status == Status.BOOKED and (asked := _to_call(history)):
        # Nobody is told to come while the appointment cannot take place.
        if audience == Audience.RESIDENT:
            yield _impossible(history, asked)
    elif history.status in (Status.BOOKED, Status.CANCELLED):
        left = history.last_left(audience)
        telling = _telling(history, audience, ways, left)
        if telling:
            yield telling
        is_told = telling is None or telling.is_known or (left and telling.holds(left))
        if history.status == Status.BOOKED and is_told:
            yield from _reminders(history, audience, ways, left)
        if history.status == Status.BOOKED:
            yield from _late(history, audience, ways)
    elif audience == Audience.RESIDENT and history.status in (Status.NO_SHOW, Status.UNRECORDED):
        missed = tuple(_missed(history, ways))
        yield from missed or _unheard_of(history, ways)
    elif audience == Audience.RESIDENT and history.status == Status.HELD and history.is_offer:
        yield from _offer(history, ways)


def _telling(
    history: AppointmentHistory, audience: Audience, ways: tuple[ContactWay, ...], left: SendAttempt | None
) -> Topic | None:
    change = history.last((*SETTING, EventKind.CANCELLED))
    if change is None or _was_answered(change, audience):
        return None
    believed = _latest(_belief(left), _cancelled_by_themselves(history, audience))
    kind = _news(history, audience, change, believed)
    is_known = _is_said_by_them(history, audience, believed)
    if is_known:
        ways = _written(ways)
        if not ways:
            return None
    if kind is None and left is not None and not left.settled and not _shows_it(history, audience, left):
        # The message has left, but is not known to have arrived: keep watching it.
        watched = _telling_topic(history, audience, ways, MessageKind(left.kind), left.cause, left.at)
        return replace(watched, is_known=is_known)
    if ways[0].channel not in WRITTEN and not _was_stopped_by(history, audience):
        # A text message is sent as a written note even to someone who was on the phone when the change was
        # made. An automatic call a minute later would be absurd.
        believed = _latest(believed, _heard(history, audience, ways[0]))
        kind = _news(history, audience, change, believed)
    if kind is None:
        return None
    # Messages that waited were dropped while the appointment could not take place; now that it can, they are
    # needed anew.
    since = history.last((*SETTING, EventKind.CANCELLED, EventKind.CALL_OFF)) or change
    was = believed.told[0] if kind == MessageKind.CHANGE and believed and believed.told else None
    told = _telling_topic(history, audience, ways, kind, since.cause, since.at, was)
    return replace(told, is_known=is_known)


def _was_stopped_by(history: AppointmentHistory, audience: Audience) -> bool:
    """Whether a message with this time was stopped because the person wants none. An agent who spoke with
    them saw that a message would leave, and counted on it, so the desk must tell them."""
    return any(
        each.failure == Failure.STOPPED
        and each.state == State.FAILED
        and each.kind in TELLING
        and each.audience == audience
        and each.told == history.now_told
        for each in history.attempts
    )


def _shows_it(history: AppointmentHistory, audience: Audience, left: SendAttempt) -> bool:
    """Whether the person knows what `left` says: they confirmed, or a later reminder with the same time
    has arrived."""
    # A move resets the confirmation; a cancellation that was taken back does not.
    if (
        audience == Audience.RESIDENT
        and history.is_confirmed
        and left.kind in (MessageKind.CONFIRMATION, MessageKind.CHANGE)
    ):
        return True
    return any(
        each.kind == MessageKind.REMINDER
        and each.audience == audience
        and each.settled
        and each.told == left.told
        for each in history.attempts
        if each.id > left.id
    )


@dataclass(frozen=True, slots=True)
class Belief:
    """What someone believes is agreed: to come at a time to a site, or not to come (None)."""

    told: tuple[datetime, int] | None
    at: datetime
    attended: tuple[datetime, int] | None
    """The time and the site id that a message or a change was about, also where it was a cancellation."""


def _written(ways: tuple[ContactWay, ...]) -> tuple[ContactWay, ...]:
    return tuple(way for way in ways if way.channel in WRITTEN)


def _is_said_by_them(history: AppointmentHistory, audience: Audience, believed: Belief | None) -> bool:
    """Whether the resident said to an agent, or confirmed, what is true now, and was told nothing else since.
    Not so for a booking: where its confirmation fails, the number is wrong, and the desk should learn it."""
    if audience == Audience.CONTACT:
        return False
    said: Belief | None = None
    for change in history.changes:
        confirms = change.kind == EventKind.CONFIRMED and change.reason != Reason.OTHER_PHONE
        if confirms or (change.by_resident and change.kind == EventKind.MOVED):
            said = Belief(change.stands, change.at, change.stands)
        elif change.by_resident and change.kind == EventKind.CANCELLED:
            said = Belief(None, change.at, change.stands)
    truth = None if history.status == Status.CANCELLED else history.now_told
    if said is None or said.told != truth:
        return False
    return believed is None or believed.at <= said.at or believed.told == truth


def _belief(left: SendAttempt | None) -> Belief | None:
    if left is None:
        return None
    comes = left.kind not in (
        MessageKind.CANCELLATION,
        MessageKind.PHONE_CANCEL,
        MessageKind.IMPOSSIBLE,
        MessageKind.NOT_YOURS,
    )
    return Belief(left.told if comes else None, left.at, left.told)


def _heard(history: AppointmentHistory, audience: Audience, first: ContactWay) -> Belief | None:
    """What the resident knows from talking to an agent or from their own act: a booking on the phone,
    changes they asked for."""
    if audience == Audience.CONTACT:
        return None
    wants_call = history.rules.confirm_by_call and first.channel == Channel.VOICE
    heard: Belief | None = None
    for change in history.changes:
        spoke = change.by_agent and not wants_call if change.kind == EventKind.BOOKED else False
        if spoke or (change.by_resident and change.kind in SETTING):
            heard = Belief(change.stands, change.at, change.stands)
        elif change.by_resident and change.kind == EventKind.CANCELLED:
            heard = Belief(None, change.at, change.stands)
    return heard


def _latest(message: Belief | None, spoken: Belief | None) -> Belief | None:
    if message is None or spoken is None:
        return message or spoken
    return spoken if spoken.at >= message.at else message


def _was_answered(change: Change, audience: Audience) -> bool:
    """Whether the resident cancelled by a reply or a key: they get their answer there and then."""
    return audience == Audience.RESIDENT and change.kind == EventKind.CANCELLED and change.by_resident_alone


def _cancelled_by_themselves(history: AppointmentHistory, audience: Audience) -> Belief | None:
    """What residents believe who cancelled by a reply or a key, until they take it back themselves."""
    if audience == Audience.CONTACT:
        return None
    own = [each for each in history.changes if each.by_resident_alone]
    last = next((each for each in reversed(own) if each.kind in (*SETTING, EventKind.CANCELLED)), None)
    return Belief(None, last.at, last.stands) if last and last.kind == EventKind.CANCELLED else None


def _news(
    history: AppointmentHistory, audience: Audience, change: Change, believed: Belief | None
) -> MessageKind | None:
    """The kind of message that says what is true to someone who believes `believed`; None if they know
    already."""
    if history.status == Status.CANCELLED:
        # A contact person who was never told of the appointment need not be told that it is cancelled.
        knows = audience == Audience.CONTACT if believed is None else believed.told is None
        by_other = audience == Audience.RESIDENT and change.reason == Reason.OTHER_PHONE
        return None if knows else MessageKind.PHONE_CANCEL if by_other else MessageKind.CANCELLATION
    if believed is None:
        return MessageKind.CHANGE if change.kind == EventKind.MOVED else MessageKind.CONFIRMATION
    if believed.told is None:
        return MessageKind.MAINTAINED if believed.attended == history.now_told else MessageKind.CHANGE
    return None if believed.told == history.now_told else MessageKind.CHANGE


def _telling_topic(
    history: AppointmentHistory,
    audience: Audience,
    ways: tuple[ContactWay, ...],
    kind: MessageKind,
    cause: str,
    since: datetime,
    was: datetime | None = None,
) -> Topic:
    # What has certainly arrived or was said. A message that has only left may never arrive.
    sure = _latest(_belief(history.last_settled(audience)), _heard(history, audience, ways[0]))
    comes_at = min(sure.told[0], history.start) if sure and sure.told else history.start
    return Topic(audience, kind, cause, 0, since, history.start, Urgency.NOW, ways, comes_at, was=was)


def _reminders(
    history: AppointmentHistory, audience: Audience, ways: tuple[ContactWay, ...], left: SendAttempt | None
) -> Iterator[Topic]:
    change = history.last(SETTING)
    if change is None or not _is_remindable(history, ways):
        return
    told_at = max(change.at, left.at) if left else change.at
    instants = list(reminder_instants(history, ways[0]))
    for index, due in enumerate(instants):
        following = instants[index + 1] if index + 1 < len(instants) else history.start - NO_REMINDER_IN_LAST
        topic = Topic(
            audience,
            MessageKind.REMINDER,
            change.cause,
            index,
            due,
            following,
            Urgency.CALM,
            ways,
            history.start,
        )
        if due < told_at + FRESH and not any(topic.holds(each) for each in history.attempts):
            continue
        if audience == Audience.RESIDENT and _confirmed_since(history, due):
            topic = replace(topic, is_known=True, ways=_written(ways))
        if topic.ways:
            yield topic


def _confirmed_since(history: AppointmentHistory, instant: datetime) -> bool:
    """Whether the resident confirmed the appointment after this instant."""
    change = history.last((EventKind.CONFIRMED,))
    return history.is_confirmed and change is not None and change.at >= instant


def _is_remindable(history: AppointmentHistory, ways: tuple[ContactWay, ...]) -> bool:
    """Whether a reminder makes sense: not by hand to someone without a phone or who may not be called, and
    not by a call to someone who has confirmed."""
    first = ways[0]
    if first.channel == Channel.DESK:
        return not first.recipient.startswith("resident:") and first.why != DeskReason.MAY_NOT_CALL
    return not (first.channel == Channel.VOICE and history.is_confirmed)


def reminder_instants(history: AppointmentHistory, way: ContactWay) -> Iterator[datetime]:
    """When reminders are due, earliest first. A reminder that would fall in quiet time is sent earlier."""
    calendar, hours = history.rules.calendar, way.hours
    day = calendar.local(history.start).date()
    if way.channel == Channel.VOICE:
        first = calling_day_before(calendar, day, FIRST_CALL_DAYS_BEFORE)
        due = time_on_or_before(calendar, first, CALL_HOURS[0], hours)
    else:
        day_before = day - timedelta(days=history.rules.reminder_days_before)
        due = time_on_or_before(calendar, day_before, REMIND_AT, hours)
    if due:
        yield due
    if history.rules.remind_same_day and way.channel != Channel.VOICE:
        same_day = _same_day_instant(history, hours)
        if same_day and (due is None or same_day > due):
            yield same_day


def remindable_until(rules: MessageRules, now: datetime) -> datetime | None:
    """Appointments that start before this instant may have a reminder due now; None if none can.

    It is found day by day with the earliest reminder of all, so that the database search need not look at
    every coming appointment.
    """
    calendar = rules.calendar
    today = calendar.local(now).date()
    until = None
    for ahead in range(_HORIZON_DAYS):
        day = today + timedelta(days=ahead)
        call = calling_day_before(calendar, day, FIRST_CALL_DAYS_BEFORE)
        text = time_on_or_before(calendar, day - timedelta(days=rules.reminder_days_before), REMIND_AT)
        # Wished call hours move a reminder earlier by some hours, never by a day.
        if min(call, calendar.local(text).date() if text else day) <= today:
            until = datetime.combine(day + timedelta(days=1), time(), calendar.time_zone)
    return until


def _same_day_instant(history: AppointmentHistory, hours: CallHours) -> datetime | None:
    calendar = history.rules.calendar
    wished = history.start - SAME_DAY_LEAD
    if next_time(calendar, wished, Urgency.CALM, hours) == wished:
        return wished
    day_before = calendar.local(history.start).date() - timedelta(days=1)
    return time_on_or_before(calendar, day_before, EVENING_BEFORE, hours)


def _to_call(history: AppointmentHistory) -> Change | None:
    """The event that put the appointment on the call list, if that still holds."""
    change = history.last((*SETTING, EventKind.TO_CALL, EventKind.CALL_OFF))
    return change if change and change.kind == EventKind.TO_CALL else None


def _impossible(history: AppointmentHistory, asked: Change) -> Topic:
    """« It cannot take place »: told by the desk only, because another time must be found together."""
    assert history.reach is not None
    why = _WHY_IMPOSSIBLE.get(asked.reason, DeskReason.HELPER_ABSENT)
    way = replace(desk(history.reach, history.rules), why=why)
    return Topic(
        Audience.RESIDENT,
        MessageKind.IMPOSSIBLE,
        asked.cause,
        0,
        asked.at,
        history.start,
        Urgency.NOW,
        (way,),
        history.start,
    )


def _late(history: AppointmentHistory, audience: Audience, ways: tuple[ContactWay, ...]) -> Iterator[Topic]:
    """The helper is late, or on time after all. It is told if the new time differs enough from the one
    told before, and only automatically: the desk could not call everyone in time, but sees the delay on
    its day page."""
    change = history.last((*SETTING, EventKind.DELAYED, EventKind.ON_TIME))
    quick = tuple(way for way in ways if way.channel != Channel.DESK)
    if change is None or change.kind in SETTING or not quick:
        return
    expected = {each.cause: each.expected_at or history.start for each in history.changes}
    told = [
        expected.get(each.cause, history.start)
        for each in history.attempts
        if each.kind == MessageKind.LATE
        and each.audience == audience
        and each.cause != change.cause
        and each.left
        and each.told == history.now_told
    ]
    now_expected = expected[change.cause]
    if abs(now_expected - (told[-1] if told else history.start)) >= WORTH_TELLING:
        yield Topic(
            audience,
            MessageKind.LATE,
            change.cause,
            0,
            change.at,
            history.start,
            Urgency.NOW,
            quick,
            history.start,
            now_expected,
        )


def _unheard_of(history: AppointmentHistory, ways: tuple[ContactWay, ...]) -> Iterator[Topic]:
    """What somebody who did not come should have been told before: see `never_left.py`."""
    if asked := _to_call(history):
        yield _impossible(history, asked)
    elif telling := _telling(history, Audience.RESIDENT, ways, history.last_left(Audience.RESIDENT)):
        yield telling


def _missed(history: AppointmentHistory, ways: tuple[ContactWay, ...]) -> Iterator[Topic]:
    change = history.last((EventKind.NO_SHOW,))
    written = _written(ways)
    if not history.rules.invite_missed or change is None or not written:
        return
    due = change.at + MISSED_AFTER
    end = due + MISSED_UNTIL
    yield Topic(
        Audience.RESIDENT, MessageKind.MISSED, change.cause, 0, due, end, Urgency.CALM, written[:1], end
    )


def _offer(history: AppointmentHistory, ways: tuple[ContactWay, ...]) -> Iterator[Topic]:
    change = history.last((EventKind.HELD,))
    if change is None or history.held_until is None:
        return
    end = history.held_until
    yield Topic(
        Audience.RESIDENT,
        MessageKind.OFFER,
        change.cause,
        0,
        change.at,
        end,
        Urgency.CALM,
        ways,
        history.start,
    )
