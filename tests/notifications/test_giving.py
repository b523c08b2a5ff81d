"""An appointment booked for the wrong person: both are told, and the first can no longer change it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from booking.actions import cancel, confirm, give_to, mark_impossible, merge_residents, reschedule
from booking.enums import PhoneOwner, ReachBy, Reason, Status
from booking.log import Actor
from booking.models import Appointment, Resident, ResidentPhone
from notifications.actions.answers import ask_call_back
from notifications.actions.inbound import receive
from notifications.callers import caller_of
from notifications.enums import Audience, Channel, DeskReason, Failure, InboundOutcome, MessageKind, State
from notifications.models import Message
from notifications.pages.announced import announce_change
from notifications.sending import plan_messages
from notifications.sending.send import Elapsing, send_due
from tests.factories import TUESDAY, at, make_resident
from tests.notifications.announcing import ask
from tests.notifications.conftest import SENDER, book_for, run, stop

FRIDAY = at(10, 30, day=27)
LATER = TUESDAY + timedelta(minutes=5)
MOBILE = "+33639984107"

pytestmark = pytest.mark.usefixtures("simulated")


@pytest.fixture
def zoe(commune) -> Resident:
    return make_resident(commune, MOBILE, first_name="Zoé", last_name="Inconnue")


def messages(**wanted):
    return list(Message.objects.filter(**wanted).order_by("id"))


def kinds(**wanted):
    return [(each.kind, each.channel, each.state) for each in messages(**wanted)]


def give(appointment, to, now=LATER):
    give_to(appointment=appointment, resident=to, by=Actor.system(), now=now)
    return appointment


def fresh(appointment):
    return Appointment.objects.select_related("commune", "site", "resident").get(pk=appointment.pk)


def answer(number, text, now):
    caller = caller_of(ours=SENDER, theirs=number)
    assert caller is not None
    return receive(caller=caller, provider_id=f"{number}{text}{now}", text=text, now=now)


DELIVERED = (Channel.SMS, State.DELIVERED)


def test_who_had_been_told_learns_that_it_was_an_error_and_the_right_one_is_told(appointment, fatima, zoe):
    run()
    give(appointment, zoe)
    run(LATER)

    assert kinds(resident=fatima) == [
        (MessageKind.CONFIRMATION, *DELIVERED),
        (MessageKind.NOT_YOURS, *DELIVERED),
    ]
    assert kinds(resident=zoe) == [(MessageKind.CONFIRMATION, *DELIVERED)]
    error, right = messages(resident=fatima)[-1], messages(resident=zoe)[0]
    assert (error.recipient, right.recipient) == ("+33639981234", MOBILE)
    assert error.text == (
        "Mairie de Petit-Quevilly : erreur de notre part, le RDV du vendredi 27 nov. à 10h30, "
        "Hotel de ville, n'est pas pour vous. Ne venez pas. Tél : 02 61 91 00 00."
    )
    assert (error.segments, error.asks, right.asks) == (1, False, True)
    run(LATER + timedelta(minutes=1))
    assert len(messages()) == 3


def test_who_was_never_told_is_told_nothing_and_what_waited_for_them_does_not_leave(
    cabin, service, fatima, zoe
):
    night = at(22)
    booked = book_for(fatima, cabin, service, now=night)
    run(night)
    give(booked, zoe, now=night)
    run(night)
    run(at(7, 30, day=25))

    assert kinds(resident=fatima) == [(MessageKind.CONFIRMATION, Channel.SMS, State.EXPIRED)]
    assert kinds(resident=zoe) == [(MessageKind.CONFIRMATION, *DELIVERED)]


def test_given_between_writing_and_sending_the_first_one_gets_nothing(appointment, fatima, zoe):
    plan_messages.plan_appointments([appointment.pk], now=TUESDAY)
    give(appointment, zoe)

    send_due(clock=Elapsing.since(LATER), stop_at=float("inf"))

    assert kinds() == [(MessageKind.CONFIRMATION, Channel.SMS, State.EXPIRED)]


def test_given_back_before_the_error_was_told_nothing_more_is_said(cabin, service, fatima, zoe):
    night = at(22)
    booked = book_for(fatima, cabin, service)
    run()
    give(booked, zoe, now=night)
    run(night)
    give(booked, fatima, now=night)
    run(night)
    run(at(7, 30, day=25))

    assert kinds(resident=fatima) == [
        (MessageKind.CONFIRMATION, *DELIVERED),
        (MessageKind.NOT_YOURS, Channel.SMS, State.EXPIRED),
    ]
    assert kinds(resident=zoe) == [(MessageKind.CONFIRMATION, Channel.SMS, State.EXPIRED)]


def test_given_back_after_it_the_first_one_learns_that_it_takes_place(appointment, fatima, zoe):
    run()
    give(appointment, zoe)
    run(LATER)
    give(appointment, fatima, now=LATER + timedelta(minutes=5))
    run(LATER + timedelta(minutes=5))

    assert [each.kind for each in messages(resident=fatima)] == [
        MessageKind.CONFIRMATION,
        MessageKind.NOT_YOURS,
        MessageKind.MAINTAINED,
    ]
    assert [each.kind for each in messages(resident=zoe)] == [MessageKind.CONFIRMATION, MessageKind.NOT_YOURS]


def test_the_error_speaks_of_the_time_that_the_first_one_was_told(appointment, fatima, zoe, site, alice):
    run()
    reschedule(
        appointment=appointment,
        site=site,
        start=at(14, day=27),
        with_helper=False,
        by=Actor.agent(alice),
        now=LATER,
    )
    give(appointment, zoe)
    run(LATER)

    assert "10h30" in messages(kind=MessageKind.NOT_YOURS)[0].text
    assert messages(kind=MessageKind.NOT_YOURS)[0].told_start == FRIDAY
    assert ["14h" in each.text for each in messages(resident=zoe)] == [True]
    assert kinds(resident=fatima)[1:] == [(MessageKind.NOT_YOURS, *DELIVERED)]


def test_an_error_is_told_even_if_the_appointment_is_cancelled_meanwhile(appointment, fatima, zoe):
    run()
    give(appointment, zoe)
    cancel(appointment=appointment, by=Actor.system(), now=LATER)
    run(LATER)

    assert kinds(kind=MessageKind.NOT_YOURS) == [(MessageKind.NOT_YOURS, *DELIVERED)]


def test_a_landline_is_called_and_someone_without_a_phone_is_on_the_call_list(
    appointment, georges, commune, fatima
):
    run()
    give(appointment, georges)
    run(LATER)
    assert [(each.kind, each.channel) for each in messages(resident=georges)] == [
        (MessageKind.CONFIRMATION, Channel.VOICE)
    ]

    nobody = make_resident(commune, first_name="Odette", last_name="Roux")
    give(appointment, nobody, now=LATER + timedelta(minutes=1))
    run(LATER + timedelta(minutes=1))
    (line,) = messages(resident=nobody)
    assert (line.kind, line.channel, line.why) == (
        MessageKind.CONFIRMATION,
        Channel.DESK,
        DeskReason.NO_PHONE,
    )


def test_a_landline_that_was_called_is_called_again_to_take_it_back(cabin, service, georges, zoe):
    booked = book_for(georges, cabin, service, by=Actor.api())
    run()
    Message.objects.update(state=State.DELIVERED, sent_at=TUESDAY, delivered_at=TUESDAY)
    give(booked, zoe)
    run(LATER)

    assert [(each.kind, each.channel) for each in messages(resident=georges)] == [
        (MessageKind.CONFIRMATION, Channel.VOICE),
        (MessageKind.NOT_YOURS, Channel.VOICE),
    ]


def test_who_said_stop_after_being_told_is_called_by_the_desk(appointment, fatima, zoe):
    run()
    stop("+33639981234", appointment.commune)
    give(appointment, zoe)
    run(LATER)

    line = messages(resident=fatima)[-1]
    assert (line.kind, line.channel, line.why) == (MessageKind.NOT_YOURS, Channel.DESK, DeskReason.STOPPED)


def test_the_contact_persons_are_told_too(cabin, service, fatima, zoe):
    for person, number in ((fatima, "+33639981235"), (zoe, "+33639984108")):
        person.contact_name, person.contact_phone, person.contact_is_told = "Proche", number, True
        person.save()
    booked = book_for(fatima, cabin, service)
    run()
    give(booked, zoe)
    run(LATER)

    to_contacts = messages(audience=Audience.CONTACT)
    assert [(each.recipient[-2:], each.kind) for each in to_contacts] == [
        ("35", MessageKind.CONFIRMATION),
        ("08", MessageKind.CONFIRMATION),
        ("35", MessageKind.NOT_YOURS),
    ] or [(each.recipient[-2:], each.kind) for each in to_contacts] == [
        ("35", MessageKind.CONFIRMATION),
        ("35", MessageKind.NOT_YOURS),
        ("08", MessageKind.CONFIRMATION),
    ]
    assert (
        "n'est pas pour votre proche"
        in messages(audience=Audience.CONTACT, kind=MessageKind.NOT_YOURS)[0].text
    )


SHARED = "+33639981234"
"""Fatima's, by which she was told."""


def sharing(commune, case) -> Resident:
    """Zoé, whose record has Fatima's number too."""
    if case == "first":
        return make_resident(commune, SHARED, first_name="Zoé", last_name="Inconnue")
    if case == "no message":
        return make_resident(commune, SHARED, first_name="Zoé", last_name="Inconnue", reach_by=ReachBy.NONE)
    if case == "contact":
        return make_resident(commune, MOBILE, first_name="Zoé", contact_phone=SHARED, contact_is_told=True)
    who = make_resident(commune, MOBILE, first_name="Zoé", last_name="Inconnue")
    ResidentPhone.objects.create(
        resident=who,
        number=SHARED,
        is_mobile=True,
        owner=PhoneOwner.FAMILY,
        may_call=case != "may not be called",
    )
    return who


def test_a_phone_that_both_share_is_not_told_that_its_appointment_was_an_error(appointment, fatima, commune):
    """Texts name nobody: at that phone, what was told stays true."""
    zoe = sharing(commune, "first")
    run()
    give(appointment, zoe)
    run(LATER)

    assert [each.kind for each in messages(resident=fatima)] == [MessageKind.CONFIRMATION]
    assert [(each.kind, each.recipient) for each in messages(resident=zoe)] == [
        (MessageKind.CONFIRMATION, SHARED)
    ]


@pytest.mark.parametrize("case", ["second", "may not be called", "no message", "contact"])
def test_a_number_of_both_that_is_not_told_for_the_other_learns_of_the_error(
    appointment, fatima, commune, case
):
    zoe = sharing(commune, case)
    run()
    give(appointment, zoe)
    run(LATER)

    error = messages(resident=fatima)[-1]
    assert (error.kind, error.recipient, error.state) == (MessageKind.NOT_YOURS, SHARED, State.DELIVERED)


def test_who_shares_a_stopped_number_is_called_by_the_desk_like_the_other(appointment, fatima, commune):
    zoe = sharing(commune, "first")
    run()
    stop(SHARED, commune)
    give(appointment, zoe)
    run(LATER)

    assert kinds(channel=Channel.DESK) == [
        (MessageKind.CONFIRMATION, Channel.DESK, State.PENDING),
        (MessageKind.NOT_YOURS, Channel.DESK, State.PENDING),
    ] or kinds(channel=Channel.DESK) == [
        (MessageKind.NOT_YOURS, Channel.DESK, State.PENDING),
        (MessageKind.CONFIRMATION, Channel.DESK, State.PENDING),
    ]


def fails(failure, **wanted):
    Message.objects.filter(**wanted).update(
        state=State.FAILED, failure=failure, sent_at=LATER, failed_at=LATER, followed_up=False
    )


def test_the_first_one_learns_of_the_error_once_the_other_cannot_be_told_at_their_phone(
    appointment, fatima, commune
):
    zoe = sharing(commune, "first")
    run()
    give(appointment, zoe)
    run(LATER)
    assert not messages(kind=MessageKind.NOT_YOURS)
    fails(Failure.INVALID, resident=zoe)
    run(LATER + timedelta(minutes=1))

    assert [each.channel for each in messages(resident=zoe)] == [Channel.SMS, Channel.DESK]
    assert [each.kind for each in messages(resident=fatima)] == [
        MessageKind.CONFIRMATION,
        MessageKind.NOT_YOURS,
    ]


def test_it_waits_while_the_other_is_still_to_be_told_at_their_phone(appointment, fatima, commune):
    zoe = sharing(commune, "first")
    run()
    give(appointment, zoe)
    run(LATER)
    fails(Failure.TRANSIENT, resident=zoe)
    run(LATER + timedelta(minutes=1))
    assert not messages(kind=MessageKind.NOT_YOURS)
    run(LATER + timedelta(minutes=11))

    assert [each.recipient for each in messages(resident=zoe)] == [SHARED, SHARED]
    assert not messages(kind=MessageKind.NOT_YOURS)


def test_a_shared_phone_that_was_told_another_time_learns_that_it_was_an_error(
    appointment, fatima, commune, site, alice
):
    """What it was told is not what the other is told."""
    zoe = sharing(commune, "first")
    run()
    by = Actor.agent(alice)
    reschedule(appointment=appointment, site=site, start=at(14, day=27), with_helper=False, by=by, now=LATER)
    give(appointment, zoe)
    run(LATER)

    (error,) = messages(kind=MessageKind.NOT_YOURS)
    assert (error.resident, error.recipient, error.told_start) == (fatima, SHARED, FRIDAY)


def test_a_later_move_does_not_make_it_an_error(appointment, fatima, commune, site, alice):
    zoe = sharing(commune, "first")
    run()
    give(appointment, zoe)
    run(LATER)
    by, moved_at = Actor.agent(alice), LATER + timedelta(minutes=1)
    reschedule(
        appointment=fresh(appointment),
        site=site,
        start=at(14, day=27),
        with_helper=False,
        by=by,
        now=moved_at,
    )
    run(moved_at)

    assert [each.kind for each in messages(resident=zoe)] == [MessageKind.CONFIRMATION, MessageKind.CHANGE]
    assert not messages(kind=MessageKind.NOT_YOURS)


def test_given_on_to_a_third_the_phone_that_two_shared_is_told_once(appointment, fatima, georges, commune):
    zoe = sharing(commune, "first")
    run()
    give(appointment, zoe)
    run(LATER)
    later = LATER + timedelta(minutes=1)
    since = max(each.pk for each in messages())
    expected = announced(appointment, georges, now=later)
    give(fresh(appointment), georges, now=later)
    run(later)

    assert left(since) == expected
    assert [(each.resident, each.recipient) for each in messages(kind=MessageKind.NOT_YOURS)] == [
        (zoe, SHARED)
    ]


def test_who_was_told_apart_and_passed_over_learns_it_when_it_is_given_on(appointment, fatima, zoe, commune):
    """The phone was told on behalf of the second; the third has another one, and the second's is dead."""
    second = sharing(commune, "first")
    run()
    give(appointment, second)
    run(LATER)
    second.phones.all().delete()
    later = LATER + timedelta(minutes=1)
    since = max(each.pk for each in messages())
    expected = announced(appointment, zoe, now=later)
    give(fresh(appointment), zoe, now=later)
    run(later)

    assert left(since) == expected
    errors = messages(kind=MessageKind.NOT_YOURS)
    assert {(each.resident, each.channel) for each in errors} == {
        (second, Channel.DESK),
        (fatima, Channel.SMS),
    }


def test_who_was_told_on_an_answering_machine_learns_that_it_was_an_error(cabin, service, georges, zoe):
    booked = book_for(georges, cabin, service, by=Actor.api())
    run()
    fails(Failure.MACHINE, resident=georges)
    give(booked, zoe)
    run(LATER)

    assert [each.kind for each in messages(resident=georges)] == [
        MessageKind.CONFIRMATION,
        MessageKind.NOT_YOURS,
    ]


def test_a_merged_record_is_the_same_person(appointment, fatima, zoe, commune):
    run()
    twin = make_resident(commune, "+33639981299", first_name="Fatma")
    give(appointment, zoe)
    merge_residents(keep=twin, duplicate=fatima, by=Actor.system(), now=LATER)
    run(LATER)
    assert [each.kind for each in messages(resident__in=(fatima, twin))] == [
        MessageKind.CONFIRMATION,
        MessageKind.NOT_YOURS,
    ]

    merge_residents(keep=zoe, duplicate=twin, by=Actor.system(), now=LATER)
    run(LATER + timedelta(minutes=1))
    assert fresh(appointment).resident == zoe


def test_when_both_turn_out_to_be_one_person_nothing_was_an_error(cabin, service, fatima, zoe):
    night = at(22)
    booked = book_for(fatima, cabin, service)
    run()
    give(booked, zoe, now=night)
    run(night)
    merge_residents(keep=zoe, duplicate=fatima, by=Actor.system(), now=night)
    run(at(7, 30, day=25))

    assert kinds(kind=MessageKind.NOT_YOURS) == [(MessageKind.NOT_YOURS, Channel.SMS, State.EXPIRED)]


def test_who_had_it_before_and_is_forgotten_takes_their_messages_along(appointment, fatima, zoe):
    run()
    give(appointment, zoe)
    fatima.delete()
    run(LATER)

    assert [(each.resident, each.kind) for each in messages()] == [(zoe, MessageKind.CONFIRMATION)]


# ---- answers to old questions ----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["2", "1", "annuler"])
def test_an_answer_to_the_old_question_changes_nothing_for_the_other(appointment, fatima, zoe, text):
    run()
    give(appointment, zoe)
    answer("+33639981234", text, LATER)

    assert (fresh(appointment).status, fresh(appointment).confirmed_at) == (Status.BOOKED, None)


def test_the_old_number_cancels_nothing_either(appointment, fatima, zoe):
    run()
    number = appointment.number
    give(appointment, zoe)
    answer("+33639981234", f"2 {number}", LATER)
    answer("+33639981234", f"2 {fresh(appointment).number}", LATER)

    assert fresh(appointment).status == Status.BOOKED


def test_the_right_one_may_answer(appointment, fatima, zoe):
    run()
    give(appointment, zoe)
    run(LATER)

    assert answer(MOBILE, "2", LATER).outcome == InboundOutcome.CANCELLED
    assert fresh(appointment).status == Status.CANCELLED


def test_the_yes_of_the_first_one_does_not_spare_the_other_their_reminder(cabin, service, fatima, georges):
    booked = book_for(georges, cabin, service, at(10, 30, day=30), now=TUESDAY)
    confirm(appointment=booked, by=Actor.resident(), now=TUESDAY)
    give(booked, fatima)
    run(LATER)
    run(at(10, 1, day=28))
    reminders = messages(kind=MessageKind.REMINDER)
    assert [each.resident for each in reminders] == [fatima]


def test_who_gets_it_after_the_first_one_was_reminded_is_reminded_too(cabin, service, fatima, zoe):
    booked = book_for(fatima, cabin, service, at(10, 30, day=30), now=at(10, day=10))
    run(at(10, day=10))
    give(booked, zoe, now=at(8, day=26))
    run(at(8, 1, day=26))
    owe_reminder = at(10, 1, day=28)
    Message.objects.create(
        commune=booked.commune,
        appointment=booked,
        resident=fatima,
        cause="event:0",
        recipient="+33639981234",
        kind=MessageKind.REMINDER,
        channel=Channel.SMS,
        text="…",
        told_start=booked.starts_at,
        told_site=booked.site,
        state=State.DELIVERED,
        due_at=at(10, day=25),
        expires_at=booked.starts_at,
        created_at=at(10, day=25),
    )
    run(owe_reminder)

    assert [each.recipient for each in messages(kind=MessageKind.REMINDER, resident=zoe)] == [MOBILE]


# ---- the call list ---------------------------------------------------------------------------------


def test_what_cannot_take_place_is_for_the_desk_to_tell_the_other(appointment, fatima, zoe):
    run()
    mark_impossible(appointment=appointment, reason=Reason.HELPER_ABSENT, by=Actor.system(), now=TUESDAY)
    run()
    give(appointment, zoe)
    run(LATER)

    lines = messages(channel=Channel.DESK)
    assert [(each.resident, each.kind, each.state) for each in lines] == [
        (fatima, MessageKind.IMPOSSIBLE, State.EXPIRED),
        (zoe, MessageKind.IMPOSSIBLE, State.PENDING),
    ]
    assert lines[1].why == DeskReason.HELPER_ABSENT


def test_a_line_of_the_first_one_neither_moves_nor_cancels_what_is_another_s(
    client, alice, appointment, fatima, zoe, tuesday
):
    run()
    ask_call_back(
        commune=appointment.commune,
        number="+33639981234",
        why=DeskReason.ASKED,
        appointment=appointment,
        resident=fatima,
        now=TUESDAY,
    )
    give(appointment, zoe)
    client.force_login(alice)
    page = client.get(reverse("call-list")).content.decode()
    assert "Fatima" in page
    assert 'value="cancels"' not in page
    line = messages(kind=MessageKind.CALL_BACK)[0]
    client.post(reverse("call-outcome", args=[line.pk]), {"outcome": "cancels"})
    assert fresh(appointment).status == Status.BOOKED


# ---- what is announced is what leaves --------------------------------------------------------------


def announced(appointment, to, now=LATER):
    def change():
        give(fresh(appointment), to, now=now)
        return True

    found = announce_change(change, commune=appointment.commune, now=now)
    return sorted((each.recipient, each.channel, each.text) for each in found.messages)


def left(since):
    return sorted(
        (each.recipient, each.channel, each.text)
        for each in messages(pk__gt=since)
        if each.state != State.EXPIRED
    )


@pytest.mark.parametrize("case", ["first", "second", "may not be called", "no message", "contact"])
def test_the_messages_announced_are_those_that_leave_where_both_share_a_phone(appointment, commune, case):
    zoe = sharing(commune, case)
    run()
    since = max(each.pk for each in messages())
    expected = announced(appointment, zoe)
    give(appointment, zoe)
    run(LATER)

    assert left(since) == expected
    assert len(expected) == {"first": 1, "contact": 3}.get(case, 2)


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("to", ["zoe", "georges", "nobody", "no message"])
def test_the_messages_announced_are_the_messages_that_leave(
    appointment, fatima, zoe, georges, commune, told, to
):
    fatima.contact_name, fatima.contact_phone, fatima.contact_is_told = "Karim", "+33639981235", True
    fatima.languages = ["ar"]
    fatima.save()
    people = {
        "zoe": zoe,
        "georges": georges,
        "nobody": make_resident(commune, first_name="Odette"),
        "no message": make_resident(commune, "+33639984155", reach_by=ReachBy.NONE),
    }
    if told:
        run()
    since = max((each.pk for each in messages()), default=0)
    expected = announced(appointment, people[to])
    give(appointment, people[to])
    run(LATER)

    assert left(since) == expected
    assert len(expected) == (3 if told else 1)


def test_the_page_announces_them_by_name(client, alice, bob, charlie, appointment, fatima, zoe, tuesday):
    run()
    sent = {"resident": zoe.pk, "instead_of": fatima.pk}
    client.force_login(alice)
    page = ask(client, "appointment-give-to", appointment.pk, **sent).content.decode()
    assert "Fatima Bensaïd" in page
    assert "Zoé Inconnue" in page
    assert "n&#x27;est pas pour vous" in page
    for stranger in (bob, charlie):
        client.force_login(stranger)
        assert ask(client, "appointment-give-to", appointment.pk, **sent).status_code == 404
