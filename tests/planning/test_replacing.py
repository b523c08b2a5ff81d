"""Someone is ill: what is proposed, and that it is done wholly or not at all."""

import threading
import time as clock
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from itertools import combinations
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from agents.enums import AbsenceKind
from agents.models import Absence, Agent
from booking import actions
from booking.enums import EventKind, Reason, Status
from booking.log import Actor
from booking.models import Appointment, AppointmentEvent
from communes.models import Cabin, Commune, Service, Site
from core.errors import PermanenceError
from core.roles import Role
from planning.orphans import OrphanReason
from planning.proposals import Remedy, ReplacementPlan
from planning.replacing import AT_ONCE, clear_possible_again, plan_replacements
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_resident,
    make_service,
    make_shift,
    make_site,
)

PAGE = "/equipe/a-replacer/"

QUERIES_BEFORE, QUERIES_EACH = 10, 22


def sick(agent: Agent, day: int = 25) -> None:
    Absence.objects.create(
        agent=agent, starts_at=at(0, day=day), ends_at=at(0, day=day + 1), kind=AbsenceKind.SICK
    )


@pytest.fixture
def camille(commune: Commune, service: Service, site: Site) -> Agent:
    """Could take Bob's visits of Wednesday."""
    camille = make_agent(commune, Role.HELPER, skills=[service], first_name="Camille")
    make_shift(camille, site, at(9, day=25), at(12, day=25))
    return camille


@pytest.fixture
def visit(commune: Commune, cabin: Cabin, service: Service, bob: Agent, site: Site) -> Appointment:
    """Fatima with Bob, Wednesday at ten; Bob is ill."""
    make_shift(bob, site, at(9, day=25), at(12, day=25))
    sick(bob)
    resident = make_resident(commune, "+33639981234")
    return make_appointment(cabin, service, at(10, day=25), helper=bob, resident=resident)


def plan(commune: Commune, dana: Agent, **how: Any) -> ReplacementPlan:
    return plan_replacements(commune=commune, by=dana, now=TUESDAY, **how)


def carry_out(commune: Commune, dana: Agent, **how: Any) -> ReplacementPlan:
    return plan(commune, dana, expected=plan(commune, dana, **how).digest, **how)


def test_a_colleague_takes_it_at_the_same_time(
    commune: Commune, dana: Agent, visit: Appointment, camille: Agent
) -> None:
    (proposal,) = plan(commune, dana).proposals
    assert (proposal.how, proposal.helper, proposal.start) == (Remedy.SAME_TIME, camille, visit.starts_at)
    assert not proposal.must_be_told
    done = carry_out(commune, dana)
    assert done.applied
    visit.refresh_from_db()
    assert (visit.helper, visit.starts_at) == (camille, at(10, day=25))
    event = visit.events.get()
    assert (event.kind, event.reason, event.agent) == (EventKind.REASSIGNED, Reason.HELPER_ABSENT, dana)


def test_where_a_shift_was_taken_away_the_log_does_not_call_the_helper_absent(
    commune: Commune, dana: Agent, visit: Appointment, camille: Agent, bob: Agent
) -> None:
    Absence.objects.all().delete()
    bob.shifts.all().delete()
    carry_out(commune, dana)
    event = visit.events.get()
    assert (event.kind, event.reason) == (EventKind.REASSIGNED, Reason.NO_HELPER)


def test_a_preview_changes_nothing_at_all(
    commune: Commune, dana: Agent, visit: Appointment, camille: Agent
) -> None:
    before = Appointment.objects.values().get(), Site.objects.values().get()
    plan(commune, dana)
    assert (Appointment.objects.values().get(), Site.objects.values().get()) == before
    assert not AppointmentEvent.objects.exists()


def test_a_plan_takes_the_first_of_many_and_the_next_plan_the_others(
    client: Client, commune: Commune, dana: Agent, service: Service, bob: Agent, site: Site, tuesday: datetime
) -> None:
    """A helper is away for months: looking for all at once would hold the database for minutes."""
    make_shift(bob, site, at(9, day=25), at(12, day=25))
    sick(bob)
    for _ in range(AT_ONCE + 2):
        cabin = make_cabin(site)
        make_appointment(cabin, service, at(10, day=25), resident=make_resident(commune), with_helper=True)
    Cabin.objects.update(in_order=False)

    first = carry_out(commune, dana)
    assert (len(first.proposals), first.later, len(first.to_call)) == (AT_ONCE, 2, AT_ONCE)
    client.force_login(dana)
    shown = client.get(PAGE).content.decode()
    assert f"Voici les {AT_ONCE} premiers" in shown

    second = carry_out(commune, dana)
    assert (len(second.to_call), len(second.proposals), second.later) == (2, AT_ONCE, 2)
    assert not plan(commune, dana).to_call


def test_a_helper_asked_for_by_name_is_to_be_told_of(
    commune: Commune, dana: Agent, visit: Appointment, camille: Agent
) -> None:
    Appointment.objects.update(helper_chosen=True)
    (proposal,) = plan(commune, dana).proposals
    assert (proposal.how, proposal.must_be_told) == (Remedy.SAME_TIME, True)


def test_others_make_way_where_that_saves_it(
    commune: Commune, dana: Agent, visit: Appointment, camille: Agent, service: Service, site: Site
) -> None:
    # Camille, the only one left with the skill, sits in a visit that Erin could take as well.
    easy = make_service(commune, name="E-mail")
    erin = make_agent(commune, Role.HELPER, skills=[easy], first_name="Erin")
    make_shift(erin, site, at(9, day=25), at(12, day=25))
    camille.memberships.get().skills.add(easy)
    other = make_appointment(make_cabin(site), easy, at(10, day=25), helper=camille)
    (proposal,) = plan(commune, dana).proposals
    assert (proposal.how, proposal.helper) == (Remedy.SAME_TIME, camille)
    assert [(each.appointment, each.helper) for each in proposal.exchanged] == [(other, erin)]
    carry_out(commune, dana)
    visit.refresh_from_db()
    other.refresh_from_db()
    assert (visit.helper, other.helper) == (camille, erin)


def test_else_the_nearest_other_time(
    commune: Commune, dana: Agent, visit: Appointment, bob: Agent, site: Site
) -> None:
    make_shift(bob, site, at(9, day=27), at(12, day=27))
    (proposal,) = plan(commune, dana).proposals
    assert (proposal.how, proposal.start, proposal.must_be_told) == (Remedy.OTHER_TIME, at(10, day=27), True)
    carry_out(commune, dana)
    visit.refresh_from_db()
    assert (visit.starts_at, visit.status) == (at(10, day=27), Status.BOOKED)
    event = visit.events.get()
    assert (event.kind, event.reason) == (EventKind.MOVED, Reason.HELPER_ABSENT)


def test_else_it_goes_on_the_list_of_calls(commune: Commune, dana: Agent, visit: Appointment) -> None:
    (proposal,) = plan(commune, dana).proposals
    assert proposal.how == Remedy.CALL
    assert carry_out(commune, dana).applied
    visit.refresh_from_db()
    assert (visit.starts_at, visit.status) == (at(10, day=25), Status.BOOKED)
    event = visit.events.get()
    assert (event.kind, event.reason, event.agent) == (EventKind.TO_CALL, Reason.HELPER_ABSENT, dana)


def test_it_is_put_there_once_and_stays_to_be_seen(commune: Commune, dana: Agent, visit: Appointment) -> None:
    carry_out(commune, dana)
    again = carry_out(commune, dana)
    assert ([each.how for each in again.proposals], again.to_call) == ([Remedy.CALLED], [])
    assert visit.events.count() == 1


def test_what_is_set_aside_is_not_called(commune: Commune, dana: Agent, visit: Appointment) -> None:
    carry_out(commune, dana, aside={visit.pk})
    assert not visit.events.exists()


def test_who_has_no_name_here_or_is_here_already_is_not_called(
    commune: Commune, dana: Agent, visit: Appointment
) -> None:
    for fields in ({"resident": None}, {"status": Status.ARRIVED}):
        Appointment.objects.update(**{"status": Status.BOOKED, **fields})
        assert [each.how for each in carry_out(commune, dana).proposals] == [Remedy.BY_HAND]
    assert not visit.events.exists()


def test_nobody_is_called_once_a_colleague_can_take_it(
    commune: Commune, dana: Agent, visit: Appointment, service: Service, site: Site
) -> None:
    carry_out(commune, dana)
    camille = make_agent(commune, Role.HELPER, skills=[service], first_name="Camille")
    make_shift(camille, site, at(9, day=25), at(12, day=25))
    (proposal,) = carry_out(commune, dana).proposals
    assert proposal.how == Remedy.SAME_TIME
    assert [event.kind for event in visit.events.order_by("id")] == [
        EventKind.TO_CALL,
        EventKind.REASSIGNED,
        EventKind.CALL_OFF,
    ]


def test_nor_when_the_helper_is_back(commune: Commune, dana: Agent, visit: Appointment) -> None:
    carry_out(commune, dana)
    assert clear_possible_again(now=TUESDAY) == 0
    Absence.objects.all().delete()
    assert clear_possible_again(now=TUESDAY) == 1
    assert clear_possible_again(now=TUESDAY) == 0
    assert visit.events.latest("id").kind == EventKind.CALL_OFF


def test_two_that_need_the_same_colleague_do_not_both_get_them(
    commune: Commune,
    dana: Agent,
    visit: Appointment,
    camille: Agent,
    bob: Agent,
    site: Site,
    service: Service,
) -> None:
    other = make_appointment(make_cabin(site), service, at(10, 15, day=25), with_helper=True)
    proposals = {each.appointment.pk: each for each in plan(commune, dana).proposals}
    assert proposals[visit.pk].how == Remedy.SAME_TIME
    assert proposals[other.pk].how == Remedy.OTHER_TIME
    carry_out(commune, dana)
    assert not plan(commune, dana).proposals


def test_a_cabin_that_is_down_gives_way_to_another(
    commune: Commune, dana: Agent, cabin: Cabin, service: Service, site: Site
) -> None:
    spare = make_cabin(site)
    visit = make_appointment(cabin, service, at(10, day=25))
    Cabin.objects.filter(pk=cabin.pk).update(in_order=False)
    (proposal,) = carry_out(commune, dana).proposals
    assert proposal.orphan.why == OrphanReason.CABIN
    visit.refresh_from_db()
    assert visit.cabin == spare
    assert visit.events.get().reason == Reason.CABIN_OUT_OF_ORDER


def test_what_is_set_aside_stays(
    commune: Commune, dana: Agent, visit: Appointment, camille: Agent, bob: Agent
) -> None:
    done = carry_out(commune, dana, aside={visit.pk})
    assert (done.proposals, len(done.aside)) == ([], 1)
    visit.refresh_from_db()
    assert visit.helper == bob


def test_a_plan_that_is_no_longer_true_is_not_carried_out(
    commune: Commune, dana: Agent, visit: Appointment, camille: Agent
) -> None:
    digest = plan(commune, dana).digest
    sick(camille)
    done = plan(commune, dana, expected=digest)
    assert not done.applied
    visit.refresh_from_db()
    assert not visit.events.exists()


def test_another_commune_is_left_alone(commune: Commune, dana: Agent, service: Service) -> None:
    other = make_commune()
    make_appointment(make_cabin(make_site(other)), make_service(other), at(10, day=25), with_helper=True)
    assert not plan(commune, dana).proposals


# ---- the page ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("tuesday")
def test_the_page_shows_the_plan_and_carries_it_out(
    client: Client, dana: Agent, visit: Appointment, camille: Agent
) -> None:
    client.force_login(dana)
    page = client.get(PAGE)
    assert "Camille" in page.content.decode() and "Fatima" in page.content.decode()
    response = client.post(PAGE, {"plan": page.context["plan"].digest}, follow=True)
    assert 'class="empty"' in response.content.decode()
    visit.refresh_from_db()
    assert visit.helper == camille


@pytest.mark.usefixtures("tuesday")
def test_ticking_leave_it_shows_the_new_plan_first(
    client: Client, dana: Agent, visit: Appointment, camille: Agent, bob: Agent
) -> None:
    client.force_login(dana)
    digest = client.get(PAGE).context["plan"].digest
    response = client.post(PAGE, {"plan": digest, "aside": [str(visit.pk)]})
    assert response.status_code == 409
    visit.refresh_from_db()
    assert visit.helper == bob


@pytest.mark.usefixtures("tuesday")
@pytest.mark.parametrize("sent", [{"plan": "x"}, {"aside": "x"}, {"aside": "9" * 30, "plan": "\x00"}])
def test_junk_changes_nothing(
    client: Client, dana: Agent, visit: Appointment, camille: Agent, bob: Agent, sent: dict[str, str]
) -> None:
    client.force_login(dana)
    assert client.post(PAGE, sent).status_code < 500
    visit.refresh_from_db()
    assert visit.helper == bob


@pytest.mark.parametrize("days", [(25,), (25, 26, 27)])
def test_a_preview_takes_as_many_queries_for_each_however_many(
    commune: Commune,
    dana: Agent,
    service: Service,
    bob: Agent,
    site: Site,
    days: tuple[int, ...],
    django_assert_max_num_queries: Any,
) -> None:
    """How long twenty take is measured by `make bench` (bench/bench_office.py)."""
    for day in days:
        make_shift(bob, site, at(9, day=day), at(17, day=day))
        sick(bob, day)
        for hour in (9, 10, 11, 14, 15):
            make_appointment(make_cabin(site), service, at(hour, day=day), helper=bob)
    for _ in range(2):
        colleague = make_agent(commune, Role.HELPER, skills=[service])
        for day in days:
            make_shift(colleague, site, at(9, day=day), at(17, day=day))
    with django_assert_max_num_queries(QUERIES_BEFORE + QUERIES_EACH * 5 * len(days)):
        found = plan(commune, dana)
    assert len(found.placed) == 5 * len(days)


# ---- while others book and cancel ----------------------------------------------------------------------


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_it_is_all_or_nothing_while_others_book_and_cancel_the_same() -> None:
    commune = make_commune()
    site, service = make_site(commune), make_service(commune)
    bob, dana = make_agent(commune, Role.HELPER, skills=[service]), make_agent(commune, Role.MANAGER)
    cabins = [make_cabin(site) for _ in range(3)]
    for helper in (bob, *(make_agent(commune, Role.HELPER, skills=[service]) for _ in range(2))):
        make_shift(helper, site, at(9, day=25), at(17, day=25))
    sick(bob)
    visits = [
        make_appointment(cabins[0], service, at(hour, day=25), helper=bob) for hour in (9, 10, 11, 14, 15)
    ]
    by: dict[str, Any] = {"by": Actor.agent(dana), "now": TUESDAY}

    def cancel_and_restore() -> None:
        row = Appointment.objects.get(pk=visits[1].pk)
        verb = actions.cancel if row.status == Status.BOOKED else actions.restore
        verb(appointment=row, **by)

    def book_and_cancel() -> None:
        request = actions.BookingRequest(service=service, site=site, start=at(10, day=25), with_helper=True)
        row = actions.book(request=request, **by)
        actions.cancel(appointment=row, **by)

    stop = threading.Event()
    threads = [again_and_again(work, stop) for work in (cancel_and_restore, book_and_cancel)]
    outcomes = []
    try:
        deadline = clock.monotonic() + 40
        while clock.monotonic() < deadline and True not in outcomes:
            before = replaced(visits)
            outcomes.append(plan(commune, dana, expected=plan(commune, dana).digest).applied)
            if not outcomes[-1]:
                assert replaced(visits) == before, "nothing of a plan that was given up"
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=30)
    assert True in outcomes
    live = list(Appointment.objects.live())
    for one, other in combinations(live, 2):
        assert not meets(one, other) or one.cabin_id != other.cabin_id
        assert not meets(one, other) or one.helper_id is None or one.helper_id != other.helper_id


def replaced(visits: list[Appointment]) -> int:
    return AppointmentEvent.objects.filter(kind=EventKind.REASSIGNED, appointment__in=visits).count()


def again_and_again(work: Callable[[], None], stop: threading.Event) -> threading.Thread:
    def run() -> None:
        while not stop.is_set():
            with suppress(PermanenceError):
                work()
            clock.sleep(0.02)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def meets(one: Appointment, other: Appointment) -> bool:
    first: datetime = one.starts_at
    return first < other.blocked_until and other.starts_at < one.blocked_until


def test_no_time_is_proposed_at_which_the_person_comes_anyway_and_the_next_one_is(
    commune: Commune, dana: Agent, service: Service, site: Site, cabin: Cabin
) -> None:
    fatima = make_resident(commune, "+33639981234")
    visit = make_appointment(cabin, service, at(10, day=25), resident=fatima)
    make_appointment(make_cabin(site), service, at(10, 30, day=25), ends_at=at(12, day=25), resident=fatima)
    site.closures.create(starts_at=at(9, day=25), ends_at=at(10, 15, day=25))

    (proposal,) = plan(commune, dana).proposals

    assert proposal.appointment == visit
    assert (proposal.how, proposal.start) == (Remedy.OTHER_TIME, at(14, day=25))
