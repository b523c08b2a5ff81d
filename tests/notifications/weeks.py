"""Weeks of a commune: the desk books, moves and cancels, and the provider has good and bad days.

All of it is real: the actions, the sweep, the client, the callbacks. Only time and the provider are ours. The
provider keeps what every phone has received, so a test can compare it with what people needed to know.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from random import Random
from urllib.parse import urlsplit

from django.test import Client

from booking.actions import BookingRequest, book, cancel, reschedule, restore
from booking.enums import Reason, Status
from booking.errors import NotOffered, ResidentBusy, SlotTaken, StatusRefused
from booking.log import Actor
from booking.models import Appointment, Resident
from booking.tasks import each_minute
from communes.models import Service, Site
from notifications.sending.sweep import sweep
from tests.clocks import SetClock
from tests.notifications.fake_twilio import (
    Answer,
    FakeTwilio,
    Taken,
    accept,
    garble,
    lose_reply,
    lose_request,
    refuse,
    signature,
)

BASE = "https://permanence.example"
STEP = timedelta(minutes=30)
NIGHT_STEP = timedelta(hours=3)
TOO_LATE = timedelta(minutes=50)
"""Somebody who books, moves or cancels so shortly before the time is told by whoever does it."""


class Day(Enum):
    """How the provider, or our worker, is for some hours."""

    GOOD = "good"
    REFUSING_NUMBERS = "refuses some numbers"
    REFUSING_SENDER = "refuses the sender"
    REFUSING_ACCOUNT = "refuses the account"
    SLOW = "takes messages and answers too late"
    LOSING = "loses requests and replies"
    SILENT = "takes messages and never reports"
    DOWN = "answers with errors"
    WORKER_DEAD = "no worker runs"


_ANSWERS: dict[Day, tuple[Answer, ...]] = {
    Day.GOOD: (accept,),
    Day.REFUSING_NUMBERS: (accept, accept, refuse(21211), refuse(21614), refuse(21408)),
    Day.REFUSING_SENDER: (refuse(21606),),
    Day.REFUSING_ACCOUNT: (refuse(20003, 401),),
    Day.SLOW: (lose_reply,),
    Day.LOSING: (lose_request, lose_reply, garble, accept),
    Day.SILENT: (accept,),
    Day.DOWN: (refuse(20500, 503), garble, lose_request),
    Day.WORKER_DEAD: (accept,),
}


class Chances:
    """Draws that depend on the seed, on whom they are for and on how many were drawn for them before, and on
    nothing else: not on which of two requests reaches the provider first."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.drawn: Counter[str] = Counter()

    def next(self, about: str) -> Random:
        self.drawn[about] += 1
        return Random(f"{self.seed} {about} {self.drawn[about]}")


class MoodyProvider(FakeTwilio):
    """Answers as on a day of its kind."""

    day = Day.GOOD
    chances = Chances(0)

    def next_answer(self, params: dict[str, str]) -> Answer:
        with self.lock:
            return self.chances.next(f"answer {params['To']}").choice(_ANSWERS[self.day])


class SweepTime:
    """Stands for the module `time` in the sweep: its seconds pass where it sleeps, and nowhere else. So a
    busy machine ends no sweep early."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Weeks:
    """`last_change`: when each appointment last changed in a way that its resident must be told of, and by
    whom: the resident's own changes need no message to be known. `own_word`: when the resident last agreed to
    a time by word of mouth, at the booking or by a change of their own, and to which (None: not to come)."""

    provider: MoodyProvider
    set_clock: SetClock
    now: datetime
    chance: Random
    reports: Chances
    desk: Actor
    service: Service
    sites: list[Site]
    residents: list[Resident]
    last_change: dict[int, tuple[datetime, bool]] = field(default_factory=dict)
    restored: set[int] = field(default_factory=set)
    reported: set[str] = field(default_factory=set)
    own_word: dict[int, tuple[datetime, datetime | None]] = field(default_factory=dict)
    times_given: dict[int, set[datetime]] = field(default_factory=dict)
    swept: list[datetime] = field(default_factory=list)

    def live(self, days: int) -> None:
        until = self.now + timedelta(days=days)
        day = Day.GOOD
        change_at = self.now
        while self.now < until:
            if self.now >= change_at:
                day = self.chance.choice(list(Day))
                change_at = self.now + timedelta(hours=self.chance.choice((2, 5, 9, 20)))
            self._step(day)
        # A good day in the end: what can still be told is told.
        for _ in range(60):
            self._step(Day.GOOD, busy=False)

    def _step(self, day: Day, *, busy: bool = True) -> None:
        self.provider.day = day
        self.set_clock(self.now)
        if busy and 8 <= self.now.hour < 18 and self.now.weekday() < 5:
            for _ in range(self.chance.choice((0, 1, 1, 2))):
                self._act()
        if day != Day.WORKER_DEAD:
            self.swept.append(self.now)
            each_minute.call()
            sweep(now=self.now)
            if day != Day.SILENT:
                self._report()
            sweep(now=self.now + timedelta(seconds=30))
        self.now += STEP if 6 <= self.now.hour < 21 else NIGHT_STEP

    # ---- what people do ------------------------------------------------------------------------

    def _act(self) -> None:
        act = self.chance.choice((self._book, self._book, self._move, self._cancel, self._restore))
        # Where the time is refused, the desk chooses something else another time.
        with suppress(SlotTaken, NotOffered, ResidentBusy, StatusRefused):
            act()

    def _by(self) -> Actor:
        return self.desk if self.chance.random() < 0.7 else Actor.resident()

    def _changed(self, appointment: Appointment, by: Actor) -> None:
        self.last_change[appointment.pk] = (self.now, by == self.desk)
        if by != self.desk:
            comes = appointment.status == Status.BOOKED
            self.own_word[appointment.pk] = (self.now, appointment.starts_at if comes else None)

    def _book(self) -> None:
        site, start = self._somewhere()
        resident = self.chance.choice(self.residents)
        if Appointment.objects.filter(resident=resident, starts_at=start).exists():
            return
        request = BookingRequest(
            service=self.service,
            site=site,
            start=start,
            with_helper=False,
            resident=resident,
        )
        by = self.desk
        appointment = book(request=request, by=by, now=self.now)
        self.own_word[appointment.pk] = (self.now, start)
        self.times_given[appointment.pk] = {start}
        self._changed(appointment, by)

    def _move(self) -> None:
        appointment = self._one(Status.BOOKED)
        site, start = self._somewhere()
        if appointment is None or start in self.times_given[appointment.pk]:
            return  # back to where it was, the same text would rightly come twice
        if Appointment.objects.filter(resident=appointment.resident_id, starts_at=start).exists():
            return
        by = self._by()
        reschedule(appointment=appointment, site=site, start=start, by=by, now=self.now)
        self.times_given[appointment.pk].add(start)
        self._changed(appointment, by)

    def _cancel(self) -> None:
        appointment = self._one(Status.BOOKED)
        if appointment is not None and appointment.pk not in self.restored:
            by = self._by()
            reason = Reason.NONE if by == self.desk else Reason.RESIDENT_ASKED
            cancel(appointment=appointment, reason=reason, by=by, now=self.now)
            self._changed(appointment, by)

    def _restore(self) -> None:
        appointment = self._one(Status.CANCELLED)
        if appointment is None or appointment.pk in self.restored:
            return
        restore(appointment=appointment, by=self.desk, now=self.now)
        self.restored.add(appointment.pk)
        self._changed(appointment, self.desk)

    def _one(self, status: Status) -> Appointment | None:
        known = list(Appointment.objects.filter(status=status, starts_at__gt=self.now).order_by("id"))
        return self.chance.choice(known) if known else None

    def _somewhere(self) -> tuple[Site, datetime]:
        day = self.now + timedelta(days=self.chance.choice((0, 1, 1, 2, 3, 5)))
        hour, minute = self.chance.choice((9, 10, 11, 14, 15, 16)), self.chance.choice((0, 15, 30))
        return self.chance.choice(self.sites), day.replace(hour=hour, minute=minute, second=0)

    # ---- what the provider reports -------------------------------------------------------------

    def _report(self) -> None:
        for taken in list(self.provider.taken):
            if taken.sid in self.reported:
                continue
            chance = self.reports.next(f"report {taken.params['To']}")
            if chance.random() < 0.8:
                self.reported.add(taken.sid)
                self._report_one(taken, chance)

    def _report_one(self, taken: Taken, chance: Random) -> None:
        address = taken.params["StatusCallback"]
        if taken.kind == "Calls":
            status = chance.choice(("no-answer", "busy", "completed"))
            taken.status = status
            if status == "completed":
                self._post(taken.params["Url"], {"CallSid": taken.sid, "AnsweredBy": "human"})
            self._post(address, {"CallSid": taken.sid, "CallStatus": status})
            return
        taken.status = chance.choice(("delivered",) * 5 + ("undelivered",))
        code = {"ErrorCode": "30003"} if taken.status == "undelivered" else {}
        self._post(address, {"MessageSid": taken.sid, "MessageStatus": taken.status, **code})

    def _post(self, address: str, params: dict[str, str]) -> None:
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {"X-Twilio-Signature": signature(BASE + path, params)}
        assert Client().post(path, params, headers=headers).status_code in (200, 204)

    # ---- what came of it -----------------------------------------------------------------------

    def received(self) -> Counter[tuple[str, str]]:
        """(phone, text) → how many times that phone got that text. What was reported as undelivered may be
        sent again."""
        texts = [e for e in self.provider.taken if e.kind == "Messages" and e.status != "undelivered"]
        return Counter((each.params["To"], each.params["Body"]) for each in texts)

    def must_know(self) -> Iterator[Appointment]:
        """The appointments that the desk changed last, early enough for a message, and whose time has come. A
        worker that was dead all that time could tell nobody: the desk's pages say so."""
        for pk, (changed_at, by_desk) in self.last_change.items():
            appointment = Appointment.objects.select_related("commune", "site", "resident").get(pk=pk)
            last_call = appointment.starts_at - TOO_LATE
            worked = any(changed_at <= each <= last_call for each in self.swept)
            if by_desk and worked and appointment.starts_at <= self.now:
                yield appointment
