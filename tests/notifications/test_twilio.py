"""The real Twilio client against a server of our own: every way in which a request can fail."""

import logging
from datetime import timedelta

import pytest

from notifications.enums import Channel, DeskReason, Failure, MessageKind, State
from notifications.models import Heartbeat, Message, ProviderAlarm
from notifications.providers import provider_for
from notifications.providers.base import ChannelError, Outgoing, Refusal, ReplyLost
from notifications.providers.twilio import conf
from notifications.providers.twilio.client import Twilio
from notifications.providers.twilio.errors import ERRORS
from notifications.sending.sweep import sweep
from tests.factories import TUESDAY, at, make_cabin, make_resident
from tests.notifications.conftest import SENDER, book_for, has_stopped, run
from tests.notifications.fake_twilio import (
    ACCOUNT,
    TOKEN,
    FakeTwilio,
    garble,
    lose_reply,
    lose_request,
    refuse,
    slow,
)

LATER = timedelta(minutes=1)


@pytest.fixture
def impatient(monkeypatch):
    """Wait half a second for an answer, so that a test need not wait for long."""
    monkeypatch.setattr("notifications.providers.twilio.client.TIMEOUT_S", 0.5)
    monkeypatch.setattr("notifications.providers.twilio.provider._client", Twilio)


def the_message(**wanted) -> Message:
    return Message.objects.get(**{"channel": Channel.SMS, **wanted})


def test_a_message_is_sent_with_what_the_provider_needs(provider: FakeTwilio, appointment):
    run()

    message = the_message()
    (taken,) = provider.taken
    assert taken.params == {
        "To": "+33639981234",
        "From": SENDER,
        "Body": message.text,
        "StatusCallback": f"https://permanence.example/messages/twilio/statut/{message.pk}/",
        "ValidityPeriod": "14400",
    }
    # Accepted is not delivered: only a report says so.
    assert (message.state, message.provider_id) == (State.SENT, taken.sid)


def test_a_message_is_not_valid_beyond_the_meeting(provider: FakeTwilio, cabin, service, fatima):
    book_for(fatima, cabin, service, TUESDAY + timedelta(hours=1))

    run()

    assert 3500 <= int(provider.taken[0].params["ValidityPeriod"]) <= 3600


@pytest.mark.parametrize("code", ["21614", "21635", "30006"])
def test_a_number_that_takes_no_texts_is_called(provider: FakeTwilio, appointment, code, commune):
    _can_call(commune)
    provider.answers = [refuse(int(code))]

    run()

    text, call = Message.objects.order_by("id")
    assert (text.state, text.error_code, text.failure) == (State.FAILED, code, Failure.NUMBER)
    assert (call.channel, call.recipient) == (Channel.VOICE, text.recipient)


def test_a_number_that_does_not_exist_is_for_the_desk(provider: FakeTwilio, appointment):
    provider.answers = [refuse(21211)]

    run()

    line = Message.objects.get(channel=Channel.DESK)
    assert line.why == DeskReason.NOT_REACHED


def test_an_opted_out_number_is_noted_and_neither_called_nor_texted_again(
    provider: FakeTwilio, appointment, commune
):
    _can_call(commune)
    provider.answers = [refuse(21610)]

    run()

    assert has_stopped("+33639981234", commune)
    assert set(Message.objects.values_list("channel", flat=True)) <= {Channel.SMS, Channel.DESK}
    assert len(provider.taken) == 0


@pytest.mark.parametrize(("code", "status"), [(20429, 429), (0, 429)])
def test_too_many_requests_waits_and_tries_again(provider: FakeTwilio, appointment, code, status):
    provider.answers = [refuse(code, status)]

    run()
    assert the_message().state == State.PENDING
    run(TUESDAY + LATER)

    assert (the_message().state, the_message().attempts, len(provider.taken)) == (State.SENT, 1, 1)


@pytest.mark.parametrize(("code", "status"), [(20003, 401), (20003, 403), (20404, 404)])
def test_what_is_wrong_with_the_account_stops_the_line_and_alerts(
    provider: FakeTwilio, cabin, service, commune, fatima, code, status
):
    book_for(fatima, cabin, service)
    provider.answers = [refuse(code, status)] * 10

    run()
    book_for(make_resident(commune, "+33639980050"), cabin, service, at(14, day=27))
    run(TUESDAY + LATER)

    alarms = ProviderAlarm.objects.filter(commune=None).values_list("channel", "code")
    assert sorted(alarms) == [("sms", str(code)), ("voice", str(code))]
    assert set(Message.objects.values_list("state", flat=True)) == {State.PENDING}
    assert len(provider.answers) == 9  # nobody knocks at a closed door


def test_one_message_tries_whether_it_is_mended_then_all_leave(provider: FakeTwilio, cabin, service, commune):
    for n in range(3):
        resident = make_resident(commune, f"+3363998005{n}")
        book_for(resident, cabin, service, at(8, day=27) + timedelta(hours=n))
    provider.answers = [refuse(20003, 401)] * 3
    run()
    assert ProviderAlarm.objects.exists()

    provider.answers = [refuse(20003, 401)]
    run(TUESDAY + timedelta(minutes=11))
    assert (len(provider.answers), len(provider.taken)) == (0, 0)
    run(TUESDAY + timedelta(minutes=22))

    assert len(provider.taken) == 3
    assert not ProviderAlarm.objects.exists()


def test_while_the_line_is_stopped_the_desk_calls_those_who_come_soon(
    provider: FakeTwilio, cabin, service, fatima
):
    book_for(fatima, cabin, service, TUESDAY + timedelta(minutes=50))
    provider.answers = [refuse(20003, 401)] * 10
    run()

    run(TUESDAY + timedelta(minutes=20))

    assert Message.objects.get(channel=Channel.DESK).why == DeskReason.SOON


# ---- lost replies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [lose_reply, garble, slow(1.5)])
def test_a_message_whose_reply_is_lost_is_found_and_not_sent_again(
    provider: FakeTwilio, appointment, loss, impatient
):
    provider.answers = [loss]

    run()
    assert the_message().state == State.UNKNOWN
    run(TUESDAY + LATER)

    assert (the_message().state, len(provider.taken)) == (State.SENT, 1)
    assert the_message().provider_id == provider.taken[0].sid


def test_a_message_that_never_arrived_there_is_sent_again_after_asking(provider: FakeTwilio, appointment):
    provider.answers = [lose_request]

    run()
    run(TUESDAY + LATER)
    assert (the_message().state, provider.asked) == (State.UNKNOWN, ["+33639981234"])
    run(TUESDAY + timedelta(minutes=4))
    run(TUESDAY + timedelta(minutes=5))

    assert (the_message().state, the_message().attempts, len(provider.taken)) == (State.SENT, 2, 1)


def test_while_the_provider_cannot_be_asked_nothing_is_sent_again(provider: FakeTwilio, appointment):
    provider.answers = [lose_reply]
    provider.list_fails = True
    run()

    for minute in range(1, 30, 5):
        run(TUESDAY + timedelta(minutes=minute))

    assert (the_message().state, len(provider.taken)) == (State.UNKNOWN, 1)


def test_two_equal_messages_in_doubt_are_not_taken_for_one_another(
    provider: FakeTwilio, cabin, site, service, commune
):
    """Two people behind one phone, both told of the same time: the provider has one of the messages."""
    for name, place in (("Ana", cabin), ("Luis", make_cabin(site))):
        book_for(make_resident(commune, "+33639980060", first_name=name), place, service)
    provider.answers = [lose_reply, lose_request]

    for minutes in (0, 1, 5, 6):
        run(TUESDAY + timedelta(minutes=minutes))

    assert len(provider.taken) == 2
    assert len(set(Message.objects.values_list("provider_id", flat=True))) == 2


def test_nobody_listening_is_a_delay_not_a_doubt(provider: FakeTwilio, appointment, monkeypatch):
    monkeypatch.setattr(conf, "BASE_URL", "http://127.0.0.1:9")  # nothing listens there

    run()

    assert (the_message().state, the_message().error_code) == (State.PENDING, "connect")


def test_a_sweep_that_died_leaves_nothing_that_is_guessed(provider: FakeTwilio, appointment):
    """Its row says `sending`; the provider knows whether it was sent."""
    from notifications.sending import plan_messages
    from notifications.sending.send import claim

    plan_messages.plan_appointments([appointment.pk], now=TUESDAY)
    (claimed,) = claim(now=TUESDAY)
    provider.take("Messages", {"To": claimed.recipient, "Body": claimed.text})

    for minutes in (1, 3, 4):
        run(TUESDAY + timedelta(minutes=minutes))

    assert (the_message().state, len(provider.taken)) == (State.SENT, 1)


# ---- numbers for fiction, and the client by itself ---------------------------------------------------


def test_numbers_for_fiction_are_refused_anywhere_but_here():
    twilio = Twilio(ACCOUNT, TOKEN, "https://api.example.org")

    with pytest.raises(ChannelError) as refused:
        twilio.send(Outgoing(1, Channel.SMS, SENDER, "+33639981234", "Bonjour"))
    assert refused.value.refusal == Refusal("fiction", Failure.INVALID)


def test_every_code_has_its_kind(provider: FakeTwilio):
    twilio = provider_for(Channel.SMS)
    assert twilio is not None
    for code, error in ERRORS.items():
        provider.answers = [refuse(int(code))]
        with pytest.raises(ChannelError) as refused:
            twilio.send(Outgoing(1, Channel.SMS, SENDER, "+33639981234", "Bonjour"))
        assert refused.value.refusal == error.refusal


def test_an_error_of_the_provider_itself_is_a_doubt(provider: FakeTwilio):
    twilio = provider_for(Channel.SMS)
    assert twilio is not None
    provider.answers = [refuse(20500, 500)]

    with pytest.raises(ReplyLost):
        twilio.send(Outgoing(1, Channel.SMS, SENDER, "+33639981234", "Bonjour"))


def test_a_call_is_placed_with_its_script_and_its_reports(
    provider: FakeTwilio, cabin, service, georges, commune
):
    _can_call(commune)
    book_for(georges, cabin, service, by=_api())

    run()

    call = Message.objects.get(channel=Channel.VOICE)
    (taken,) = provider.taken
    assert (taken.kind, call.kind, call.state) == ("Calls", MessageKind.CONFIRMATION, State.SENT)
    assert taken.params["Url"] == f"https://permanence.example/messages/twilio/appel/{call.pk}/"
    assert (taken.params["Timeout"], taken.params["From"]) == ("40", "+33199000011")


def test_a_call_is_claimed_only_when_it_may_be_placed(provider: FakeTwilio, cabin, service, commune):
    """One call a second: what waits for its second is not held, so that no call is late, none rings at
    night, and a worker that must end leaves nothing in doubt."""
    _can_call(commune)
    for n in range(3):
        resident = make_resident(commune, f"+3326191005{n}")
        book_for(resident, cabin, service, at(8 + n, day=27), by=_api())

    sweep(now=TUESDAY, budget_s=0.5)

    states = Message.objects.order_by("id").values_list("state", flat=True)
    assert (len(provider.taken), list(states)) == (1, [State.SENT, State.PENDING, State.PENDING])
    Heartbeat.objects.filter(name="call").update(at=TUESDAY - timedelta(days=9999))
    sweep(now=TUESDAY, budget_s=0.5)
    assert len(provider.taken) == 2


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
def test_what_is_asked_of_the_provider_leaves_no_number_in_the_log(
    provider: FakeTwilio, appointment, caplog, level
):
    caplog.set_level(level)
    provider.answers = [lose_reply]

    run()
    run(TUESDAY + LATER)

    assert provider.asked == ["+33639981234"]
    assert "sweep: " in caplog.text
    for secret in ("639981234", ACCOUNT, TOKEN):
        assert secret not in caplog.text


def _api():
    from booking.log import Actor

    return Actor.api()


def _can_call(commune):
    from notifications.models import MessageSettings

    MessageSettings.objects.create(commune=commune, voice_number="+33199000011")
