"""SMS through seven.io, against a server of ours: sending, refusals, lost replies, reports and replies."""

import logging
from datetime import timedelta

import pytest
from django.urls import reverse

from agents.models import Agent
from booking.enums import Status
from booking.forms.desk import slot_value
from booking.log import Actor
from booking.models import Appointment
from notifications import checks, providers
from notifications.alarms.advice import Alarm, why_waiting
from notifications.enums import Channel, DeskReason, ErrorScope, Failure, State
from notifications.models import InboundMessage, Message, MessageSettings, ProviderAlarm
from notifications.providers import provider_for
from notifications.providers.base import ChannelError, Outgoing, Receipt, Refusal, ReplyLost
from notifications.providers.seven import conf
from notifications.providers.seven.client import Seven
from notifications.providers.seven.errors import ERRORS, REPORTS
from notifications.providers.seven.webhooks import signature
from tests.factories import TUESDAY, at, make_cabin, make_resident, make_shift
from tests.notifications.conftest import SENDER, book_for, has_stopped, run
from tests.notifications.fake_seven import (
    API_KEY,
    BASE,
    SIGNING_KEY,
    FakeSeven,
    answer_with,
    call_webhook,
    garble,
    lose_reply,
    lose_request,
    refuse,
    slow,
)
from tests.notifications.fake_twilio import FakeTwilio

PHONE = "+33639981234"
LATER = timedelta(minutes=1)


@pytest.fixture
def seven(settings, monkeypatch):
    """Our own seven, and the real client that talks to it."""
    settings.PUBLIC_BASE_URL = BASE
    with FakeSeven() as fake:
        monkeypatch.setattr(conf, "API_KEY", API_KEY)
        monkeypatch.setattr(conf, "SIGNING_KEY", SIGNING_KEY)
        monkeypatch.setattr(conf, "BASE_URL", fake.url)
        yield fake


@pytest.fixture
def sent(seven: FakeSeven, appointment, tuesday) -> Message:
    run()
    return the_message()


def the_message() -> Message:
    """The first one that was written down."""
    return Message.objects.filter(channel=Channel.SMS).earliest("id")


def outgoing(text: str = "Bonjour") -> Outgoing:
    return Outgoing(1, Channel.SMS, SENDER, PHONE, text, claimed_at=TUESDAY)


def send(message: Outgoing) -> Receipt:
    sender = provider_for(Channel.SMS)
    assert sender is not None
    return sender.send(message)


def report(message: Message, status: str, **more) -> int:
    data = {"msg_id": message.provider_id, "status": status, "timestamp": "2026-11-24 10:00:00.000000"}
    if "foreign_id" in more:
        data["foreign_id"] = more.pop("foreign_id")
    answer = call_webhook("/messages/seven/statut/", "dlr", data, **more)
    message.refresh_from_db()
    return answer


def write(text: str, *, sender: str = PHONE[1:], to: str = SENDER[1:], pk: str = "681590", **more) -> int:
    data = {"id": pk, "sender": sender, "system": to, "text": text, "time": "1605878104"}
    return call_webhook("/messages/seven/sms/", "sms_mo", data, **more)


# ---- which provider ----------------------------------------------------------------------------------


def test_seven_alone_sends_sms_and_nobody_calls(seven: FakeSeven):
    assert isinstance(provider_for(Channel.SMS), Seven)
    assert provider_for(Channel.VOICE) is None


def test_with_twilio_too_seven_sends_sms_and_twilio_calls(
    seven: FakeSeven, provider: FakeTwilio, cabin, service, fatima, georges, commune
):
    MessageSettings.objects.create(commune=commune, voice_number="+33199000011")
    book_for(fatima, cabin, service)
    book_for(georges, cabin, service, at(14, day=27), by=Actor.api())

    run()

    assert [each["to"] for each in seven.taken] == [PHONE]
    assert [each.kind for each in provider.taken] == ["Calls"]


def test_an_account_that_is_refused_for_sms_does_not_stop_the_calls_of_another(
    seven: FakeSeven, provider: FakeTwilio, appointment
):
    seven.answers = [refuse("500")]
    run()

    assert list(ProviderAlarm.objects.values_list("channel", "code")) == [("sms", "seven-500")]


def test_where_nobody_can_call_a_landline_is_for_the_desk(seven: FakeSeven, cabin, service, georges, commune):
    MessageSettings.objects.create(commune=commune, voice_number="+33199000011")
    book_for(georges, cabin, service, by=Actor.api())

    run()

    line = Message.objects.get()
    assert (line.channel, line.why, seven.taken) == (Channel.DESK, DeskReason.NO_MOBILE, [])


def test_a_mobile_that_takes_no_sms_goes_to_the_desk_where_nobody_can_call(
    seven: FakeSeven, appointment, commune
):
    MessageSettings.objects.create(commune=commune, voice_number="+33199000011")
    seven.answers = [refuse("403")]

    run()

    channels = Message.objects.order_by("id").values_list("channel", flat=True)
    assert list(channels) == [Channel.SMS, Channel.DESK]


# ---- sending -----------------------------------------------------------------------------------------


def test_a_message_is_sent_with_what_seven_needs(seven: FakeSeven, appointment):
    run()

    message = the_message()
    (entry,) = seven.taken
    assert entry == {
        "id": message.provider_id,
        "dlr": None,
        "to": PHONE,
        "from": SENDER[1:],
        "text": message.text,
        "foreign_id": f"{message.pk}@permanence.example",
        "ttl": 2880,
    }
    assert (message.state, seven.keys) == (State.SENT, [API_KEY])


def test_a_message_is_not_valid_beyond_the_meeting(seven: FakeSeven, cabin, service, fatima):
    book_for(fatima, cabin, service, TUESDAY + timedelta(hours=1))

    run()

    assert 55 <= seven.taken[0]["ttl"] <= 60


def test_a_long_text_is_one_message(seven: FakeSeven):
    receipt = send(outgoing("é" * 400))

    assert ([len(each["text"]) for each in seven.taken], receipt.state) == ([400], State.SENT)
    assert receipt.provider_id == seven.taken[0]["id"]


def test_numbers_for_fiction_are_refused_anywhere_but_here():
    with pytest.raises(ChannelError) as refused:
        Seven(API_KEY, "https://gateway.example.org/api").send(outgoing())

    assert refused.value.refusal == Refusal("fiction", Failure.INVALID)


@pytest.mark.parametrize("code", ERRORS)
@pytest.mark.parametrize("answers", [refuse, lambda code: answer_with(200, int(code))])
def test_every_code_has_its_meaning(seven: FakeSeven, code, answers):
    """Also where the whole answer is the code."""
    seven.answers = [answers(code)]
    with pytest.raises(ChannelError) as refused:
        send(outgoing())

    assert refused.value.refusal == ERRORS[code]
    assert refused.value.refusal.code == f"seven-{code}"


@pytest.mark.parametrize(
    ("status", "scope"),
    [(400, ErrorScope.DESTINATION), (401, ErrorScope.ACCOUNT), (429, ErrorScope.ACCOUNT)],
)
def test_a_status_without_a_code_has_a_scope(seven: FakeSeven, status, scope):
    seven.answers = [answer_with(status, {"message": "no"})]
    with pytest.raises(ChannelError) as refused:
        send(outgoing())

    assert (refused.value.refusal.code, refused.value.refusal.scope) == (f"seven-http-{status}", scope)


@pytest.mark.parametrize(
    "answer",
    [refuse("402"), refuse("700"), answer_with(200, {"success": "100"}), answer_with(200, "yes"), garble],
)
def test_what_may_have_left_is_in_doubt(seven: FakeSeven, answer):
    seven.answers = [answer]
    with pytest.raises(ReplyLost):
        send(outgoing())


def test_a_number_that_is_refused_is_the_recipients_affair(seven: FakeSeven, cabin, service, commune, fatima):
    """The next message leaves at once."""
    book_for(fatima, cabin, service)
    book_for(make_resident(commune, "+33639980050"), cabin, service, at(14, day=27))
    seven.answers = [refuse("202")]

    run()

    states = Message.objects.filter(channel=Channel.SMS).values_list("state", flat=True)
    assert sorted(states) == [State.FAILED, State.SENT]
    assert not ProviderAlarm.objects.exists()


def test_a_sender_that_is_refused_makes_its_commune_wait(seven: FakeSeven, appointment, commune):
    seven.answers = [refuse("201")] * 5

    run()

    alarm = ProviderAlarm.objects.get()
    assert (alarm.commune, alarm.code, the_message().state) == (commune, "seven-201", State.PENDING)
    assert "expéditeur" in str(Alarm(alarm).what_to_do)


def test_an_account_without_credit_makes_all_wait_until_it_is_mended(seven: FakeSeven, appointment):
    seven.answers = [refuse("500")]

    run()
    assert (ProviderAlarm.objects.get().commune, the_message().attempts) == (None, 0)
    run(TUESDAY + timedelta(minutes=11))

    assert (the_message().state, ProviderAlarm.objects.count()) == (State.SENT, 0)


def test_nobody_listening_is_a_delay_not_a_doubt(seven: FakeSeven, appointment, monkeypatch):
    monkeypatch.setattr(conf, "BASE_URL", "http://127.0.0.1:9/api")

    run()

    assert (the_message().state, the_message().error_code) == (State.PENDING, "seven-connect")
    assert str(why_waiting(ProviderAlarm.objects.get())) == "l’opérateur ne répond pas"


# ---- lost replies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [lose_reply, garble, slow])
def test_a_message_whose_reply_is_lost_is_found_and_not_sent_again(
    seven: FakeSeven, appointment, loss, monkeypatch
):
    monkeypatch.setattr("notifications.providers.seven.client.TIMEOUT_S", 0.5)
    seven.answers = [loss]

    run()
    assert the_message().state == State.UNKNOWN
    seven.taken[0]["dlr"] = "DELIVERED"
    run(TUESDAY + LATER)

    assert (the_message().state, len(seven.taken)) == (State.DELIVERED, 1)
    assert (the_message().provider_id, seven.asked) == (seven.taken[0]["id"], [PHONE])


def test_a_message_found_as_not_delivered_takes_the_next_way(seven: FakeSeven, appointment):
    seven.answers = [lose_reply]
    run()
    seven.taken[0]["dlr"] = "NOTDELIVERED"

    run(TUESDAY + LATER)

    assert (the_message().state, the_message().failure) == (State.FAILED, Failure.UNREACHED)


def test_a_message_that_never_arrived_there_is_sent_again_after_asking(seven: FakeSeven, appointment):
    seven.answers = [lose_request]

    for minutes in (0, 1, 4, 5):
        run(TUESDAY + timedelta(minutes=minutes))

    assert (the_message().state, the_message().attempts, len(seven.taken)) == (State.SENT, 2, 1)


def test_while_seven_cannot_be_asked_nothing_is_sent_again(seven: FakeSeven, appointment):
    seven.answers = [lose_reply]
    seven.journal_fails = True

    for minutes in range(0, 30, 5):
        run(TUESDAY + timedelta(minutes=minutes))

    assert (the_message().state, len(seven.taken)) == (State.UNKNOWN, 1)


def test_two_equal_messages_in_doubt_are_not_taken_for_one_another(
    seven: FakeSeven, cabin, site, service, commune
):
    """Two people behind one phone, both told of the same time: seven has one of the messages."""
    for name, place in (("Ana", cabin), ("Luis", make_cabin(site))):
        book_for(make_resident(commune, "+33639980060", first_name=name), place, service)
    seven.answers = [lose_reply, lose_request]

    for minutes in (0, 1, 5, 6):
        run(TUESDAY + timedelta(minutes=minutes))

    assert len(seven.taken) == 2
    assert len(set(Message.objects.values_list("provider_id", flat=True))) == 2


# ---- delivery reports --------------------------------------------------------------------------------


def test_a_delivery_is_noted_and_not_taken_back(sent: Message):
    for status in ("TRANSMITTED", "DELIVERED", "BUFFERED", "NOTDELIVERED"):
        assert report(sent, status) == 204

    assert (sent.state, sent.delivered_at) == (State.DELIVERED, TUESDAY)


@pytest.mark.parametrize("status", REPORTS)
def test_a_message_that_was_not_delivered_has_failed(sent: Message, status):
    assert report(sent, status) == 204

    assert (sent.state, sent.failure) == (State.FAILED, REPORTS[status].failure)
    assert sent.error_code == f"seven-{status}"


def test_a_report_finds_its_message_by_our_own_name(seven: FakeSeven, appointment, tuesday):
    """It may come before the reply to our request does."""
    seven.answers = [lose_reply]
    run()
    message = the_message()
    data = {"msg_id": "77000000000", "status": "DELIVERED", "foreign_id": seven.taken[0]["foreign_id"]}

    assert call_webhook("/messages/seven/statut/", "dlr", data) == 204

    message.refresh_from_db()
    assert (message.state, message.provider_id) == (State.DELIVERED, "77000000000")


def test_an_unknown_report_is_asked_for_again_while_a_message_is_on_its_way(sent: Message):
    data = {"msg_id": "99", "status": "DELIVERED"}
    assert call_webhook("/messages/seven/statut/", "dlr", data, nonce="same") == 204
    Message.objects.update(state=State.SENDING, provider_id="")
    assert call_webhook("/messages/seven/statut/", "dlr", data, nonce="another") == 503
    Message.objects.update(state=State.SENT, provider_id="99")

    assert call_webhook("/messages/seven/statut/", "dlr", data, nonce="another") == 204

    assert the_message().state == State.DELIVERED


def test_a_report_for_another_installation_changes_nothing(sent: Message):
    data = {"msg_id": "99", "status": "DELIVERED", "foreign_id": f"{sent.pk}@elsewhere.example"}

    assert call_webhook("/messages/seven/statut/", "dlr", data) == 204

    assert the_message().state == State.SENT


@pytest.mark.parametrize(
    "forged",
    [
        {"signed": ""},
        {"signed": "0" * 64},
        {"signed": "é"},
        {"key": "another"},
        {"at": TUESDAY - timedelta(days=5)},
        {"at": TUESDAY + timedelta(hours=1)},
    ],
)
def test_a_forged_or_old_report_is_refused(sent: Message, forged):
    assert report(sent, "DELIVERED", **forged) == 403

    assert sent.state == State.SENT


def test_a_signature_for_one_address_does_not_open_the_other(sent: Message, client):
    assert client.post("/messages/seven/statut/", b"{}", content_type="application/json").status_code == 403
    body = b'{"webhook_event": "dlr", "data": {}}'
    stamp = str(int(TUESDAY.timestamp()))
    other = signature(SIGNING_KEY, stamp=stamp, nonce="n", method="POST", url=f"{BASE}/elsewhere/", body=body)
    headers = {"X-Timestamp": stamp, "X-Nonce": "n", "X-Signature": other}

    answer = client.post("/messages/seven/statut/", body, content_type="application/json", headers=headers)

    assert answer.status_code == 403


def test_nothing_is_signed_with_an_empty_key(sent: Message, monkeypatch):
    monkeypatch.setattr(conf, "SIGNING_KEY", "")

    assert report(sent, "DELIVERED", key="") == 403


def test_the_same_report_again_changes_nothing(sent: Message):
    assert report(sent, "NOTDELIVERED", nonce="n" * 32) == 204
    Message.objects.update(state=State.SENT)

    assert report(sent, "NOTDELIVERED", nonce="n" * 32) == 204

    assert sent.state == State.SENT


@pytest.mark.parametrize("data", [{}, {"status": "TELEPORTED", "msg_id": "1"}, {"status": "DELIVERED"}])
def test_a_malformed_report_is_refused(sent: Message, data):
    assert call_webhook("/messages/seven/statut/", "dlr", data) == 400
    assert call_webhook("/messages/seven/statut/", "sms_mo", {"id": "1"}) == 400


def test_the_signature_is_the_one_that_seven_documents():
    """The request of its page « Signing of requests »; computed apart from our code, with `openssl`."""
    assert (
        signature(
            "secret",
            stamp="1634641200",
            nonce="fpPRhAd1s8GXacfR39mWqKPynmmXfJnc",
            method="POST",
            url="https://gateway.seven.io/api/sms",
            body=b'{"to": "49170123456789", "text": "Hello World! :-)", "from": "seven"}',
        )
        == "342833a5ada2afab5d0327edc42ace4ebbf08fc74693818d0604f96f299400e1"
    )


# ---- replies -----------------------------------------------------------------------------------------


def test_stop_is_noted_and_answered_once(sent: Message, seven: FakeSeven, commune):
    assert write("STOP") == 204
    assert write("STOP") == 204
    run(TUESDAY + LATER)

    assert has_stopped(PHONE, commune)
    inbound = InboundMessage.objects.get()
    assert (inbound.sender, inbound.provider_id) == (PHONE, "seven-681590")
    assert len(seven.taken) == 2


@pytest.mark.parametrize("sender", [PHONE, PHONE[1:]])
def test_a_yes_confirms(sent: Message, appointment, sender):
    assert write("oui", sender=sender) == 204

    appointment.refresh_from_db()
    assert appointment.confirmed_at is not None


def test_a_short_code_of_the_commune_is_recognised(sent: Message, commune):
    commune.sender = "36123"
    commune.save(update_fields=["sender"])

    assert write("STOP", to="36123") == 204

    assert has_stopped(PHONE, commune)


def test_an_emoji_cut_in_two_does_not_hold_up_the_reply(sent: Message):
    assert write("oui \ud83d") == 204
    assert InboundMessage.objects.get().text == "oui "


@pytest.mark.parametrize(
    "wrong", [{"to": "33199009999"}, {"sender": "SMS"}, {"sender": ""}, {"pk": ""}, {"to": ""}]
)
def test_what_nobody_can_have_written_is_refused(sent: Message, wrong):
    assert write("STOP", **wrong) == 400

    assert not InboundMessage.objects.exists()


def test_a_forged_reply_is_refused(sent: Message, appointment, commune):
    assert write("non", key="another") == 403

    appointment.refresh_from_db()
    assert (appointment.status, InboundMessage.objects.count()) == (Status.BOOKED, 0)


# ---- settings and logs -------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "signing", "faults"), [("k", "s", 0), ("k", "", 1), ("", "s", 1)])
def test_half_a_configuration_is_told(monkeypatch, key, signing, faults):
    monkeypatch.setattr(conf, "API_KEY", key)
    monkeypatch.setattr(conf, "SIGNING_KEY", signing)

    found = [each.id for each in checks.check_provider(None)]

    assert found.count("seven.W001") == faults
    assert checks.has_provider() == bool(key and signing)
    assert ("notifications.W001" in found) != bool(key and signing)


def test_the_hint_names_every_provider():
    (fault,) = checks.check_provider(None)

    assert fault.hint == (
        "Set SEVEN_API_KEY and SEVEN_SIGNING_KEY, or TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or EMAIL_URL."
    )


def test_where_seven_sends_the_simulator_does_not_stand_in(seven: FakeSeven, settings):
    settings.DEBUG = True

    assert not providers.is_simulated()


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
def test_no_number_no_text_and_no_key_reaches_the_log(seven: FakeSeven, appointment, tuesday, caplog, level):
    caplog.set_level(level)
    seven.answers = [lose_reply]

    run()
    run(TUESDAY + LATER)
    write("ma phrase secrète", sender=PHONE[1:])
    write("ma phrase secrète", key="another")

    assert seven.asked == [PHONE]
    assert "sweep: " in caplog.text
    for secret in ("639981234", "secrète", API_KEY, SIGNING_KEY, the_message().text[:30]):
        assert secret not in caplog.text


# ---- the whole way -----------------------------------------------------------------------------------


def test_from_the_booking_to_the_delivered_sms(
    seven: FakeSeven, client, alice: Agent, bob: Agent, cabin, service, fatima, commune, tuesday
):
    """The desk books, seven takes the SMS and reports it delivered, the resident confirms."""
    make_shift(bob, cabin.site, at(9, day=27), at(12, day=27))
    client.force_login(alice)
    slot = slot_value(cabin.site_id, at(10, 30, day=27))
    picked = {"service": service.pk, "helper": "1", "slot": slot, "resident": fatima.pk}
    client.post(reverse("desk-hold"), picked)
    appointment = Appointment.objects.get()
    client.post(reverse("desk-confirm"), {"hold": appointment.pk, "resident": fatima.pk})
    run()
    (entry,) = seven.taken
    assert (
        call_webhook(
            "/messages/seven/statut/",
            "dlr",
            {"msg_id": entry["id"], "status": "DELIVERED", "foreign_id": entry["foreign_id"]},
        )
        == 204
    )
    assert write("1") == 204
    run(TUESDAY + LATER)

    appointment.refresh_from_db()
    assert the_message().state == State.DELIVERED
    assert appointment.confirmed_at is not None
    assert len(seven.taken) == 2
