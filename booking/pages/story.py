"""« Ce qui s'est passé »: the log of an appointment in words, newest first, from what to what.

An app above adds to each entry the messages that the change caused, and entries of its own, without event.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import Agent
from booking.enums import ActorKind, AskedBy, EventKind, Outcome, Reason, Status
from booking.models import Appointment, AppointmentEvent, Resident
from communes.models import Cabin, Service, Site
from core.templatetags.times import day, hour

ASKED: Mapping[str, str | Promise] = {
    AskedBy.RESIDENT: gettext_lazy("at the request of the resident"),
    AskedBy.RELATIVE: gettext_lazy("at the request of a relative"),
    AskedBy.SOCIAL_WORKER: gettext_lazy("at the request of a social worker"),
    AskedBy.MAIRIE: gettext_lazy("at the request of the mairie"),
}
SAYS_WHEN = (
    EventKind.HELD,
    EventKind.BOOKED,
    EventKind.RESTORED,
    EventKind.CANCELLING,
    EventKind.CANCELLED,
)
"""What is said of these is for which time and place; the others say what is different."""
KEEPS_THE_TIME = (EventKind.EDITED, EventKind.REASSIGNED, EventKind.MOVED)
NAMED: Mapping[str, type[Any]] = {
    "site": Site,
    "cabin": Cabin,
    "helper": Agent,
    "service": Service,
    "resident": Resident,
}


@dataclass(frozen=True, slots=True)
class FromTo:
    """`before` is "" where there was nothing."""

    what: str
    before: str
    after: str


@dataclass(slots=True)
class Entry:
    at: datetime
    what: str
    who: str
    asked: str | Promise = ""
    reason: str = ""
    when: str = ""
    """For which time and place."""
    changes: list[FromTo] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """What has no from and to."""
    keeps_the_time: bool = False
    """Neither the day, the hour nor the place changed, although the appointment did."""
    event: AppointmentEvent | None = None
    messages: list[Any] = field(default_factory=list)
    """What this caused, as the app above tells it."""


@dataclass(slots=True)
class _State:
    """Where and when the appointment is after an event; it is derived backwards from how it is now."""

    start: datetime
    end: datetime
    site: int | None


def read_story(appointment: Appointment, *, known: Collection[int] | None = None) -> list[Entry]:
    """At most six queries, however long the story is. `known`: the records of the person for whom it is told;
    all others are « somebody else »."""
    events = list(appointment.events.select_related("agent").order_by("-at", "-id"))
    names = _names(events, appointment, known)
    state = _State(appointment.starts_at, appointment.ends_at, appointment.site_id)
    return [_entry(event, state, names) for event in events]


def _entry(event: AppointmentEvent, state: _State, names: "_Names") -> Entry:
    kind, before = EventKind(event.kind), _before(event, state)
    entry = Entry(
        at=event.at,
        what=str(kind.label),
        who=_who(event),
        asked=_asked(event),
        reason=_reason(event),
        event=event,
        changes=list(_changes(event, before, state, names)),
        said=list(_said(event, names)),
        keeps_the_time=kind in KEEPS_THE_TIME and (before.start, before.site) == (state.start, state.site),
    )
    if kind == EventKind.EDITED and (entry.changes or entry.said):
        entry.what = ""  # they say it
    if kind in SAYS_WHEN:
        entry.when = f"{_instant(state.start)}, {names.of('site', state.site)}"
    state.start, state.end, state.site = before.start, before.end, before.site
    return entry


def _before(event: AppointmentEvent, after: _State) -> _State:
    def was(name: str, otherwise: Any) -> Any:
        value = _pair(event, name)[0]
        return otherwise if value is None else value

    return _State(
        _read(was("starts_at", after.start)), _read(was("ends_at", after.end)), was("site", after.site)
    )


def _pair(event: AppointmentEvent, name: str) -> tuple[Any, Any]:
    before, after = event.changes.get(name) or (None, None)
    return before, after


def _read(value: Any) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


# ---- who, why ------------------------------------------------------------------------------------


def _who(event: AppointmentEvent) -> str:
    if event.reason == Reason.OTHER_PHONE:
        return _("from a phone that is not the resident’s, by someone unknown")
    if event.actor == ActorKind.AGENT:
        return event.agent.short_name if event.agent else _("an agent whose account is gone")
    if event.actor == ActorKind.RESIDENT:
        return _("the person")
    return str(ActorKind(event.actor).label)


def _asked(event: AppointmentEvent) -> str | Promise:
    by_agent = event.actor in (ActorKind.AGENT, ActorKind.API)
    if not event.asked_by and by_agent and event.reason == Reason.RESIDENT_ASKED:
        return ASKED[AskedBy.RESIDENT]
    return ASKED.get(event.asked_by, "")


def _reason(event: AppointmentEvent) -> str:
    told_elsewhere = (Reason.NONE, Reason.RESIDENT_ASKED, Reason.OTHER_PHONE)
    return "" if event.reason in told_elsewhere else str(event.get_reason_display())


# ---- from what to what -------------------------------------------------------------------------------


def _changes(event: AppointmentEvent, before: _State, after: _State, names: "_Names") -> Iterator[FromTo]:
    kind = EventKind(event.kind)
    if before.start != after.start:
        yield FromTo("", _instant(before.start), _instant(after.start))
    was, now = before.end - before.start, after.end - after.start
    if was != now and kind not in SAYS_WHEN:
        yield FromTo(_("length"), _minutes(was), _minutes(now))
    labels = {"site": "", "cabin": "", "helper": _("with"), "service": _("service"), "resident": ""}
    is_first = "site" in event.changes and _pair(event, "site")[0] is None
    for name, label in labels.items():
        was_id, now_id = _pair(event, name)
        if was_id != now_id and kind not in SAYS_WHEN:
            # A visit without an appointment begins with what it has: nothing was there before.
            yield FromTo(label, "" if is_first else names.of(name, was_id), names.of(name, now_id))
    old, new = _pair(event, "party_size")
    if old is not None and old != new:
        yield FromTo(_("people"), str(old), str(new))
    yield from _status(event)


def _status(event: AppointmentEvent) -> Iterator[FromTo]:
    """Of what was merely booked, the kind of the event says it already."""
    old, new = _pair(event, "status")
    known = [each for each in (old, new) if each in Status]
    if len(known) < 2 or old == Status.HELD:
        return
    before, after = Status(old), Status(new)
    if before != Status.BOOKED and str(before.label) != str(after.label):
        yield FromTo(_("status"), str(before.label), str(after.label))


def _said(event: AppointmentEvent, names: "_Names") -> Iterator[str]:
    match _pair(event, "note"):
        case (False, True):
            yield _("note added (the text is not kept here)")
        case (True, False):
            yield _("note removed (the text is not kept here)")
        case (True, True):
            yield _("note changed (the text is not kept here)")
    match _pair(event, "helper_chosen"):
        case (True, False):
            yield _("no helper is asked for by name any more")
        case (False, True):
            yield _("the helper is asked for by name")
    outcome = _pair(event, "outcome")[1]
    if outcome in Outcome:
        yield str(Outcome(outcome).label)
    if expected := _pair(event, "expected_at")[1]:
        yield _("about %(hour)s") % {"hour": hour(_read(expected))}


def _instant(at: datetime) -> str:
    return f"{day(at)}, {hour(at)}"


def _minutes(length: Any) -> str:
    return _("%(minutes)s min") % {"minutes": int(length.total_seconds() // 60)}


@dataclass(frozen=True, slots=True)
class _Names:
    """What the log keeps by id, by name; what is gone says so."""

    found: Mapping[str, Mapping[int, Any]]
    known: Collection[int] | None = None
    """Who may be named of those whose appointment it was; None: everybody."""

    def of(self, name: str, pk: Any) -> str:
        if pk is None:
            return _("without a name") if name == "resident" else _("nobody")
        if name == "resident" and self.known is not None and pk not in self.known:
            return _("somebody else")
        row = self.found.get(name, {}).get(pk)
        if row is None:
            return _("no longer known")
        return row.short_name if isinstance(row, Site | Agent) else str(row)


def _names(events: list[AppointmentEvent], appointment: Appointment, known: Collection[int] | None) -> _Names:
    wanted: dict[str, set[int]] = {name: set() for name in NAMED}
    wanted["site"].add(appointment.site_id)
    for event in events:
        for name, ids in wanted.items():
            ids.update(pk for pk in _pair(event, name) if pk is not None)
    found = {name: NAMED[name]._default_manager.in_bulk(ids) for name, ids in wanted.items() if ids}
    return _Names(found, known)
