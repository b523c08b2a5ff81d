"""Somebody is erased now: nothing of them is left, and what others count or need is as it was."""

from typing import Any

import pytest

from agents.models import Agent
from booking import actions as booking_actions
from booking.enums import EventKind, Status
from booking.log import Actor
from booking.models import Appointment, Resident, VisitRecord, WaitingEntry
from communes.models import Cabin, Commune, Service
from core.edits import RecordGone
from core.roles import Role
from notifications.enums import StopReason
from notifications.models import InboundMessage, Message, Suppression
from privacy import actions
from privacy.actions import Erasing
from privacy.enums import CameBy, ComingVisits, ErasureReason, RequestState, Right
from privacy.errors import PersonIsHere
from privacy.models import ErasedResident, RightsRequest
from tests.factories import TUESDAY, at, make_agent, make_appointment, make_resident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

NUMBER, OTHER = "+33639981234", "+33639985678"
PAST, COMING = at(10, day=17), at(14, day=26)


@pytest.fixture
def sophie(commune: Commune) -> Agent:
    return make_agent(commune, Role.MANAGER)


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, NUMBER)


def erase(resident: Resident, by: Agent, coming: ComingVisits = ComingVisits.CANCEL) -> RightsRequest:
    how = Erasing(ErasureReason.ASKED, CameBy.DESK, coming)
    return actions.erase(resident=resident, how=how, by=by, now=TUESDAY)


def a_visit(cabin: Cabin, service: Service, start: Any, **fields: Any) -> Appointment:
    return make_appointment(cabin, service, start, **fields)


def written(commune: Commune, **fields: Any) -> Message:
    values = {"recipient": NUMBER, "cause": f"test:{Message.objects.count()}", "kind": "reminder"}
    times = {"due_at": TUESDAY, "expires_at": COMING, "created_at": TUESDAY}
    return Message.objects.create(commune=commune, channel="sms", **{**values, **times, **fields})


def test_the_record_goes_with_its_visits_and_what_was_merged_into_it(fatima, sophie, cabin, service):
    merged = make_resident(fatima.commune, merged_into=fatima)
    deeper = make_resident(fatima.commune, merged_into=merged)
    a_visit(cabin, service, PAST, resident=fatima, status=Status.DONE)
    a_visit(cabin, service, at(11, day=17), resident=deeper, status=Status.DONE)
    written(fatima.commune, resident=deeper)
    done = erase(fatima, sophie)
    assert not Resident.objects.exists()
    assert not Appointment.objects.exists()
    assert not Message.objects.exists()
    assert done.resident is None
    assert done.state == RequestState.DONE
    assert done.proof["rows"]["booking.Resident"] == 3
    assert done.proof["rows"]["booking.Appointment"] == 2
    refs = set(ErasedResident.objects.values_list("resident_ref", flat=True))
    assert refs == {fatima.pk, merged.pk, deeper.pk}


def test_a_coming_visit_is_cancelled_and_counted_as_such(fatima, sophie, cabin, service):
    a_visit(cabin, service, COMING, resident=fatima)
    version = cabin.site.version
    erase(fatima, sophie)
    assert not Appointment.objects.exists()
    record = VisitRecord.objects.get()
    assert (record.ended_as, record.cancelled_by, record.key) == (Status.CANCELLED, "resident", "")
    cabin.site.refresh_from_db()
    assert cabin.site.version > version, "screens and day pages fetch again"


def test_a_coming_visit_may_stay_by_its_number(fatima, sophie, cabin, service):
    visit = a_visit(cabin, service, COMING, resident=fatima, note="dossier bleu")
    visit.events.create(
        kind=EventKind.BOOKED, at=PAST, actor="agent", changes={"resident": [None, fatima.pk]}
    )
    written(fatima.commune, resident=fatima, appointment=visit)
    answer = {"sender": NUMBER, "text": "OUI", "received_at": TUESDAY}
    InboundMessage.objects.create(commune=fatima.commune, provider_id="SM1", appointment=visit, **answer)
    number = visit.number
    done = erase(fatima, sophie, ComingVisits.KEEP)
    visit.refresh_from_db()
    assert (visit.resident, visit.note, visit.number, visit.status) == (None, "", number, Status.BOOKED)
    assert not Message.objects.exists()
    assert not InboundMessage.objects.exists()
    assert visit.events.get(kind=EventKind.BOOKED).changes == {"resident": [None, None]}
    assert done.proof["kept"] == 1
    assert not VisitRecord.objects.exists()


def test_what_nobody_noted_counts_as_not_recorded(fatima, sophie, cabin, service):
    a_visit(cabin, service, at(9, day=23), resident=fatima)
    erase(fatima, sophie)
    assert VisitRecord.objects.get().ended_as == Status.UNRECORDED


def test_figures_stay_as_they_were(fatima, sophie, cabin, service):
    visit = a_visit(cabin, service, at(9, day=23), resident=fatima, status=Status.IN_SESSION)
    booking_actions.end_session(appointment=visit, outcome="solved", by=Actor.agent(sophie), now=TUESDAY)

    def figures() -> list[Any]:
        columns = [each.name for each in VisitRecord._meta.concrete_fields if each.name != "key"]
        return list(VisitRecord.objects.order_by("pk").values_list(*columns))

    before = figures()
    assert len(before) == 1
    erase(fatima, sophie)
    assert figures() == before
    assert VisitRecord.objects.get().key == "", "nothing leads back to the visit"


@pytest.mark.parametrize("status", [Status.ARRIVED, Status.IN_SESSION])
def test_whoever_is_here_is_not_erased(fatima, sophie, cabin, service, status):
    a_visit(cabin, service, TUESDAY, resident=fatima, status=status)
    with pytest.raises(PersonIsHere):
        erase(fatima, sophie)
    assert Resident.objects.exists()
    assert not RightsRequest.objects.exists()


def test_a_held_time_and_a_place_on_the_list_go(fatima, sophie, cabin, service):
    a_visit(cabin, service, COMING, resident=fatima, status=Status.HELD, held_until=COMING)
    WaitingEntry.objects.create(
        commune=fatima.commune,
        resident=fatima,
        service=service,
        until_on=COMING.date(),
        joined_at=TUESDAY,
    )
    erase(fatima, sophie)
    assert not Appointment.objects.exists()
    assert not WaitingEntry.objects.exists()


def test_the_log_of_a_visit_that_was_given_away_names_them_no_more(fatima, sophie, cabin, service):
    visit = a_visit(cabin, service, COMING, resident=fatima)
    heir = make_resident(fatima.commune, OTHER)
    booking_actions.give_to(appointment=visit, resident=heir, by=Actor.agent(sophie), now=TUESDAY)
    erase(fatima, sophie)
    given = visit.events.get(kind=EventKind.GIVEN)
    assert given.changes["resident"] == [None, heir.pk]
    visit.refresh_from_db()
    assert visit.resident == heir


def test_what_they_wrote_before_they_were_known_goes_too_unless_the_number_is_shared(fatima, sophie):
    make_resident(fatima.commune, OTHER)
    fatima.phones.create(number=OTHER, is_mobile=True)
    for number in (NUMBER, OTHER):
        InboundMessage.objects.create(
            commune=fatima.commune, provider_id=number, sender=number, text="?", received_at=PAST
        )
    erase(fatima, sophie)
    assert [each.sender for each in InboundMessage.objects.all()] == [OTHER]


def test_an_objection_outlives_the_record(fatima, sophie):
    from notifications.actions import suppress

    suppress(commune=fatima.commune, number=NUMBER, reason=StopReason.REPLY, now=TUESDAY)
    erase(fatima, sophie)
    assert Suppression.objects.count() == 1


def test_an_open_request_is_answered_by_it(fatima, sophie):
    asked = actions.open_request(
        commune=fatima.commune,
        right=Right.ERASURE,
        came_by=CameBy.LETTER,
        asked_on=PAST.date(),
        resident=fatima,
        by=sophie,
        now=TUESDAY,
    )
    assert erase(fatima, sophie) == asked
    asked.refresh_from_db()
    assert (asked.state, asked.resident) == (RequestState.DONE, None)


def test_whoever_is_gone_already_is_refused(fatima, sophie):
    erase(fatima, sophie)
    with pytest.raises(RecordGone):
        erase(fatima, sophie)


def test_an_older_backup_forgets_them_again(fatima, sophie, cabin, service):
    old = Resident.objects.get(pk=fatima.pk)
    erase(fatima, sophie)
    old.save(force_insert=True)
    a_visit(cabin, service, TUESDAY, resident=old, status=Status.IN_SESSION)
    newcomer = make_resident(fatima.commune, created_at=at(11))
    assert actions.erase_again(now=TUESDAY) == 1
    assert list(Resident.objects.all()) == [newcomer]
    assert not Appointment.objects.exists()
    assert VisitRecord.objects.get().ended_as == Status.DONE
    assert actions.erase_again(now=TUESDAY) == 0


def test_whoever_got_the_same_number_later_is_somebody_else(fatima, sophie):
    erase(fatima, sophie)
    make_resident(fatima.commune, pk=fatima.pk, created_at=at(11))
    assert actions.erase_again(now=TUESDAY) == 0
