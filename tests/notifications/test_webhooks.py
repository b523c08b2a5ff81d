"""Reports of the provider: accepted only if signed, applied once, and states only move forward."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.test import Client

from notifications.enums import Channel, Failure, State, StopReason
from notifications.models import Message, ProviderAlarm, Suppression
from tests.factories import TUESDAY
from tests.notifications.conftest import has_stopped, run
from tests.notifications.fake_twilio import FakeTwilio, lose_reply, signature

BASE = "https://permanence.example"


@pytest.fixture
def message(provider: FakeTwilio, appointment, tuesday) -> Message:
    run()
    return Message.objects.get()


def report(
    message: Message,
    status: str,
    *,
    code: str = "",
    sid: str = "",
    token: str = "",
    signed: str | None = None,
):
    path = f"/messages/twilio/statut/{message.pk}/"
    # An empty parameter is part of what is signed.
    params = {
        "MessageSid": sid or message.provider_id,
        "MessageStatus": status,
        "ErrorCode": code,
        "Blank": "",
    }
    headers = {"X-Twilio-Signature": signature(BASE + path, params) if signed is None else signed}
    if token:
        headers["I-Twilio-Idempotency-Token"] = token
    response = Client().post(path, params, headers=headers)
    message.refresh_from_db()
    return response.status_code


def test_a_delivery_is_noted(message):
    assert report(message, "delivered") == 204

    assert message.state == State.DELIVERED
    assert message.delivered_at is not None


@pytest.mark.parametrize("signed", ["", "nonsense", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
def test_an_unsigned_report_changes_nothing(message, signed):
    assert report(message, "delivered", signed=signed) == 403

    assert message.state == State.SENT


def test_a_report_without_any_signature_header_changes_nothing(message):
    response = Client().post(f"/messages/twilio/statut/{message.pk}/", {"MessageStatus": "delivered"})

    assert response.status_code == 403


def test_a_signature_for_another_address_is_worth_nothing(message):
    other = signature("https://elsewhere.example/messages/twilio/statut/1/", {})

    assert report(message, "delivered", signed=other) == 403


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_reports_in_any_order_end_in_delivered(message, order):
    for status in order:
        report(message, status)

    assert message.state == State.DELIVERED


def test_a_failure_after_all_gives_way_to_a_delivery_and_not_the_other_way_round(message):
    report(message, "undelivered", code="30008")
    assert (message.state, message.failure) == (State.FAILED, Failure.TRANSIENT)
    report(message, "delivered")
    assert (message.state, message.failure) == (State.DELIVERED, "")
    report(message, "undelivered", code="30003")
    assert message.state == State.DELIVERED


def test_the_same_report_again_changes_nothing(message):
    assert report(message, "undelivered", code="30003", token="t-1") == 204
    Message.objects.filter(pk=message.pk).update(state=State.SENT)

    assert report(message, "undelivered", code="30003", token="t-1") == 204

    assert message.state == State.SENT


@pytest.mark.parametrize("token", ["", "another"])
def test_a_report_replayed_without_its_token_changes_nothing(message, token):
    """The token is not signed: whoever replays a request may leave it out or make one up."""
    report(message, "undelivered", code="30003", token="t-1")
    Message.objects.filter(pk=message.pk).update(state=State.SENT)

    assert report(message, "undelivered", code="30003", token=token) == 204

    assert message.state == State.SENT


def test_a_malformed_report_changes_nothing(message):
    assert report(message, "teleported") == 400
    path = f"/messages/twilio/statut/{message.pk}/"
    response = Client().post(path, {}, headers={"X-Twilio-Signature": signature(BASE + path, {})})

    assert response.status_code == 400
    message.refresh_from_db()
    assert message.state == State.SENT


def test_a_report_about_a_message_that_is_no_more_is_taken_calmly(message):
    Message.objects.all().delete()
    path = "/messages/twilio/statut/12345/"
    params = {"MessageSid": "SM1", "MessageStatus": "delivered"}

    response = Client().post(path, params, headers={"X-Twilio-Signature": signature(BASE + path, params)})

    assert response.status_code == 204


def test_a_report_that_comes_before_the_reply_settles_the_doubt(provider: FakeTwilio, appointment, tuesday):
    provider.answers = [lose_reply]
    run()
    message = Message.objects.get()
    assert message.state == State.UNKNOWN

    report(message, "delivered", sid=provider.taken[0].sid)

    assert (message.state, message.provider_id) == (State.DELIVERED, provider.taken[0].sid)
    run(TUESDAY + timedelta(minutes=1))
    assert len(provider.taken) == 1


def test_a_report_about_an_earlier_try_does_not_touch_the_later_one(message):
    report(message, "undelivered", code="30008", sid="SMsomethingelse")

    assert message.state == State.SENT


def test_a_message_lost_on_the_way_is_tried_again_after_ten_minutes(message, provider: FakeTwilio):
    report(message, "undelivered", code="30008")

    run(TUESDAY + timedelta(minutes=9))
    assert Message.objects.count() == 1
    run(TUESDAY + timedelta(minutes=11))

    assert len(provider.taken) == 2
    assert set(Message.objects.values_list("step", flat=True)) == {0, 1}


def test_a_stop_reported_by_the_provider_is_kept(message, commune):
    report(message, "failed", code="21610")

    assert has_stopped(message.recipient, commune)
    assert Suppression.objects.get().reason == StopReason.PROVIDER


def test_one_filtered_message_is_for_the_desk_and_alerts_nobody(message):
    report(message, "undelivered", code="30007")

    run(TUESDAY + timedelta(minutes=1))
    assert Message.objects.filter(channel=Channel.DESK).count() == 1
    assert not ProviderAlarm.objects.exists()


def test_only_posts_are_answered(message, client):
    assert client.get(f"/messages/twilio/statut/{message.pk}/").status_code in (403, 405)
