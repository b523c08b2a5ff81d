"""What a board shows in each state, and what it never shows."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.enums import Status
from kiosk.board.layout import board, offline_lines
from kiosk.board.names import shown_name
from kiosk.board.types import Board, BoardDay, BoardVisit, CabinDay, CabinState, Card, DelayedVisit, LineKind
from tests.factories import PARIS, at

HALL = CabinDay(1, "Cabine du hall")
UPSTAIRS = CabinDay(2, "Cabine de l’étage")
OPEN = [(at(9), at(12)), (at(13, 30), at(17)), (at(9, day=25), at(12, day=25))]


def visit(
    hour: int, minute: int = 0, *, cabin: CabinDay = HALL, minutes: int = 45, **fields: object
) -> BoardVisit:
    start = at(hour, minute)
    values: dict[str, object] = {
        "id": hour * 60 + minute,
        "cabin_id": cabin.id,
        "number": f"{hour:02}{minute:02}00",
        "status": Status.BOOKED,
        "starts_at": start,
        "ends_at": start + timedelta(minutes=minutes),
        "blocked_until": start + timedelta(minutes=minutes + 10),
        "name": "Fatima B.",
        **fields,
    }
    return BoardVisit(**values)  # type: ignore[arg-type]


def day(*visits: BoardVisit, **fields: object) -> BoardDay:
    values: dict[str, object] = {
        "tz": PARIS,
        "name_shown_minutes_before": 20,
        "cabins": [HALL],
        "visits": visits,
        "open_spans": OPEN,
        **fields,
    }
    return BoardDay(**values)  # type: ignore[arg-type]


def card(site_day: BoardDay, now: datetime) -> Card:
    return board(site_day, HALL.id, now).cards[0]


def test_an_empty_morning_is_free_until_the_closing() -> None:
    assert (card(day(), at(10)).state, card(day(), at(10)).until) == (CabinState.FREE, at(12))


def test_free_until_the_next_appointment() -> None:
    shown = card(day(visit(11)), at(10))
    assert (shown.state, shown.until, shown.is_usable) == (CabinState.FREE, at(11), True)


def test_waits_for_someone_from_twenty_minutes_before() -> None:
    assert card(day(visit(10, 30)), at(10, 9)).state == CabinState.FREE
    shown = card(day(visit(10, 30)), at(10, 10))
    assert (shown.state, shown.at, shown.who and shown.who.name) == (
        CabinState.WAITING,
        at(10, 30),
        "Fatima B.",
    )


def test_expects_someone_at_the_time_then_says_how_late() -> None:
    site_day = day(visit(10, 30))
    assert card(site_day, at(10, 30)).state == CabinState.EXPECTED
    late = card(site_day, at(10, 37))
    assert (late.state, late.late_min) == (CabinState.LATE, 7)


def test_stops_waiting_at_the_planned_end() -> None:
    assert card(day(visit(10, 30)), at(11, 15)).state == CabinState.FREE


def test_a_cabin_is_not_offered_while_it_is_kept_after_someone_who_did_not_come() -> None:
    site_day = day(visit(10, 0))
    kept = board(site_day, HALL.id, at(10, 50))
    assert (kept.cards[0].state, kept.cards[0].is_usable) == (CabinState.FREE, False)
    assert kept.changes_at == at(10, 55)
    assert card(site_day, at(10, 55)).is_usable


def test_a_cabin_is_not_offered_for_a_time_in_which_nothing_is_done() -> None:
    assert board(day(), HALL.id, at(11, 40)).changes_at == at(11, 45) + timedelta(microseconds=1)
    assert card(day(), at(11, 45)).is_usable
    assert not card(day(), at(11, 46)).is_usable


def test_says_that_an_arrival_is_noted() -> None:
    assert card(day(visit(10, 30, status=Status.ARRIVED)), at(10, 24)).state == CabinState.ARRIVED


def test_a_running_session_shows_until_when_and_no_name() -> None:
    shown = card(day(visit(10, 30, status=Status.IN_SESSION)), at(10, 40))
    assert (shown.state, shown.until, shown.who) == (CabinState.IN_SESSION, at(11, 15), None)


def test_a_session_past_its_end_goes_on() -> None:
    assert card(day(visit(10, 30, status=Status.IN_SESSION)), at(11, 20)).state == CabinState.OVERTIME


def test_the_next_person_shows_among_the_times_while_a_session_runs() -> None:
    site_day = day(visit(9, 30, status=Status.IN_SESSION), visit(10, 30))
    lines = board(site_day, HALL.id, at(10, 20)).lines
    assert (lines[0].at, lines[0].who and lines[0].who.name) == (at(10, 30), "Fatima B.")


def test_closed_until_the_next_opening_even_tomorrow() -> None:
    assert (card(day(), at(12, 30)).state, card(day(), at(12, 30)).until) == (CabinState.CLOSED, at(13, 30))
    assert card(day(), at(18)).until == at(9, day=25)


def test_an_out_of_order_cabin_offers_nothing() -> None:
    shown = board(day(visit(11), cabins=[replace(HALL, in_order=False)]), HALL.id, at(10))
    assert shown.cards[0].state == CabinState.OUT_OF_ORDER
    assert [line.kind for line in shown.lines] == [LineKind.CLOSED]


def test_an_out_of_order_cabin_says_until_when_and_is_looked_at_again_then() -> None:
    out = replace(HALL, in_order=False, out_until=at(10, 10))
    shown = board(day(visit(11), cabins=[out]), HALL.id, at(10))
    assert (shown.cards[0].state, shown.cards[0].until) == (CabinState.OUT_OF_ORDER, at(10, 10))
    assert shown.changes_at == at(10, 10)
    offline = offline_lines(day(visit(10), visit(11), cabins=[out]), HALL.id, at(9))
    assert [line.at for line in offline if line.kind == LineKind.RESERVED] == [at(11)]


def test_nobody_is_waited_for_when_the_site_has_been_closed() -> None:
    site_day = day(visit(10, 30), open_spans=[(at(13, 30), at(17))])
    shown = board(site_day, HALL.id, at(10, 30))
    assert shown.cards[0].state == CabinState.CLOSED
    assert [line.at for line in shown.lines if line.kind == LineKind.RESERVED] == []


def test_the_rest_of_the_day_reads_as_in_the_drawing() -> None:
    site_day = day(visit(10, 30), visit(11, 15), visit(14), visit(14, 45, minutes=65))
    lines = board(site_day, HALL.id, at(10, 24)).lines
    assert [(line.at, line.kind, line.until) for line in lines] == [
        (at(11, 15), LineKind.RESERVED, at(12)),
        (at(12), LineKind.CLOSED, at(13, 30)),
        (at(14), LineKind.RESERVED, at(14, 45)),
        (at(14, 45), LineKind.RESERVED, at(15, 50)),
        (at(16), LineKind.FREE, at(17)),
    ]


def test_two_people_who_read_the_same_carry_their_number() -> None:
    site_day = day(visit(10, 30), visit(14, name="fàtima b."))
    shown = shown_name(site_day, site_day.visits[0], at(10, 24))
    assert shown is not None
    assert (shown.name, shown.number) == ("Fatima B.", "103000")


def test_who_asked_for_it_is_a_number_only() -> None:
    shown = card(day(visit(10, 30, number_only=True)), at(10, 24)).who
    assert shown is not None
    assert (shown.name, shown.number) == ("", "103000")


def test_a_hold_keeps_its_place_without_a_name() -> None:
    shown = card(day(visit(10, 30, status=Status.HELD)), at(10, 24))
    assert (shown.state, shown.who) == (CabinState.WAITING, None)


def test_a_commune_may_show_names_later_or_never() -> None:
    site_day = day(visit(10, 30), name_shown_minutes_before=0)
    assert card(site_day, at(10, 24)).who is None
    assert card(site_day, at(10, 24)).state == CabinState.WAITING


def test_a_hall_shows_every_cabin() -> None:
    site_day = day(visit(10, 30), visit(14, cabin=UPSTAIRS), cabins=[HALL, UPSTAIRS])
    shown = board(site_day, None, at(10, 24))
    assert [each.state for each in shown.cards] == [CabinState.WAITING, CabinState.FREE]
    assert [line.cabin for line in shown.lines if line.kind == LineKind.RESERVED] == [UPSTAIRS]


def test_a_session_may_be_longer_only_where_there_is_room() -> None:
    running = visit(9, 30, status=Status.IN_SESSION)
    assert card(day(running), at(10)).can_extend
    assert not card(day(running, visit(10, 30)), at(10)).can_extend
    assert card(day(running, visit(10, 40)), at(10)).can_extend


def test_the_end_is_near_five_minutes_before() -> None:
    running = day(visit(9, 30, status=Status.IN_SESSION))
    assert not card(running, at(10, 9)).is_ending
    assert card(running, at(10, 10)).is_ending


def test_the_plan_of_the_day_has_every_time_and_no_name() -> None:
    site_day = day(*(visit(hour) for hour in (9, 10, 11, 14, 15, 16)))
    lines = offline_lines(site_day, HALL.id, at(9))
    assert [line.at.hour for line in lines] == [9, 10, 11, 12, 14, 15, 16]
    assert not any(line.who for line in lines)


# ---- whatever the day ----

NAMES = ("Fatima B.", "Fatima B.", "Zoé L.", "Aldjia N.", "")


@st.composite
def days(draw: st.DrawFn) -> BoardDay:
    """Days with at most one session per cabin; visits of one cabin do not overlap, as the database has it."""
    visits: list[BoardVisit] = []
    for cabin in (HALL, UPSTAIRS):
        tick, has_session = 0, False
        for _ in range(draw(st.integers(0, 6))):
            tick += draw(st.integers(0, 12))
            minutes = draw(st.sampled_from((15, 45, 60)))
            status = draw(st.sampled_from([s for s in Status if s != Status.LAPSED]))
            if status == Status.IN_SESSION:
                if has_session:
                    continue
                has_session = True
            start = at(8) + timedelta(minutes=5 * tick)
            turnaround = draw(st.sampled_from((0, 10)))
            visits.append(
                BoardVisit(
                    id=len(visits) + 1,
                    cabin_id=cabin.id,
                    number=f"{len(visits):06}",
                    status=status,
                    starts_at=start,
                    ends_at=start + timedelta(minutes=minutes),
                    blocked_until=start + timedelta(minutes=minutes + turnaround),
                    name=draw(st.sampled_from(NAMES)),
                    number_only=draw(st.booleans()),
                    with_helper=draw(st.booleans()),
                    expected_at=draw(st.sampled_from((None, start + timedelta(minutes=25)))),
                )
            )
            tick += (minutes + turnaround) // 5
    return day(
        *visits,
        cabins=[replace(HALL, in_order=draw(st.booleans())), UPSTAIRS],
        name_shown_minutes_before=draw(st.sampled_from((0, 10, 20, 60))),
    )


MOMENTS = st.integers(0, 15 * 60).map(lambda minutes: at(7) + timedelta(minutes=minutes))
SCREENS = st.sampled_from((None, HALL.id))


def named(shown: Board) -> list[tuple[datetime, str]]:
    cards = [(each.at, each.who.name) for each in shown.cards if each.at and each.who and each.who.name]
    lines = [(line.at, line.who.name) for line in shown.lines if line.who and line.who.name]
    return [*cards, *lines]


@given(days(), SCREENS, MOMENTS)
def test_no_name_is_shown_outside_its_time(site_day: BoardDay, cabin_id: int | None, now: datetime) -> None:
    allowed = {
        (visit.starts_at, visit.name)
        for visit in site_day.visits
        if visit.status in (Status.BOOKED, Status.ARRIVED)
        and not visit.number_only
        and visit.starts_at - timedelta(minutes=site_day.name_shown_minutes_before) <= now < visit.ends_at
    }
    assert set(named(board(site_day, cabin_id, now))) <= allowed


@given(days(), SCREENS, MOMENTS)
def test_two_who_read_the_same_are_never_shown_by_the_name_alone(
    site_day: BoardDay, cabin_id: int | None, now: datetime
) -> None:
    names = [visit.name for visit in site_day.visits if visit.name and not visit.number_only]
    shown = board(site_day, cabin_id, now)
    for one in [*(each.who for each in shown.cards), *(line.who for line in shown.lines)]:
        if one and one.name and names.count(one.name) > 1:
            assert one.number


@given(days(), SCREENS, MOMENTS, st.floats(0, 1, exclude_max=True))
def test_a_board_stays_as_it_is_until_it_says(
    site_day: BoardDay, cabin_id: int | None, now: datetime, share: float
) -> None:
    shown = board(site_day, cabin_id, now)
    assert shown.changes_at > now
    # A share just below 1 rounds to the whole: the last instant before is what is meant.
    instant = min(now + (shown.changes_at - now) * share, shown.changes_at - timedelta(microseconds=1))
    then = board(site_day, cabin_id, instant)
    assert (then.cards, then.lines) == (shown.cards, shown.lines)


@given(days(), MOMENTS)
def test_a_free_cabin_is_free_of_appointments_until_it_says(site_day: BoardDay, now: datetime) -> None:
    for each in board(site_day, None, now).cards:
        if each.state != CabinState.FREE:
            continue
        assert each.until is not None
        overlapping = [
            visit
            for visit in site_day.visits
            if visit.cabin_id == each.cabin.id
            and (visit.is_expected or visit.status == Status.IN_SESSION)
            and visit.starts_at < each.until
            and visit.ends_at > now
            and visit.starts_at > now
        ]
        assert overlapping == []


@pytest.mark.parametrize("state", list(CabinState))
def test_every_state_can_be_reached(state: CabinState) -> None:
    examples = {
        CabinState.WAITING: (day(visit(10, 30)), at(10, 20)),
        CabinState.EXPECTED: (day(visit(10, 30)), at(10, 31)),
        CabinState.LATE: (day(visit(10, 30)), at(10, 40)),
        CabinState.ARRIVED: (day(visit(10, 30, status=Status.ARRIVED)), at(10, 20)),
        CabinState.IN_SESSION: (day(visit(10, 30, status=Status.IN_SESSION)), at(10, 40)),
        CabinState.OVERTIME: (day(visit(10, 30, status=Status.IN_SESSION)), at(11, 40)),
        CabinState.FREE: (day(), at(10)),
        CabinState.CLOSED: (day(), at(8)),
        CabinState.OUT_OF_ORDER: (day(cabins=[replace(HALL, in_order=False)]), at(10)),
    }
    site_day, now = examples[state]
    assert card(site_day, now).state == state


# ---- a helper who is late ------------------------------------------------------------------------


def test_a_late_helper_is_announced_until_the_time_they_said() -> None:
    late = day(visit(10, 30, expected_at=at(10, 45)), visit(11, 25, expected_at=at(11, 40)))
    shown = board(late, HALL.id, at(10, 20))
    assert shown.cards[0].delayed == DelayedVisit(at(10, 30), at(10, 45))
    assert [line.begins_at for line in shown.lines if line.kind == LineKind.RESERVED] == [at(11, 40)]
    assert card(late, at(10, 45)).delayed is None
    assert board(late, HALL.id, at(10, 44)).changes_at == at(10, 45)


def test_nobody_is_late_for_a_helper_who_is() -> None:
    late = day(visit(10, 30, expected_at=at(10, 45)))
    states = [card(late, at(10, minute)).state for minute in (25, 40, 46, 50)]
    assert states == [CabinState.WAITING, CabinState.WAITING, CabinState.EXPECTED, CabinState.LATE]


def test_who_waits_for_a_late_helper_stays_on_the_board_past_the_planned_end() -> None:
    late = day(visit(10, 30, minutes=15, status=Status.ARRIVED, expected_at=at(11)))
    shown = card(late, at(10, 50))
    assert (shown.state, shown.delayed, shown.who) == (
        CabinState.ARRIVED,
        DelayedVisit(at(10, 30), at(11)),
        None,
    )
    assert card(late, at(11)).state == CabinState.FREE


def test_once_it_has_begun_nothing_is_said_of_the_delay() -> None:
    begun = day(visit(10, 30, status=Status.IN_SESSION, expected_at=at(10, 45)))
    assert card(begun, at(10, 35)).delayed is None


def test_a_session_that_goes_on_says_when_the_next_one_begins() -> None:
    next_one = visit(10, 30, expected_at=at(10, 45))
    shown = card(day(visit(9, 45, status=Status.IN_SESSION), next_one), at(10, 25))
    assert (shown.state, shown.delayed) == (CabinState.IN_SESSION, DelayedVisit(at(10, 30), at(10, 45)))


def test_a_cabin_that_is_not_there_is_on_its_own_screen_only() -> None:
    gone = CabinDay(HALL.id + 1, "Cabine bleue", in_order=False, is_shown_in_hall=False)
    a_day = day()
    a_day = replace(a_day, cabins=[*a_day.cabins, gone])
    assert [card.cabin for card in board(a_day, None, at(10)).cards] == [HALL]
    (card,) = board(a_day, gone.id, at(10)).cards
    assert card.state == CabinState.OUT_OF_ORDER
