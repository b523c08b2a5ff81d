"""The values of a board: the day of a site as far as a screen may know it, and what is drawn of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from booking.enums import Status

WAITING_MIN = 20
"""At the latest this many minutes before an appointment, the board changes from « libre » to « nous
attendons »."""

EXPECTED = (Status.HELD, Status.BOOKED, Status.ARRIVED)
"""Statuses of an appointment that has not begun yet."""


class CabinState(StrEnum):
    WAITING = "waiting"
    EXPECTED = "expected"
    LATE = "late"
    ARRIVED = "arrived"
    IN_SESSION = "in_session"
    OVERTIME = "overtime"
    FREE = "free"
    CLOSED = "closed"
    OUT_OF_ORDER = "out_of_order"


class Wait(StrEnum):
    """What a resident who has arrived waits for."""

    TURN = "turn"
    CABIN = "cabin"
    LATE_HELPER = "late_helper"
    HELPER = "helper"
    DESK = "desk"
    COMING = "coming"
    RECEPTION = "reception"


class LineKind(StrEnum):
    """What a line of the times to come says."""

    RESERVED = "reserved"
    FREE = "free"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class BoardVisit:
    """An appointment as far as a screen may know it. `name` is a first name and an initial."""

    id: int
    cabin_id: int
    number: str
    status: Status
    starts_at: datetime
    ends_at: datetime
    blocked_until: datetime
    name: str = ""
    number_only: bool = False
    with_helper: bool = False
    is_walk_in: bool = False
    resident_id: int | None = None
    expected_at: datetime | None = None
    """About when it begins, if its helper said that they are late."""
    arrived_at: datetime | None = None
    coming_at: datetime | None = None
    helper_is_here: bool = False
    """Whether its helper is on duty at the site now."""
    calls_helper: bool = False
    """Whether it was begun on a screen with a helper, who must be told to come."""

    @property
    def said_coming(self) -> datetime | None:
        """When an agent said that they come for this resident, since the resident arrived."""
        came, coming = self.arrived_at, self.coming_at
        return coming if came and coming and coming >= came else None

    @property
    def is_expected(self) -> bool:
        return self.status in EXPECTED

    def begins_late(self, now: datetime) -> datetime | None:
        """About when it begins, if its helper is late and that time is still to come."""
        later = self.expected_at is not None and self.expected_at > max(now, self.starts_at)
        return self.expected_at if later and self.is_expected else None


class NoWalkIn(StrEnum):
    """Why nobody without an appointment can begin in a cabin that is free."""

    KEPT = "kept"
    SHORT = "short"
    NO_HELPER = "no_helper"
    NO_SKILL = "no_skill"
    NO_SERVICE = "no_service"


@dataclass(frozen=True, slots=True)
class WalkInKind:
    """Of a service that may begin in a cabin without an appointment: the time after it in which the cabin is
    made ready; `helped_until`: how long a helper has time, None if it needs none."""

    turnaround: timedelta = timedelta(0)
    helped_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CabinDay:
    """`walk_ins`: what may begin in it without an appointment, of the services that need no helper or whose
    helper is there; `lacks_helper`: whether it has only others; `lacks_skill`: whether no helper who is
    there, or none at all, can do any of those."""

    id: int
    name: str
    in_order: bool = True
    directions: str = ""
    out_until: datetime | None = None
    """If it is out of order: until when, if known."""
    is_shown_in_hall: bool = True
    """False for a cabin that is retired or not in service yet: only its own screen says so."""
    retired_at: datetime | None = None
    """When it is retired, if that is known."""
    walk_ins: Sequence[WalkInKind] = (WalkInKind(),)
    lacks_helper: bool = False
    lacks_skill: bool = False

    @property
    def is_open_later(self) -> bool:
        """Whether a visit without an appointment could begin in it at another time of the day."""
        return any(kind.helped_until is None for kind in self.walk_ins)

    def walk_ins_until(self, closes: datetime, needed_at: datetime | None) -> datetime | None:
        """How long a visit that begins now could last; None if there is none. `needed_at`: when the cabin
        must be ready for what follows."""
        ends = []
        for kind in self.walk_ins:
            limits = [closes, kind.helped_until, needed_at and needed_at - kind.turnaround]
            ends.append(min(limit for limit in limits if limit))
        return max(ends, default=None)


@dataclass(frozen=True, slots=True)
class BoardDay:
    """The local day of a site; if it is open past midnight, with the hours after midnight. `open_spans`
    are in order and without closures. They go on after the day, so that the board of a closed site can say
    when it opens next."""

    tz: tzinfo
    name_shown_minutes_before: int
    cabins: Sequence[CabinDay]
    visits: Sequence[BoardVisit]
    open_spans: Sequence[tuple[datetime, datetime]]

    @property
    def name_shown(self) -> timedelta:
        return timedelta(minutes=self.name_shown_minutes_before)

    @property
    def waiting(self) -> timedelta:
        return timedelta(minutes=max(self.name_shown_minutes_before, WAITING_MIN))

    def closes_at(self, at: datetime) -> datetime | None:
        """The end of the opening time that contains `at`; None if the site is closed then."""
        return next((end for start, end in self.open_spans if start <= at < end), None)

    def opens_after(self, at: datetime) -> datetime | None:
        return next((start for start, _ in self.open_spans if start > at), None)

    def may_begin(self, visit: BoardVisit, now: datetime) -> bool:
        """Whether the cabin is free for this visit: nobody is in it, and no earlier visit is still
        expected."""
        return not any(
            other.status == Status.IN_SESSION
            or (other.is_expected and other.starts_at < visit.starts_at and other.ends_at > now)
            for other in self.visits
            if other.cabin_id == visit.cabin_id and other.id != visit.id
        )

    def is_served(self, visit: BoardVisit) -> bool:
        """Whether the site is open for at least a part of it: a closure may have been added after the
        booking."""
        return any(start < visit.ends_at and visit.starts_at < end for start, end in self.open_spans)


@dataclass(frozen=True, slots=True)
class ShownName:
    """How a resident is shown: by name, with `number` if another name is alike, or by the number alone."""

    name: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class DelayedVisit:
    """A visit planned for `at` whose helper is late: it begins at about `begins_at`."""

    at: datetime
    begins_at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """The state of one cabin. `at` is the time shown large; `until` is when the state ends, if known;
    `delayed` is the present or next visit, if its helper is late."""

    cabin: CabinDay
    state: CabinState
    at: datetime | None = None
    until: datetime | None = None
    late_min: int = 0
    who: ShownName | None = None
    with_helper: bool = False
    visit: BoardVisit | None = None
    delayed: DelayedVisit | None = None
    is_ending: bool = False
    can_extend: bool = False
    is_usable: bool = False
    """Whether a walk-in may use the cabin now."""
    no_walk_in: NoWalkIn | None = None
    """If the cabin is free and not usable: why."""
    wait: Wait | None = None
    """What its resident waits for, who has arrived."""


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One of the times to come."""

    at: datetime
    kind: LineKind
    cabin: CabinDay | None = None
    until: datetime | None = None
    who: ShownName | None = None
    has_arrived: bool = False
    begins_at: datetime | None = None
    can_begin: bool = True
    """Of a free time: whether a visit without an appointment can begin then."""


@dataclass(frozen=True, slots=True)
class Board:
    """What a screen draws. It stays the same until `changes_at`, unless the day's appointments change."""

    cards: Sequence[Card]
    lines: Sequence[BoardLine]
    changes_at: datetime
