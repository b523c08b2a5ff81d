"""The sweep on a real database: a message is written once, sent once, and only while it is true."""

from datetime import timedelta

import pytest

from booking import log
from booking.actions import (
    cancel,
    leave_number,
    mark_no_show,
    merge_residents,
    reschedule,
    restore,
    undo_no_show,
    update_resident,
)
from booking.actions.residents import PhoneInput
from booking.enums import Reason
from booking.log import Actor
from booking.models import Appointment, ResidentPhone, UnreadEvent
from notifications.actions import note_told, report
from notifications.enums import Channel, DeskReason, Failure, MessageKind, State
from notifications.models import CommuneText, Heartbeat, Message, MessageSettings, NextLook
from notifications.sending import plan_messages
from notifications.sending.send import Elapsing, send_due
from notifications.sending.sweep import sweep
from tests.factories import TUESDAY, at, make_resident
from tests.notifications.conftest import book_for, run, stop

FRIDAY = at(10, 30, day=27)

pytestmark = pytest.mark.usefixtures("simulated")


def messages(**wanted):
    return list(Message.objects.filter(**wanted).order_by("id"))


def test_a_booking_is_confirmed_within_one_sweep(appointment):
    run()

    (message,) = messages()
    assert (message.kind, message.channel, message.state) == (
        MessageKind.CONFIRMATION,
        Channel.SMS,
        State.DELIVERED,
    )
    assert message.recipient == "+33639981234"
    assert message.text == (
        "Mairie de Petit-Quevilly : vous avez rendez-vous vendredi 27 nov. à 10h30, Hotel de ville. "
        "Répondez 1 si vous venez, 2 pour annuler."
    )
    assert (message.segments, message.attempts, message.asks) == (1, 1, True)
    assert not log.unread(plan_messages.READER).exists()


def test_a_communes_own_text_is_sent(appointment, commune):
    CommuneText.objects.create(
        commune=commune,
        kind=MessageKind.CONFIRMATION,
        language="fr",
        template="{mairie} : à {day} !",
        edited_at=TUESDAY,
    )
    run()

    assert messages()[0].text == "Mairie de Petit-Quevilly : à vendredi 27 nov. !"


def test_sweeping_again_tells_nobody_again(appointment):
    for minute in range(5):
        run(TUESDAY + timedelta(minutes=minute))

    assert len(messages()) == 1


def test_events_committed_in_the_reverse_order_of_their_ids_are_all_read(cabin, service, fatima, georges):
    first = book_for(fatima, cabin, service)
    late = UnreadEvent.objects.get(event__appointment=first, reader=plan_messages.READER)
    late.delete()  # as if its transaction had not committed yet
    book_for(fatima, cabin, service, FRIDAY + timedelta(hours=3))
    sweep(now=TUESDAY, thorough=False)
    assert len(messages()) == 1

    UnreadEvent.objects.create(reader=plan_messages.READER, event=first.events.get())
    sweep(now=TUESDAY, thorough=False)

    assert sorted(message.appointment_id for message in messages()) == sorted(
        Appointment.objects.values_list("pk", flat=True)
    )


def test_a_moved_appointment_never_gets_the_old_time(appointment, site, alice):
    night = at(22)
    appointment.events.update(at=night)
    plan_messages.plan_appointments([appointment.pk], now=night)
    reschedule(
        appointment=appointment,
        site=site,
        start=at(14, day=27),
        with_helper=False,
        by=Actor.agent(alice),
        now=night,
    )

    run(night)
    run(at(7, 30, day=25))

    old, new = messages()
    assert (old.state, new.state) == (State.EXPIRED, State.DELIVERED)
    assert "14h" in new.text


def test_moved_after_it_was_written_down_the_old_time_does_not_leave(appointment):
    """Anything may happen between writing and sending: the last look is taken after the claim."""
    plan_messages.plan_appointments([appointment.pk], now=TUESDAY)
    later = at(14, day=27)
    Appointment.objects.filter(pk=appointment.pk).update(
        starts_at=later, ends_at=later + timedelta(hours=1), blocked_until=later + timedelta(hours=1)
    )

    send_due(clock=Elapsing.since(TUESDAY), stop_at=float("inf"))

    assert [message.state for message in messages(told_start=FRIDAY)] == [State.EXPIRED]


def test_a_number_corrected_before_the_message_left_is_the_one_that_gets_it(cabin, service, fatima):
    night = at(22)
    book_for(fatima, cabin, service, now=night)
    run(night)
    update_resident(resident=fatima, now=TUESDAY, phones=[PhoneInput("+33639980088")])

    run(at(7, 30, day=25))
    run(at(7, 31, day=25))

    assert [(message.recipient, message.state) for message in messages()] == [
        ("+33639981234", State.FAILED),
        ("+33639980088", State.DELIVERED),
    ]


def test_merged_records_do_not_lose_what_waits_to_leave(cabin, service, fatima, commune, alice):
    night = at(22)
    book_for(fatima, cabin, service, now=night)
    run(night)
    keep = make_resident(commune, "+33639980088")
    merge_residents(keep=keep, duplicate=fatima, by=Actor.agent(alice), now=night)

    run(at(7, 30, day=25))

    assert [(message.recipient, message.state) for message in messages()] == [
        ("+33639981234", State.DELIVERED)
    ]


def test_a_cancellation_undone_before_the_sweep_is_never_told(appointment, alice):
    run()
    by = Actor.agent(alice)
    cancel(appointment=appointment, by=by, now=TUESDAY)
    restore(appointment=appointment, by=by, now=TUESDAY)

    run()

    assert [message.kind for message in messages()] == [MessageKind.CONFIRMATION]


def test_a_cancellation_by_the_desk_is_told(appointment, alice):
    run()
    cancel(appointment=appointment, reason=Reason.HELPER_ABSENT, by=Actor.agent(alice), now=TUESDAY)

    run()

    assert [message.kind for message in messages(state=State.DELIVERED)] == [
        MessageKind.CONFIRMATION,
        MessageKind.CANCELLATION,
    ]


def test_a_reminder_leaves_once_when_it_is_due(appointment):
    run()
    for moment in (at(9, 59, day=25), at(10, day=25), at(10, 1, day=25), at(15, day=26)):
        run(moment)

    _, reminder = messages()
    assert (reminder.kind, reminder.sent_at.date()) == (MessageKind.REMINDER, at(10, day=25).date())
    assert appointment.number in reminder.text


def test_a_reminder_is_found_by_its_instant_and_by_the_minute_that_looks_at_all(appointment):
    run()

    sweep(now=at(9, 59, day=25), thorough=False)
    assert len(messages()) == 1
    NextLook.objects.all().delete()  # as if the commune had chosen another day since
    sweep(now=at(10, day=25), thorough=False)
    assert len(messages()) == 1
    sweep(now=at(10, day=25))
    assert len(messages()) == 2


# ---- what is owed later than its event ---------------------------------------------------------------


def test_someone_who_did_not_come_is_written_to_two_hours_later(appointment, alice):
    run()
    noted = FRIDAY + timedelta(minutes=30)
    mark_no_show(appointment=appointment, by=Actor.agent(alice), now=noted)
    for minutes in range(121):
        sweep(now=noted + timedelta(minutes=minutes), thorough=minutes % 2 == 0)
        missed = messages(kind=MessageKind.MISSED)
        assert len(missed) == (minutes == 120)

    assert missed[0].state == State.DELIVERED


def test_who_came_after_all_is_not_told_that_they_were_missed(appointment, alice):
    run()
    noted = FRIDAY + timedelta(minutes=30)
    mark_no_show(appointment=appointment, by=Actor.agent(alice), now=noted)
    run(noted)
    undo_no_show(appointment=appointment, by=Actor.agent(alice), now=noted + timedelta(minutes=5))

    for hours in range(1, 4):
        run(noted + timedelta(hours=hours))

    assert messages(kind=MessageKind.MISSED) == []


def test_a_no_show_noted_in_the_evening_is_written_to_in_the_morning(cabin, service, fatima, alice):
    appointment = book_for(fatima, cabin, service, at(16, day=27))
    run()
    mark_no_show(appointment=appointment, by=Actor.agent(alice), now=at(17, 30, day=27))

    for now in (at(17, 30, day=27), at(19, 30, day=27), at(8, 59, day=28), at(9, day=28)):
        assert messages(kind=MessageKind.MISSED, state=State.DELIVERED) == []
        run(now)

    assert len(messages(kind=MessageKind.MISSED, state=State.DELIVERED)) == 1


def test_moved_to_later_the_desk_is_asked_to_call_before_the_old_time(provider, appointment, site, alice):
    """The news has left but no report says that it arrived: the time that they know of comes first."""
    run()
    arrived(messages()[0], TUESDAY)
    morning = at(8, day=27)
    reschedule(
        appointment=appointment,
        site=site,
        start=at(16, day=27),
        with_helper=False,
        by=Actor.agent(alice),
        now=morning,
    )

    for now in (morning, at(9, 59, day=27), at(10, day=27)):
        assert messages(channel=Channel.DESK) == []
        sweep(now=now, thorough=False)

    assert [message.why for message in messages(channel=Channel.DESK)] == [DeskReason.SOON]


def test_what_arrives_after_all_leaves_the_call_list(provider, appointment, alice):
    run()
    arrived(messages()[0], TUESDAY)
    cancel(appointment=appointment, by=Actor.agent(alice), now=at(9, 30, day=27))
    run(at(9, 30, day=27))
    run(at(10, day=27))
    assert [message.state for message in messages(channel=Channel.DESK)] == [State.PENDING]

    arrived(messages(kind=MessageKind.CANCELLATION)[0], at(10, 1, day=27))
    run(at(10, 1, day=27))

    assert [message.state for message in messages(channel=Channel.DESK)] == [State.EXPIRED]


def arrived(message, now):
    sid = message.provider_id
    assert report(message_id=message.pk, provider_id=sid, state=State.DELIVERED, now=now)


def test_who_was_told_by_the_desk_in_the_evening_gets_no_text_message_in_the_morning(
    appointment, alice, fatima
):
    run()
    night = at(22, day=25)
    cancel(appointment=appointment, by=Actor.agent(alice), now=night)
    run(night)
    waiting = Message.objects.get(kind=MessageKind.CANCELLATION)
    line = Message.objects.get(pk=waiting.pk)
    line.pk, line.channel, line.step = None, Channel.DESK, 19
    line.save()
    note_told(lines=[line], by=alice, now=night)

    run(at(7, day=26))

    waiting.refresh_from_db()
    assert (waiting.state, waiting.sent_at) == (State.EXPIRED, None)


def test_after_an_outage_of_six_hours_nothing_stale_leaves(cabin, service, fatima, georges):
    now, noon = TUESDAY, at(12)
    over = book_for(fatima, cabin, service, at(13))
    coming = book_for(make_resident(over.commune, "+33639980099"), cabin, service, at(17))
    plan_messages.plan_appointments([over.pk, coming.pk], now=now)

    run(noon + timedelta(hours=4))

    assert [(each.channel, each.state) for each in messages(appointment=over)] == [
        (Channel.SMS, State.EXPIRED),
        (Channel.DESK, State.PENDING),
    ]
    assert [message.state for message in messages(appointment=coming)] == [State.DELIVERED]


def test_a_landline_gets_no_confirmation_and_a_change_by_the_mairie_is_called(
    cabin, service, georges, alice, site
):
    appointment = book_for(georges, cabin, service)
    run()
    assert messages() == []

    reschedule(
        appointment=appointment,
        site=site,
        start=at(14, day=27),
        with_helper=False,
        reason=Reason.HELPER_ABSENT,
        by=Actor.agent(alice),
        now=TUESDAY,
    )
    run()

    assert [(message.kind, message.channel) for message in messages()] == [
        (MessageKind.CHANGE, Channel.VOICE)
    ]


def test_a_number_that_takes_no_texts_is_called_within_the_same_sweep(cabin, service, commune):
    dead = make_resident(commune, "+33639980000")
    book_for(dead, cabin, service)

    run()

    text, call = messages()
    assert (text.state, text.failure, text.followed_up) == (State.FAILED, Failure.NUMBER, True)
    assert (call.channel, call.state) == (Channel.VOICE, State.PENDING)


def test_someone_without_a_phone_comes_on_the_list_when_something_changes(cabin, service, commune, alice):
    nobody = make_resident(commune, first_name="Odette")
    appointment = book_for(nobody, cabin, service)
    run()
    assert messages() == []

    cancel(appointment=appointment, reason=Reason.HELPER_ABSENT, by=Actor.agent(alice), now=TUESDAY)
    run()

    (line,) = messages()
    assert (line.channel, line.why, line.recipient) == (
        Channel.DESK,
        DeskReason.NO_PHONE,
        f"resident:{nobody.pk}",
    )
    assert "est annulé" in line.text


def test_stop_between_writing_and_sending_is_honoured(appointment, commune):
    stop("+33639981234", commune)
    plan_messages.plan_appointments([appointment.pk], now=TUESDAY)
    Message.objects.create(
        commune=commune,
        appointment=appointment,
        resident=appointment.resident,
        cause="event:0",
        recipient="+33639981234",
        kind=MessageKind.CONFIRMATION,
        channel=Channel.SMS,
        text="-",
        told_start=appointment.starts_at,
        told_site=appointment.site,
        due_at=TUESDAY,
        expires_at=appointment.starts_at,
        created_at=TUESDAY,
    )

    send_due(clock=Elapsing.since(TUESDAY), stop_at=float("inf"))

    (message,) = messages(channel=Channel.SMS)
    assert (message.state, message.failure) == (State.FAILED, Failure.STOPPED)


def test_a_delay_does_not_push_a_message_past_the_wished_hours(cabin, service, commune):
    early = make_resident(commune, "+33639980098")
    ResidentPhone.objects.filter(resident=early).update(call_from="09:00", call_until="11:00")
    book_for(early, cabin, service)
    plan_messages.plan_messages(now=TUESDAY, stop_at=float("inf"))

    run(at(12))

    (message,) = messages()
    assert (message.state, message.due_at, message.attempts) == (State.PENDING, at(9, day=25), 0)


def test_walk_ins_are_told_nothing(cabin, service, fatima):
    book_for(fatima, cabin, service, is_walk_in=True)

    run()

    assert messages() == []


def test_whoever_left_a_phone_on_a_screen_is_texted_the_number(cabin, service):
    appointment = book_for(None, cabin, service)
    run()
    assert messages() == []

    leave_number(
        appointment=appointment, number_e164="+33639981234", language="fr", by=Actor.screen(), now=TUESDAY
    )
    run()

    [message] = messages()
    assert (message.channel, message.recipient) == (Channel.SMS, "+33639981234")
    assert f"Votre numéro : {appointment.number}" in message.text


def test_residents_of_other_languages_are_written_to_in_theirs(cabin, service, commune):
    book_for(make_resident(commune, "+33639980097", languages=["en"]), cabin, service)
    book_for(make_resident(commune, "+33639980096", languages=["tr"]), cabin, service, at(14, day=27))

    run()

    english, french = messages()
    assert english.text.startswith("Petit-Quevilly town hall: you have an appointment on Friday 27 Nov")
    assert french.text.startswith("Mairie de Petit-Quevilly")


def test_a_sweep_asks_the_database_little_however_many_there_are(
    cabin, service, commune, django_assert_max_num_queries
):
    for n in range(30):
        resident = make_resident(commune, f"+3363998{n:04d}" if n > 1 else f"+3363998{n + 50:04d}")
        book_for(resident, cabin, service, at(8, day=27) + timedelta(hours=n))

    with django_assert_max_num_queries(101):
        run()

    assert Message.objects.filter(state=State.DELIVERED).count() == 30


def test_the_sweep_leaves_a_sign_of_life(db):
    run()

    assert Heartbeat.objects.get(name="sweep").at is not None


def test_settings_of_the_commune_are_heard(cabin, service, georges, commune):
    MessageSettings.objects.create(commune=commune, confirm_by_call=True, voice_number="+33162000010")
    book_for(georges, cabin, service)

    run()

    assert [(message.kind, message.channel) for message in messages()] == [
        (MessageKind.CONFIRMATION, Channel.VOICE)
    ]
