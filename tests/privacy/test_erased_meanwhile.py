"""Somebody is erased while a colleague presses a button about them: a clean refusal, and nothing breaks."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from agents.models import Agent
from booking import actions as booking
from booking.actions import base, grace, holds
from booking.enums import AskedBy, LimitedFor, Reason, Status
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.actions import bump_sites
from communes.models import Cabin, Commune, Service
from core.edits import RecordGone
from core.errors import PermanenceError
from core.roles import Role
from notifications.actions.answers import take_answer
from privacy import actions
from privacy.actions import Erasing
from privacy.enums import CameBy, ComingVisits, Consent, ErasureReason
from tests.factories import TUESDAY, at, make_agent, make_appointment, make_resident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

NUMBER, COMING = "+33639981234", at(14)
BY: Any = {"by": Actor.system(), "now": TUESDAY}


@pytest.fixture
def sophie(commune: Commune) -> Agent:
    return make_agent(commune, Role.MANAGER, Role.DESK)


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, NUMBER)


@pytest.fixture
def erase(fatima: Resident, sophie: Agent) -> Callable[[], object]:
    how = Erasing(ErasureReason.ASKED, CameBy.DESK, ComingVisits.CANCEL)
    # What a colleague has read of the person stays as they read it.
    stored = Resident.objects.get(pk=fatima.pk)
    return lambda: actions.erase(resident=stored, how=how, by=sophie, now=TUESDAY)


VERBS: dict[str, tuple[Status, dict[str, Any]]] = {
    "confirm": (Status.BOOKED, {}),
    "check_in": (Status.BOOKED, {}),
    "cancel": (Status.BOOKED, {}),
    "cancel_with_grace": (Status.BOOKED, {"reason": Reason.CANNOT_COME, "asked_by": AskedBy.RESIDENT}),
    "start_session": (Status.BOOKED, {}),
    "alter": (Status.BOOKED, {"wanted": {"length": 60}, "beside": True}),
    "mark_no_show": (Status.BOOKED, {}),
    "release_hold": (Status.HELD, {}),
    "restore": (Status.CANCELLING, {}),
}


@pytest.mark.parametrize("verb", VERBS)
def test_what_an_agent_does_with_a_visit_is_refused(fatima, cabin, service, erase, verb):
    status, more = VERBS[verb]
    visit = a_visit(cabin, service, fatima, status)
    erase()
    with pytest.raises(RecordGone):
        getattr(booking, verb)(appointment=visit, **more, **BY)


def a_visit(cabin: Cabin, service: Service, who: Resident, status: Status) -> Appointment:
    held_until = TUESDAY + timedelta(minutes=5) if status == Status.HELD else None
    return make_appointment(cabin, service, COMING, resident=who, status=status, held_until=held_until)


def withdrawn(what: Consent, who: Resident, by: Agent) -> object:
    return actions.withdraw(resident=who, what=what, came_by=CameBy.DESK, by=by, now=TUESDAY)


WITH_THE_RECORD: dict[str, Callable[[Resident, Agent], object]] = {
    "correct": lambda who, _by: booking.update_resident(resident=who, birth_year=1950, now=TUESDAY),
    "give access": lambda who, by: actions.note_access_given(
        resident=who, came_by=CameBy.DESK, counts={}, by=by, now=TUESDAY
    ),
    "limit": lambda who, by: actions.limit(
        resident=who, why=LimitedFor.CLAIM, came_by=CameBy.DESK, cancels=True, by=by, now=TUESDAY
    ),
    "lift": lambda who, by: actions.lift(resident=who, by=by, now=TUESDAY),
    **{f"withdraw {each}": partial(withdrawn, each) for each in Consent},
}


@pytest.mark.parametrize("verb", WITH_THE_RECORD)
def test_what_an_agent_does_with_the_record_is_refused(fatima, sophie, erase, verb):
    erase()
    with pytest.raises(PermanenceError):
        WITH_THE_RECORD[verb](fatima, sophie)


def test_what_the_worker_was_about_to_do_is_passed_over(fatima, cabin, service, erase):
    held = a_visit(cabin, service, fatima, Status.HELD)
    cancelling = make_appointment(cabin, service, at(16), resident=fatima, status=Status.CANCELLING)
    erase()
    later = TUESDAY + timedelta(minutes=30)
    assert holds._lapse(held, later) is False
    assert grace._finish_due(cancelling, later) is False


@pytest.mark.parametrize("yes", [True, False])
def test_an_answer_by_text_message_changes_nothing(fatima, cabin, service, erase, yes):
    visit = a_visit(cabin, service, fatima, Status.BOOKED)
    told = (visit.starts_at, visit.site_id)
    erase()
    assert take_answer(appointment=visit, told=told, yes=yes, number=NUMBER, now=TUESDAY) is None


PAGES: dict[str, dict[str, Any]] = {
    "appointment-confirm": {},
    "appointment-check-in": {},
    "appointment-no-show": {},
    "appointment-cancel": {"reason": Reason.CANNOT_COME, "asked_by": AskedBy.RESIDENT},
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_so(client: Client, fatima, sophie, cabin, service, erase, monkeypatch, page):
    """The page had found the visit, and waited for the erasure to end. (In a test the refusal undoes the
    erasure too, since all is one transaction.)"""
    visit = a_visit(cabin, service, fatima, Status.BOOKED)
    client.force_login(sophie)
    waited: list[object] = []

    def wait(sites: Any) -> None:
        if not waited:
            waited.append(erase())
        bump_sites(sites)

    monkeypatch.setattr(base, "bump_sites", wait)
    sent = {"shown": visit.shown, **PAGES[page]}
    answer = client.post(reverse(page, args=[visit.pk]), sent, follow=True)
    assert waited
    with override("fr"):
        assert [str(each) for each in answer.context["messages"]] == [str(RecordGone.text)]
