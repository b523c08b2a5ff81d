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
from tests.factories import TUESDAY, at, make_resident
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
    ["non pas de problème", "oui mais plus tard", "annuler ?", "non merci", "je ne peux pas venir", "2 ou 3"],
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
    """The provider refuses all further messages to that number, perhaps since a STOP to another sender."""
    write("non merci")
    provider.answers = [refuse(21610)]
    for minutes in (1, 2, 3):
        run(TUESDAY + timedelta(minutes=minutes))

    line = Message.objects.get(channel=Channel.DESK, kind=MessageKind.CALL_BACK)
    assert (line.text, line.why, line.recipient) == ("non merci", DeskReason.UNCLEAR, PHONE)
    assert Appointment.objects.get().status == Status.BOOKED
    assert has_stopped(PHONE, commune)


def test_asked_back_and_answered_clearly_it_counts(asked):
    write("oui mais plus tard")
    write("2")

    asked.refresh_from_db()
    assert asked.status == Status.CANCELLED


def test_a_character_that_no_database_stores_is_left_out(asked):
    assert write("c'est \0où", sid="SM1").status_code == 200

    assert InboundMessage.objects.get().text == "c'est où"


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


@pytest.mark.parametrize("more", [{}, {"OptOutType": "STOP"}])
def test_cancel_answers_the_question_and_counts_as_stop(asked, commune, more, provider: FakeTwilio):
    write("CANCEL", **more)
    run(TUESDAY + timedelta(minutes=1))

    asked.refresh_from_db()
    assert (asked.status, outcomes()) == (Status.CANCELLED, [InboundOutcome.CANCELLED])
    assert has_stopped(PHONE, commune)
    assert not Message.objects.filter(channel=Channel.DESK).exists()
    assert provider.bodies()[-1] == (
        "Mairie de Petit-Quevilly : votre RDV du vendredi 27 nov. à 10h30 est annulé, comme demandé. "
        "Pour un autre RDV : 02 61 91 00 00. "
        "Mairie de Petit-Quevilly : c'est noté, vous ne recevrez plus de messages automatiques. "
        "Pour en recevoir de nouveau, répondez START."
    )


def test_cancel_without_a_question_is_a_stop_that_a_human_reads(fatima, commune):
    write("CANCEL")

    assert (outcomes(), has_stopped(PHONE, commune)) == ([InboundOutcome.STOPPED], True)
    assert Message.objects.get(channel=Channel.DESK).text == "CANCEL"


def test_cancel_about_a_time_that_has_moved_is_a_stop_that_a_human_reads(asked, site, alice, commune):
    reschedule(
        appointment=asked,
        site=site,
        start=at(14, day=27),
        with_helper=False,
        by=Actor.agent(alice),
        now=TUESDAY,
    )

    write("CANCEL")

    asked.refresh_from_db()
    assert (asked.status, has_stopped(PHONE, commune)) == (Status.BOOKED, True)
    assert Message.objects.get(channel=Channel.DESK).why == DeskReason.WRITTEN


@pytest.mark.parametrize("text", ["Merci de rappeler", "Rappelez-moi au 06 39 98 12 34", "oui rappelez moi"])
def test_who_asks_to_be_called_is_on_the_call_list_at_once(asked, text):
    write(text)

    asked.refresh_from_db()
    line = Message.objects.get(channel=Channel.DESK)
    assert (line.why, line.text, line.appointment) == (DeskReason.ASKED, text, asked)
    assert (asked.status, asked.confirmed_at) == (Status.BOOKED, None)
    assert "un agent vous rappellera" in answers()[0]


@pytest.mark.parametrize(
    ("text", "is_confirmed"), [("oui pour vendredi", True), ("ok pour jeudi", False), ("oui à 14h", False)]
)
def test_a_yes_that_names_another_day_or_hour_is_asked_back(asked, text, is_confirmed):
    write(text)

    asked.refresh_from_db()
    assert (asked.confirmed_at is not None) == is_confirmed
    assert outcomes() == [InboundOutcome.CONFIRMED if is_confirmed else InboundOutcome.ASKED_BACK]


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
