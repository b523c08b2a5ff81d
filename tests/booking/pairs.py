"""Any two actions at one moment: what the processes of `test_race_pairs.py` and `make race` run. What must
hold after is in `pair_faults.py`.

Everything happens in a small town, where two actions nearly always want the same cabin, helper or person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from tests.booking import pairs_of_rights
from tests.booking.racers import PATIENCE_S, set_up


@dataclass
class Hand:
    """Who acts: their draws, the instant, and what they find in the town."""

    random: Random
    now: datetime
    commune_id: int

    def __post_init__(self) -> None:
        from booking.log import Actor
        from communes.models import Commune

        self.commune = Commune.objects.get(pk=self.commune_id)
        self.how: dict[str, Any] = {"by": Actor.system(), "now": self.now}

    def any_of(self, rows: Any) -> Any:
        """One of the rows by chance; LookupError if there is none."""
        return self.random.choice(list(rows.order_by("pk")))

    def visit(self, *statuses: str) -> Any:
        from booking.models import Appointment

        return self.any_of(Appointment.objects.filter(commune=self.commune, status__in=statuses))

    def resident(self) -> Any:
        return self.any_of(self.commune.residents.filter(merged_into=None))

    def service(self) -> Any:
        return self.any_of(self.commune.services)

    def site(self) -> Any:
        return self.any_of(self.commune.sites.select_related("commune"))

    def helper(self) -> Any:
        from agents.models import Agent

        return self.any_of(
            Agent.objects.filter(memberships__commune=self.commune, memberships__is_helper=True)
        )

    def offered(self, service: Any, *, with_helper: bool, moving: Any = None) -> tuple[Any, datetime]:
        """A time that the search offers, through exchange if there is any such."""
        from booking.free.slots import find_slots

        first = self.commune.local(self.now).date()
        found = find_slots(
            commune=self.commune,
            service=service,
            with_helper=with_helper,
            duration_min=moving.duration_min if moving else None,
            start=first,
            end=first + timedelta(days=2),
            moving=moving,
            now=self.now,
        )
        offers = [each for each in found.offers if each.via_exchange] or list(found.offers)
        offer = self.random.choice(offers[:3])
        return next(site for site in found.sites if site.pk == offer.site_id), offer.start

    def wish(self, **more: Any) -> Any:
        from booking.actions import BookingRequest

        service, with_helper = self.service(), self.random.random() < 0.7
        site, start = self.offered(service, with_helper=with_helper)
        return BookingRequest(
            service=service,
            site=site,
            start=start,
            with_helper=with_helper,
            resident=self.resident(),
            beside=True,
            **more,
        )


def _stretch(hand: Hand) -> tuple[datetime, datetime]:
    start = hand.now.replace(hour=hand.random.choice((9, 10, 14, 15)), minute=0)
    return start, start + timedelta(hours=1)


def _book(hand: Hand) -> None:
    _actions().book(request=hand.wish(), **hand.how)


def _hold(hand: Hand) -> None:
    _actions().hold(request=hand.wish(), **hand.how)


def _book_hold(hand: Hand) -> None:
    held = hand.visit("held")
    _actions().book_hold(appointment=held, resident=hand.resident(), beside=True, **hand.how)


def _move(hand: Hand) -> None:
    visit = hand.visit("booked", "arrived")
    site, start = hand.offered(visit.service, with_helper=visit.with_helper, moving=visit)
    _actions().reschedule(appointment=visit, site=site, start=start, beside=True, **hand.how)


def _alter(hand: Hand) -> None:
    visit = hand.visit("booked", "arrived")
    _actions().alter(
        appointment=visit, wanted={"length": hand.random.choice((20, 60))}, beside=True, **hand.how
    )


def _name(hand: Hand) -> None:
    _actions().edit(appointment=hand.visit("booked", "in_session"), resident=hand.resident(), **hand.how)


def _give(hand: Hand) -> None:
    _actions().give_to(appointment=hand.visit("booked"), resident=hand.resident(), beside=True, **hand.how)


def _walk_in(hand: Hand) -> None:
    from booking.actions import BookingRequest
    from communes.models import Cabin

    cabin = hand.any_of(Cabin.objects.filter(site__commune=hand.commune).select_related("site__commune"))
    request = BookingRequest(
        service=hand.service(),
        site=cabin.site,
        cabin=cabin,
        start=hand.now,
        with_helper=hand.random.random() < 0.5,
        resident=hand.resident(),
        beside=True,
    )
    _actions().start_walk_in(request=request, **hand.how)


def _merge(hand: Hand) -> None:
    _actions().merge_residents(keep=hand.resident(), duplicate=hand.resident(), **hand.how)


def _record(hand: Hand) -> None:
    from tests.factories import make_resident

    make_resident(hand.commune, created_at=hand.now - timedelta(days=400))


def _wait(hand: Hand) -> None:
    request = _actions().WaitingRequest(
        resident=hand.resident(),
        service=hand.service(),
        with_helper=True,
        until_on=hand.now.date() + timedelta(days=1),
    )
    _actions().join_waiting_list(request=request, now=hand.now)


def _offer(hand: Hand) -> None:
    _actions().offer_freed_times(now=hand.now)


def _absent(hand: Hand) -> None:
    from agents.enums import AbsenceKind
    from planning.actions.absences import declare_absence

    start, end = _stretch(hand)
    helper = hand.helper()
    declare_absence(
        agent=helper, commune=hand.commune, starts_at=start, ends_at=end, kind=AbsenceKind.SICK, by=helper
    )


def _leave(hand: Hand) -> None:
    """A helper leaves today or tomorrow, or stays after all."""
    from agents.models import Membership
    from planning.actions.leaving import leave, stay
    from planning.actions.news import Telling

    helper = hand.helper()
    member = Membership.objects.select_related("agent", "commune").get(agent=helper, commune=hand.commune)
    telling = Telling(helper, hand.now)
    if member.last_on is None:
        last_on = hand.commune.local(hand.now).date() + timedelta(days=hand.random.choice((0, 1)))
        leave(membership=member, last_on=last_on, telling=telling)
    else:
        stay(membership=member, telling=telling)


def _rota(hand: Hand) -> None:
    """A shift is planned for tomorrow or the day after, or the usual weeks are published."""
    from planning.actions.publishing import publish_shifts
    from planning.actions.shifts import add_shift

    start, end = (each + timedelta(days=2) for each in _stretch(hand))
    if hand.random.random() < 0.5:
        publish_shifts(commune=hand.commune, until=start.date() + timedelta(days=7), now=hand.now)
    else:
        add_shift(agent=hand.helper(), site=hand.site(), starts_at=start, ends_at=end)


def _close(hand: Hand) -> None:
    from communes.actions import declare_closure
    from communes.enums import ClosureReason

    start, end = _stretch(hand)
    declare_closure(site=hand.site(), starts_at=start, ends_at=end, reason=ClosureReason.WORKS)


def _open_again(hand: Hand) -> None:
    from agents.models import Absence
    from communes.actions import bump_sites
    from communes.models import Closure

    Closure.objects.filter(site__commune=hand.commune).delete()
    Absence.objects.filter(agent__memberships__commune=hand.commune).delete()
    bump_sites(hand.commune.sites.values_list("pk", flat=True))


def _replace(hand: Hand) -> None:
    from agents.models import Agent
    from planning.replacing import plan_replacements

    by = Agent.objects.filter(memberships__commune=hand.commune).order_by("pk").first()
    assert by is not None
    plan = plan_replacements(commune=hand.commune, by=by, now=hand.now)
    plan_replacements(commune=hand.commune, by=by, now=hand.now, expected=plan.digest)


def _sweep(hand: Hand) -> None:
    _actions().lapse_holds(now=hand.now)
    _actions().finish_due_cancellations(now=hand.now)


def _simple(verb: str, *statuses: str, **more: Any) -> Callable[[Hand], None]:
    def act(hand: Hand) -> None:
        getattr(_actions(), verb)(appointment=hand.visit(*statuses), **more, **hand.how)

    return act


def _with_grace(hand: Hand) -> None:
    from booking.enums import AskedBy, Reason

    visit = hand.visit("booked")
    _actions().cancel_with_grace(
        appointment=visit, reason=Reason.CANNOT_COME, asked_by=AskedBy.RESIDENT, **hand.how
    )


def _actions() -> Any:
    from booking import actions

    return actions


VERBS: dict[str, Callable[[Hand], None]] = {
    "book": _book,
    "hold": _hold,
    "book_hold": _book_hold,
    "release": _simple("release_hold", "held"),
    "move": _move,
    "alter": _alter,
    "name": _name,
    "give": _give,
    "cancel": _simple("cancel", "booked", "arrived", "cancelling"),
    "cancel_with_grace": _with_grace,
    "restore": _simple("restore", "cancelled", "cancelling"),
    "confirm": _simple("confirm", "booked"),
    "check_in": _simple("check_in", "booked", "cancelling"),
    "start": _simple("start_session", "booked", "arrived"),
    "end": _simple("end_session", "in_session", outcome="solved"),
    "note": _simple("note_visit", "done", values={"outcome": "partly", "themes": ["email"]}),
    "extend": _simple("extend", "in_session", minutes=15),
    "no_show": _simple("mark_no_show", "booked", "arrived"),
    "walk_in": _walk_in,
    "record": _record,
    "merge": _merge,
    "purge": pairs_of_rights.purge_nearly_all,
    "erase": pairs_of_rights.erase,
    "limit": pairs_of_rights.limit,
    "lift": pairs_of_rights.lift,
    "withdraw": pairs_of_rights.withdraw,
    "correct": pairs_of_rights.correct,
    "wait": _wait,
    "offer": _offer,
    "absent": _absent,
    "leave": _leave,
    "rota": _rota,
    "close": _close,
    "open_again": _open_again,
    "replace": _replace,
    "sweep": _sweep,
}


def act(database: str, barrier: Any, orders: Any, answers: Any, commune_id: int) -> None:
    """What a process of the tests does: it starts from nothing."""
    set_up(database)
    take_orders(barrier, orders, answers, commune_id)


def take_orders(barrier: Any, orders: Any, answers: Any, commune_id: int) -> None:
    """Do what is ordered, at the same moment as the other process, until told to stop (None)."""
    while (order := orders.get(timeout=PATIENCE_S)) is not None:
        verb, seed, now = order
        hand = Hand(Random(seed), now, commune_id)
        barrier.wait(PATIENCE_S)
        answers.put((verb, what_came_of(partial(VERBS[verb], hand))))


def what_came_of(change: Callable[[], None]) -> str:
    """`done`, `nothing to do`, the code of a clean refusal, or `error …`."""
    from core.errors import PermanenceError

    try:
        change()
    except IndexError:  # there is nobody and nothing to do it with
        return "nothing to do"
    except PermanenceError as refusal:
        return refusal.code
    except Exception as error:  # noqa: BLE001  (whatever it is, the race must hear of it)
        return f"error {type(error).__name__}: {error}"
    return "done"
