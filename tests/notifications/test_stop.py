"""STOP: each commune's list of numbers, from which only START or a consent removes one."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from booking.actions import PhoneInput, create_resident, leave_number, merge_residents, update_resident
from booking.enums import Status
from booking.log import Actor
from booking.models import Appointment, ResidentPhone
from communes.models import Commune
from notifications import histories
from notifications.actions import lift, move_to_present_key, suppress
from notifications.enums import Channel, DeskReason, Failure, InboundOutcome, MessageKind, State, StopReason
from notifications.models import InboundMessage, Message, MessageSettings, Suppression
from tests.factories import TUESDAY, at, make_cabin, make_commune, make_resident, make_service
from tests.factories import make_site as new_site
from tests.nights import run_night
from tests.notifications.announcing import ask_to_book
from tests.notifications.conftest import SENDER, book_for, has_stopped, run, stop
from tests.notifications.fake_twilio import FakeTwilio, refuse
from tests.notifications.test_inbound import write

PHONE, OTHER, LANDLINE = "+33639981234", "+33639980055", "+33261910055"
LINE = "+33199000011"
LATER = TUESDAY + timedelta(minutes=1)

pytestmark = pytest.mark.usefixtures("provider", "tuesday")


def sent_to(number: str) -> list[Message]:
    """What left automatically, answers to replies apart."""
    messages = Message.objects.filter(recipient=number, channel__in=(Channel.SMS, Channel.VOICE))
    return list(messages.exclude(kind=MessageKind.ANSWER).exclude(sent_at=None))


def to_call() -> list[Message]:
    return list(Message.objects.filter(channel=Channel.DESK, state=State.PENDING))


# ---- what it survives --------------------------------------------------------------------------------


def test_a_second_resident_with_that_number_is_not_written_to(commune, cabin, service, fatima):
    write("STOP")
    book_for(make_resident(commune, PHONE, first_name="Karim"), cabin, service, by=Actor.api())
    run()

    assert sent_to(PHONE) == []
    assert [line.why for line in to_call()] == [DeskReason.STOPPED]


def test_a_number_that_was_taken_away_and_typed_again_is_not_written_to(cabin, service, fatima):
    write("STOP")
    update_resident(resident=fatima, now=TUESDAY, phones=[PhoneInput(OTHER)])
    update_resident(resident=fatima, now=TUESDAY, phones=[PhoneInput(PHONE)])
    book_for(fatima, cabin, service)
    run()

    assert sent_to(PHONE) == []


def test_a_merge_changes_nothing(commune, cabin, service, fatima, alice):
    twin = make_resident(commune, OTHER, first_name="Zoé")
    write("STOP")
    merge_residents(keep=twin, duplicate=fatima, by=Actor.agent(alice), now=TUESDAY)
    book_for(twin, cabin, service)
    run()

    assert (sent_to(PHONE), sent_to(OTHER)) == ([], [])


def test_a_number_keyed_at_a_screen_is_not_written_to(commune, cabin, service):
    write("STOP")
    appointment = book_for(None, cabin, service, by=Actor.screen())
    leave_number(appointment=appointment, number_e164=PHONE, language="fr", by=Actor.screen(), now=TUESDAY)
    run()

    assert sent_to(PHONE) == []
    assert [line.why for line in to_call()] == [DeskReason.STOPPED]


def test_a_stop_from_a_number_that_is_not_yet_known_holds_when_it_is(commune, cabin, service):
    write("STOP", sender=OTHER)
    resident = create_resident(
        commune=commune, first_name="Zoé", last_name="Darc", phones=[PhoneInput(OTHER)], now=TUESDAY
    )
    book_for(resident, cabin, service)
    run()

    assert sent_to(OTHER) == []


def test_it_outlives_the_record_of_whoever_wrote_it(commune, cabin, service, fatima):
    write("STOP")
    Message.objects.update(created_at=TUESDAY - timedelta(days=800))
    InboundMessage.objects.update(received_at=TUESDAY - timedelta(days=800))
    type(fatima).objects.update(created_at=TUESDAY - timedelta(days=800))
    run_night()
    assert not ResidentPhone.objects.exists()

    book_for(make_resident(commune, PHONE), cabin, service)
    run()

    assert sent_to(PHONE) == []


def test_the_list_holds_no_number(commune):
    stop(PHONE, commune)

    (row,) = Suppression.objects.values_list()
    assert PHONE[-9:] not in repr(row)
    assert row[2] != other_hash(commune)


def other_hash(commune: Commune) -> str:
    """The same number in the list of another commune: nobody may see that it is the same."""
    elsewhere = make_commune()
    stop(PHONE, elsewhere)
    return Suppression.objects.get(commune=elsewhere).number_hash


def test_no_call_is_made_instead(commune, cabin, service):
    MessageSettings.objects.create(commune=commune, voice_number=LINE)
    resident = make_resident(commune, PHONE, LANDLINE)
    write("STOP")
    book_for(resident, cabin, service, by=Actor.api())
    run()

    assert (sent_to(PHONE), sent_to(LANDLINE)) == ([], [])
    assert [line.why for line in to_call()] == [DeskReason.STOPPED]


def test_a_call_to_their_landline_that_waits_is_not_made_after_their_stop(commune, cabin, service):
    """STOP from their own number is meant for all their numbers, at once."""
    MessageSettings.objects.create(commune=commune, voice_number=LINE)
    resident = make_resident(commune, LANDLINE, PHONE, reach_by="voice")
    night = at(22)
    book_for(resident, cabin, service, now=night, by=Actor.api())
    run(night)
    assert [(each.channel, each.state) for each in Message.objects.all()] == [(Channel.VOICE, State.PENDING)]

    write("STOP")
    run(at(7, 30, day=25))

    assert sent_to(LANDLINE) == []
    assert [line.why for line in to_call()] == [DeskReason.STOPPED]


# ---- a changed key -----------------------------------------------------------------------------------


def test_a_changed_key_forgets_nobody(commune, settings):
    stop(PHONE, commune)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]

    assert has_stopped(PHONE, commune)
    assert not suppress(commune=commune, number=PHONE, reason=StopReason.REPLY, now=TUESDAY)
    assert Suppression.objects.count() == 1
    assert lift(commune=commune, number=PHONE)
    assert not Suppression.objects.exists()


def test_numbers_in_use_move_to_the_new_key(commune, fatima, settings):
    stop(PHONE, commune)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    assert move_to_present_key(commune=commune) == 1
    assert move_to_present_key(commune=commune) == 0
    settings.SECRET_KEY_FALLBACKS = []

    assert has_stopped(PHONE, commune)


# ---- whose messages end ------------------------------------------------------------------------------


@pytest.fixture
def neighbour(db: None) -> Commune:
    """Sends from the same number."""
    return make_commune(name="Grand-Quevilly", sender=SENDER)


def book_there(neighbour: Commune, number: str = PHONE) -> Appointment:
    cabin = make_cabin(new_site(neighbour))
    return book_for(make_resident(neighbour, number), cabin, make_service(neighbour), at(15, day=27))


def test_it_ends_the_messages_of_the_commune_that_it_answers(commune, neighbour, cabin, service, fatima):
    book_for(fatima, cabin, service)
    run()
    book_there(neighbour)
    run(LATER)

    write("STOP")

    assert (has_stopped(PHONE, commune), has_stopped(PHONE, neighbour)) == (False, True)


def test_from_a_number_that_nobody_wrote_to_it_ends_those_of_all_who_share_the_sender(commune, neighbour):
    elsewhere = make_commune(sender="+33199000019")
    write("STOP", sender=OTHER)

    assert [has_stopped(OTHER, each) for each in (commune, neighbour, elsewhere)] == [True, True, False]


def test_start_is_for_the_commune_that_it_answers(commune, neighbour, cabin, service, fatima):
    stop(PHONE, commune)
    stop(PHONE, neighbour)
    Message.objects.create(
        commune=neighbour,
        cause="event:0",
        recipient=PHONE,
        kind=MessageKind.CONFIRMATION,
        channel=Channel.SMS,
        text="-",
        state=State.DELIVERED,
        due_at=TUESDAY,
        expires_at=TUESDAY,
        created_at=TUESDAY,
    )

    write("START")

    assert (has_stopped(PHONE, commune), has_stopped(PHONE, neighbour)) == (True, False)


def test_start_lifts_what_there_is_to_lift(commune, neighbour, cabin, service, fatima):
    """The other commune has written since: they can only mean the one whose messages they ended."""
    stop(PHONE, commune)
    book_there(neighbour)
    run()

    write("START")

    assert not has_stopped(PHONE, commune)


def test_a_yes_is_for_the_commune_that_asked_last(commune, neighbour, cabin, service, fatima):
    first = book_for(fatima, cabin, service)
    run()
    second = book_there(neighbour)
    run(LATER)

    write("1")

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.confirmed_at, second.confirmed_at is not None) == (None, True)


# ---- what is answered --------------------------------------------------------------------------------


def test_a_second_stop_is_not_answered(fatima, provider: FakeTwilio):
    write("STOP")
    run()
    write("Stop.")
    run(LATER)

    assert len([body for body in provider.bodies() if "plus de messages automatiques" in body]) == 1


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("annulez et arrêtez de m'envoyer des messages", {}),
        ("cancel ?", {"OptOutType": "STOP"}),
    ],
)
def test_what_is_said_besides_is_read_by_a_human_and_cancels_nothing(appointment, commune, text, more):
    run()
    write(text, **more)

    appointment.refresh_from_db()
    assert (appointment.status, has_stopped(PHONE, commune)) == (Status.BOOKED, True)
    assert [line.text for line in to_call() if line.kind == MessageKind.CALL_BACK] == [text]
    assert InboundMessage.objects.get().outcome == InboundOutcome.STOPPED


@pytest.mark.parametrize(
    "text", ["plus de rappels", "ne m'appelez plus madame", "arrêt", "1 stop", "Stop elle est décédée"]
)
def test_what_may_mean_something_else_stops_and_is_read_by_a_human(appointment, commune, text):
    run()
    write(text)

    appointment.refresh_from_db()
    assert has_stopped(PHONE, commune)
    assert (appointment.status, appointment.confirmed_at) == (Status.BOOKED, None)
    assert [(line.text, line.why) for line in to_call() if line.kind == MessageKind.CALL_BACK] == [
        (text, DeskReason.WRITTEN)
    ]


def test_a_wrong_number_gets_nothing_more_and_a_human_corrects_it(
    appointment, commune, fatima, cabin, service
):
    run()
    write("Mauvais numéro")
    run(LATER)
    book_for(fatima, cabin, service, at(15, day=30), by=Actor.api())
    run(LATER)

    assert Suppression.objects.get().reason == StopReason.WRONG_NUMBER
    assert len(sent_to(PHONE)) == 1  # what made them write
    lines = {line.why: line for line in to_call()}
    assert lines[DeskReason.WRONG_NUMBER].text == "Mauvais numéro"
    assert lines[DeskReason.WRONG_NUMBER].appointment == appointment
    assert DeskReason.STOPPED in lines
    appointment.refresh_from_db()
    assert appointment.status == Status.BOOKED


def test_a_corrected_number_is_written_to_again(fatima, cabin, service):
    write("Mauvais numéro")
    update_resident(resident=fatima, now=TUESDAY, phones=[PhoneInput(OTHER)])
    book_for(fatima, cabin, service)
    run()

    assert len(sent_to(OTHER)) == 1


def test_what_else_they_write_does_not_hide_that_the_number_is_wrong(appointment):
    run()
    write("Mauvais numéro")
    write("Stop je ne connais pas de Fatima")

    (line,) = [each for each in to_call() if each.kind == MessageKind.CALL_BACK]
    assert (line.why, line.text) == (
        DeskReason.WRONG_NUMBER,
        "Mauvais numéro\nStop je ne connais pas de Fatima",
    )


@pytest.mark.parametrize("text", ["ne m'envoyez pas de mail", "ne m'écrivez plus le dimanche"])
def test_a_wish_about_how_we_write_goes_to_a_human_at_once_and_stops_nothing(appointment, commune, text):
    run()
    write(text)

    assert not has_stopped(PHONE, commune)
    assert [(line.text, line.why) for line in to_call()] == [(text, DeskReason.WRITTEN)]
    assert InboundMessage.objects.get().outcome == InboundOutcome.TO_DESK


# ---- what the desk sees and does ---------------------------------------------------------------------


def words(client: Client, name: str, *args: int) -> str:
    return client.get(reverse(name, args=args)).content.decode().replace("\u00a0", " ")


def test_the_desk_sees_it_and_notes_a_consent(client, alice, commune, cabin, service, fatima):
    stop(PHONE, commune)
    client.force_login(alice)
    shown = words(client, "resident-stops", fatima.pk)
    assert "ne veut plus de messages automatiques" in shown
    assert "06 39 98 12 34" in shown
    assert "START au 01 99 00 00 10" in shown
    assert reverse("resident-stops", args=[fatima.pk]) in words(client, "resident", fatima.pk)

    answer = client.post(reverse("resident-consent", args=[fatima.pk]), {"number": PHONE}, follow=True)

    assert "les messages automatiques repartent vers ce numéro" in answer.content.decode()
    assert words(client, "resident-stops", fatima.pk).strip() == ""
    book_for(fatima, cabin, service)
    run()
    assert len(sent_to(PHONE)) == 1


def test_the_stop_of_a_contact_person_is_shown_as_theirs(client, alice, commune, fatima):
    update_resident(
        resident=fatima, now=TUESDAY, contact_name="Nadia", contact_phone=OTHER, contact_is_told=True
    )
    stop(OTHER, commune)
    client.force_login(alice)

    assert '06 39 98 00 55 <span class="quiet">(proche)' in words(client, "resident-stops", fatima.pk)


def test_a_helper_who_books_sees_it_without_a_button(client, bob, commune, fatima):
    stop(PHONE, commune)
    client.force_login(bob)

    shown = words(client, "resident-stops", fatima.pk)

    assert "ne veut plus de messages automatiques" in shown
    assert "<button" not in shown
    assert client.post(reverse("resident-consent", args=[fatima.pk]), {"number": PHONE}).status_code == 404
    assert has_stopped(PHONE, commune)


def test_a_consent_is_for_a_number_of_that_resident_only(client, alice, commune, fatima, charlie):
    stop(OTHER, commune)
    client.force_login(alice)
    address = reverse("resident-consent", args=[fatima.pk])

    assert client.post(address, {"number": OTHER}).status_code == 404
    assert client.post(address).status_code == 404
    client.force_login(charlie)
    assert client.post(address, {"number": PHONE}).status_code == 404
    assert has_stopped(OTHER, commune)


def test_the_call_list_says_it_on_lines_that_are_there_for_another_reason(client, alice, commune, fatima):
    write("je ne comprends pas")
    stop(PHONE, commune)
    client.force_login(alice)

    assert "ne veut plus de messages automatiques" in words(client, "call-list")


def test_the_desk_is_told_before_it_books_that_nothing_will_leave(
    client, alice, commune, cabin, service, fatima
):
    stop(PHONE, commune)
    client.force_login(alice)

    shown = ask_to_book(client, fatima, cabin, service).content.decode()

    assert "Aucun message ne part" in shown


def test_one_query_reads_the_list_for_everyone(commune, cabin, service, django_assert_num_queries):
    rows = [
        book_for(
            make_resident(commune, f"+3363998{n:04d}"), cabin, service, at(8, day=27) + timedelta(hours=n)
        )
        for n in range(10)
    ]
    stop("+33639980003", commune)
    with django_assert_num_queries(6):
        by_appointment = histories.load_histories(rows)

    stopped = [
        pk
        for pk, history in by_appointment.items()
        if history.reach and any(each.stopped for each in history.reach.phones)
    ]
    assert stopped == [rows[3].pk]


def test_a_refusal_of_the_provider_is_for_the_commune_that_wrote(commune, neighbour, appointment, provider):
    provider.answers = [refuse(21610)]
    run()

    assert (has_stopped(PHONE, commune), has_stopped(PHONE, neighbour)) == (True, False)
    assert Message.objects.filter(failure=Failure.STOPPED).exists()


# ---- two people with one number ----------------------------------------------------------------------


def test_a_consent_names_everyone_with_that_number_and_is_in_the_file_of_each(
    client, alice, commune, fatima, charlie
):
    karim = make_resident(commune, PHONE, first_name="Karim", last_name="Bensaïd")
    make_resident(charlie.memberships.get().commune, PHONE, first_name="Ailleurs")
    stop(PHONE, commune)
    client.force_login(alice)
    shown = words(client, "resident-stops", fatima.pk)
    assert "Ce numéro a répondu STOP" in shown
    assert "Fatima Bensaïd, Karim Bensaïd : de nouveau des messages vers ce numéro" in shown
    assert "Ailleurs" not in shown

    address = reverse("resident-consent", args=[fatima.pk])
    answer = client.post(address, {"number": PHONE}, follow=True).content.decode()

    assert "Karim Bensaïd" in answer
    assert "Les messages automatiques repartent vers le 06 39 98 12 34." in words(
        client, "resident-messages", fatima.pk
    )
    assert "C’est Fatima Bensaïd, qui a le même numéro, qui l’a dit." in words(
        client, "resident-messages", karim.pk
    )


def test_words_that_may_mean_stop_can_be_noted_from_the_call_list(client, alice, commune, fatima):
    write("j'ai déjà dit stop", sid="SM1")
    write("j'ai déjà dit stop", sid="SM2")
    line = Message.objects.get(channel=Channel.DESK)
    client.force_login(alice)
    assert 'value="stops"' in words(client, "call-list")

    client.post(reverse("call-outcome", args=[line.pk]), {"outcome": "stops"})

    assert has_stopped(PHONE, commune)
    line.refresh_from_db()
    assert line.state == State.TOLD
    assert "noté par l’accueil" in words(client, "resident-stops", fatima.pk).lower()


def test_other_words_get_no_such_button(client, alice, fatima):
    write("je ne comprends pas", sid="SM1")
    write("je ne comprends pas", sid="SM2")
    client.force_login(alice)

    assert 'value="no_answer"' in words(client, "call-list")
    assert 'value="stops"' not in words(client, "call-list")


def test_without_a_number_there_is_nothing_to_stop(client, alice, commune, cabin, service):
    book_for(make_resident(commune, first_name="Odette"), cabin, service, by=Actor.api())
    run()
    line = Message.objects.get(channel=Channel.DESK)
    client.force_login(alice)

    assert client.post(reverse("call-outcome", args=[line.pk]), {"outcome": "stops"}).status_code == 404
    assert not Suppression.objects.exists()
