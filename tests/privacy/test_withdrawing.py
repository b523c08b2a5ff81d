"""A consent is withdrawn: what it allowed ends, what was written down because of it goes."""

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking import actions as booking_actions
from booking.actions import PhoneInput
from booking.enums import ReachBy
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.models import Commune
from core.edits import Edit, RecordGone
from core.roles import Role
from notifications.enums import Audience, Channel, State
from notifications.models import Message
from privacy import actions
from privacy.enums import CameBy, Consent, RequestState, Right
from privacy.models import RightsRequest
from tests.factories import TUESDAY, at, make_agent, make_appointment, make_resident
from tests.notifications.test_pages import words
from tests.privacy.marks import rows_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

NUMBER, SHARED, CONTACT = "+33639981234", "+33639985678", "+33639984321"


@pytest.fixture
def alice(commune: Commune) -> Agent:
    return make_agent(commune, Role.DESK)


@pytest.fixture
def desk(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return booking_actions.create_resident(
        commune=commune,
        first_name="Fatima",
        last_name="Bensaïd",
        phones=[PhoneInput(NUMBER, owner_detail="poste 12")],
        contact_name="Zyxwv",
        contact_relation="voisin",
        contact_phone=CONTACT,
        contact_is_told=True,
        needs=["wheelchair"],
        now=TUESDAY,
    )


def withdraw(resident: Resident, what: Consent, by: Agent) -> RightsRequest:
    done = actions.withdraw(resident=resident, what=what, came_by=CameBy.PHONE, by=by, now=TUESDAY)
    resident.refresh_from_db()
    return done


def waiting(resident: Resident, visit: Appointment, **fields: object) -> Message:
    values = {"recipient": NUMBER, "cause": f"test:{Message.objects.count()}", "kind": "reminder"}
    times = {"due_at": TUESDAY, "expires_at": visit.starts_at, "created_at": TUESDAY}
    of = {"commune": resident.commune, "resident": resident, "appointment": visit, "channel": Channel.SMS}
    return Message.objects.create(**{**values, **times, **of, **fields})


def test_nobody_calls_them_any_more(fatima, alice):
    done = withdraw(fatima, Consent.CALLS, alice)
    phone = fatima.phones.get()
    assert (phone.may_call, phone.owner_detail) == (False, "poste 12")
    assert (done.right, done.state) == (Right.WITHDRAWAL, RequestState.DONE)
    assert done.proof == {"what": "calls", "numbers": 1}


def test_automatic_messages_end_and_the_number_is_on_the_stop_list(fatima, alice, cabin, service):
    visit = make_appointment(cabin, service, at(14, day=26), resident=fatima)
    waits = waiting(fatima, visit)
    done = withdraw(fatima, Consent.MESSAGES, alice)
    waits.refresh_from_db()
    assert (waits.state, waits.failure) == (State.FAILED, "stopped")
    assert fatima.commune.suppressions.count() == 1
    assert fatima.reach_by == ReachBy.SMS, "the button of the number gives the consent again"
    assert done.proof == {"what": "messages", "waiting": 1}


def test_a_number_that_others_have_too_stays_theirs(fatima, alice):
    make_resident(fatima.commune, SHARED)
    fatima.phones.create(number=SHARED, is_mobile=True)
    withdraw(fatima, Consent.MESSAGES, alice)
    assert fatima.commune.suppressions.count() == 1
    assert fatima.reach_by == ReachBy.NONE


def test_the_contact_person_is_forgotten_everywhere(fatima, alice, cabin, service):
    visit = make_appointment(cabin, service, at(14, day=26), resident=fatima)
    waiting(fatima, visit, audience=Audience.CONTACT, recipient=CONTACT, text="Zyxwv")
    was = {"contact_relation": "voisin"}
    edit = Edit(was, alice, TUESDAY)
    booking_actions.edit_resident(resident=fatima, wanted={"contact_relation": "Zyxwv"}, edit=edit)
    done = withdraw(fatima, Consent.CONTACT, alice)
    assert list(rows_with(["Zyxwv", CONTACT])) == []
    assert not fatima.contact_is_told
    assert done.proof == {"what": "contact", "deleted": 1}


def test_what_helps_and_notes_go(fatima, alice, cabin, service):
    make_appointment(cabin, service, at(14, day=26), resident=fatima, note="Zyxwv1")
    make_appointment(cabin, service, at(14, day=17), resident=fatima, note="Zyxwv2")
    done = withdraw(fatima, Consent.NEEDS, alice)
    assert fatima.needs == []
    assert [word for _model, _pk, word in rows_with(["Zyxwv1", "Zyxwv2"])] == []
    assert "needs" not in str(list(fatima.changes.values_list("values", flat=True)))
    assert done.proof == {"what": "needs", "notes": 2}


@pytest.mark.parametrize("what", Consent)
def test_again_changes_nothing(fatima, alice, what):
    withdraw(fatima, what, alice)
    before = fatima.changes.count()
    withdraw(fatima, what, alice)
    assert fatima.changes.count() == before


def test_it_answers_the_request_that_waits(fatima, alice):
    asked = actions.open_request(
        commune=fatima.commune,
        right=Right.WITHDRAWAL,
        came_by=CameBy.LETTER,
        asked_on=TUESDAY.date(),
        resident=fatima,
        by=alice,
        now=TUESDAY,
    )
    assert withdraw(fatima, Consent.CALLS, alice) == asked


def test_the_page_says_what_is_given_and_what_ends(desk, fatima, cabin, service):
    visit = make_appointment(cabin, service, at(14, day=26), resident=fatima, note="dossier")
    waiting(fatima, visit)
    page = reverse("resident-consents", args=[fatima.pk])
    shown = words(desk.get(page))
    assert "1 message qui attend ne partira plus." in shown
    assert "Zyxwv" in shown
    assert "1 note sur un rendez-vous" in shown
    done = desk.post(page, {"what": "contact", "came_by": "desk"}, follow=True)
    assert "Zyxwv" not in words(done)
    assert "Retiré et noté" in words(done)


def test_the_panel_leads_there(desk, fatima):
    panel = desk.get(reverse("resident-rights", args=[fatima.pk])).content.decode()
    assert reverse("resident-consents", args=[fatima.pk]) in panel


@pytest.mark.parametrize("what", list(Consent))
def test_nothing_is_noted_of_a_record_merged_or_erased_meanwhile(commune, fatima, alice, what):
    merged, keep = fatima, make_resident(commune)
    booking_actions.merge_residents(keep=keep, duplicate=merged, by=Actor.system(), now=TUESDAY)
    with pytest.raises(RecordGone):
        actions.withdraw(resident=merged, what=what, came_by=CameBy.PHONE, by=alice, now=TUESDAY)
    gone = Resident.objects.get(pk=keep.pk)
    Resident.objects.all().delete()
    with pytest.raises(RecordGone):
        actions.withdraw(resident=gone, what=what, came_by=CameBy.PHONE, by=alice, now=TUESDAY)
    assert not RightsRequest.objects.exists()
