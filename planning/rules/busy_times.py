"""When a calendar file says busy, event by event: one that cannot be understood is left out and named.

A calendar of 200 bytes can repeat an event for ever: it is read by `planning/rules/calendar_reader.py`, in a
process of its own, with limits.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Event
from icalendar.cal.timezone import Timezone
from icalendar.parser import Contentline
from icalendar.prop import vPeriod

from core.localtime import Span, merged_within
from planning.rules.calendar_parts import CutShort, NotACalendar, Part, parts_of

MOST_STRETCHES = 4000
"""Eleven a day for a year. Each becomes an absence, and the team's pages read all absences."""
MOST_A_DAY = 48
"""One for each half hour of the day and night."""
MOST_NAMED = 5
"""So many events that were left out are named; the others are counted."""
SHORTEST_PAUSE = timedelta(minutes=5)
"""Spans with a shorter pause become one span. Availability counts in ticks of five minutes and rounds busy
time outward, so such a pause was never free."""

_TOO_OFTEN = {"SECONDLY", "MINUTELY"}
"""No real busy time repeats this often: it is left out at once instead of after the time limit."""
_DATES = {"DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "EXDATE", "RDATE"}


class Unreadable(Exception):
    """A calendar that cannot be read; `problem` is a key of `planning.errors.PROBLEMS`."""

    def __init__(self, problem: str, left_out: "LeftOut | None" = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.left_out = left_out or LeftOut()


class TookTooLong(BaseException):
    """Raised by a `Watch` in the middle of an event. Not an Exception: no library may catch it."""


class Named(NamedTuple):
    """An event that was left out: where it begins in the file, its title, its day (ISO 8601; empty if none
    can be read), and why: a key of `planning.errors.LEFT_OUT`."""

    line: int
    title: str
    on: str
    why: str


@dataclass
class LeftOut:
    """How many events were left out, and the first of them."""

    count: int = 0
    first: list[Named] = field(default_factory=list)

    def note(self, part: Part, why: str) -> None:
        self.count += 1
        if len(self.first) < MOST_NAMED:
            self.first.append(Named(part.line, part.title, part.on.isoformat() if part.on else "", why))


@dataclass(frozen=True)
class BusyTimes:
    """The busy spans of a calendar, sorted, in UTC, and what was left out."""

    spans: list[Span]
    left_out: LeftOut


type Watch = Callable[[], AbstractContextManager[object]]
"""Made anew for each event: it ends the work inside with TookTooLong, or raises Unreadable if no time is
left."""


type Read = tuple[Part, Event]
"""An event as it was written, and as the library understands it."""


class _Unclear(Exception):
    """An event that is left out; `why` is a key of `planning.errors.LEFT_OUT`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def busy_times(
    body: bytes, *, first: date, days: int, tz: ZoneInfo, mine: str = "", watch: Watch = nullcontext
) -> BusyTimes:
    """When a calendar says busy over some local days; raises Unreadable.

    Spans less than five minutes apart are made one. Whole days last from midnight to midnight; times without
    a zone are in `tz`. Cancelled events, events marked as free and invitations that the agent declined do not
    count; `mine` is the agent's e-mail. Events of the past cost next to nothing. This function itself limits
    neither time nor memory: `watch` does.
    """
    reading = _Reading(first=first, days=days, tz=tz, mine=mine.strip().casefold(), watch=watch)
    try:
        for part in parts_of(body):
            reading.take(part)
    except NotACalendar:
        raise Unreadable("not_a_calendar") from None
    except CutShort:
        raise Unreadable("cut_short") from None
    reading.work()
    stretches = reading.stretches(reading.spans)
    if reading.left_out.count and not reading.understood:
        raise Unreadable(_problem(reading.left_out), reading.left_out)
    _check(stretches, tz, Unreadable)
    return BusyTimes(stretches, reading.left_out)


def _problem(left_out: LeftOut) -> str:
    """Why a calendar is refused of which nothing was understood."""
    costly = [each.why for each in left_out.first if each.why.startswith("too_")]
    return costly[0] if costly else "bad_event"


def _check(stretches: list[Span], tz: ZoneInfo, error: Callable[[str], Exception]) -> None:
    if len(stretches) > MOST_STRETCHES:
        raise error("too_many")
    if most_begun_on_a_day((start for start, _end in stretches), tz) > MOST_A_DAY:
        raise error("too_many_a_day")


def most_begun_on_a_day(starts: Iterable[datetime], tz: ZoneInfo) -> int:
    """The largest number of spans that begin on one local day."""
    return max(Counter(start.astimezone(tz).date() for start in starts).values(), default=0)


@dataclass
class _Reading:
    first: date
    days: int
    tz: ZoneInfo
    mine: str
    watch: Watch
    spans: list[Span] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)
    understood: int = 0
    events: dict[object, list[Part]] = field(default_factory=dict)
    others: list[Part] = field(default_factory=list)

    def take(self, part: Part) -> None:
        """Sort the components. The parts of one series have one UID; an event of the past is done with."""
        if part.name != b"VEVENT":
            self.others.append(part)
        elif not part.is_whole:
            self.left_out.note(part, "cut_short")
        elif part.ends_before(self.first):
            self.understood += 1
        else:
            self.events.setdefault(part.first(b"UID") or id(part), []).append(part)

    def work(self) -> None:
        for part in self.others:
            if part.name == b"VTIMEZONE":
                self._try(part, _define, part, is_named=False)
        for part in self.others:
            if part.name == b"VFREEBUSY":
                self._try(part, self._periods, part)
        for parts in self.events.values():
            self._read_series(parts)

    def _read_series(self, parts: list[Part]) -> None:
        """Read an event with the changes of its occurrences. If they cannot be read together, each is read
        alone, so that the bad one among them is left out and no other."""
        events: list[Read] = []
        for part in parts:
            self._try(part, lambda each: events.append((each, _event(each))), part, counts=False)
        for series in _series(events):
            if len(series) == 1 or not self._try(series[0][0], self._occur, series, is_named=False):
                for one in series:
                    self._try(one[0], self._occur, [one])

    def _try(
        self,
        part: Part,
        work: Callable[[Any], object],
        argument: object,
        *,
        is_named: bool = True,
        counts: bool = True,
    ) -> bool:
        """Whether this work on a part succeeds. If not, the part is left out."""
        try:
            with self.watch():
                work(argument)
        except Unreadable:
            raise
        except (TookTooLong, MemoryError):
            why = "too_much"
        except _Unclear as unclear:
            why = unclear.why
        except Exception:  # noqa: BLE001 the libraries raise many types of errors
            why = "unclear"
        else:
            self.understood += counts
            return True
        if is_named:
            self.left_out.note(part, why)
        return False

    def _occur(self, series: list[Read]) -> None:
        calendar = Calendar()
        for _part, event in series:
            calendar.add_component(event)
        # The library counts days in the zone of the event: a day more on each side has all of ours.
        begin, end = self.first - timedelta(days=1), self.first + timedelta(days=self.days + 1)
        found = recurring_ical_events.of(calendar).between(begin, end)
        spans = [
            (_instant(event.start, self.tz), _instant(event.end, self.tz))
            for event in found
            if _is_busy(event, self.mine)
        ]
        self._add(self.stretches(spans))

    def _periods(self, part: Part) -> None:
        """The busy periods of a VFREEBUSY component (Outlook shares a calendar so, without its events)."""
        spans: list[Span] = []
        is_clear = True
        for row in part.all(b"FREEBUSY"):
            try:
                _name, params, values = Contentline(row.decode(errors="replace")).parts()  # type: ignore[no-untyped-call]
                if str(params.get("FBTYPE", "BUSY")).upper() == "FREE":
                    continue
            except ValueError:
                is_clear = False
                continue
            for value in filter(None, values.replace(" ", "").split(",")):
                try:
                    period = vPeriod(vPeriod.from_ical(value))  # type: ignore[no-untyped-call]
                    spans.append((_instant(period.start, self.tz), _instant(period.end, self.tz)))
                except (ValueError, TypeError, OverflowError):
                    is_clear = False
        self._add(self.stretches(spans))
        if not is_clear or not part.is_whole:
            why = "bad_date" if part.is_whole else "cut_short"
            if not spans:
                raise _Unclear(why)
            self.left_out.note(part, why)

    def _add(self, stretches: list[Span]) -> None:
        _check(stretches, self.tz, _Unclear)
        self.spans += stretches

    def stretches(self, spans: Iterable[Span]) -> list[Span]:
        """The parts of spans within our days, merged."""
        begin = datetime.combine(self.first, time(), self.tz)
        end = datetime.combine(self.first + timedelta(days=self.days), time(), self.tz)
        inside = [
            (max(start, begin).astimezone(UTC), min(stop, end).astimezone(UTC))
            for start, stop in spans
            if start < end and stop > begin
        ]
        return merged_within(inside, SHORTEST_PAUSE)


# ---- one component -----------------------------------------------------------------------------------


def _define(part: Part) -> None:
    """Make a time zone known to the library: it then finds it by its name."""
    zone = Timezone.from_ical(part.text)
    if "TZID" not in zone:
        raise ValueError("a zone without a name")


def _event(part: Part) -> Any:
    """The event for the library; raises _Unclear for what it would take for something else."""
    event: Any = Event.from_ical(part.text)
    broken = {name for name, _text in event.errors}
    if not part.all(b"DTSTART"):
        raise _Unclear("no_start")
    if broken & _DATES or not isinstance(getattr(event["DTSTART"], "dt", None), date):
        raise _Unclear("bad_date")
    end, length = event.get("DTEND"), event.get("DURATION")
    if (end is not None and _is_before(end.dt, event.start)) or (
        length is not None and length.dt < timedelta()
    ):
        raise _Unclear("ends_early")
    if end is not None and end.dt == event.start and not isinstance(event.start, datetime):
        del event["DTEND"]  # a day that ends when it begins: some programs mean the whole day
    rules = _listed(event.get("RRULE"))
    if "RRULE" in broken or any(not rule.get("FREQ") or min(rule.get("INTERVAL", [1])) < 1 for rule in rules):
        raise _Unclear("bad_rule")
    if any(set(map(str, rule["FREQ"])) & _TOO_OFTEN for rule in rules):
        raise _Unclear("too_much")
    for rule in rules:
        if "UNTIL" in rule:
            rule["UNTIL"] = [_until(each, event.start) for each in rule["UNTIL"]]
    return event


def _until(until: date, start: date) -> date:
    """The last instant of a repetition. A day alone counts to its end, an hour without a zone is in the zone
    of the event: the library would take both for UTC, and lose the last time."""
    if not isinstance(start, datetime):
        return until
    if not isinstance(until, datetime):
        until = datetime.combine(until, time(23, 59, 59))
    if start.tzinfo is not None and until.tzinfo is None:
        until = until.replace(tzinfo=start.tzinfo)
    return until if until.tzinfo is None else until.astimezone(UTC)


def _is_before(end: date, start: date) -> bool:
    if isinstance(end, datetime) and isinstance(start, datetime):
        return end < start if (end.tzinfo is None) == (start.tzinfo is None) else False
    return _date(end) < _date(start)


def _date(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _series(events: list[Read]) -> list[list[Read]]:
    """The series among the events of one UID. A newer version (SEQUENCE) replaces an older one; events that
    merely share a UID are all read."""
    changes = [each for each in events if "RECURRENCE-ID" in each[1]]
    heads = [each for each in events if "RECURRENCE-ID" not in each[1]]
    newest = max((_version(event) for _part, event in heads), default=0)
    current = [each for each in heads if _version(each[1]) == newest]
    if not current:
        return [changes] if changes else []
    return [[current[0], *changes], *([each] for each in current[1:])]


def _version(event: Event) -> int:
    found = event.get("SEQUENCE", 0)
    return int(found) if isinstance(found, int) else 0


def _is_busy(event: Event, mine: str) -> bool:
    says = {name: str(event.get(name, "")).strip().upper() for name in ("TRANSP", "STATUS", _OUTLOOK)}
    is_free = "TRANSPARENT" in says["TRANSP"] or says["STATUS"] == "CANCELLED" or says[_OUTLOOK] == "FREE"
    return not is_free and not _is_declined(event, mine)


_OUTLOOK = "X-MICROSOFT-CDO-BUSYSTATUS"


def _is_declined(event: Event, mine: str) -> bool:
    """Whether the agent declined this invitation: by their e-mail, or as the only person invited."""
    people = [each for each in _listed(event.get("ATTENDEE")) if _param(each, "CUTYPE") not in _THINGS]
    own = [each for each in people if mine and mine in {_address(each), _param(each, "EMAIL").casefold()}]
    if not own and len(people) == 1:
        invited_by_me = any(mine and _address(each) == mine for each in _listed(event.get("ORGANIZER")))
        own = [] if invited_by_me else people
    return bool(own) and all(_param(each, "PARTSTAT") == "DECLINED" for each in own)


_THINGS = {"ROOM", "RESOURCE"}


def _param(value: Any, name: str) -> str:
    return str(getattr(value, "params", {}).get(name, "")).strip().upper()


def _address(value: Any) -> str:
    return str(value).strip().casefold().removeprefix("mailto:")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _instant(value: date | datetime, tz: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), tz)
    return value if value.tzinfo is not None else value.replace(tzinfo=tz)
