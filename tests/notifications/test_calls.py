"""Automatic calls, and calls to the commune's line, step by step as the provider requests them."""

import re
from datetime import timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from booking.actions import cancel
from booking.enums import EventKind, Reason, Status
from booking.log import Actor
from booking.models import Appointment
from communes.models import Site
from notifications.enums import Channel, DeskReason, Failure, InboundOutcome, MessageKind, State
from notifications.models import InboundMessage, Message, MessageSettings
from tests.factories import TUESDAY, at, make_resident
from tests.notifications.conftest import book_for, run
from tests.notifications.fake_twilio import FakeTwilio, signature

BASE = "https://permanence.example"
LINE = "+33199000011"
LANDLINE = "+33261910042"

pytestmark = pytest.mark.usefixtures("provider", "tuesday")


class Conversation:
    """Follows the TwiML as the provider would: what is said, where a key leads."""

    def __init__(self, address: str, *, listens: bool = True, **params: str) -> None:
        """`listens`: does not hang up at the end of the first reading."""
        self.listens = listens
        self.sid = params.setdefault("CallSid", "CA1")
        self.params = params
        self.ask(address)

    def ask(self, address: str, **more: str) -> "Conversation":
        self.said = ""
        self._request(address, **more)
        return self

    def _request(self, address: str, **more: str) -> None:
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        params = {**self.params, **more}
        response = Client().post(path, params, headers={"X-Twilio-Signature": signature(BASE + path, params)})
        assert response.status_code == 200, response.status_code
        self.root = ElementTree.fromstring(response.content)  # noqa: S314  (our own answer)
        texts = (text for say in self.root.iter("Say") for text in say.itertext())
        self.said = re.sub(r"\s+", " ", f"{self.said} {' '.join(texts)}").strip()
        if self.listens and self.root.find("Gather") is None and self.root.find("Redirect") is not None:
            self._request(self.verb("Redirect").text or "")

    def press(self, key: str) -> "Conversation":
        return self.ask(self.verb("Gather").attrib["action"], Digits=key)

    def wait(self) -> "Conversation":
        return self.ask(self.verb("Redirect").text or "")

    def verb(self, name: str) -> ElementTree.Element:
        found = self.root.find(name)
        assert found is not None
        return found

    @property
    def has_ended(self) -> bool:
        return self.root.find("Hangup") is not None


@pytest.fixture
def call(commune, cabin, service, georges) -> Message:
    """Georges, who has a landline, is called about a booking that another system made."""
    MessageSettings.objects.create(commune=commune, voice_number=LINE)
    book_for(georges, cabin, service, at(10, 30, day=27), by=Actor.api())
    run()
    return Message.objects.get(channel=Channel.VOICE)


def answer(call: Message, *, listens: bool = True, **params: str) -> Conversation:
    address = reverse("twilio-call", args=[call.pk])
    return Conversation(address, listens=listens, CallSid=call.provider_id, **params)


def ends(call: Message, status: str, **params: str) -> int:
    path = reverse("twilio-call-status", args=[call.pk])
    sent = {"CallSid": call.provider_id, "CallStatus": status, **params}
    code = Client().post(path, sent, headers={"X-Twilio-Signature": signature(BASE + path, sent)}).status_code
    call.refresh_from_db()
    return code


def test_a_call_says_who_when_and_where_then_what_each_key_does(call):
    said = answer(call).said

    assert said.startswith(
        "Bonjour. Ici la mairie de Petit-Quevilly. Message automatique au sujet d'un rendez-vous. "
        "Vous avez rendez-vous vendredi 27 novembre, à 10 heures 30. Lieu : Hôtel de ville. "
        "Je répète : vendredi 27 novembre, à 10 heures 30."
    )
    menu = (
        "Pour dire que vous venez, tapez 1. Pour annuler le rendez-vous, tapez 2. Pour réécouter, tapez 3. "
        "Pour qu'un agent vous rappelle, tapez 0."
    )
    assert said.count(menu) == 2


def test_a_call_names_nobody_and_no_reason(call, service):
    talk = answer(call)
    everything = talk.said + answer(call, AnsweredBy="machine_end_beep").said + talk.press("3").said

    assert "Georges" not in everything
    assert "Lemaire" not in everything
    assert service.name not in everything


def test_day_and_time_are_said_slowly_by_a_voice_of_the_language(call):
    talk = answer(call, listens=False)
    slow = [each.text for each in talk.root.iter("prosody") if each.attrib["rate"] == "85%"]

    assert {say.attrib["voice"] for say in talk.root.iter("Say")} == {"Polly.Lea-Neural"}
    assert len([text for text in slow if "27 novembre" in (text or "")]) == 2
    gather = talk.wait().verb("Gather")
    assert (gather.attrib["timeout"], gather.attrib["numDigits"]) == ("9", "1")


def test_one_confirms(call):
    talk = answer(call).press("1")

    appointment = Appointment.objects.get()
    call.refresh_from_db()
    assert (appointment.confirmed_at is not None, call.state) == (True, State.DELIVERED)
    assert appointment.events.latest("id").kind == EventKind.CONFIRMED
    assert talk.has_ended
    assert "le rendez-vous du vendredi 27 novembre, à 10 heures 30 est confirmé" in talk.said


def test_two_cancels_only_with_a_second_two(call):
    talk = answer(call).press("2")
    assert Appointment.objects.get().status == Status.BOOKED
    assert "appuyez de nouveau sur la touche 2" in talk.said

    talk.press("2")

    appointment = Appointment.objects.get()
    assert appointment.status == Status.CANCELLED
    assert appointment.events.latest("id").actor == "resident"
    assert "est annulé" in talk.said
    run(TUESDAY + timedelta(minutes=1))
    assert Message.objects.count() == 1  # told in the call, not once more


def test_two_then_one_keeps_and_two_then_silence_keeps(call):
    answer(call).press("2").press("1")
    assert Appointment.objects.get().status == Status.BOOKED

    talk = answer(call).press("2").wait()

    assert Appointment.objects.get().status == Status.BOOKED
    assert "est bien gardé" in talk.said


def test_three_says_it_again_but_not_for_ever(call):
    talk = answer(call)
    for _ in range(3):
        talk.press("3")
        assert "Vous avez rendez-vous" in talk.said
    talk.press("3")

    assert talk.has_ended


def test_zero_puts_them_on_the_list_and_keeps_the_appointment(call, georges):
    talk = answer(call).press("0")

    line = Message.objects.get(channel=Channel.DESK)
    assert "un agent de la mairie vous rappellera" in talk.said
    assert (line.kind, line.why, line.recipient, line.resident) == (
        MessageKind.CALL_BACK,
        DeskReason.ASKED,
        LANDLINE,
        georges,
    )
    assert "Georges Lemaire demande qu'un agent l'appelle" in line.text
    assert Appointment.objects.get().status == Status.BOOKED


def test_no_key_at_all_keeps_the_appointment_and_counts_as_heard(call):
    talk = answer(call).wait()

    call.refresh_from_db()
    assert "Sans réponse de votre part, nous gardons le rendez-vous" in talk.said
    assert call.state == State.DELIVERED


def test_who_hangs_up_after_the_first_reading_has_heard_it(call):
    answer(call)  # listens until the keys are offered
    ends(call, "completed")

    assert (call.state, call.failure) == (State.DELIVERED, "")
    run(TUESDAY + timedelta(days=1))
    assert Message.objects.filter(channel=Channel.VOICE, kind=MessageKind.CONFIRMATION).count() == 1
    assert not Message.objects.filter(channel=Channel.DESK).exists()


def test_who_hangs_up_during_the_first_reading_has_not_heard_it(call):
    said = answer(call, listens=False).said
    ends(call, "completed")

    assert "27 novembre" in said
    assert (call.state, call.failure) == (State.FAILED, Failure.REFUSED)


def test_what_changed_during_the_first_reading_is_for_an_agent(call):
    talk = answer(call, listens=False)
    later = at(14, day=27)
    Appointment.objects.update(
        starts_at=later, ends_at=later + timedelta(hours=1), blocked_until=later + timedelta(hours=1)
    )

    talk.wait()

    assert "a été modifié entre-temps" in talk.said
    assert talk.has_ended


def test_a_machine_is_told_when_and_whom_to_call_and_offered_no_key(call):
    talk = answer(call, AnsweredBy="machine_end_beep")

    call.refresh_from_db()
    assert (call.state, call.failure) == (State.FAILED, Failure.MACHINE)
    assert talk.root.find("Gather") is None
    assert talk.said.count("appelez le 02, 61, 91, 00, 00") == 2
    run(TUESDAY + timedelta(days=1))
    assert Message.objects.count() == 1  # enough for a confirmation


def test_a_machine_is_not_told_of_what_was_cancelled_while_it_rang(call, alice):
    cancel(appointment=Appointment.objects.get(), by=Actor.agent(alice), now=TUESDAY)

    talk = answer(call, AnsweredBy="machine_end_beep")

    assert (talk.said, talk.has_ended) == ("", True)


def test_a_cancellation_needs_no_second_key(commune, cabin, service, georges, alice):
    MessageSettings.objects.create(commune=commune, voice_number=LINE)
    appointment = book_for(georges, cabin, service)
    cancel(appointment=appointment, reason=Reason.HELPER_ABSENT, by=Actor.agent(alice), now=TUESDAY)
    run()
    call = Message.objects.get(channel=Channel.VOICE)

    talk = answer(call)
    assert "est annulé. Il est inutile de venir." in talk.said
    assert "Pour dire que vous venez" not in talk.said

    assert talk.press("1").has_ended
    call.refresh_from_db()
    assert call.state == State.DELIVERED


def test_an_appointment_that_changed_meanwhile_is_not_confirmed(call):
    talk = answer(call)
    later = at(14, day=27)
    Appointment.objects.update(
        starts_at=later, ends_at=later + timedelta(hours=1), blocked_until=later + timedelta(hours=1)
    )

    talk.press("1")

    assert "a été modifié entre-temps" in talk.said
    assert Appointment.objects.get().confirmed_at is None
    assert Message.objects.filter(kind=MessageKind.CALL_BACK).exists()


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        ("busy", Failure.BUSY),
        ("no-answer", Failure.NO_ANSWER),
        ("completed", Failure.REFUSED),
        ("failed", Failure.NO_ANSWER),
    ],
)
def test_how_a_call_ends_is_noted(call, status, failure):
    assert ends(call, status) == 204
    assert (call.state, call.failure) == (State.FAILED, failure)


def test_a_number_that_does_not_exist_is_not_called_again(call):
    ends(call, "failed", SipResponseCode="404")
    run(TUESDAY + timedelta(minutes=1))

    assert call.failure == Failure.INVALID
    assert Message.objects.get(channel=Channel.DESK).why == DeskReason.NOT_REACHED


def test_the_end_of_a_call_that_was_heard_changes_nothing(call):
    answer(call).press("1")
    ends(call, "completed")

    assert call.state == State.DELIVERED


def test_a_busy_line_is_called_again_after_twenty_minutes(call, provider: FakeTwilio):
    ends(call, "busy")

    run(TUESDAY + timedelta(minutes=19))
    assert len(provider.taken) == 1
    run(TUESDAY + timedelta(minutes=21))
    assert len(provider.taken) == 2


def test_calls_speak_the_language_of_the_resident(commune, cabin, service):
    MessageSettings.objects.create(commune=commune, voice_number=LINE)
    for number, language in (("+33261910051", "en"), ("+33261910052", "ar")):
        resident = make_resident(commune, number, languages=[language])
        book_for(resident, cabin, service, at(8 if language == "en" else 14, day=27), by=Actor.api())
    run()

    english, arabic = (answer(each) for each in Message.objects.order_by("id"))

    assert english.said.startswith("Hello. This is Petit-Quevilly town hall. Automatic message")
    assert {say.attrib["language"] for say in arabic.root.iter("Say")} == {"ar-AE"}


def test_the_same_request_again_is_answered_the_same(call):
    path = reverse("twilio-call-key", args=[call.pk]) + "?etape=annuler"
    params = {"CallSid": call.provider_id, "Digits": "2"}
    headers = {"X-Twilio-Signature": signature(BASE + path, params), "I-Twilio-Idempotency-Token": "t-9"}

    first = Client().post(path, params, headers=headers)
    second = Client().post(path, params, headers=headers)

    assert first.content == second.content
    assert b"est annul" in second.content
    assert not Message.objects.filter(kind=MessageKind.CALL_BACK).exists()


# ---- someone calls us --------------------------------------------------------------------------------


@pytest.fixture
def line(commune) -> str:
    MessageSettings.objects.create(commune=commune, voice_number=LINE)
    return LINE


def ring(sender: str = LANDLINE, sid: str = "CA-in") -> Conversation:
    return Conversation(reverse("twilio-inbound-call"), CallSid=sid, From=sender, To=LINE)


def test_the_line_says_who_it_is_and_nothing_personal(line, cabin, service, georges):
    book_for(georges, cabin, service)

    said = ring().said

    assert said.startswith("Bonjour. Ici la mairie de Petit-Quevilly, service des rendez-vous.")
    assert "27 novembre" not in said
    assert "Georges" not in said


def test_with_the_number_of_the_appointment_one_hears_it_and_can_confirm(line, cabin, service, georges):
    appointment = book_for(georges, cabin, service)

    talk = ring().press(appointment.number)
    assert "Rendez-vous vendredi 27 novembre, à 10 heures 30. Lieu : Hôtel de ville." in talk.said
    talk.press("1")

    appointment.refresh_from_db()
    assert appointment.confirmed_at is not None
    assert InboundMessage.objects.get().outcome == InboundOutcome.CONFIRMED


def test_cancelling_on_the_line_needs_two_keys(line, cabin, service, georges):
    appointment = book_for(georges, cabin, service)

    talk = ring().press(appointment.number).press("2")
    appointment.refresh_from_db()
    assert appointment.status == Status.BOOKED
    talk.press("2")

    appointment.refresh_from_db()
    assert appointment.status == Status.CANCELLED


def test_a_wrong_number_is_asked_again_then_a_human_takes_over(line, georges, commune):
    talk = ring()
    asked_again = talk.press("111111").said
    assert "Nous ne trouvons pas ce numéro. Tapez de nouveau les six chiffres" in asked_again
    assert "Bonjour" not in asked_again, "the welcome is said once"
    talk.press("222222")
    talk.press("333333")

    # It is Tuesday ten o'clock, but this commune has no place with opening hours: nobody would pick up.
    assert "vous rappellera" in talk.said
    assert Message.objects.get().recipient == LANDLINE


def test_zero_rings_the_desk_while_it_is_open(line, site):
    talk = ring().press("0")

    dial = talk.verb("Dial")
    assert dial.findtext("Number") == "+33261910000"
    talk.ask(dial.attrib["action"], DialCallStatus="no-answer")
    assert "vous rappellera" in talk.said
    assert Message.objects.get(channel=Channel.DESK).why == DeskReason.ASKED


def test_hours_that_cannot_be_read_are_no_open_desk(line, site, georges):
    Site.objects.update(opening_hours="Mo-Fr 9h-12h")

    assert "vous rappellera" in ring().press("0").said
    assert Message.objects.get().resident == georges


def test_a_desk_that_picked_up_needs_to_call_nobody(line, site):
    talk = ring().press("0")
    talk.ask(talk.verb("Dial").attrib["action"], DialCallStatus="completed")

    assert not Message.objects.exists()


def test_zero_at_night_puts_the_number_on_the_list(line, site, set_clock, georges):
    set_clock(at(20, 30))

    assert "vous rappellera" in ring().press("0").said
    assert Message.objects.get().resident == georges


@pytest.mark.parametrize("sender", ["", "anonymous", "+266696687"])
def test_who_hides_their_number_is_not_promised_a_call(line, sender):
    talk = ring(sender).press("0")

    assert "Votre numéro est masqué" in talk.said
    assert talk.has_ended
    assert not Message.objects.exists()


def test_numbers_of_other_communes_are_not_known(line, cabin, service, charlie):
    from tests.factories import make_cabin, make_commune, make_service, make_site

    other = make_commune(name="Ailleurs")
    theirs = book_for(make_resident(other), make_cabin(make_site(other)), make_service(other))

    assert "Nous ne trouvons pas ce numéro" in ring().press(theirs.number).said


def test_silence_ends_the_call(line):
    assert ring().wait().has_ended


def test_an_unsigned_call_hears_nothing(call):
    for name, args in (
        ("twilio-call", [call.pk]),
        ("twilio-call-key", [call.pk]),
        ("twilio-inbound-call", []),
    ):
        assert Client().post(reverse(name, args=args), {"Digits": "1"}).status_code == 403
    assert Appointment.objects.get().confirmed_at is None


def test_a_line_that_is_also_the_phone_of_the_mairie_does_not_ring_itself(line, site, commune):
    commune.public_phone = LINE  # from before this was refused
    commune.save()

    talk = ring().press("0")

    assert talk.root.find("Dial") is None
    assert "vous rappellera" in talk.said
