"""Messages that the provider has taken, and of which it reports nothing for longer than it can take."""

from datetime import timedelta

import pytest
from django.urls import reverse

from notifications.actions import report
from notifications.enums import Channel, DeskReason, Failure, State
from notifications.models import Message, MessageSettings
from notifications.providers.seven import conf as seven_conf
from notifications.providers.twilio import conf
from notifications.sending.unreported import CALL_ENDED
from tests.factories import TUESDAY, make_resident
from tests.notifications.conftest import book_for, run
from tests.notifications.fake_seven import API_KEY, SIGNING_KEY, FakeSeven
from tests.notifications.fake_twilio import lose_reply

VOICE = "+33199000011"
AFTER_A_CALL = TUESDAY + CALL_ENDED + timedelta(minutes=1)
AFTER_A_TEXT = TUESDAY + timedelta(hours=4, minutes=20)
A_DAY = timedelta(days=1, minutes=1)


@pytest.fixture
def called(cabin, service, georges, provider, commune):
    """A call that left, and of which nothing is reported."""
    MessageSettings.objects.create(commune=commune, voice_number=VOICE, confirm_by_call=True)
    return book_for(georges, cabin, service)


def automatic() -> list[Message]:
    return list(Message.objects.exclude(channel=Channel.DESK).order_by("id"))


def call_list() -> list[str]:
    return list(Message.objects.to_call_back(TUESDAY).values_list("why", flat=True))


def outcome(message: Message) -> tuple[str, str]:
    return message.state, message.failure


@pytest.mark.parametrize(
    ("status", "failure"),
    [("completed", Failure.REFUSED), ("busy", Failure.BUSY), ("no-answer", Failure.NO_ANSWER)],
)
def test_a_call_that_nobody_reported_ends_as_the_provider_says(called, provider, status, failure):
    run()
    provider.taken[0].status = status

    run(AFTER_A_CALL)

    assert outcome(automatic()[0]) == (State.FAILED, failure)
    assert call_list() == []


def test_a_call_is_not_asked_about_while_it_may_go_on(called, provider):
    run()
    run(TUESDAY + CALL_ENDED - timedelta(minutes=1))

    assert provider.fetched == []
    assert outcome(automatic()[0]) == (State.SENT, "")


@pytest.mark.parametrize("forgotten", [True, False], ids=["forgotten", "going on"])
def test_a_call_of_which_the_provider_knows_no_end_goes_on_the_call_list(called, provider, forgotten):
    run()
    if forgotten:
        provider.taken.clear()

    run(AFTER_A_CALL)
    run(AFTER_A_CALL + timedelta(minutes=1))

    assert [outcome(each) for each in automatic()] == [(State.SENT, Failure.UNREPORTED)]
    assert call_list() == [DeskReason.NOT_KNOWN]
    assert len(provider.fetched) == 1


def test_a_report_that_comes_after_all_takes_the_call_off_the_list(called, provider):
    run()
    run(AFTER_A_CALL)
    (message,) = automatic()

    report(message_id=message.pk, provider_id=message.provider_id, state=State.DELIVERED, now=AFTER_A_CALL)
    run(AFTER_A_CALL + timedelta(minutes=1))

    assert outcome(automatic()[0]) == (State.DELIVERED, "")
    assert call_list() == []


def test_a_call_found_again_after_a_lost_reply_is_settled_too(called, provider):
    provider.answers = [lose_reply]
    run()
    run(TUESDAY + timedelta(minutes=1))
    provider.taken[0].status = "no-answer"

    run(AFTER_A_CALL + timedelta(minutes=1))

    assert outcome(automatic()[0]) == (State.FAILED, Failure.NO_ANSWER)


def test_while_the_provider_does_not_answer_it_is_asked_again(called, provider):
    run()
    provider.list_fails = True
    run(AFTER_A_CALL)
    assert outcome(automatic()[0]) == (State.SENT, "")

    provider.list_fails = False
    provider.taken[0].status = "busy"
    run(AFTER_A_CALL + timedelta(minutes=1))

    assert outcome(automatic()[0]) == (State.FAILED, Failure.BUSY)


def test_after_a_day_without_an_answer_it_is_not_known(called, provider):
    run()
    provider.list_fails = True

    run(AFTER_A_CALL + A_DAY)
    run(AFTER_A_CALL + A_DAY)

    assert outcome(automatic()[0]) == (State.SENT, Failure.UNREPORTED)
    assert call_list() == [DeskReason.NOT_KNOWN]


def test_a_text_message_is_asked_about_once_no_report_can_come(appointment, provider):
    run()
    run(TUESDAY + timedelta(hours=4))
    assert provider.fetched == []

    provider.taken[0].status = "delivered"
    run(AFTER_A_TEXT)

    assert outcome(automatic()[0]) == (State.DELIVERED, "")


def test_a_text_message_that_had_failed_unheard_takes_the_next_way(appointment, provider, commune):
    MessageSettings.objects.create(commune=commune, voice_number=VOICE)
    run()
    provider.taken[0].status, provider.taken[0].error_code = "undelivered", 30005

    run(AFTER_A_TEXT)

    first, second = automatic()
    assert outcome(first) == (State.FAILED, Failure.UNREACHED)
    assert second.channel == Channel.VOICE


def test_a_text_message_of_which_nobody_knows_is_shown_as_such_and_not_sent_again(
    appointment, provider, client, alice, tuesday
):
    run()
    provider.taken[0].status = "sent"

    run(AFTER_A_TEXT)
    run(AFTER_A_TEXT + timedelta(hours=2))

    assert [outcome(each) for each in automatic()] == [(State.SENT, Failure.UNREPORTED)]
    assert len(provider.fetched) == 1
    client.force_login(alice)
    page = client.get(reverse("appointment-messages", args=[appointment.pk])).content.decode()
    assert "on ne sait pas s’il est arrivé" in page


def test_seven_is_asked_once_its_two_days_are_over(cabin, service, commune, monkeypatch, settings):
    with FakeSeven() as seven:
        monkeypatch.setattr(seven_conf, "API_KEY", API_KEY)
        monkeypatch.setattr(seven_conf, "SIGNING_KEY", SIGNING_KEY)
        monkeypatch.setattr(seven_conf, "BASE_URL", seven.url)
        settings.PUBLIC_BASE_URL = "https://permanence.example"
        book_for(make_resident(commune, "+33639981234"), cabin, service)
        run()
        run(AFTER_A_TEXT)
        assert outcome(automatic()[0]) == (State.SENT, "")

        seven.taken[0]["dlr"] = "DELIVERED"
        run(TUESDAY + timedelta(days=2, minutes=20))

    assert outcome(automatic()[0]) == (State.DELIVERED, "")


def test_nobody_picks_up_at_the_simulator(cabin, service, georges, commune, simulated):
    MessageSettings.objects.create(commune=commune, voice_number=VOICE, confirm_by_call=True)
    book_for(georges, cabin, service)
    run()

    run(AFTER_A_CALL)

    assert outcome(automatic()[0]) == (State.FAILED, Failure.NO_ANSWER)


def test_what_is_in_doubt_does_not_wait_for_ever_for_a_provider_that_is_gone(
    appointment, provider, monkeypatch
):
    provider.answers = [lose_reply]
    run()
    monkeypatch.setattr(conf, "ACCOUNT_SID", "")
    run(TUESDAY + timedelta(hours=3))
    assert automatic()[0].state == State.UNKNOWN

    run(TUESDAY + A_DAY)

    assert outcome(automatic()[0]) == (State.FAILED, Failure.LOST)


def test_what_is_in_doubt_does_not_wait_for_ever_for_a_provider_that_does_not_answer(appointment, provider):
    provider.answers = [lose_reply]
    run()
    provider.list_fails = True

    run(TUESDAY + A_DAY)

    assert outcome(automatic()[0]) == (State.FAILED, Failure.LOST)
