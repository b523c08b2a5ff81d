"""What a screen shows, given a site's day and the present instant. Pure.

Which name is shown, and from when, is in `names.py`. A helper is never named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from booking.engine.timeline import floor_tick, round_up, tick_start
from booking.enums import Status
from kiosk.board.names import namesakes_of, shown_name_among
from kiosk.board.types import (
    Board,
    BoardDay,
    BoardLine,
    BoardVisit,
    CabinDay,
    CabinState,
    Card,
    DelayedVisit,
    LineKind,
    NoWalkIn,
)
from kiosk.board.waits import EARLY, wait_changes_at, wait_of

LATE_AFTER_MIN = 5
FREE_LINE_MIN = 45
"""In minutes. Shorter free times are not listed among the times to come."""

WALK_IN_MIN = 15
"""In minutes. A cabin that is free for less is not offered to walk-ins, since that is too short to be
useful."""

HELPERS_CHANGE = timedelta(minutes=2)
"""How long a board that depends on which helpers are there stays as it is at most."""

ENDING = timedelta(minutes=5)
"""How long before the end a resident alone in the cabin is warned."""

EXTENSION = timedelta(minutes=15)
LINES = 5


def board(day: BoardDay, cabin_id: int | None, now: datetime) -> Board:
    """The board of one cabin, or of all cabins of the site, at `now` (aware)."""
    cabins = [cabin for cabin in day.cabins if _is_shown(cabin, cabin_id)]
    namesakes = namesakes_of(day)
    cards = [_card(day, cabin, namesakes, now) for cabin in cabins]
    lines = [line for card in cards for line in _lines(day, card, namesakes, now, alone=cabin_id is not None)]
    lines += _closed_lines(day, now)
    lines.sort(key=lambda line: (line.at, line.kind, line.cabin.id if line.cabin else 0))
    return Board(cards, lines[:LINES], _changes_at(day, cards, now))


def _is_shown(cabin: CabinDay, cabin_id: int | None) -> bool:
    return cabin.is_shown_in_hall if cabin_id is None else cabin.id == cabin_id


def offline_lines(day: BoardDay, cabin_id: int | None, now: datetime) -> list[BoardLine]:
    """The rest of the day without names: what a screen shows while it has no network."""
    lines: list[BoardLine] = []
    for cabin in day.cabins:
        if not _is_shown(cabin, cabin_id) or not (cabin.in_order or cabin.out_until):
            continue
        shown = None if cabin_id is not None else cabin
        busy = [
            visit
            for visit in sorted(day.visits, key=lambda visit: visit.starts_at)
            if visit.cabin_id == cabin.id
            and visit.is_expected
            and visit.ends_at > now
            and (cabin.in_order or not cabin.out_until or visit.starts_at >= cabin.out_until)
        ]
        lines += [BoardLine(visit.starts_at, LineKind.RESERVED, shown, visit.ends_at) for visit in busy]
    return sorted([*lines, *_closed_lines(day, now)], key=lambda line: line.at)


def _card(day: BoardDay, cabin: CabinDay, namesakes: Counter[str], now: datetime) -> Card:
    visits = [visit for visit in day.visits if visit.cabin_id == cabin.id]
    session = next((visit for visit in visits if visit.status == Status.IN_SESSION), None)
    if session:
        return _session_card(day, cabin, session, visits, now)
    if not cabin.in_order:
        return Card(cabin, CabinState.OUT_OF_ORDER, until=cabin.out_until)
    nearest = _awaited(day, visits, now)
    if nearest:
        return Card(
            cabin,
            _awaited_state(nearest, now),
            at=nearest.starts_at,
            late_min=max(0, int((now - nearest.starts_at).total_seconds() // 60)),
            who=shown_name_among(day, nearest, namesakes, now),
            with_helper=nearest.with_helper,
            visit=nearest,
            delayed=_delayed([nearest], now),
            wait=wait_of(day, nearest, now),
        )
    closes = day.closes_at(now)
    if closes is None:
        opens = day.opens_after(now)
        is_there = opens is not None and (cabin.retired_at is None or opens < cabin.retired_at)
        return Card(cabin, CabinState.CLOSED, until=opens if is_there else None)
    why_not = _no_walk_in(cabin, visits, closes, now)
    until = _free_until(cabin, visits, closes, now, can_begin=why_not is None)
    return Card(cabin, CabinState.FREE, until=until, is_usable=why_not is None, no_walk_in=why_not)


def _no_walk_in(
    cabin: CabinDay, visits: Sequence[BoardVisit], closes: datetime, now: datetime
) -> NoWalkIn | None:
    """Why nobody without an appointment can begin now; None if somebody can."""
    until = cabin.walk_ins_until(closes, _needed_at(cabin, visits, now))
    if until is None:
        if cabin.lacks_skill:
            return NoWalkIn.NO_SKILL
        return NoWalkIn.NO_HELPER if cabin.lacks_helper else NoWalkIn.NO_SERVICE
    if _is_kept(visits, now):
        return NoWalkIn.KEPT
    if all(kind.helped_until is not None and kind.helped_until <= now for kind in cabin.walk_ins):
        return NoWalkIn.NO_HELPER  # with somebody else
    return NoWalkIn.SHORT if until - now < timedelta(minutes=WALK_IN_MIN) else None


def _is_kept(visits: Sequence[BoardVisit], now: datetime) -> bool:
    """Whether someone who has not come still has the cabin, until the end of their turnaround: walk-ins
    may not begin."""
    return any(visit.is_expected and visit.starts_at <= now < visit.blocked_until for visit in visits)


def _session_card(
    day: BoardDay, cabin: CabinDay, session: BoardVisit, visits: Sequence[BoardVisit], now: datetime
) -> Card:
    longer = max(session.ends_at, round_up(now)) + EXTENSION
    ready = round_up(longer) + (session.blocked_until - round_up(session.ends_at))
    to_come = [visit.starts_at for visit in visits if visit.is_expected]
    later = [start for start in (*to_come, cabin.retired_at) if start and start > session.starts_at]
    needed_at = min(later, default=None)
    closes = day.closes_at(session.starts_at)
    return Card(
        cabin,
        CabinState.OVERTIME if now >= session.ends_at else CabinState.IN_SESSION,
        until=session.ends_at,
        with_helper=session.with_helper,
        visit=session,
        delayed=_delayed(visits, now),
        wait=wait_of(day, session, now),
        is_ending=now >= session.ends_at - ENDING,
        can_extend=(needed_at is None or ready <= needed_at) and (closes is None or longer <= closes),
    )


def _delayed(visits: Sequence[BoardVisit], now: datetime) -> DelayedVisit | None:
    """The first of these visits whose helper is late."""
    late = [DelayedVisit(visit.starts_at, begins) for visit in visits if (begins := visit.begins_late(now))]
    return min(late, key=lambda each: each.at, default=None)


def _awaited(day: BoardDay, visits: Sequence[BoardVisit], now: datetime) -> BoardVisit | None:
    """The visit that the cabin waits for now, or whose resident waits there: the earliest that is not
    over."""
    candidates = [
        visit
        for visit in visits
        if visit.is_expected
        and now >= visit.starts_at - (EARLY if visit.status == Status.ARRIVED else day.waiting)
        and (now < visit.ends_at or visit.begins_late(now))
        and day.is_served(visit)
    ]
    return min(candidates, key=lambda visit: (visit.starts_at, visit.id), default=None)


def _awaited_state(visit: BoardVisit, now: datetime) -> CabinState:
    """The card's state for this visit. While the helper is late, the resident is not."""
    if visit.status == Status.ARRIVED:
        return CabinState.ARRIVED
    begins = max(visit.starts_at, visit.expected_at or visit.starts_at)
    if now < begins:
        return CabinState.WAITING
    if now < begins + timedelta(minutes=LATE_AFTER_MIN):
        return CabinState.EXPECTED
    return CabinState.LATE


def _free_until(
    cabin: CabinDay, visits: Sequence[BoardVisit], closes: datetime, now: datetime, *, can_begin: bool
) -> datetime:
    """« Libre jusqu'à », on the card as on the sheets. Where a visit can begin: how long it could last, with
    the time to make the cabin ready before the next one; else when the next appointment begins, the site
    closes or the cabin is retired."""
    needed_at = _needed_at(cabin, visits, now)
    lasts = cabin.walk_ins_until(closes, needed_at) if can_begin else None
    return lasts or min(closes, needed_at or closes)


def _needed_at(cabin: CabinDay, visits: Sequence[BoardVisit], now: datetime) -> datetime | None:
    """When the next appointment begins, or the cabin is retired."""
    starts = [visit.starts_at for visit in visits if visit.is_expected and visit.starts_at > now]
    return min([*starts, *filter(None, [cabin.retired_at])], default=None)


def _lines(
    day: BoardDay, card: Card, namesakes: Counter[str], now: datetime, *, alone: bool
) -> Iterator[BoardLine]:
    """What is to come in one cabin: appointments, and free times long enough to be listed."""
    if card.state == CabinState.OUT_OF_ORDER:
        return
    cabin = None if alone else card.cabin
    visits = sorted(
        (visit for visit in day.visits if visit.cabin_id == card.cabin.id and visit.ends_at > now),
        key=lambda visit: visit.starts_at,
    )
    for visit in visits:
        if visit.is_expected and visit != card.visit and day.is_served(visit):
            arrived = visit.status == Status.ARRIVED
            known = shown_name_among(day, visit, namesakes, now)
            yield BoardLine(
                visit.starts_at,
                LineKind.RESERVED,
                cabin,
                visit.ends_at,
                who=known,
                has_arrived=arrived,
                begins_at=visit.begins_late(now),
            )
    busy = [visit for visit in visits if visit.is_expected or visit.status == Status.IN_SESSION]
    for start, free_until in _free_stretches(day, busy, now):
        end = min(free_until, card.cabin.retired_at or free_until)
        if end - start >= timedelta(minutes=FREE_LINE_MIN):
            yield BoardLine(start, LineKind.FREE, cabin, until=end, can_begin=card.cabin.is_open_later)


def _free_stretches(
    day: BoardDay, busy: Sequence[BoardVisit], now: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Free times of a cabin that begin later today. Time that is free now is shown by the card."""
    for opens, closes in _openings_today(day, now):
        cursor = max(opens, now)
        for visit in busy:
            if visit.starts_at >= closes or visit.blocked_until <= cursor:
                continue
            if now < cursor < visit.starts_at:
                yield cursor, visit.starts_at
            cursor = max(cursor, visit.blocked_until)
        if now < cursor < closes:
            yield cursor, closes


def _closed_lines(day: BoardDay, now: datetime) -> Iterator[BoardLine]:
    """The breaks between two of today's opening times."""
    openings = list(_openings_today(day, now))
    for (_, closes), (opens, _) in pairwise(openings):
        if closes > now:
            yield BoardLine(closes, LineKind.CLOSED, until=opens)


def _openings_today(day: BoardDay, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    today = now.astimezone(day.tz).date()
    for start, end in day.open_spans:
        if end > now and start.astimezone(day.tz).date() <= today:
            yield start, end


def _walk_ins_change_at(day: BoardDay, cabin: CabinDay, now: datetime) -> Iterator[datetime]:
    """When it may be otherwise whether somebody can begin in a free cabin. Helpers come and go by the clock:
    no change of the board tells of it."""
    visits = [visit for visit in day.visits if visit.cabin_id == cabin.id]
    until = cabin.walk_ins_until(day.closes_at(now) or now, _needed_at(cabin, visits, now))
    if until:
        yield until - timedelta(minutes=WALK_IN_MIN) + timedelta(microseconds=1)
    if cabin.lacks_helper or not cabin.is_open_later:
        yield now + HELPERS_CHANGE


def _changes_at(day: BoardDay, cards: Sequence[Card], now: datetime) -> datetime:
    """The next instant at which this day's board may look different; local midnight at the latest."""
    midnight = (now.astimezone(day.tz) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    instants = [midnight]
    for visit in day.visits:
        start = visit.starts_at
        late = start + timedelta(minutes=LATE_AFTER_MIN)
        instants += [start - day.waiting, start - day.name_shown, start, late]
        instants += [visit.ends_at - ENDING, visit.ends_at, visit.blocked_until]
        if visit.expected_at:
            instants += [visit.expected_at, visit.expected_at + timedelta(minutes=LATE_AFTER_MIN)]
        instants += wait_changes_at(visit)
    for opens, closes in day.open_spans:
        instants += [opens, closes - timedelta(minutes=WALK_IN_MIN) + timedelta(microseconds=1), closes]
    instants += [at for cabin in day.cabins for at in (cabin.out_until, cabin.retired_at) if at]
    for card in cards:
        if card.state == CabinState.FREE:
            instants += _walk_ins_change_at(day, card.cabin, now)
        if card.state == CabinState.OVERTIME and card.visit:
            ready = card.visit.blocked_until - round_up(card.visit.ends_at)
            ends = [visit.starts_at - ready for visit in day.visits]
            ends += [closes for _, closes in day.open_spans]
            ends += [card.cabin.retired_at - ready] if card.cabin.retired_at else []
            lasts = [tick_start(floor_tick(end - EXTENSION)) for end in ends]
            instants += [last + timedelta(microseconds=1) for last in lasts]
        if card.at is not None and now >= card.at:
            instants.append(card.at + timedelta(minutes=card.late_min + 1))
    return min(instant for instant in instants if instant > now)
