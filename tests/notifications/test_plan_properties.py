"""The promises of the plan, in random worlds: appointments that move, vanish and come back, phones that
do not answer, workers that stop for hours, clocks that change."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from itertools import chain, repeat
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.enums import EventKind, ReachBy, Status
from notifications.case import STEPS_PER_CHAIN
from notifications.enums import TELLING, Audience, Channel, Failure, Kind, State
from notifications.hours import Calendar, Hours, Urgency, may_leave, next_time, time_on_or_before, window
from notifications.ladder import ladder
from notifications.topics import _heard
from tests.notifications.plans import booked, landline, mobile, reach, rules
from tests.notifications.pretend import URGENCY, World
from tests.profiles import share

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
PLACES = {"76498": PARIS, "67482": PARIS, "97411": REUNION}
# Around both clock changes, Christmas, Easter, and the abolition of slavery in Réunion (20 December).
ANCHORS = [datetime(2026, 3, 27), datetime(2026, 10, 23), datetime(2026, 12, 22), datetime(2026, 4, 3)]  # noqa: DTZ001

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
    st.lists(PHONES, max_size=2, unique_by=lambda phone: phone.number),
    st.sampled_from(["", "a@example.org"]),
    st.sampled_from(list(ReachBy)),
    st.sampled_from([None, mobile(number="+33639980077")]),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["wait", "move", "cancel", "restore", "down", "up", "arrives", "fails"]),
        st.integers(1, 60 * 30),
        st.integers(-2, 6),
        st.booleans(),
    ),
    max_size=7,
)


@st.composite
def worlds(draw) -> World:
    insee, zone = draw(st.sampled_from(sorted(PLACES.items())))
    day = draw(st.sampled_from(ANCHORS)) + timedelta(days=draw(st.integers(0, 6)))
    now = day.replace(tzinfo=zone) + timedelta(minutes=draw(st.integers(0, 1439)))
    start = now + timedelta(minutes=5 * draw(st.integers(1, 12 * 24 * 9)))
    case = booked(
        start,
        draw(REACHES),
        on=now,
        by_agent=draw(st.booleans()),
        rules=rules(
            calendar=Calendar(zone, insee),
            remind_same_day=draw(st.booleans()),
            confirm_by_call=draw(st.booleans()),
            can_call=draw(st.booleans()),
            reminder_days_before=draw(st.integers(1, 5)),
        ),
    )
    outcomes = draw(st.lists(OUTCOMES, max_size=12))
    return World(case, now, chain(outcomes, repeat((State.DELIVERED, ""))))


def live(world: World, steps) -> None:
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


def _last_minute(world: World) -> datetime:
    return world.case.start - timedelta(minutes=1)


def _do(world: World, step: str, days: int, by_resident: bool) -> None:
    status = world.case.status
    by = {"by_agent": True, "by_resident": by_resident}
    if step == "move" and status == Status.BOOKED:
        start = world.case.start + timedelta(days=days, minutes=15)
        if start > world.now:
            world.change(EventKind.MOVED, start=start, **by)
    elif step == "cancel" and status == Status.BOOKED:
        world.change(EventKind.CANCELLED, **by)
    elif step == "restore" and status == Status.CANCELLED:
        world.change(EventKind.RESTORED, by_agent=True)
    elif step in ("down", "up"):
        world.down = step == "down"
    elif step in ("arrives", "fails"):
        world.later(State.DELIVERED if step == "arrives" else State.FAILED)


@settings(max_examples=share(0.5))
@given(worlds(), STEPS)
def test_nothing_calm_leaves_in_quiet_hours_and_nothing_urgent_at_night(world: World, steps):
    live(world, steps)

    for sent in world.sent:
        local = world.case.rules.calendar.local(sent.at)
        if URGENCY.get(sent.attempt.kind) == Urgency.NOW:
            assert time(7) <= local.time() < time(21)
        else:
            assert time(9) <= local.time() < time(19)
            assert world.case.rules.calendar.is_calling_day(local.date())


@settings(max_examples=share(0.5))
@given(worlds(), STEPS)
def test_whatever_leaves_is_true_and_about_the_future(world: World, steps):
    live(world, steps)

    for sent in world.sent:
        assert sent.attempt.told == sent.truth
        assert sent.at < sent.truth[0]
        assert sent.status == (Status.CANCELLED if sent.attempt.kind == Kind.CANCELLATION else Status.BOOKED)


@settings(max_examples=share(0.5))
@given(worlds(), STEPS)
def test_nobody_is_told_the_same_twice(world: World, steps):
    live(world, steps)

    arrived = defaultdict(list)
    for attempt in world.case.attempts:
        if attempt.state in (State.SENT, State.UNKNOWN, State.DELIVERED):
            topic = (attempt.audience, attempt.kind, attempt.cause, attempt.step // STEPS_PER_CHAIN)
            arrived[topic].append(attempt)
    assert all(len(attempts) == 1 for attempts in arrived.values())


@settings(max_examples=share(0.5))
@given(worlds(), STEPS)
def test_in_the_end_everyone_knows_or_is_on_the_call_list(world: World, steps):
    live(world, steps)
    case = world.case
    last_change = case.changes[-1].at
    if case.start - last_change < timedelta(minutes=45):
        return  # too late for anyone

    assert knows_or_is_listed(world)


def knows_or_is_listed(world: World) -> bool:
    case = world.case
    cancelled = case.status == Status.CANCELLED
    listed = any(
        each.channel == Channel.DESK and each.state == State.OWED and each.kind in TELLING
        for each in case.attempts
    )
    settled = case.last_settled(Audience.RESIDENT)
    knows = settled is not None and (
        settled.kind == Kind.CANCELLATION if cancelled else settled.told == case.now_told
    )
    assert case.reach is not None
    heard = _heard(case, Audience.RESIDENT, ladder(case.reach, case.rules)[0])
    spoken = heard is not None and (heard.told is None if cancelled else heard.told == case.now_told)
    machine = any(
        each.failure == Failure.MACHINE and each.kind == Kind.CONFIRMATION for each in case.attempts
    )
    return listed or knows or spoken or machine


@settings(max_examples=share(0.5))
@given(worlds(), STEPS)
def test_calls_are_three_at_most_and_on_different_days(world: World, steps):
    live(world, steps)

    calls = defaultdict(list)
    for sent in world.sent:
        if sent.attempt.channel == Channel.VOICE:
            topic = (sent.attempt.audience, sent.attempt.kind, sent.attempt.cause)
            calls[topic].append(world.case.rules.calendar.local(sent.at).date())
    for days in calls.values():
        assert len(set(days)) <= 3
        assert len(days) <= 2 * len(set(days))  # a number that does not exist leaves another, a busy line too


# ---- hours -------------------------------------------------------------------------------------------

INSTANTS = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001
    datetime(2027, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from([PARIS, REUNION]),
)
CALENDARS = st.sampled_from([Calendar(zone, insee) for insee, zone in PLACES.items()])
HOURS = st.builds(
    Hours,
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
