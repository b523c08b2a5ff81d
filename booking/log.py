"""The log of appointments: every change writes one event, and registered readers act on the events.

Commit order is not id order, so no reader keeps an id cursor. Writing an event also writes one
`UnreadEvent` row per registered reader, in the same transaction. A reader takes the events that it has not
marked as read, whatever their ids.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from logging import getLogger
from typing import Any, Literal, Self

from django.db import transaction
from django.db.models import QuerySet

from agents.models import Agent
from booking.enums import ActorKind, AskedBy, EventKind, Reason
from booking.models import Appointment, AppointmentEvent, UnreadEvent

type FieldChanges = Mapping[str, tuple[Any, Any]]
"""Field → (before, after): plain values, instants in ISO 8601 (UTC), rows by id."""

logger = getLogger(__name__)

_readers: list[str] = []
_subscribers: list[Callable[[], object]] = []
_watchers: list[Callable[[Collection[int], datetime], object]] = []
_recorded: ContextVar[set[int] | None] = ContextVar("recorded", default=None)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who causes a change."""

    kind: ActorKind
    agent_id: int | None = None

    @classmethod
    def agent(cls, agent: Agent) -> Self:
        return cls(ActorKind.AGENT, agent.pk)

    @classmethod
    def resident(cls) -> Self:
        return cls(ActorKind.RESIDENT)

    @classmethod
    def screen(cls) -> Self:
        return cls(ActorKind.SCREEN)

    @classmethod
    def api(cls) -> Self:
        return cls(ActorKind.API)

    @classmethod
    def system(cls) -> Self:
        return cls(ActorKind.SYSTEM)

    @classmethod
    def of(cls, event: AppointmentEvent) -> Self:
        """Who caused this event."""
        return cls(ActorKind(event.actor), event.agent_id)


def register_reader(name: str) -> None:
    """Keep for `name` the events that it has not read. Called once per reader, when the apps are ready."""
    if name not in _readers:
        _readers.append(name)


def subscribe(ring: Callable[[], object]) -> None:
    """Call `ring` after each commit that wrote events. It gets no arguments: the subscriber reads the log."""
    if ring not in _subscribers:
        _subscribers.append(ring)


def watch(look: Callable[[Collection[int], datetime], object]) -> None:
    """Call `look(ids, now)` for appointments about which something has changed that is no event of theirs."""
    if look not in _watchers:
        _watchers.append(look)


def look_again(ids: Collection[int], *, now: datetime) -> None:
    """Have these appointments looked at again, in the transaction of the change: how their resident is
    reached, or who is told too, is different from now on."""
    if not ids:
        return
    _record(ids)
    for look in _watchers:
        look(ids, now)
    _ring_after_commit()


@contextmanager
def recording() -> Iterator[set[int]]:
    """The ids of the appointments that are written about inside."""
    ids: set[int] = set()
    token = _recorded.set(ids)
    try:
        yield ids
    finally:
        _recorded.reset(token)


def recorded() -> frozenset[int]:
    """The ids of the appointments changed in the present `recording()`."""
    return frozenset(_recorded.get() or ())


def _record(ids: Iterable[int]) -> None:
    recorded = _recorded.get()
    if recorded is not None:
        recorded.update(ids)


def write(
    *,
    appointment: Appointment,
    kind: EventKind,
    at: datetime,
    by: Actor,
    reason: Reason = Reason.NONE,
    asked_by: AskedBy | Literal[""] = "",
    changes: FieldChanges | None = None,
) -> AppointmentEvent:
    """Record one change, in the transaction that makes it; TransactionManagementError outside of one.
    `asked_by`: at whose request an agent made it, if that is known."""
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An event is written with the change it tells of.")
    event = AppointmentEvent(
        appointment=appointment,
        kind=kind,
        at=at,
        actor=by.kind,
        agent_id=by.agent_id,
        reason=reason,
        asked_by=asked_by,
        changes={field: list(pair) for field, pair in (changes or {}).items()},
    )
    event.save(force_insert=True)
    UnreadEvent.objects.bulk_create([UnreadEvent(reader=reader, event=event) for reader in _readers])
    _record([appointment.pk])
    _ring_after_commit()
    return event


def _ring_after_commit() -> None:
    # One call per transaction is enough. Django drops the callbacks of a rolled-back savepoint, so a callback
    # still in the list will be called.
    if not any(ring is _ring for _, ring, _ in transaction.get_connection().run_on_commit):
        transaction.on_commit(_ring)


def unread(reader: str) -> QuerySet[AppointmentEvent]:
    """The events that `reader` has not marked as read, oldest first."""
    return AppointmentEvent.objects.filter(unread__reader=reader).order_by("at", "id")


def mark_read(reader: str, events: Iterable[AppointmentEvent]) -> None:
    """Mark these events as read by `reader`, in the transaction that acts on them."""
    UnreadEvent.objects.filter(reader=reader, event__in=[event.pk for event in events]).delete()


def _ring() -> None:
    for ring in _subscribers:
        try:
            ring()
        except Exception:
            # The change is committed. A subscriber that was not called also looks by itself before long.
            logger.exception("a subscriber of the log failed")
