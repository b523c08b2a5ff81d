"""Replies of residents, from the signed request to what they change and what we answer."""

from datetime import timedelta

import pytest
from django.test import Client

from booking.actions import reschedule
from booking.enums import EventKind, Status
from booking.log import Actor
from booking.models import Appointment
from notifications.enums import Channel, DeskReason, InboundOutcome, MessageKind, State
from notifications.models import InboundMessage, Message
from tests.factories import TUESDAY, at, make_cabin, make_resident
from tests.notifications.conftest import SENDER, book_for, has_stopped, run
from tests.notifications.fake_twilio import FakeTwilio, refuse, signature

BASE = "https://permanence.example"
FRIDAY = at(10, 30, day=27)
PHONE = "+33639981234"

pytestmark = pytest.mark.usefixtures("provider", "tuesday")


def write(
    text: str, *, sid: str = "", sender: str = PHONE, to: str = SENDER, signed: str | None = None, **more: str
):
    path = "/messages/twilio/sms/"
    sid = sid or f"SM{InboundMessage.objects.count()}"
    params = {"From": sender, "To": to, "Body": text, "MessageSid": sid, **more}
    headers = {"X-Twilio-Signature": signature(BASE + path, params) if signed is None else signed}
    return Client().post(path, params, headers=headers)


def answers() -> list[str]:
    return list(Message.objects.filter(kind=MessageKind.ANSWER).order_by("id").values_list("text", flat=True))


def outcomes() -> list[str]:
    return list(InboundMessage.objects.order_by("id").values_list("outcome", flat=True))


@pytest.fixture
def asked(appointment) -> Appointment:
    """Fatima has the message that asks whether she comes on Friday."""
    run()
    return appointment


def test_a_yes_confirms_and_is_answered(asked, provider: FakeTwilio):
    response = write("Oui merci")
    run(TUESDAY + timedelta(minutes=1))

    asked.refresh_from_db()
    assert (response.status_code, b"<Response" in response.content) == (200, True)
    assert asked.confirmed_at is not None
    assert [(event.kind, event.actor) for event in asked.events.all()][-1] == (
        EventKind.CONFIRMED,
        "resident",
    )
    assert provider.bodies()[-1] == (
        "Mairie de Petit-Quevilly : merci, nous vous attendons vendredi 27 nov. à 10h30, Hotel de ville."
    )


def test_a_no_cancels_that_appointment_and_says_so_once(asked, cabin, service, fatima, provider: FakeTwilio):
    other = book_for(fatima, cabin, service, at(14, day=30))  # not yet asked about
    write("2")
    run(TUESDAY + timedelta(minutes=1))

    asked.refresh_from_db()
    other.refresh_from_db()
    assert (asked.status, other.status) == (Status.CANCELLED, Status.BOOKED)
    assert [body for body in provider.bodies() if "est annulé" in body] == [
        "Mairie de Petit-Quevilly : votre RDV du vendredi 27 nov. à 10h30 est annulé, comme demandé. "
        "Pour un autre RDV : 02 61 91 00 00."
    ]


@pytest.mark.parametrize(
    "text",
    ["non pas de problème", "oui mais plus tard", "annuler svp", "2 merci", "je ne peux pas venir", "cancel"],
)
def test_what_is_not_a_keyword_is_asked_back_once_then_read_by_a_human(asked, text, set_clock):
    set_clock(at(10, 5))
    write(text)
    write(text)

    asked.refresh_from_db()
    line = Message.objects.get(channel=Channel.DESK)
    assert (asked.status, asked.confirmed_at) == (Status.BOOKED, None)
    assert outcomes() == [InboundOutcome.ASKED_BACK, InboundOutcome.TO_DESK]
    assert (line.kind, line.why, line.text, line.recipient) == (
        MessageKind.CALL_BACK,
        DeskReason.UNCLEAR,
        text,
        PHONE,
    )
    assert "répondez seulement 1 (je viens) ou 2 (j'annule)" in answers()[0]
    assert "un agent vous rappellera" in answers()[1]


def test_a_question_back_that_does_not_arrive_leaves_their_words_to_a_human(
    asked, commune, provider: FakeTwilio
):
    """« CANCEL » makes the provider refuse all further messages to that number."""
    write("cancel")
    provider.answers = [refuse(21610)]
    for minutes in (1, 2, 3):
        run(TUESDAY + timedelta(minutes=minutes))

    line = Message.objects.get(channel=Channel.DESK, kind=MessageKind.CALL_BACK)
    assert (line.text, line.why, line.recipient) == ("cancel", DeskReason.UNCLEAR, PHONE)
    assert Appointment.objects.get().status == Status.BOOKED
    assert has_stopped(PHONE, commune)


def test_asked_back_and_answered_clearly_it_counts(asked):
    write("oui mais plus tard")
    write("2")

    asked.refresh_from_db()
    assert asked.status == Status.CANCELLED


def test_thanks_need_no_answer(asked):
    write("Merci, bonne journée 🙏")

    assert (outcomes(), answers()) == ([InboundOutcome.THANKED], [])


def test_the_same_message_again_changes_nothing(asked):
    write("2", sid="SMsame")
    write("2", sid="SMsame")

    assert (len(outcomes()), len(answers())) == (1, 1)


def test_a_no_about_a_time_that_has_moved_does_not_cancel_the_new_one(asked, site, alice):
    reschedule(
        appointment=asked,
        site=site,
        start=at(14, day=27),
        with_helper=False,
        by=Actor.agent(alice),
        now=TUESDAY,
    )

    write("2")

    asked.refresh_from_db()
    assert (asked.status, outcomes()) == (Status.BOOKED, [InboundOutcome.TO_DESK])


def test_a_no_after_the_beginning_is_too_late(asked, set_clock):
    set_clock(at(10, 31, day=27))

    write("2")

    asked.refresh_from_db()
    assert asked.status == Status.BOOKED


def test_two_appointments_behind_one_number_need_the_number(cabin, service, fatima, site, commune):
    first = book_for(fatima, cabin, service)
    second = book_for(
        make_resident(commune, PHONE, first_name="Karim"), make_cabin(site), service, at(14, day=27)
    )
    run()

    write("2")
    assert f"Pour celui du vendredi 27 nov. à 14h, répondez 1 {second.number} (je viens)" in answers()[0]
    write(f"2 {second.number}")

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (Status.BOOKED, Status.CANCELLED)


def test_a_number_that_was_not_asked_about_cancels_nothing(asked, cabin, service, georges):
    other = book_for(georges, cabin, service, at(14, day=27))

    write(f"2 {other.number}")

    other.refresh_from_db()
    assert (other.status, outcomes()) == (Status.BOOKED, [InboundOutcome.ASKED_BACK])


def test_stop_ends_all_messages_and_is_acknowledged(asked, commune, provider: FakeTwilio, site, alice):
    write("STOP")
    run(TUESDAY + timedelta(minutes=1))
    reschedule(
        appointment=asked,
        site=site,
        start=at(14, day=27),
        with_helper=False,
        by=Actor.agent(alice),
        now=TUESDAY,
    )
    run(TUESDAY + timedelta(minutes=2))

    assert has_stopped(PHONE, commune)
    assert "plus de messages automatiques" in provider.bodies()[-1]
    assert Message.objects.get(channel=Channel.DESK).why == DeskReason.STOPPED


def test_an_opt_out_that_the_provider_noticed_counts_as_stop(asked):
    write("CANCEL", OptOutType="STOP")

    asked.refresh_from_db()
    assert (asked.status, outcomes()) == (Status.BOOKED, [InboundOutcome.STOPPED])


def test_start_resumes(asked, commune):
    write("stop")
    assert has_stopped(PHONE, commune)
    write("start")

    assert not has_stopped(PHONE, commune)


def test_help_says_what_can_be_done(asked):
    write("aide")

    assert "répondez 1 pour confirmer" in answers()[0]


def test_a_stranger_is_not_written_to_but_read(commune):
    write("Bonjour, je voudrais un rendez-vous", sender="+33639980099")

    assert answers() == []
    assert Message.objects.get(channel=Channel.DESK).text == "Bonjour, je voudrais un rendez-vous"


def test_an_answer_leaves_at_any_hour(asked, set_clock, provider: FakeTwilio):
    set_clock(at(23, 10))
    write("1")
    run(at(23, 11))

    assert "merci, nous vous attendons" in provider.bodies()[-1]


def test_the_answer_is_in_the_residents_language(cabin, service, commune):
    book_for(make_resident(commune, PHONE, languages=["en"]), cabin, service)
    run()

    write("yes")

    assert answers()[0].startswith("Petit-Quevilly town hall: thank you")


@pytest.mark.parametrize("signed", ["", "wrong"])
def test_an_unsigned_reply_changes_nothing(asked, signed):
    assert write("2", signed=signed).status_code == 403

    asked.refresh_from_db()
    assert (asked.status, outcomes()) == (Status.BOOKED, [])


def test_a_reply_to_a_number_that_is_not_ours_is_refused(asked):
    assert write("2", to="+33199009999").status_code == 400


def test_a_landlines_message_state_is_no_question(asked):
    Message.objects.update(state=State.FAILED)

    write("1")

    asked.refresh_from_db()
    assert asked.confirmed_at is None
