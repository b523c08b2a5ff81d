"""Properties of the plan in random histories: appointments are moved, cancelled and restored, phones do
not answer, workers stop for hours, clocks change."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from itertools import chain, repeat
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from booking.enums import EventKind, ReachBy, Status
from notifications.enums import TELLING, Audience, Channel, Failure, MessageKind, State
from notifications.plan.escalation import WRITTEN, contact_ways
from notifications.plan.history import STEPS_PER_CHAIN
from notifications.plan.hours import (
    Calendar,
    CallHours,
    Urgency,
    may_leave,
    next_time,
    time_on_or_before,
    window,
)
from notifications.plan.topics import SETTING, _heard
from tests.notifications.plans import booked, landline, mobile, offered, reach, rules
from tests.notifications.pretend import URGENCY, World
from tests.notifications.real import Drawn, RealWorld
from tests.profiles import SLOW_WORLDS, share

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
PLACES = {"76498": PARIS, "67482": PARIS, "97411": REUNION}
# Around both clock changes, Christmas, Easter, and the abolition of slavery in Réunion (20 December).
ANCHORS = [date(2026, 3, 27), date(2026, 10, 23), date(2026, 12, 22), date(2026, 4, 3)]

OUTCOMES = st.sampled_from(
    [
        (State.DELIVERED, ""),
        (State.DELIVERED, ""),
        (State.SENT, ""),
        (State.UNKNOWN, ""),
        (State.FAILED, Failure.TRANSIENT),
        (State.FAILED, Failure.NUMBER),
        (State.FAILED, Failure.INVALID),
        (State.FAILED, Failure.NO_ANSWER),
        (State.FAILED, Failure.BUSY),
    ]
)
PHONES = st.sampled_from(
    [mobile(), landline(), mobile(number="+33639980055"), mobile(may_call=False), mobile(stopped=True)]
)
REACHES = st.builds(
    lambda phones, email, way, contact: reach(*phones, email=email, reach_by=way, contact=contact),
    st.one_of(
        st.just([mobile()]),
        st.just([landline()]),
        st.lists(PHONES, max_size=2, unique_by=lambda phone: phone.number),
    ),
    st.sampled_from(["", "a@example.org"]),
    st.sampled_from([ReachBy.SMS, ReachBy.SMS, *ReachBy]),
    st.sampled_from([None, mobile(number="+33639980077")]),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "wait",
                "move",
                "cancel",
                "restore",
                "cannot",
                "can again",
                "down",
                "up",
                "arrives",
                "fails",
            ]
        ),
        st.one_of(st.integers(1, 60 * 30), st.integers(1, 40)),
        st.integers(-2, 6),
        st.booleans(),
    ),
    max_size=7,
)
ENDS = st.sampled_from(["comes", "does not come", "does not come", "came after all"])
"""What the helper notes half an hour after the beginning, and a day later."""
HELD_FOR, BEFORE = timedelta(minutes=30), timedelta(hours=1)
DECIDING = (*SETTING, EventKind.TO_CALL, EventKind.CALL_OFF, EventKind.CANCELLED)
TRUE_WHILE = {
    MessageKind.CANCELLATION: Status.CANCELLED,
    MessageKind.OFFER: Status.HELD,
    MessageKind.MISSED: Status.NO_SHOW,
}


@st.composite
def worlds(draw) -> World:
    insee, zone = draw(st.sampled_from(sorted(PLACES.items())))
    day = draw(st.sampled_from(ANCHORS)) + timedelta(days=draw(st.integers(0, 6)))
    # Booking asks those who wait from 9:00 to 18:30 only, on days when people may be called.
    is_offer = draw(st.booleans()) and Calendar(zone, insee).is_calling_day(day)
    minute = draw(st.integers(9 * 60, 18 * 60 + 29) if is_offer else st.integers(0, 1439))
    now = datetime.combine(day, time(), zone) + timedelta(minutes=minute)
    start = now + timedelta(minutes=5 * draw(st.integers(1, 12 * 24 * 9)))
    who = draw(REACHES)
    wanted = rules(
        calendar=Calendar(zone, insee),
        remind_same_day=draw(st.booleans()),
        confirm_by_call=draw(st.booleans()),
        invite_missed=draw(st.booleans()),
        can_call=draw(st.booleans()),
        reminder_days_before=draw(st.integers(1, 5)),
    )
    if is_offer and start - now > timedelta(minutes=70):
        history = offered(start, who, on=now, until=min(now + HELD_FOR, start - BEFORE), rules=wanted)
    else:
        history = booked(start, who, on=now, by_agent=draw(st.booleans()), rules=wanted)
    outcomes = draw(st.lists(OUTCOMES, max_size=12))
    return World(history, now, chain(outcomes, repeat((State.DELIVERED, ""))))


def live(world: World, steps, end: str = "comes") -> None:
    world.sweep()
    for step, minutes, days, by_resident in steps:
        world.pass_time(min(world.now + timedelta(minutes=minutes), _last_minute(world)))
        if world.now >= _last_minute(world):
            break
        _do(world, step, days, by_resident)
        world.sweep()
    world.down = False
    world.pass_time(_last_minute(world))
    world.sweep()
    if end != "comes" and world.history.status == Status.BOOKED:
        world.pass_time(world.history.start + timedelta(minutes=30))
        world.change(EventKind.NO_SHOW, by_agent=True)
        if end == "came after all":
            world.pass_time(world.now + timedelta(minutes=45))
            world.change(EventKind.NO_SHOW_UNDONE, by_agent=True)
        world.pass_time(world.now + timedelta(days=5))


def _last_minute(world: World) -> datetime:
    return world.history.start - timedelta(minutes=1)


def _do(world: World, step: str, days: int, by_resident: bool) -> None:
    if step in ("down", "up"):
        world.down = step == "down"
    elif step in ("arrives", "fails"):
        world.later(State.DELIVERED if step == "arrives" else State.FAILED)
    elif world.history.status == Status.HELD:
        _answer(world, step)
    elif world.history.status == Status.BOOKED:
        _change(world, step, days, by_resident)
    elif step == "restore" and world.history.status == Status.CANCELLED:
        world.change(EventKind.RESTORED, by_agent=True)


def _answer(world: World, step: str) -> None:
    if step in ("move", "restore", "can again"):
        world.change(EventKind.BOOKED, by_resident=True, held_until=None)
    elif step == "cancel":
        world.change(EventKind.LAPSED, by_resident=True)


def _change(world: World, step: str, days: int, by_resident: bool) -> None:
    by = {"by_agent": True, "by_resident": by_resident}
    start = world.history.start + timedelta(days=days, minutes=15)
    if step == "cannot":
        world.change(EventKind.TO_CALL, by_agent=True)
    elif step == "can again":
        world.change(EventKind.CALL_OFF)
    elif step == "move" and start > world.now:
        world.change(EventKind.MOVED, start=start, **by)
    elif step == "cancel":
        world.change(EventKind.CANCELLED, **by)


@settings(max_examples=share(0.5))
@given(worlds(), STEPS, ENDS)
def test_nothing_calm_leaves_in_quiet_hours_and_nothing_urgent_at_night(world: World, steps, end):
    live(world, steps, end)

    for attempt in world.history.attempts:
        wanted = URGENCY.get(attempt.kind, Urgency.CALM)
        asked_for = attempt.channel == Channel.DESK or may_leave(
            world.history.rules.calendar, attempt.due_at, wanted
        )
        assert asked_for, "what is written down already knows its hours"
    for sent in world.sent:
        local = world.history.rules.calendar.local(sent.at)
        if URGENCY.get(sent.attempt.kind) == Urgency.NOW:
            assert time(7) <= local.time() < time(21)
        else:
            assert time(9) <= local.time() < time(19)
            assert world.history.rules.calendar.is_calling_day(local.date())


@settings(max_examples=share(0.5))
@given(worlds(), STEPS, ENDS)
def test_whatever_leaves_is_true_and_about_the_future(world: World, steps, end):
    live(world, steps, end)

    for sent in world.sent:
        kind = sent.attempt.kind
        assert sent.attempt.told == sent.truth
        assert sent.status == TRUE_WHILE.get(kind, Status.BOOKED)
        assert (sent.at > sent.truth[0]) == (kind == MessageKind.MISSED)
        assert kind != MessageKind.MISSED or sent.attempt.channel in WRITTEN
        assert kind != MessageKind.MISSED or world.history.rules.invite_missed


@pytest.fixture
def drawn(settings, monkeypatch, db) -> Drawn:
    """Text messages, calls and e-mails that end as a world has drawn, by the real sweep."""
    provider = Drawn()
    monkeypatch.setattr("notifications.providers.twilio.conf.ACCOUNT_SID", "AC" + "0" * 32)
    settings.EMAIL_URL = urlsplit("smtp://localhost:25")
    monkeypatch.setattr("notifications.providers.twilio.provider._client", lambda *_: provider)
    monkeypatch.setattr("notifications.providers.email.provider._client", lambda: provider)
    monkeypatch.setattr("notifications.sending.send.CALLS_APART", timedelta(0))
    return provider


@settings(
    max_examples=share(0.05),
    suppress_health_check=[*SLOW_WORLDS, HealthCheck.function_scoped_fixture],
)
@given(world=worlds(), steps=STEPS, end=ENDS)
def test_whatever_the_plan_owes_at_any_instant_the_sweep_has_written_down(drawn: Drawn, world, steps, end):
    with transaction.atomic():
        live(RealWorld(world, drawn), steps, end)
        transaction.set_rollback(True)


@settings(max_examples=share(0.5))
@given(worlds(), STEPS)
def test_a_place_is_offered_only_while_it_is_held(world: World, steps):
    until, began = world.history.held_until, world.now
    live(world, steps)

    offers = [sent.at for sent in world.sent if sent.attempt.kind == MessageKind.OFFER]
    assert all(until is not None and began <= at < until for at in offers)


@settings(max_examples=share(0.5))
@given(worlds(), STEPS)
def test_nobody_is_told_to_come_when_they_cannot_be_received(world: World, steps):
    live(world, steps)

    decided = [each for each in world.history.changes if each.kind in DECIDING]
    for sent in world.sent:
        last = max((each for each in decided if each.at <= sent.at), key=lambda each: each.id, default=None)
        asked = last is not None and last.kind == EventKind.TO_CALL and last.at < sent.at
        assert not asked or sent.attempt.kind == MessageKind.CANCELLATION


@settings(max_examples=share(0.5))
@given(worlds(), STEPS, ENDS)
def test_nobody_is_told_the_same_twice(world: World, steps, end):
    live(world, steps, end)

    arrived = defaultdict(list)
    for attempt in world.history.attempts:
        if attempt.state in (State.SENT, State.UNKNOWN, State.DELIVERED):
            topic = (attempt.audience, attempt.kind, attempt.cause, attempt.step // STEPS_PER_CHAIN)
            arrived[topic].append(attempt)
    assert all(len(attempts) == 1 for attempts in arrived.values())


@settings(max_examples=share(0.5))
@given(worlds(), STEPS)
def test_in_the_end_everyone_knows_or_is_on_the_call_list(world: World, steps):
    live(world, steps)
    history = world.history
    last_change = history.changes[-1].at
    if history.start - last_change < timedelta(minutes=45):
        return  # too late for anyone
    if history.status in (Status.HELD, Status.LAPSED):
        return  # they were never to come

    assert knows_or_is_listed(world)


@settings(max_examples=share(0.5))
@given(worlds())
def test_a_place_is_offered_to_everyone_by_some_way_at_once(world: World):
    assume(world.history.status == Status.HELD)
    world.sweep()

    first = min(world.history.attempts, key=lambda each: each.id)
    assert (first.kind, first.due_at) == (MessageKind.OFFER, world.now)
    assert [first] == [sent.attempt for sent in world.sent[:1]] or first.channel == Channel.DESK


def knows_or_is_listed(world: World) -> bool:
    history = world.history
    cancelled = history.status == Status.CANCELLED
    listed = any(
        each.channel == Channel.DESK
        and each.state == State.PENDING
        and each.kind in (*TELLING, MessageKind.IMPOSSIBLE)
        for each in history.attempts
    )
    settled = history.last_settled(Audience.RESIDENT)
    knows = settled is not None and (
        settled.kind == MessageKind.CANCELLATION if cancelled else settled.told == history.now_told
    )
    received = [each for each in history.attempts if each.audience == Audience.RESIDENT and each.settled]
    reminded = (
        bool(received) and received[-1].kind == MessageKind.REMINDER and received[-1].told == history.now_told
    )
    assert history.reach is not None
    heard = _heard(history, Audience.RESIDENT, contact_ways(history.reach, history.rules)[0])
    spoken = heard is not None and (heard.told is None if cancelled else heard.told == history.now_told)
    machine = any(
        each.failure == Failure.MACHINE and each.kind == MessageKind.CONFIRMATION for each in history.attempts
    )
    return listed or knows or (reminded and not cancelled) or spoken or machine


@settings(max_examples=share(0.5))
@given(worlds(), STEPS)
def test_calls_are_three_at_most_and_on_different_days(world: World, steps):
    live(world, steps)

    calls = defaultdict(list)
    for sent in world.sent:
        if sent.attempt.channel == Channel.VOICE:
            topic = (sent.attempt.audience, sent.attempt.kind, sent.attempt.cause)
            calls[topic].append(world.history.rules.calendar.local(sent.at).date())
    for days in calls.values():
        assert len(set(days)) <= 3
        assert len(days) <= 2 * len(set(days))  # a number that does not exist leaves another, a busy line too


# ---- hours -------------------------------------------------------------------------------------------

INSTANTS = st.datetimes(
    datetime.combine(date(2026, 1, 1), time()),
    datetime.combine(date(2027, 12, 31), time()),
    timezones=st.sampled_from([PARIS, REUNION]),
)
CALENDARS = st.sampled_from([Calendar(zone, insee) for insee, zone in PLACES.items()])
HOURS = st.builds(
    CallHours,
    st.one_of(st.none(), st.times(max_value=time(15))),
    st.one_of(st.none(), st.times(min_value=time(15, 1))),
)


@given(CALENDARS, INSTANTS, st.sampled_from([Urgency.NOW, Urgency.CALM]), HOURS)
def test_the_next_time_is_allowed_and_none_before_it_is(calendar, at, urgency, hours):
    found = next_time(calendar, at, urgency, hours)

    if found is None:
        return
    assert found >= at
    assert may_leave(calendar, found, urgency, hours)
    if found > at:
        assert not may_leave(calendar, at, urgency, hours)
        halfway = at + (found - at) / 2
        assert found - at > timedelta(hours=24) or not may_leave(calendar, halfway, urgency, hours)


@given(CALENDARS, st.dates(date(2026, 2, 1), date(2027, 12, 31)), st.times(), HOURS)
def test_a_time_on_or_before_a_day_is_never_after_it(calendar, day, wished, hours):
    found = time_on_or_before(calendar, day, wished, hours)

    if found is not None:
        assert calendar.local(found).date() <= day
        assert may_leave(calendar, found, Urgency.CALM, hours)
    else:
        assert window(calendar, day, Urgency.CALM, hours) is None
