"""Any sequence of what may happen: nothing leaves to somebody whose record is limited, and once that is
lifted they know what is true of each of their visits."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from booking import actions
from booking.enums import AskedBy, LimitedFor, Reason, Status
from booking.errors import NotOffered
from booking.log import Actor
from booking.models import Appointment, Resident
from core.errors import PermanenceError
from notifications.actions.inbound import receive
from notifications.callers import caller_of
from notifications.enums import AUTOMATIC, TELLING, Audience, MessageKind, State
from notifications.models import Message
from notifications.sending.plan_messages import plan_messages
from tests.factories import TUESDAY, at, make_cabin, make_commune, make_resident, make_service, make_site
from tests.notifications.conftest import SENDER, book_for, run

SYSTEM = Actor.system()
NUMBERS = ("+33639981234", "+33639981244")

VISIT = st.integers(0, 3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["limit", "lift"]), st.integers(0, 1)),
        st.tuples(st.just("cancelling limit"), st.integers(0, 1)),
        st.tuples(
            st.sampled_from(
                ["book", "cancel", "grace", "restore", "move", "impossible", "possible", "give", "confirm"]
            ),
            VISIT,
        ),
        st.tuples(st.just("write"), st.sampled_from(["1", "2", "AIDE", "euh", "STOP", "START"])),
        st.tuples(st.sampled_from(["sweep", "plan"]), st.just(0)),
    ),
    min_size=4,
    max_size=18,
)


class World:
    """Two people with a mobile, and what happens to their visits, a minute after another."""

    def __init__(self) -> None:
        self.commune = make_commune(insee_code="76498", sender=SENDER)
        self.cabins = [make_cabin(make_site(self.commune)) for _ in range(4)]
        self.service = make_service(self.commune)
        self.people = [
            make_resident(self.commune, NUMBERS[0], first_name="Fatima"),
            make_resident(self.commune, NUMBERS[1], first_name="Zoé"),
        ]
        Resident.objects.filter(pk=self.people[1].pk).update(
            contact_name="Karim", contact_phone="+33639981235", contact_is_told=True
        )
        self.now = TUESDAY
        self.visits: list[Appointment] = []
        self.written = 0

    def do(self, step: str, which: Any) -> None:
        self.now += timedelta(minutes=1)
        with suppress(PermanenceError):  # what is refused has changed nothing
            getattr(self, step.replace(" ", "_"))(which)

    def asked(self) -> dict[str, Any]:
        return {"by": SYSTEM, "now": self.now}

    def visit(self, which: int) -> Appointment:
        if not self.visits:
            self.book(which)
        if not self.visits:
            raise NotOffered
        rows = Appointment.objects.select_related("commune", "site", "resident", "cabin", "service")
        return rows.get(pk=self.visits[which % len(self.visits)].pk)

    def book(self, which: int) -> None:
        whose = Resident.objects.get(pk=self.people[which % 2].pk)
        if len(self.visits) < 4 and not whose.is_limited:
            cabin = self.cabins[len(self.visits)]
            start = at(10, 30, day=27) + timedelta(hours=len(self.visits) % 2)
            self.visits.append(book_for(whose, cabin, self.service, start, now=self.now, with_helper=False))

    def limit(self, which: int, cancels: bool = False) -> None:
        actions.limit_resident(
            resident=self.people[which], why=LimitedFor.CLAIM, cancels=cancels, **self.asked()
        )

    def cancelling_limit(self, which: int) -> None:
        self.limit(which, cancels=True)

    def lift(self, which: int) -> None:
        actions.lift_limitation(resident=self.people[which], **self.asked())

    def cancel(self, which: int) -> None:
        actions.cancel(appointment=self.visit(which), reason=Reason.NO_HELPER, **self.asked())

    def grace(self, which: int) -> None:
        actions.cancel_with_grace(
            appointment=self.visit(which),
            reason=Reason.NO_HELPER,
            asked_by=AskedBy.MAIRIE,
            **self.asked(),
        )

    def restore(self, which: int) -> None:
        actions.restore(appointment=self.visit(which), beside=True, **self.asked())

    def move(self, which: int) -> None:
        visit = self.visit(which)
        start = visit.starts_at + timedelta(hours=4 if visit.starts_at.hour < 12 else -4)
        actions.reschedule(
            appointment=visit,
            site=visit.site,
            start=start,
            asked_by=AskedBy.RESIDENT if which % 2 else "",
            beside=True,
            **self.asked(),
        )

    def impossible(self, which: int) -> None:
        actions.mark_impossible(appointment=self.visit(which), reason=Reason.NO_HELPER, **self.asked())

    def possible(self, which: int) -> None:
        actions.clear_impossible(appointment=self.visit(which), **self.asked())

    def give(self, which: int) -> None:
        visit = self.visit(which)
        other = next(each for each in self.people if each.pk != visit.resident_id)
        actions.give_to(appointment=visit, resident=other, beside=True, **self.asked())

    def confirm(self, which: int) -> None:
        actions.confirm(appointment=self.visit(which), by=Actor.resident(), now=self.now)

    def write(self, text: str) -> None:
        caller = caller_of(ours=SENDER, theirs=NUMBERS[0])
        assert caller is not None
        self.written += 1
        receive(caller=caller, provider_id=f"SM{self.written}", text=text, now=self.now)

    def plan(self, _which: int) -> None:
        plan_messages(now=self.now, stop_at=float("inf"))

    def sweep(self, _which: int) -> None:
        run(self.now)

    # ---- what must hold --------------------------------------------------------------------------

    def left(self) -> dict[int, int]:
        """How many messages have left to or about each person."""
        rows = Message.objects.filter(channel__in=AUTOMATIC).left()
        return {who.pk: rows.filter(resident=who).count() for who in self.people}

    def limited(self) -> set[int]:
        return set(Resident.objects.exclude(limited_at=None).values_list("pk", flat=True))

    def check_nothing_waits(self) -> None:
        waiting = Message.objects.filter(resident__in=self.limited(), state=State.PENDING)
        assert not waiting.exclude(kind=MessageKind.CALL_BACK).exists()

    def check_all_know(self) -> None:
        """What the last message about each visit said, or the desk is to say, is true."""
        for visit in Appointment.objects.filter(status__in=(Status.BOOKED, Status.CANCELLED)):
            told = Message.objects.filter(appointment=visit, resident=visit.resident, kind__in=TELLING)
            told = told.filter(audience=Audience.RESIDENT)
            owed = told.filter(state=State.PENDING).exists()
            last = told.left().order_by("pk").last()
            if owed or last is None:
                continue
            says = (last.told_start, last.told_site_id)
            comes = last.kind not in (MessageKind.CANCELLATION, MessageKind.PHONE_CANCEL)
            if visit.status == Status.BOOKED:
                assert comes, (visit.pk, last.kind)
                assert says == (visit.starts_at, visit.site_id)


class TestAnyhow(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(STEPS)
    def test_nothing_leaves_while_limited_and_all_know_afterwards(self, steps: list[tuple[str, Any]]) -> None:
        with override_settings(DEBUG=True):
            world = World()
            for step, which in steps:
                limited, before = world.limited(), world.left()
                world.do(step, which)
                after = world.left()
                assert all(after[pk] == before[pk] for pk in limited & world.limited())
                if step == "sweep":
                    world.check_nothing_waits()
            for which in (0, 1):
                world.do("lift", which)
            world.do("sweep", 0)
            world.do("sweep", 0)
            world.check_all_know()
