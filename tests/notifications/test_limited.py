"""Nothing leaves to somebody whose record is limited, in whatever way it is owed; afterwards it leaves."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking import actions
from booking.actions import WaitingRequest
from booking.enums import LimitedFor, Reason
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.models import Cabin, Commune, Service
from core.roles import Role
from notifications.actions import ask_call_back
from notifications.actions.inbound import receive
from notifications.actions.restored import with_marks
from notifications.callers import caller_of
from notifications.enums import Audience, Channel, DeskReason, Failure, MessageKind, State
from notifications.models import InboundMessage, Message
from notifications.pages.call_cards import call_cards, people_waiting
from notifications.remindable import remindable
from notifications.sending import plan_messages as planning
from notifications.sending import send
from tests.factories import TUESDAY, at, make_agent, make_resident, make_shift
from tests.notifications.conftest import SENDER, book_for, has_stopped, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulated", "tuesday")]

SYSTEM = Actor.system()
FATIMA, KARIM = "+33639981234", "+33639981235"


def limit(who: Resident, *, now: Any = TUESDAY, cancels: bool = False) -> None:
    actions.limit_resident(resident=who, why=LimitedFor.CLAIM, cancels=cancels, by=SYSTEM, now=now)


def lift(who: Resident, *, now: Any = TUESDAY) -> None:
    actions.lift_limitation(resident=who, by=SYSTEM, now=now)


def left() -> list[tuple[str, str]]:
    rows = Message.objects.filter(channel__in=(Channel.SMS, Channel.VOICE, Channel.EMAIL)).left()
    return [(row.kind, row.recipient) for row in rows.order_by("pk")]


def fresh(visit: Appointment) -> Appointment:
    return Appointment.objects.select_related("commune", "site", "resident").get(pk=visit.pk)


def test_a_confirmation_that_waits_is_taken_back_and_leaves_once_it_is_lifted(
    appointment: Appointment, fatima: Resident
) -> None:
    planning.plan_messages(now=TUESDAY, stop_at=float("inf"))
    assert Message.objects.get().state == State.PENDING

    limit(fatima)
    run()
    assert not Message.objects.exists()

    lift(fatima)
    run()
    assert left() == [("confirmation", FATIMA)]


def test_the_contact_person_is_not_told_either(cabin: Cabin, service: Service, fatima: Resident) -> None:
    Resident.objects.update(contact_phone=KARIM, contact_name="Karim", contact_is_told=True)
    fatima.refresh_from_db()
    book_for(fatima, cabin, service)
    limit(fatima)
    run()
    assert not Message.objects.exists()

    lift(fatima)
    run()
    assert sorted(left()) == [("confirmation", FATIMA), ("confirmation", KARIM)]
    assert {row.audience for row in Message.objects.all()} == set(Audience)


def test_what_was_claimed_before_does_not_leave(appointment: Appointment, fatima: Resident) -> None:
    """The record is limited between the claim of a batch and its handing over."""
    planning.plan_messages(now=TUESDAY, stop_at=float("inf"))
    claimed = send.claim(now=TUESDAY)
    assert len(claimed) == 1
    limit(fatima)
    (message,) = with_marks(Message.objects.filter(pk=claimed[0].pk)).select_related(
        "commune", "appointment__site", "appointment__resident", "resident__merged_into", "inbound"
    )

    assert send.check([message], now=TUESDAY) == []

    message.refresh_from_db()
    assert (message.state, message.failure) == (State.FAILED, Failure.LIMITED)
    run()
    assert left() == []
    lift(fatima)
    run()
    assert left() == [("confirmation", FATIMA)]


def test_no_reminder_is_looked_for_and_it_leaves_once_lifted(
    appointment: Appointment, fatima: Resident, commune: Commune
) -> None:
    run()
    limit(fatima)
    wednesday = at(10, 5, day=25)
    assert list(remindable([commune], now=wednesday)) == []
    run(wednesday)
    assert left() == [("confirmation", FATIMA)]

    lift(fatima, now=at(11, day=25))
    run(at(11, day=25))
    assert left() == [("confirmation", FATIMA), ("reminder", FATIMA)]


def test_a_cancellation_says_nothing_until_it_is_lifted(appointment: Appointment, fatima: Resident) -> None:
    run()
    limit(fatima)
    actions.cancel(appointment=fresh(appointment), reason=Reason.NO_HELPER, by=SYSTEM, now=TUESDAY)
    run()
    assert left() == [("confirmation", FATIMA)]

    lift(fatima)
    run()
    assert left() == [("confirmation", FATIMA), ("cancellation", FATIMA)]


def test_visits_that_the_person_cancels_with_the_limitation_are_told_to_nobody(
    appointment: Appointment, fatima: Resident
) -> None:
    run()
    limit(fatima, cancels=True)
    run()
    assert left() == [("confirmation", FATIMA)]


def test_the_call_list_has_no_line_of_theirs_and_gets_it_back(
    commune: Commune, cabin: Cabin, service: Service, georges: Resident
) -> None:
    visit = book_for(georges, cabin, service)
    actions.mark_impossible(appointment=fresh(visit), reason=Reason.NO_HELPER, by=SYSTEM, now=TUESDAY)
    run()
    assert people_waiting(commune, now=TUESDAY) == 1

    limit(georges)
    assert people_waiting(commune, now=TUESDAY) == 0, "at once, before the next sweep"
    run()
    assert call_cards(commune, now=TUESDAY) == []

    lift(georges)
    run()
    (card,) = call_cards(commune, now=TUESDAY)
    assert card.resident == georges


def test_who_asked_to_be_called_is_called(
    commune: Commune, fatima: Resident, appointment: Appointment
) -> None:
    """They asked for it (article 18, paragraph 2): it is no message of ours. Nothing else is shown."""
    other = make_resident(commune, FATIMA, "+33639981236", first_name="Nora")
    other.delete()
    fatima.phones.create(number="+33639981236", is_mobile=True)
    ask_call_back(commune=commune, number=FATIMA, why=DeskReason.ASKED, resident=fatima, now=TUESDAY)
    limit(fatima)
    run()

    (card,) = call_cards(commune, now=TUESDAY)
    assert [each.number for each in card.numbers] == [FATIMA]
    assert card.others == []


# ---- what they write themselves ---------------------------------------------------------------------------


def writes(text: str, *, now: Any = TUESDAY) -> InboundMessage:
    caller = caller_of(ours=SENDER, theirs=FATIMA)
    assert caller is not None
    key = f"SM{InboundMessage.objects.count()}"
    inbound = receive(caller=caller, provider_id=key, text=text, now=now)
    run(now)
    return inbound


def test_their_answer_counts_and_gets_none(appointment: Appointment, fatima: Resident) -> None:
    run()
    before = left()
    limit(fatima)

    writes("2", now=TUESDAY + timedelta(minutes=1))

    appointment.refresh_from_db()
    assert appointment.status == "cancelled"
    assert left() == before


@pytest.mark.parametrize("text", ["je ne sais pas trop", "AIDE", "rappelez moi"])
def test_what_only_a_human_can_answer_is_put_on_the_call_list(
    appointment: Appointment, fatima: Resident, text: str
) -> None:
    run()
    before = left()
    limit(fatima)

    writes(text, now=TUESDAY + timedelta(minutes=1))

    assert left() == before
    line = Message.objects.get(channel=Channel.DESK)
    assert (line.kind, line.text) == (MessageKind.CALL_BACK, text)


def test_stop_is_obeyed_without_a_word(appointment: Appointment, commune: Commune, fatima: Resident) -> None:
    run()
    before = left()
    limit(fatima)

    writes("STOP", now=TUESDAY + timedelta(minutes=1))

    assert has_stopped(FATIMA, commune)
    assert left() == before


def test_an_answer_that_waits_is_taken_back_and_a_human_reads_what_was_asked(
    appointment: Appointment, fatima: Resident
) -> None:
    run()
    caller = caller_of(ours=SENDER, theirs=FATIMA)
    assert caller is not None
    later = TUESDAY + timedelta(minutes=1)
    receive(caller=caller, provider_id="SM1", text="je ne sais pas trop", now=later)
    before = left()
    limit(fatima, now=later)
    run(later)

    assert left() == before
    assert Message.objects.get(channel=Channel.DESK).text == "je ne sais pas trop"


# ---- others ------------------------------------------------------------------------------------------


def test_somebody_at_the_same_number_is_told(
    commune: Commune, cabin: Cabin, service: Service, fatima: Resident
) -> None:
    sister = make_resident(commune, FATIMA, first_name="Samia")
    book_for(fatima, cabin, service)
    theirs = book_for(sister, cabin, service, at(14, day=27))
    limit(fatima)
    run()

    (message,) = Message.objects.all()
    assert (message.resident, message.appointment) == (sister, theirs)


def test_who_had_it_before_is_not_told_that_it_was_not_theirs(
    commune: Commune, appointment: Appointment, fatima: Resident
) -> None:
    run()
    limit(fatima)
    other = make_resident(commune, "+33639981244", first_name="Zoé")
    actions.give_to(appointment=fresh(appointment), resident=other, by=SYSTEM, now=TUESDAY)
    run()
    assert left() == [("confirmation", FATIMA), ("confirmation", "+33639981244")]

    lift(fatima)
    run()
    assert left()[-1] == ("not_yours", FATIMA)


def test_no_offer_leaves(commune: Commune, cabin: Cabin, fatima: Resident, service: Service) -> None:
    bob = make_agent(commune, Role.HELPER, skills=[service])
    make_shift(bob, cabin.site, at(9, day=27), at(12, day=27))
    actions.join_waiting_list(
        request=WaitingRequest(
            resident=fatima, service=service, with_helper=True, until_on=date(2026, 12, 24)
        ),
        now=TUESDAY,
    )
    actions.offer_freed_times(now=TUESDAY)
    limit(fatima)
    run()
    assert left() == []

    lift(fatima)
    actions.offer_freed_times(now=TUESDAY)
    run()
    assert left() == [("offer", FATIMA)]


def test_the_log_of_messages_says_why(client: Client, commune: Commune, fatima: Resident) -> None:
    Message.objects.create(
        commune=commune,
        resident=fatima,
        cause="event:1",
        recipient=FATIMA,
        kind=MessageKind.REMINDER,
        channel=Channel.SMS,
        text="Rappel",
        state=State.FAILED,
        failure=Failure.LIMITED,
        attempts=1,
        due_at=TUESDAY,
        expires_at=at(10, day=25),
        created_at=TUESDAY,
    )
    client.force_login(make_agent(commune, Role.DESK))

    page = client.get(reverse("resident-messages", args=[fatima.pk])).content.decode()

    assert "la fiche est limitée" in page.replace("\N{NO-BREAK SPACE}", " ")
