"""What the processes of the race tests run: they start from nothing, as a second web process would."""

from collections import Counter
from datetime import datetime, timedelta
from importlib import import_module
from random import Random
from typing import Any

PATIENCE_S = 120
"""No wait is longer: a race that hangs fails."""


def set_up(database: str) -> None:
    """Django in a new process, on the database of the test."""
    import django

    import_module("tests.environment")  # before the settings are read
    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = database


def book_the_same_slot(
    database: str, barrier: Any, answers: Any, rounds: int, service_id: int, site_id: int, start: datetime
) -> None:
    """In each round, at the same moment as the others, book `start`; answer with what came of it."""
    set_up(database)
    from booking.actions import BookingRequest, book
    from booking.errors import SlotTaken
    from booking.log import Actor
    from communes.models import Service, Site
    from tests.factories import TUESDAY

    service = Service.objects.get(pk=service_id)
    site = Site.objects.select_related("commune").get(pk=site_id)
    request = BookingRequest(service=service, site=site, start=start, with_helper=True)
    for number in range(rounds):
        barrier.wait(PATIENCE_S)
        try:
            book(request=request, by=Actor.system(), now=TUESDAY)
            answers.put((number, "won", True))
        except SlotTaken as refusal:
            answers.put((number, "SlotTaken", bool(refusal.details["alternatives"])))
        except Exception as error:  # noqa: BLE001  (whatever it is, the test must hear of it)
            answers.put((number, f"{type(error).__name__}: {error}", False))
        barrier.wait(PATIENCE_S)
        barrier.wait(PATIENCE_S)  # the parent makes the slot free again between these two


def book_at_random(
    database: str, barrier: Any, answers: Any, seed: int, tries: int, ids: dict[str, Any]
) -> None:
    """Book, move and cancel at random in a nearly full week; answer with a count of what came of it."""
    set_up(database)
    from booking import actions
    from booking.enums import EventKind
    from booking.log import Actor
    from booking.models import Appointment, AppointmentEvent
    from communes.models import Service, Site
    from core.errors import PermanenceError
    from tests.factories import TUESDAY

    random = Random(seed)
    services = list(Service.objects.filter(pk__in=ids["services"]))
    sites = list(Site.objects.filter(pk__in=ids["sites"]).select_related("commune"))
    came_of_it: Counter[str] = Counter()
    barrier.wait(PATIENCE_S)
    for number in range(tries):
        # An instant of its own tells the events of this attempt from all others.
        now = TUESDAY + timedelta(microseconds=1000 * seed + number)
        how: Any = {"by": Actor.system(), "now": now}
        where: Any = {"site": random.choice(sites), "start": random.choice(ids["starts"])}
        some = Appointment.objects.live().order_by("?").first()
        verb = random.choice(("book", "book", "reschedule", "cancel")) if some else "book"
        try:
            if some is None or verb == "book":
                request = actions.BookingRequest(service=random.choice(services), with_helper=True, **where)
                actions.book(request=request, **how)
            elif verb == "reschedule":
                actions.reschedule(appointment=some, **where, **how)
                # Someone may have moved it to the very same place just before: then nothing changed.
                if not AppointmentEvent.objects.filter(kind=EventKind.MOVED, at=now).exists():
                    verb = "stay"
            else:
                actions.cancel(appointment=some, **how)
            came_of_it[verb] += 1
        except PermanenceError as refusal:
            came_of_it[refusal.code] += 1
        except Exception as error:  # noqa: BLE001  (whatever it is, the test must hear of it)
            came_of_it[f"error {type(error).__name__}: {error}"] += 1
    answers.put(dict(came_of_it))


def book_and_wait(database: str, inside: Any, service_id: int, site_id: int, start: datetime) -> None:
    """Book, and stop between the event and the commit, until killed."""
    set_up(database)
    import time

    from booking.actions import BookingRequest, bookings
    from booking.log import Actor
    from communes.models import Service, Site
    from tests.factories import TUESDAY

    tell = vars(bookings)["write"]

    def tell_and_wait(**how: Any) -> Any:
        tell(**how)
        inside.set()
        time.sleep(PATIENCE_S)

    vars(bookings)["write"] = tell_and_wait
    request = BookingRequest(
        service=Service.objects.get(pk=service_id),
        site=Site.objects.select_related("commune").get(pk=site_id),
        start=start,
        with_helper=True,
    )
    bookings.book(request=request, by=Actor.system(), now=TUESDAY)


def end_the_grace(database: str, barrier: Any, answers: Any, rounds: int, role: str, over: datetime) -> None:
    """In each round, at the same moment as the others, decide in the way of `role` what becomes of the
    appointment in its grace; answer with what came of it."""
    set_up(database)
    from booking.enums import Status
    from booking.models import Appointment
    from core.errors import PermanenceError

    for _round in range(rounds):
        barrier.wait(PATIENCE_S)
        seen = Appointment.objects.select_related("commune", "site").get(status=Status.CANCELLING)
        decide = _way_to_end_the_grace(role, seen, over)
        barrier.wait(PATIENCE_S)
        try:
            answers.put((role, "nothing" if decide() == 0 else "won"))
        except PermanenceError as refusal:
            answers.put((role, refusal.code))
        except Exception as error:  # noqa: BLE001  (whatever it is, the test must hear of it)
            answers.put((role, f"error {type(error).__name__}: {error}"))
        barrier.wait(PATIENCE_S)


def _way_to_end_the_grace(role: str, seen: Any, over: datetime) -> Any:
    from booking import actions
    from booking.enums import Reason
    from booking.log import Actor
    from booking.models import Resident

    by: Any = {"by": Actor.system(), "now": over}
    same = actions.BookingRequest(
        service=seen.service, site=seen.site, start=seen.starts_at, with_helper=True
    )
    keep, duplicate = Resident.objects.current().filter(commune=seen.commune).order_by("pk")
    ways: dict[str, Any] = {
        "sweep": lambda: actions.finish_due_cancellations(now=over),
        "restore": lambda: actions.restore(appointment=seen, **by),
        "now": lambda: actions.finish_cancelling(appointment=seen, now=over),
        "resident": lambda: actions.cancel(appointment=seen, reason=Reason.RESIDENT_ASKED, **by),
        "check_in": lambda: actions.check_in(appointment=seen, **by),
        "book": lambda: actions.book(request=same, **by),
        "merge": lambda: actions.merge_residents(keep=keep, duplicate=duplicate, **by),
    }
    return ways[role]


def change_details(database: str, barrier: Any, answers: Any, rounds: int, role: str) -> None:
    """In each round, at the same moment as the others, change the appointment in the way of `role`, or book
    the time after it; answer with what came of it."""
    set_up(database)
    from booking.models import Appointment
    from core.errors import PermanenceError

    for _round in range(rounds):
        barrier.wait(PATIENCE_S)
        seen = Appointment.objects.select_related("commune", "site", "service").get()
        change = _way_to_change(role, seen)
        barrier.wait(PATIENCE_S)
        try:
            change()
            answers.put((role, "won"))
        except PermanenceError as refusal:
            answers.put((role, refusal.code))
        except Exception as error:  # noqa: BLE001  (whatever it is, the test must hear of it)
            answers.put((role, f"error {type(error).__name__}: {error}"))
        barrier.wait(PATIENCE_S)


def _way_to_change(role: str, seen: Any) -> Any:
    from datetime import timedelta

    from agents.models import Agent
    from booking import actions
    from booking.actions.altering import details_of
    from booking.log import Actor
    from core.edits import Edit, plain_values
    from tests.factories import TUESDAY

    by: Any = {"by": Actor.system(), "now": TUESDAY}
    start, agent = plain_values(details_of(seen)), Agent.objects.earliest("pk")
    wanted: dict[str, dict[str, Any]] = {
        "longer": {"length": 90},
        "party": {"party": 3},
        "note": {"note": "RIB"},
    }
    after = actions.BookingRequest(
        service=seen.service,
        site=seen.site,
        start=seen.starts_at + timedelta(hours=1),
        with_helper=True,
    )
    if role == "book":
        return lambda: actions.book(request=after, **by)
    edit = Edit(start, agent, TUESDAY)
    return lambda: actions.alter(appointment=seen, wanted=wanted[role], edit=edit, **by)


def search_and_give_up(database: str, barrier: Any, service_id: int, now: datetime) -> None:
    """Search once, at the same moment as the others, and give up after one position of the exchange."""
    set_up(database)
    from functools import partial

    from booking.engine.availability import search
    from booking.free import slots
    from communes.models import Service

    vars(slots)["search"] = partial(search, bound=1)
    service = Service.objects.select_related("commune").get(pk=service_id)
    barrier.wait(PATIENCE_S)
    slots.find_slots(
        commune=service.commune,
        service=service,
        with_helper=True,
        start=now.date(),
        end=now.date() + timedelta(days=1),
        now=now,
    )


def find_nothing_that_suits(
    database: str, barrier: Any, answers: Any, rounds: int, service_id: int, days: list[int]
) -> None:
    """In each round, at the same moment as the others, count that these days of one conversation did not
    suit."""
    set_up(database)
    from uuid import UUID

    from booking.actions import Unmet, WantedDay, note_unmet
    from booking.enums import UnmetWhy
    from communes.models import Service
    from tests.factories import TUESDAY

    service = Service.objects.select_related("commune").get(pk=service_id)
    wanted = [WantedDay((TUESDAY + timedelta(days=n)).date(), UnmetWhy.FULL) for n in days]
    for number in range(rounds):
        barrier.wait(PATIENCE_S)
        try:
            asked = Unmet(talk=UUID(int=number + 1), service=service, days=wanted)
            note_unmet(commune=service.commune, request=asked, now=TUESDAY)
            answers.put("counted")
        except Exception as error:  # noqa: BLE001  (whatever it is, the test must hear of it)
            answers.put(f"{type(error).__name__}: {error}")
