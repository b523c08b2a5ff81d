"""How far an error of the provider reaches: one person, one commune's sender, or the account."""

from collections.abc import Collection
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from booking.log import Actor
from core.roles import Role
from notifications.alarms import LASTS, claim_unwarned
from notifications.enums import Channel, DeskReason, ErrorScope, Failure, MessageKind, State
from notifications.models import InboundMessage, Message, MessageSettings, ProviderAlarm
from notifications.providers.simulator.client import ending
from notifications.providers.twilio import conf
from notifications.providers.twilio.errors import ERRORS
from notifications.sending import plan_messages
from notifications.tasks import warn_managers
from tests.edits import send_edit
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_cabin,
    make_commune,
    make_resident,
    make_service,
    make_site,
)
from tests.notifications.conftest import SENDER, book_for, run
from tests.notifications.fake_twilio import FakeTwilio, Handler, accept, refuse, signature

BASE = "https://permanence.example"
OTHER_SENDER = "+33199000020"
VOICE = "+33199000011"
ONE_PERSON = ("21211", "21408", "21612", "21614", "21635", "30003", "30005", "30006", "30007")
AFTER_WAIT = timedelta(minutes=11)


@pytest.fixture(autouse=True)
def present(tuesday) -> None:
    """Reports of the provider come at ten o'clock on Tuesday."""


@pytest.fixture
def other(db):
    """Another commune that sends through the same account, with its cabin and its service."""
    commune = make_commune(insee_code="76681", name="Grand-Quevilly", sender=OTHER_SENDER)
    return make_cabin(make_site(commune)), make_service(commune)


def book_many(place, count: int, *, prefix: str = "+33639981") -> None:
    cabin, service = place
    commune = cabin.site.commune
    by = Actor.agent(make_agent(commune, Role.DESK))
    for n in range(count):
        resident = make_resident(commune, f"{prefix}{n + 300:03d}")
        book_for(resident, cabin, service, at(8, day=27) + timedelta(hours=n), by=by)


def can_call(*communes) -> None:
    for commune in communes:
        MessageSettings.objects.create(commune=commune, voice_number=VOICE)


def to_number(number: str, code: int, status: int = 400):
    """The provider refuses this recipient and takes all others."""
    return _answer("To", number, code, status)


def from_sender(number: str, code: int):
    return _answer("From", number, code, 400)


def _answer(field: str, value: str, code: int, status: int):
    def answer(handler: Handler, params: dict[str, str]) -> None:
        (refuse(code, status) if params[field] == value else accept)(handler, params)

    return answer


def report(message: Message, status: str, code: str = "", sid: str = "") -> None:
    message.refresh_from_db()
    path = f"/messages/twilio/statut/{message.pk}/"
    params = {"MessageSid": sid or message.provider_id, "MessageStatus": status}
    params |= {"ErrorCode": code} if code else {}
    answer = Client().post(path, params, headers={"X-Twilio-Signature": signature(BASE + path, params)})
    assert answer.status_code == 204
    message.refresh_from_db()


def texts(commune, **wanted):
    return Message.objects.filter(commune=commune, channel=Channel.SMS, **wanted).order_by("id")


def channels(commune) -> set[str]:
    return set(Message.objects.filter(commune=commune).values_list("channel", flat=True))


# ---- one person ------------------------------------------------------------------------------------


def test_a_country_refused_for_one_resident_makes_no_other_commune_wait(
    provider: FakeTwilio, appointment, other
):
    provider.answers = [to_number("+33639981234", 21408)] * 200
    run()
    book_many(other, 60)

    run(TUESDAY + timedelta(minutes=1))

    assert texts(other[0].site.commune, state=State.SENT).count() == 60
    assert not ProviderAlarm.objects.exists()


@pytest.mark.parametrize("code", ONE_PERSON)
@pytest.mark.parametrize("way", ["answer", "report"])
def test_an_error_about_one_person_takes_their_next_way_at_once(
    provider: FakeTwilio, appointment, commune, code, way
):
    can_call(commune)
    provider.answers = [refuse(int(code))] if way == "answer" else []
    run()
    if way == "report":
        report(texts(commune).get(), "undelivered", code)
        run(TUESDAY + timedelta(seconds=5))

    following = Message.objects.order_by("-id")[0]
    assert texts(commune).get().state == State.FAILED
    expected = Channel.DESK if ERRORS[code].failure == Failure.INVALID else Channel.VOICE
    assert following.channel == expected
    assert not ProviderAlarm.objects.exists()


@pytest.mark.parametrize("way", ["answer", "report"])
def test_who_has_opted_out_is_for_the_desk_and_never_called(
    provider: FakeTwilio, cabin, service, fatima, commune, way
):
    can_call(commune)
    book_for(fatima, cabin, service, by=Actor.api())
    provider.answers = [refuse(21610)] if way == "answer" else []
    run()
    if way == "report":
        report(texts(commune).get(), "failed", "21610")
    run(TUESDAY + timedelta(minutes=1))

    assert channels(commune) == {Channel.SMS, Channel.DESK}
    assert Message.objects.get(channel=Channel.DESK).why == DeskReason.STOPPED


@pytest.mark.parametrize(("code", "way"), [("21215", "answer"), ("13227", "answer"), ("13224", "report")])
def test_a_call_that_is_not_allowed_to_one_number_leaves_the_others_alone(
    provider: FakeTwilio, cabin, service, commune, georges, code, way
):
    can_call(commune)
    provider.answers = [refuse(int(code))] if way == "answer" else []
    book_for(georges, cabin, service, by=Actor.api())

    run()
    if way == "report":
        report_call(Message.objects.get(channel=Channel.VOICE), ErrorCode=code)
        run(TUESDAY + timedelta(seconds=5))

    assert Message.objects.get(channel=Channel.VOICE).error_code == code
    assert Message.objects.get(channel=Channel.DESK).why == DeskReason.NOT_REACHED
    assert not ProviderAlarm.objects.exists()


def report_call(call: Message, **params: str) -> None:
    path = reverse("twilio-call-status", args=[call.pk])
    params = {"CallSid": call.provider_id, "CallStatus": "failed", **params}
    answer = Client().post(path, params, headers={"X-Twilio-Signature": signature(BASE + path, params)})
    assert answer.status_code == 204


# ---- the sender of one commune ---------------------------------------------------------------------


@pytest.mark.parametrize("code", [21606, 21212])
def test_a_refused_sender_makes_its_own_commune_wait_and_nobody_else(
    provider: FakeTwilio, cabin, service, commune, other, code
):
    can_call(commune, other[0].site.commune)
    book_many((cabin, service), 40)
    provider.answers = [from_sender(SENDER, code)] * 500
    run()
    book_many(other, 40, prefix="+33639985")
    run(TUESDAY + timedelta(minutes=1))

    assert {(each.state, each.attempts) for each in texts(commune)} == {(State.PENDING, 0)}
    assert texts(other[0].site.commune, state=State.SENT).count() == 40
    assert (channels(commune), ProviderAlarm.objects.get().commune) == ({Channel.SMS}, commune)
    asked = 500 - len(provider.answers)
    assert asked <= 32 + 40  # one batch found out; nobody of that commune has knocked since


def test_one_message_tries_a_refused_sender_and_all_follow_when_it_works(
    provider: FakeTwilio, cabin, service, commune
):
    book_many((cabin, service), 5)
    provider.answers = [refuse(21606)] * 6
    run()
    assert len(provider.answers) == 1

    run(TUESDAY + AFTER_WAIT)
    assert (len(provider.answers), len(provider.taken)) == (0, 0)
    run(TUESDAY + 2 * AFTER_WAIT)

    assert (texts(commune, state=State.SENT).count(), len(provider.taken)) == (5, 5)
    assert not ProviderAlarm.objects.exists()


def test_a_new_sender_is_tried_at_once(provider: FakeTwilio, appointment, commune, client, dana):
    provider.answers = [refuse(21606)]
    run()
    client.force_login(dana)
    form = {
        "sender": OTHER_SENDER,
        "voice_number": "",
        "reminder_days_before": 2,
        "reminders_from": "09:00",
        "reminders_until": "19:00",
        "price_sms_cents": "8",
    }
    assert send_edit(client, "/messages/reglages/", form).status_code == 302

    run(TUESDAY + timedelta(seconds=30))

    assert texts(commune).get().state == State.SENT
    assert provider.taken[0].params["From"] == OTHER_SENDER


@pytest.mark.parametrize("code", [21612, 30007])
def test_three_numbers_not_carried_within_ten_minutes_are_the_senders_fault(
    provider: FakeTwilio, cabin, service, commune, code
):
    can_call(commune)
    provider.answers = [refuse(code)] * 5
    book_many((cabin, service), 5)

    run()

    failed, waiting = texts(commune, state=State.FAILED), texts(commune, state=State.PENDING)
    assert (failed.count(), waiting.count()) == (2, 3)
    assert ProviderAlarm.objects.get().commune == commune
    assert Message.objects.filter(channel=Channel.VOICE).count() == 2


def test_three_numbers_that_are_not_carried_over_an_hour_are_three_bad_numbers(
    provider: FakeTwilio, cabin, service, commune
):
    for n in range(4):
        now = TUESDAY + timedelta(minutes=6 * n)
        resident = make_resident(commune, f"+3363998130{n}")
        book_for(resident, cabin, service, at(8, day=27) + timedelta(hours=n), now=now)
        provider.answers = [refuse(21612)]
        run(now)

    assert texts(commune, state=State.FAILED).count() == 4
    assert not ProviderAlarm.objects.exists()


def test_a_refused_caller_makes_calls_wait_and_lets_text_messages_leave(
    provider: FakeTwilio, cabin, service, commune, georges, fatima
):
    can_call(commune)
    book_for(georges, cabin, service, by=Actor.api())
    provider.answers = [refuse(21210)]
    run()
    book_for(fatima, cabin, service, at(15, day=27))

    run(TUESDAY + timedelta(minutes=1))

    assert Message.objects.get(channel=Channel.VOICE).state == State.PENDING
    assert texts(commune).get().state == State.SENT


def test_managers_of_that_commune_are_told_what_to_do_and_others_are_not(
    provider: FakeTwilio, appointment, client, dana, charlie
):
    provider.answers = [refuse(21606)]
    run()

    client.force_login(dana)
    shown = client.get("/messages/alarme/").content.decode()
    assert "code 21606" in shown
    assert "Vérifiez l’expéditeur" in shown
    client.force_login(charlie)
    assert client.get("/messages/alarme/").content.decode().strip() == ""


def test_managers_with_a_confirmed_address_are_written_to_once(
    provider: FakeTwilio, appointment, commune, settings, charlie
):
    settings.EMAIL_URL = urlsplit("smtp://localhost:25")
    make_agent(commune, Role.MANAGER, email="dana@example.org", email_confirmed=True)
    make_agent(commune, Role.MANAGER, email="typo@example.org")
    make_agent(commune, Role.DESK, email="alice@example.org", email_confirmed=True)
    type(charlie).objects.filter(pk=charlie.pk).update(email="charlie@example.org", email_confirmed=True)
    provider.answers = [refuse(21606)]
    run()

    (alarm,) = claim_unwarned(now=TUESDAY)
    warn_managers.call(alarm)

    (written,) = mail.outbox
    assert written.to == ["dana@example.org"]
    assert "21606" in written.body
    assert claim_unwarned(now=TUESDAY) == []


def test_a_refused_sender_is_no_alarm_for_the_monitor_of_the_installation(
    provider: FakeTwilio, appointment, client
):
    provider.answers = [refuse(21606)]
    run()
    Message.objects.update(due_at=TUESDAY - timedelta(hours=1))

    health = client.get("/health")

    assert (health.status_code, health.json()["refused_senders"]) == (200, 1)


# ---- the account -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status"), [(20003, 401), (20003, 403), (63038, 429), (20429, 429), (0, 429), (0, 401)]
)
def test_when_the_account_is_refused_all_wait_without_calls_or_lost_tries(
    provider: FakeTwilio, cabin, service, commune, other, code, status, client
):
    can_call(commune, other[0].site.commune)
    book_many((cabin, service), 3)
    book_many(other, 3, prefix="+33639985")
    provider.answers = [refuse(code, status)] * 6

    run()
    run(TUESDAY + timedelta(seconds=20))
    assert set(Message.objects.values_list("channel", "state", "attempts")) == {
        (Channel.SMS, State.PENDING, 0)
    }
    assert client.get("/health").json()["provider_alarm"] is True
    run(TUESDAY + AFTER_WAIT)

    assert Message.objects.filter(state=State.SENT).count() == 6
    assert not ProviderAlarm.objects.exists()


@pytest.mark.parametrize(("code", "is_loud"), [("30002", True), ("30001", False)])
def test_what_a_report_says_of_the_account_puts_the_message_back(
    provider: FakeTwilio, appointment, commune, code, is_loud
):
    can_call(commune)
    run()
    message = texts(commune).get()
    first = message.provider_id

    report(message, "failed", code)
    assert (message.state, message.attempts, ProviderAlarm.objects.exists()) == (State.PENDING, 0, True)
    assert set(ProviderAlarm.objects.values_list("is_loud", flat=True)) == {is_loud}
    run(TUESDAY + AFTER_WAIT)
    message.refresh_from_db()

    assert (message.state, message.attempts, len(provider.taken)) == (State.SENT, 1, 2)
    assert message.provider_id != first
    assert channels(commune) == {Channel.SMS}


def test_what_only_reports_tell_is_tried_by_one_message_until_one_has_arrived(
    provider: FakeTwilio, cabin, service, commune
):
    book_many((cabin, service), 3)
    run()
    for message in texts(commune):
        report(message, "failed", "30002")

    run(TUESDAY + AFTER_WAIT)
    assert (len(provider.taken), texts(commune, state=State.SENT).count()) == (4, 1)
    report(texts(commune, state=State.SENT).get(), "delivered")
    run(TUESDAY + AFTER_WAIT + timedelta(seconds=5))

    assert (len(provider.taken), texts(commune, state=State.PENDING).count()) == (6, 0)


def test_a_late_report_about_the_first_try_does_not_touch_the_second(
    provider: FakeTwilio, appointment, commune
):
    run()
    message = texts(commune).get()
    first = message.provider_id
    report(message, "failed", "30002")
    run(TUESDAY + AFTER_WAIT)

    report(message, "sent", sid=first)
    assert message.provider_id == provider.taken[1].sid
    report(message, "delivered")

    assert message.state == State.DELIVERED


def test_a_provider_that_cannot_be_reached_costs_no_try_and_warns_once_it_lasts(
    provider: FakeTwilio, appointment, commune, monkeypatch
):
    can_call(commune)
    monkeypatch.setattr(conf, "BASE_URL", "http://127.0.0.1:9")
    for minute in range(0, 60, 2):
        run(TUESDAY + timedelta(minutes=minute))
    waiting = texts(commune).get()
    assert (waiting.state, waiting.attempts, channels(commune)) == (State.PENDING, 0, {Channel.SMS})
    assert claim_unwarned(now=TUESDAY + LASTS / 2) == []
    assert len(claim_unwarned(now=TUESDAY + 2 * LASTS)) == 1

    monkeypatch.setattr(conf, "BASE_URL", provider.url)
    run(TUESDAY + timedelta(hours=1))

    assert texts(commune).get().state == State.SENT


def test_one_error_of_the_account_is_one_try_for_all_its_channels(
    provider: FakeTwilio, cabin, service, commune, georges, fatima
):
    can_call(commune)
    book_for(georges, cabin, service, by=Actor.api())
    book_for(fatima, cabin, service, at(15, day=27))
    provider.answers = [refuse(20003, 401)] * 10
    run()
    before = len(provider.answers)

    run(TUESDAY + AFTER_WAIT)

    assert before - len(provider.answers) == 1


# ---- who tries -------------------------------------------------------------------------------------


def to_numbers(provider: FakeTwilio, bad: Collection[str], code: int, status: int = 400) -> None:
    """The provider always refuses these recipients and takes all others."""

    def answer(handler: Handler, params: dict[str, str]) -> None:
        (refuse(code, status) if params["To"] in bad else accept)(handler, params)

    provider.next_answer = lambda params: answer  # type: ignore[method-assign]


def every_five_minutes(start: datetime, hours: float, set_clock) -> None:
    for n in range(int(hours * 12)):
        set_clock(start + timedelta(minutes=5 * n))
        run(start + timedelta(minutes=5 * n))


def owe_reminders(place, count: int = 3) -> QuerySet[Message]:
    """For Friday, booked long ago; they are due on Wednesday at ten."""
    cabin, service = place
    for n in range(count):
        resident = make_resident(cabin.site.commune, f"+3363998160{n}")
        start, booked = at(8 + n, day=27), TUESDAY - timedelta(days=5)
        book_for(resident, cabin, service, start, by=Actor.api(), now=booked)
    run()
    Message.objects.update(state=State.DELIVERED, sent_at=TUESDAY - timedelta(days=5))
    return Message.objects.filter(kind=MessageKind.REMINDER, sent_at__isnull=False)


WEDNESDAY = at(9, 50, day=25)


@pytest.mark.parametrize("each", [1, 4])
def test_urgent_messages_to_bad_numbers_do_not_hold_up_reminders_to_good_ones(
    provider: FakeTwilio, cabin, service, commune, set_clock, each
):
    """Three numbers that are not carried, some with several appointments: the sender is suspected, and
    the next that tries is another recipient's."""
    reminders = owe_reminders((cabin, service))
    bad = [f"+3363998150{n}" for n in range(3)]
    for nth, number in enumerate(bad):
        resident = make_resident(commune, number)
        for n in range(each):
            start = at(8 + n, day=30) + timedelta(days=nth)
            book_for(resident, cabin, service, start, by=Actor.api(), now=WEDNESDAY)
    to_numbers(provider, bad, 21612)

    every_five_minutes(WEDNESDAY, 0.6, set_clock)

    assert reminders.count() == 3
    every_five_minutes(WEDNESDAY + timedelta(hours=1), 2, set_clock)
    assert not texts(commune, recipient__in=bad, state=State.PENDING).exists()
    assert set(Message.objects.filter(channel=Channel.DESK).values_list("why", flat=True)) == {
        DeskReason.NOT_REACHED
    }


def test_who_is_refused_again_and_again_for_what_may_be_their_own_sake_waits_for_nobody(
    provider: FakeTwilio, cabin, service, commune, set_clock
):
    """Nobody else has anything to be told, so that nothing proves that the sender is good."""
    bad = [f"+3363998150{n}" for n in range(3)]
    for n, number in enumerate(bad):
        book_for(make_resident(commune, number), cabin, service, at(8 + n, day=30), by=Actor.api())
    to_numbers(provider, bad, 21612)

    every_five_minutes(TUESDAY, 0.75, set_clock)

    assert not texts(commune, state=State.PENDING).exists()
    assert Message.objects.filter(channel=Channel.DESK, why=DeskReason.NOT_REACHED).count() == 3


def test_what_a_report_says_again_and_again_of_one_number_ends_with_that_message_too(
    provider: FakeTwilio, cabin, service, commune
):
    book_many((cabin, service), 3)
    run()
    for message in texts(commune):
        report(message, "undelivered", "30007")
    for n in (1, 2):
        run(TUESDAY + n * AFTER_WAIT)
        report(texts(commune, state=State.SENT).get(), "undelivered", "30007")
    run(TUESDAY + 3 * AFTER_WAIT)

    assert texts(commune, state=State.FAILED).count() == 3
    assert Message.objects.filter(channel=Channel.DESK, why=DeskReason.NOT_REACHED).count() == 3


def test_one_number_that_is_forbidden_for_an_unknown_reason_makes_nobody_else_wait(
    provider: FakeTwilio, cabin, service, commune, other, set_clock
):
    reminders = owe_reminders(other)
    bad = "+33639981500"
    for n in range(4):
        start = at(8 + n, day=30)
        book_for(make_resident(commune, bad), cabin, service, start, by=Actor.api(), now=WEDNESDAY)
    to_numbers(provider, [bad], 21999, 403)

    every_five_minutes(WEDNESDAY, 0.3, set_clock)

    assert (reminders.count(), ProviderAlarm.objects.count()) == (3, 0)
    assert Message.objects.filter(commune=commune, channel=Channel.DESK).count() == 4


def test_three_numbers_forbidden_for_one_unknown_reason_are_the_accounts_fault(
    provider: FakeTwilio, cabin, service, commune, other, set_clock
):
    reminders = owe_reminders(other)
    bad = [f"+3363998150{n}" for n in range(4)]
    for n, number in enumerate(bad):
        start = at(8 + n, day=30)
        book_for(make_resident(commune, number), cabin, service, start, by=Actor.api(), now=WEDNESDAY)
    to_numbers(provider, bad, 21999, 403)

    run(WEDNESDAY)

    assert {(each.commune, each.channel) for each in ProviderAlarm.objects.all()} == {
        (None, Channel.SMS),
        (None, Channel.VOICE),
    }
    assert texts(commune, state=State.PENDING).count() == 2
    every_five_minutes(WEDNESDAY, 0.5, set_clock)
    assert (reminders.count(), ProviderAlarm.objects.count()) == (3, 0)


def test_a_call_tries_the_account_though_a_text_message_to_one_number_is_always_refused(
    provider: FakeTwilio, cabin, service, commune, georges, fatima, set_clock
):
    can_call(commune)
    book_for(fatima, cabin, service, at(15, day=27))
    to_numbers(provider, ["+33639981234"], 20003, 401)
    run()
    book_for(georges, cabin, service, by=Actor.api())

    every_five_minutes(TUESDAY, 0.5, set_clock)

    assert Message.objects.get(channel=Channel.VOICE).state == State.SENT


# ---- in time ---------------------------------------------------------------------------------------


def test_what_cannot_leave_in_time_comes_on_the_call_list_and_never_leaves_late(
    provider: FakeTwilio, cabin, service, commune, fatima
):
    """News half an hour before they would come, a reminder half an hour before it is pointless."""
    told = book_for(fatima, cabin, service, at(9, day=25), now=at(8, day=23))
    soon = book_for(make_resident(commune, "+33639981301"), cabin, service, at(12))
    MessageSettings.objects.create(commune=commune, remind_same_day=True)
    run(at(8, day=23))
    provider.answers = [refuse(21606)] * 1000

    moments = [at(10) + timedelta(minutes=10 * n) for n in range(24 * 6)]
    for now in moments:
        run(now)

    news = Message.objects.get(appointment=soon, channel=Channel.DESK)
    assert (news.why, news.created_at) == (DeskReason.SOON, at(11, 30))
    reminders = Message.objects.filter(appointment=told, kind=MessageKind.REMINDER, channel=Channel.DESK)
    assert {each.why for each in reminders} == {DeskReason.SOON}
    assert not texts(commune, sent_at__gt=at(8, 1, day=23)).exists()
    provider.answers = []
    run(at(10, day=25))
    assert not texts(commune, sent_at__gt=at(8, 1, day=23)).exists()


def test_a_question_back_that_could_not_leave_is_read_by_a_human(
    provider: FakeTwilio, appointment, commune, fatima
):
    inbound = InboundMessage.objects.create(
        commune=commune, provider_id="SMin", sender="+33639981234", text="euh", received_at=TUESDAY
    )
    run()
    asked = Message.objects.create(
        commune=commune,
        appointment=appointment,
        resident=fatima,
        cause=f"inbound:{inbound.pk}",
        recipient="+33639981234",
        kind=MessageKind.ANSWER,
        channel=Channel.SMS,
        text="?",
        asks=True,
        due_at=TUESDAY,
        expires_at=TUESDAY + timedelta(hours=1),
        inbound=inbound,
        created_at=TUESDAY,
    )

    plan_messages.expire(now=TUESDAY + timedelta(hours=2))

    asked.refresh_from_db()
    line = Message.objects.get(channel=Channel.DESK)
    assert (asked.state, line.why, line.text) == (State.EXPIRED, DeskReason.UNCLEAR, "euh")


# ---- the table, and the simulator ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "codes"),
    [
        (ErrorScope.DESTINATION, {"21211", "21408", "21610", "21614", "21635", "30003", "30005", "30006"}),
        (ErrorScope.PAIR, {"21612", "30007"}),
        (ErrorScope.SENDER, {"21212", "21606"}),
        (ErrorScope.ACCOUNT, {"20003", "20429", "30001", "30002", "63038"}),
    ],
)
def test_the_table_says_how_far_an_error_reaches_and_where_that_is_from(scope, codes):
    assert {ERRORS[code].scope for code in codes} == {scope}
    assert all(each.source.endswith(f"/{each.code}") for each in ERRORS.values())


def test_the_simulator_plays_each_error_of_the_table(simulated, cabin, service, commune):
    assert len({ending(code) for code in ERRORS}) == len(ERRORS)
    resident = make_resident(commune, "+33639981408")
    book_for(resident, cabin, service)
    book_for(make_resident(commune, "+33639981606"), cabin, service, at(15, day=27))

    run()

    country, sender = texts(commune)
    assert (country.state, country.error_code) == (State.FAILED, "21408")
    assert (sender.state, sender.error_code) == (State.PENDING, "21606")
