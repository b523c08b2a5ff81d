"""A freed time offered from the waiting list: accepted, declined or answered too late, by text, key or
phone."""

import time
from datetime import timedelta

import pytest
from django.urls import reverse

from booking.actions import (
    BookingRequest,
    WaitingRequest,
    book,
    cancel,
    join_waiting_list,
    lapse_holds,
    offer_freed_times,
)
from booking.enums import OfferAnswer, Reason, Status, WaitingState
from booking.log import Actor
from booking.models import Appointment, WaitingEntry, WaitingOffer
from notifications.enums import Channel, DeskReason, Failure, InboundOutcome, MessageKind, State
from notifications.models import Message, MessageSettings
from notifications.sending.plan_messages import plan_messages
from tests.factories import TUESDAY, at, make_resident, make_service
from tests.notifications.conftest import book_for, run, stop
from tests.notifications.fake_twilio import FakeTwilio
from tests.notifications.test_calls import LINE, answer
from tests.notifications.test_inbound import PHONE, answers, outcomes, write
from tests.notifications.test_pages import words

SOON = TUESDAY + timedelta(minutes=1)
OVER = TUESDAY + timedelta(minutes=31)


def offered(resident, service, *, now=TUESDAY) -> Appointment:
    """The resident waits, and the clock has just offered them the first free time; they have been told."""
    wish = WaitingRequest(
        resident=resident, service=service, with_helper=False, until_on=now.date() + timedelta(days=7)
    )
    join_waiting_list(request=wish, now=now)
    offer_freed_times(now=now)
    run(now)
    return Appointment.objects.get(resident=resident, status=Status.HELD)


@pytest.fixture
def told(provider, tuesday, cabin, service, fatima) -> Appointment:
    return offered(fatima, service)


@pytest.fixture
def lapsed(told, set_clock) -> Appointment:
    """Time has gone by without an answer."""
    set_clock(at(10, 31))
    lapse_holds(now=OVER)
    told.refresh_from_db()
    assert told.status == Status.LAPSED
    return told


def entry() -> WaitingEntry:
    return WaitingEntry.objects.get(resident__first_name="Fatima")


# ---- by a reply --------------------------------------------------------------------------------------


def test_an_offer_asks_and_says_how_long_it_holds(told, provider: FakeTwilio):
    message = Message.objects.get(kind=MessageKind.OFFER)

    assert (message.asks, message.appointment, message.told_start) == (True, told, told.starts_at)
    assert provider.bodies() == [
        "Mairie de Petit-Quevilly : un RDV se libère mardi 24 nov. à 11h15, Hotel de ville. "
        "Avant 10h15, répondez 1 (je le prends) ou 2 (non merci)."
    ]


@pytest.mark.parametrize("text", ["1", "OUI", "oui merci"])
def test_a_yes_takes_it_and_is_confirmed(told, text, provider: FakeTwilio):
    write(text)
    run(SOON)

    told.refresh_from_db()
    assert (told.status, outcomes(), entry().state) == (
        Status.BOOKED,
        [InboundOutcome.ACCEPTED],
        WaitingState.BOOKED,
    )
    assert "vous avez rendez-vous mardi 24 nov. à 11h15" in provider.bodies()[-1]


@pytest.mark.parametrize("text", ["2", "Non"])
def test_a_no_leaves_it_to_the_next_in_order(told, text, service, commune, provider: FakeTwilio):
    karim = make_resident(commune, "+33639980055", first_name="Karim")

    write(text)
    theirs = offered(karim, service, now=SOON)

    told.refresh_from_db()
    assert (told.status, outcomes()) == (Status.LAPSED, [InboundOutcome.DECLINED])
    assert theirs.status == Status.HELD
    assert "Le RDV du mardi 24 nov. à 11h15 sera proposé à une autre personne" in answers()[0]


@pytest.mark.parametrize("text", ["oui mais l'après-midi", "c'est pour quel service ?"])
def test_what_is_not_clear_is_asked_back_once_then_read_by_a_human(told, text):
    write(text)
    run(SOON)
    write(text)

    told.refresh_from_db()
    assert (told.status, outcomes()) == (Status.HELD, [InboundOutcome.ASKED_BACK, InboundOutcome.TO_DESK])
    assert (
        "pour le RDV libre du mardi 24 nov. à 11h15, répondez seulement 1 (je le prends) ou 2" in answers()[0]
    )
    line = Message.objects.get(channel=Channel.DESK)
    assert (line.why, line.appointment, line.text) == (DeskReason.UNCLEAR, told, text)


def test_asked_back_and_answered_clearly_it_is_taken(told):
    write("oui mais l'après-midi")
    run(SOON)
    write("1")

    told.refresh_from_db()
    assert told.status == Status.BOOKED


def test_help_says_how_to_take_it(told):
    write("aide")

    assert "1 pour prendre le RDV du mardi 24 nov. à 11h15, 2 si vous n'en voulez pas" in answers()[0]


def test_a_yes_that_comes_too_late_is_told_so_and_keeps_its_turn(lapsed):
    write("oui")

    lapsed.refresh_from_db()
    assert (lapsed.status, outcomes()) == (Status.LAPSED, [InboundOutcome.GONE_WAITS])
    assert answers() == [
        "Mairie de Petit-Quevilly : ce RDV n'est malheureusement plus libre. "
        "Vous gardez votre rang sur la liste d'attente. Tél : 02 61 91 00 00."
    ]
    assert not Message.objects.filter(channel=Channel.DESK).exists()


def test_it_is_too_late_as_soon_as_the_time_is_over_even_before_the_clock_ends_it(told, set_clock):
    set_clock(at(10, 15))

    write("1")

    told.refresh_from_db()
    assert (told.status, outcomes()) == (Status.HELD, [InboundOutcome.GONE_WAITS])
    assert "n'est malheureusement plus libre" in answers()[0]


def test_a_no_that_comes_too_late_changes_nothing_and_is_acknowledged(lapsed):
    write("2")

    assert (outcomes(), entry().state) == ([InboundOutcome.DECLINED], WaitingState.WAITING)
    assert "merci de votre réponse" in answers()[0]


def test_who_answers_too_late_is_not_silent(lapsed):
    """After three offers without a sign the clock asks no more; a late sign is one."""
    WaitingEntry.objects.update(state=WaitingState.SILENT, unanswered=3)

    write("1")

    assert (entry().state, entry().unanswered) == (WaitingState.WAITING, 0)


def test_who_waits_no_longer_is_promised_no_turn(lapsed):
    WaitingEntry.objects.update(state=WaitingState.LEFT)

    write("1")

    assert answers() == [
        "Mairie de Petit-Quevilly : ce RDV n'est malheureusement plus libre. "
        "Pour un autre RDV : 02 61 91 00 00."
    ]
    assert entry().state == WaitingState.LEFT


def test_who_changes_their_mind_after_leaving_it_is_told_that_it_is_gone(told):
    write("2")
    run(SOON)
    write("1")

    assert outcomes() == [InboundOutcome.DECLINED, InboundOutcome.GONE_WAITS]
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 0


# ---- someone who got another visit for that service in the meantime ----------------------------------


def _book(resident, service, start, *, now=SOON) -> Appointment:
    site = resident.commune.sites.get()
    request = BookingRequest(service=service, site=site, start=start, with_helper=False, resident=resident)
    return book(request=request, by=Actor.system(), now=now)


def test_who_got_another_visit_for_that_service_loses_the_offer(told, fatima, service, set_clock):
    other = _book(fatima, service, at(14, day=26))
    set_clock(at(10, 2))

    write("1")

    told.refresh_from_db()
    assert list(Appointment.objects.filter(status=Status.BOOKED)) == [other]
    assert (told.held_until, outcomes()) == (SOON, [InboundOutcome.GONE])
    assert answers() == [
        "Mairie de Petit-Quevilly : ce RDV n'est malheureusement plus libre. "
        "Pour un autre RDV : 02 61 91 00 00."
    ]


def test_what_they_lost_goes_to_the_next_in_order(told, fatima, service, commune):
    _book(fatima, service, at(14, day=26))
    lapse_holds(now=at(10, 2))
    karim = make_resident(commune, "+33639980055", first_name="Karim")

    theirs = offered(karim, service, now=at(10, 3))

    told.refresh_from_db()
    assert (told.status, entry().state) == (Status.LAPSED, WaitingState.BOOKED)
    assert theirs.starts_at == told.starts_at


def test_a_visit_for_another_service_leaves_the_offer(told, fatima, commune):
    _book(fatima, make_service(commune), at(14, day=26))

    write("1")

    told.refresh_from_db()
    assert (told.status, outcomes()) == (Status.BOOKED, [InboundOutcome.ACCEPTED])


@pytest.mark.usefixtures("provider", "tuesday", "cabin")
def test_an_offer_lost_before_it_was_told_is_not_told(fatima, service, provider: FakeTwilio):
    wish = WaitingRequest(
        resident=fatima, service=service, with_helper=False, until_on=TUESDAY.date() + timedelta(days=7)
    )
    join_waiting_list(request=wish, now=TUESDAY)
    offer_freed_times(now=TUESDAY)
    plan_messages(now=TUESDAY, stop_at=time.monotonic() + 20)
    _book(fatima, service, at(14, day=26))

    run(SOON)

    assert not [body for body in provider.bodies() if "se libère" in body]


# ---- someone who also has an appointment -------------------------------------------------------------


@pytest.fixture
def both(provider, tuesday, cabin, service, fatima) -> tuple[Appointment, Appointment]:
    """Fatima was asked whether she comes on Friday; an hour later a time is offered to her."""
    friday = book_for(fatima, cabin, service, now=TUESDAY - timedelta(hours=1))
    run(TUESDAY - timedelta(hours=1))
    return friday, offered(fatima, service)


def test_a_no_to_an_offer_never_cancels_the_appointment(both):
    friday, place = both

    write("2")

    friday.refresh_from_db()
    place.refresh_from_db()
    assert (friday.status, place.status) == (Status.BOOKED, Status.LAPSED)


def test_nor_does_a_no_that_comes_too_late(both, set_clock):
    friday, _ = both
    set_clock(at(10, 31))
    lapse_holds(now=OVER)

    write("non")

    friday.refresh_from_db()
    assert (friday.status, outcomes()) == (Status.BOOKED, [InboundOutcome.DECLINED])


def test_a_yes_to_an_offer_takes_it_and_leaves_the_appointment_as_it_is(both):
    friday, place = both

    write("1")

    friday.refresh_from_db()
    place.refresh_from_db()
    assert (friday.confirmed_at, place.status) == (None, Status.BOOKED)


def test_the_appointment_can_still_be_cancelled_by_its_number(both):
    friday, place = both

    write(f"2 {friday.number}")

    friday.refresh_from_db()
    place.refresh_from_db()
    assert (friday.status, place.status) == (Status.CANCELLED, Status.HELD)


@pytest.mark.usefixtures("tuesday")
def test_a_no_to_the_end_of_one_appointment_does_not_cancel_another(
    provider, cabin, service, fatima, alice, set_clock
):
    """« Votre RDV du 26 est annulé » – « Non ! »: the last thing they read is what they answer."""
    other = book_for(fatima, cabin, service, at(14, day=26))
    friday = book_for(fatima, cabin, service)
    run()
    cancel(appointment=other, reason=Reason.HELPER_ABSENT, by=Actor.agent(alice), now=SOON)
    run(SOON)
    set_clock(at(10, 2))

    write("non")
    friday.refresh_from_db()
    assert (friday.status, outcomes()) == (Status.BOOKED, [InboundOutcome.ASKED_BACK])
    assert "pour le RDV du vendredi 27 nov. à 10h30, répondez seulement" in answers()[0]

    run(TUESDAY + timedelta(minutes=3))
    write("2")
    friday.refresh_from_db()
    assert friday.status == Status.CANCELLED


# ---- by a key ----------------------------------------------------------------------------------------


@pytest.fixture
def called(provider, tuesday, commune, cabin, service, georges) -> Message:
    """Georges has a landline: the offer is told by an automatic call."""
    MessageSettings.objects.create(commune=commune, voice_number=LINE)
    offered(georges, service)
    return Message.objects.get(channel=Channel.VOICE, kind=MessageKind.OFFER)


def test_one_takes_it_and_hears_where_and_when(called):
    talk = answer(called)
    assert "Un rendez-vous se libère mardi 24 novembre, à 11 heures 15. Lieu : Hôtel de ville." in talk.said
    assert "Pour prendre ce rendez-vous, tapez 1" in talk.said

    assert "vous avez rendez-vous mardi 24 novembre, à 11 heures 15" in talk.press("1").said
    run(SOON)

    assert Appointment.objects.get().status == Status.BOOKED
    # They were told on the phone: no second call to confirm it.
    assert Message.objects.filter(channel=Channel.VOICE).count() == 1


def test_two_leaves_it_without_a_second_key(called):
    assert answer(called).press("2").has_ended

    assert WaitingOffer.objects.get().answer == OfferAnswer.DECLINED


def test_a_call_answered_too_late_says_so_and_promises_no_call(called, set_clock):
    talk = answer(called)
    set_clock(at(10, 31))

    assert "Ce rendez-vous n'est malheureusement plus libre. Vous gardez votre rang" in talk.press("1").said

    lapse_holds(now=OVER)
    again = answer(called, AnsweredBy="human")
    assert again.said.startswith("Bonjour. Ici la mairie de Petit-Quevilly.")
    assert "Ce rendez-vous n'est malheureusement plus libre." in again.said
    assert again.has_ended
    assert not Message.objects.filter(kind=MessageKind.CALL_BACK).exists()


def test_zero_asks_for_a_human_even_when_it_is_gone(called):
    talk = answer(called)
    lapse_holds(now=OVER)

    assert "un agent de la mairie vous rappellera" in talk.press("0").said


def test_a_machine_is_not_told_to_come(called):
    talk = answer(called, AnsweredBy="machine_end_beep")

    called.refresh_from_db()
    assert (called.state, called.failure) == (State.FAILED, Failure.MACHINE)
    assert "vous attendons" not in talk.said
    assert "Un rendez-vous se libère mardi 24 novembre, à 11 heures 15" in talk.said
    assert "Pour prendre ce rendez-vous, appelez avant 10 heures 15, au 02, 61, 91, 00, 00" in talk.said


# ---- by the desk -------------------------------------------------------------------------------------


@pytest.fixture
def listed(simulated, tuesday, commune, cabin, service) -> Message:
    """Odette wants no automatic message: the desk calls her about the offer."""
    odette = make_resident(commune, PHONE, first_name="Odette")
    stop(PHONE, commune)
    offered(odette, service)
    return Message.objects.get(channel=Channel.DESK, kind=MessageKind.OFFER)


@pytest.mark.parametrize(
    ("outcome", "status", "said"),
    [
        ("takes", Status.BOOKED, "prend la place proposée"),
        ("declines", Status.LAPSED, "ne veut pas de la place proposée"),
    ],
)
def test_the_desk_calls_and_notes_the_answer_on_the_call_list(client, alice, listed, outcome, status, said):
    client.force_login(alice)
    page = client.get(reverse("call-list")).content.decode()
    assert f'value="{outcome}"' in page
    assert 'value="told"' not in page

    answer = client.post(reverse("call-outcome", args=[listed.pk]), {"outcome": outcome}, follow=True)

    listed.refresh_from_db()
    assert said in words(answer)
    assert (listed.state, Appointment.objects.get().status) == (State.TOLD, status)
    assert "Personne à rappeler" in words(answer)


def test_the_desk_learns_that_it_is_too_late(client, alice, listed, set_clock):
    client.force_login(alice)
    set_clock(at(10, 31))

    answer = client.post(reverse("call-outcome", args=[listed.pk]), {"outcome": "takes"}, follow=True)

    listed.refresh_from_db()
    assert (listed.state, Appointment.objects.get().status) == (State.PENDING, Status.HELD)
    assert "n’est plus gardé" in words(answer)


# ---- in the simulator --------------------------------------------------------------------------------


def test_an_offer_is_taken_from_the_phone_of_the_simulator(
    client, alice, simulated, tuesday, cabin, service, fatima
):
    place = offered(fatima, service)
    client.force_login(alice)
    assert "un RDV se libère mardi 24 nov. à 11h15" in words(client.get(reverse("simulator")))

    client.post(reverse("simulator-reply"), {"number": PHONE, "text": "1"})
    run(SOON)

    place.refresh_from_db()
    assert place.status == Status.BOOKED
    assert "vous avez rendez-vous mardi 24 nov. à 11h15" in words(client.get(reverse("simulator")))
