"""The call list: who is on which card, in which order, and who is calling whom."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from booking.actions import cancel, merge_residents
from booking.enums import AskedBy, Reason
from booking.log import Actor
from booking.models import ResidentPhone
from notifications import actions
from notifications.actions import ask_call_back
from notifications.actions.call_claims import CLAIM_LASTS
from notifications.enums import DeskReason, MessageKind, State
from notifications.errors import AlreadyDone, BeingCalled
from notifications.models import CallClaim, CallResult, Message
from notifications.plan.calling import post_by, post_on, retry_at
from notifications.plan.hours import ANY, CallHours
from tests.factories import TUESDAY, at, make_cabin, make_resident
from tests.notifications.call_pages import cancel_on_list, cards, listed, note, undo
from tests.notifications.conftest import book_for, run, stop
from tests.notifications.plans import CALENDAR
from tests.notifications.test_pages import words

pytestmark = pytest.mark.usefixtures("simulated", "tuesday")

PHONE = "+33639981231"


@pytest.fixture
def off(service, alice, commune, site):
    """Cancel an appointment of somebody whom the desk must call or write to: returns the line."""

    def make(start, *numbers: str, resident=None, **fields):
        for number in numbers:
            stop(number, commune)
        who = resident or make_resident(commune, *numbers, **fields)
        appointment = book_for(who, make_cabin(site), service, start)
        cancel(appointment=appointment, reason=Reason.HELPER_ABSENT, by=Actor.agent(alice), now=TUESDAY)
        run()
        return Message.objects.get(appointment=appointment, state=State.PENDING)

    return make


def names(client: Client) -> list[str]:
    return [card.resident.first_name for card in cards(client) if card.resident]


# ---- the order -----------------------------------------------------------------------------------------


def test_the_list_is_ordered_by_the_hour_at_which_the_person_must_know(client, alice, off):
    off(at(9, day=30), PHONE, first_name="Zoé")
    off(at(16), "+33639981232", first_name="Anna")
    off(at(15, 15), "+33639981233", first_name="Georges")
    off(at(17, 15, day=25), "+33639981234", first_name="Valérie")
    client.force_login(alice)

    page = words(client.get(reverse("call-list")))

    assert names(client) == ["Georges", "Anna", "Valérie", "Zoé"]
    assert "Avant ce soir 2 personnes aujourd’hui 15:15 dans 5 h 15" in page
    assert "Demain 1 personne demain 17:15 dans 31 h 15" in page
    assert "Plus tard 1 personne lundi 30 novembre 9:00 dans 6 jours" in page


def test_a_moved_appointment_counts_from_the_hour_at_which_they_would_come(
    client, alice, service, commune, site
):
    from booking.actions import reschedule

    site.opening_hours = "Mo-Fr 08:00-18:00"
    site.save()
    first = book_for(make_resident(commune, PHONE), make_cabin(site), service, at(15), now=at(9, day=20))
    run(at(9, day=20))
    stop(PHONE, commune)
    reschedule(
        appointment=first,
        site=site,
        start=at(10, day=30),
        reason=Reason.HELPER_ABSENT,
        by=Actor.agent(alice),
        now=TUESDAY,
    )
    run()
    client.force_login(alice)

    (card,) = cards(client)
    assert (card.know_by, card.lines[0].message.kind) == (at(15), MessageKind.CHANGE)


def test_no_answer_keeps_the_place_and_says_when_to_call_again(client, alice, off):
    first, second = off(at(15, 15), PHONE), off(at(16), "+33639981232")
    client.force_login(alice)

    page = note(client, first, outcome="no_answer")

    assert [card.first for card in cards(client)] == [first, second]
    assert "à retenter à 11:00" in page
    first.refresh_from_db()
    assert (first.retry_at, first.attempts) == (at(11), 1)


@pytest.mark.parametrize(
    ("now", "know_by", "hours", "again"),
    [
        (at(10, 2), at(15, 15), ANY, at(11, 5)),
        (at(10, 2), at(11), ANY, at(10, 35)),  # half of the time that is left
        (at(10, 2), at(10, 5), ANY, at(10, 15)),
        (at(10, 2), at(9), ANY, at(10, 15)),  # the hour has passed
        (at(18, 40), at(9, 30, day=25), ANY, at(9, day=25)),  # not in the evening
        (at(18, 40), at(8, day=25), ANY, at(19, 40)),  # unless tomorrow is too late
        (at(10, 2), at(15, 15, day=25), CallHours(at(14).time(), None), at(14)),
    ],
)
def test_the_time_to_call_again_is_early_enough_and_at_an_hour_for_calls(now, know_by, hours, again):
    assert retry_at(CALENDAR, now, know_by, hours) == again


def test_a_letter_counts_from_its_last_posting_day(client, alice, off):
    off(at(9, day=28), PHONE, first_name="Anna")
    off(at(11, day=30) + timedelta(days=1), first_name="Colette")
    client.force_login(alice)

    page = words(client.get(reverse("call-list")))

    assert names(client) == ["Colette", "Anna"]
    assert "lettre à poster au plus tard jeudi 26 novembre mardi 1er décembre 11:00, dans 7 jours" in page


def test_where_no_letter_arrives_in_time_the_hour_itself_counts(client, alice, off):
    off(at(11, day=26), first_name="Colette")
    client.force_login(alice)

    (card,) = cards(client)

    assert (card.post_on, card.deadline) == (None, at(11, day=26))
    assert "aucune lettre n’arrive à temps" in words(client.get(reverse("call-list")))


@pytest.mark.parametrize(
    ("know_by", "last"),
    [
        (at(11, day=30) + timedelta(days=1), date(2026, 11, 26)),  # Fri, Sat, Mon
        (at(11, day=27), date(2026, 11, 23)),
        (at(11, day=12), date(2026, 11, 6)),  # the 11th is a holiday, the 8th a Sunday
    ],
)
def test_letters_take_three_days_without_sundays_and_holidays(know_by, last):
    assert post_on(CALENDAR, know_by) == last


def test_after_the_last_collection_it_is_too_late():
    know_by = at(11, day=27)
    assert post_by(CALENDAR, know_by, at(14, 59, day=23)) == at(15, day=23)
    assert post_by(CALENDAR, know_by, at(15, day=23)) is None


# ---- one card for each person --------------------------------------------------------------------------


def test_one_card_has_all_reasons_phones_and_appointments_of_a_person(
    client, alice, off, commune, service, site, fatima
):
    first = off(at(15, 15), "+33639981234", resident=fatima)
    second = off(at(16, day=27), resident=fatima)
    third = book_for(fatima, make_cabin(site), service, at(9, day=30))
    ResidentPhone.objects.create(resident=fatima, number="+33261910099", is_mobile=False, owner="family")
    ask_call_back(commune=commune, number="+33639981234", why=DeskReason.ASKED, resident=fatima, now=TUESDAY)
    run()
    client.force_login(alice)

    (card,) = cards(client)

    assert {line.message.appointment for line in card.lines} >= {
        first.appointment,
        second.appointment,
        None,
    }
    assert [each.number for each in card.numbers] == ["+33639981234", "+33261910099"]
    assert third in [topic.appointment for topic in card.topics]
    assert words(client.get(reverse("call-list-count"))).strip().startswith("1")


def test_merged_records_are_one_card(client, alice, off, commune):
    off(at(15, 15), PHONE, first_name="Fatima")
    second = off(at(16), "+33639981232", first_name="Fatma")
    first = listed()[0]
    assert first.resident and second.resident
    merge_residents(keep=first.resident, duplicate=second.resident, by=Actor.agent(alice), now=TUESDAY)
    client.force_login(alice)

    (card,) = cards(client)

    assert len(card.lines) == 2
    page = note(client, *[line.message for line in card.lines], outcome="told")
    assert "Personne à rappeler" in page


def test_a_wrong_number_is_about_that_number_only(client, alice, off, fatima):
    ResidentPhone.objects.create(resident=fatima, number="+33261910099", is_mobile=False)
    line = off(at(15, 15), "+33639981234", resident=fatima)
    client.force_login(alice)

    note(client, line, outcome="wrong_number", number="+33639981234")

    line.refresh_from_db()
    assert (line.state, line.recipient) == (State.PENDING, "+33261910099")
    (card,) = cards(client)
    assert [each.number for each in card.numbers] == ["+33261910099"]


def test_a_request_of_friday_evening_is_still_there_on_monday(client, alice, commune, set_clock):
    friday, tuesday = at(18, day=27), at(9, day=30) + timedelta(days=1)
    set_clock(friday)
    ask_call_back(commune=commune, number=PHONE, why=DeskReason.ASKED, now=friday)
    set_clock(tuesday)
    run(tuesday)
    client.force_login(alice)

    assert len(cards(client)) == 1


def test_cancelling_one_appointment_leaves_the_others_of_the_person(
    client, alice, off, service, site, fatima
):
    line = off(at(15, 15), "+33639981234", resident=fatima)
    stays = book_for(fatima, make_cabin(site), service, at(16, day=27))
    goes = book_for(fatima, make_cabin(site), service, at(9, day=30))
    client.force_login(alice)
    step = words(client.get(reverse("call-list"), {"cancel": goes.pk}))
    assert "Son rendez-vous du vendredi 27 novembre, 16 h, reste." in step

    cancel_on_list(client, goes)

    stays.refresh_from_db()
    goes.refresh_from_db()
    assert (stays.status, goes.status) == ("booked", "cancelled")
    assert line in listed()


def test_restoring_beside_another_visit_of_the_person_leads_to_the_page_that_asks(
    client, alice, off, service, site, fatima
):
    off(at(15, 15), "+33639981234", resident=fatima)
    goes = book_for(fatima, make_cabin(site), service, at(9, day=30))
    client.force_login(alice)
    cancel_on_list(client, goes)
    book_for(fatima, make_cabin(site), service, at(9, day=30))

    assert "Le rendez-vous n’est pas encore rétabli" in undo(client)

    goes.refresh_from_db()
    assert goes.status == "cancelled"


def test_letters_lead_to_results_of_a_call_only(client, alice, off, service, site, fatima):
    off(at(15, 15), "+33639981234", resident=fatima)
    book_for(fatima, make_cabin(site), service, at(16, day=27))
    client.force_login(alice)

    page = client.get(reverse("call-list")).content.decode()

    assert page.count("data-key=") == 3
    for key, value in (("p", "told"), ("s", "no_answer"), ("n", "wrong_number")):
        assert f'data-key="{key}"' in page
        assert f'value="{value}"' in page


# ---- who is calling whom -------------------------------------------------------------------------------


def claim(client: Client, line: Message, **more: str) -> str:
    return words(client.post(reverse("call-claim", args=[line.pk]), more, follow=True))


def test_a_colleague_sees_who_is_calling_and_may_take_over(client, alice, dana, off):
    line = off(at(15, 15), PHONE)
    client.force_login(alice)
    assert "Vous l’appelez depuis 10 h" in claim(client, line)
    client.force_login(dana)

    seen = words(client.get(reverse("call-list")))
    refused = claim(client, line)
    taken = claim(client, line, over="1")

    assert "Alice l’appelle depuis 10 h. " in seen
    assert "Alice s’en occupe. Je prends sa place" in seen
    assert "Personne prévenue P" not in seen
    assert "Alice appelle déjà cette personne." in refused
    assert "Vous l’appelez depuis 10 h" in taken
    assert CallClaim.objects.get().agent == dana


def test_a_claim_ends_with_the_result_by_leaving_and_by_itself(client, alice, off, set_clock):
    line = off(at(15, 15), PHONE)
    client.force_login(alice)
    claim(client, line)
    note(client, line, outcome="no_answer")
    assert not CallClaim.objects.exists()

    claim(client, line)
    client.post(reverse("call-release", args=[line.pk]))
    assert not CallClaim.objects.exists()

    claim(client, line)
    set_clock(TUESDAY + CLAIM_LASTS)
    assert "l’appelez" not in words(client.get(reverse("call-list")))


def test_leaving_does_not_end_the_claim_of_a_colleague(client, alice, dana, off):
    line = off(at(15, 15), PHONE)
    client.force_login(alice)
    claim(client, line)
    client.force_login(dana)

    client.post(reverse("call-release", args=[line.pk]))

    assert CallClaim.objects.get().agent == alice


def test_a_claim_is_of_the_person_whichever_line_it_was_made_from(client, alice, dana, off, fatima):
    first = off(at(15, 15), "+33639981234", resident=fatima)
    second = off(at(16), resident=fatima)
    actions.claim_call(line=first, by=alice, now=TUESDAY)

    with pytest.raises(BeingCalled):
        actions.claim_call(line=second, by=dana, now=TUESDAY)


def test_strangers_are_claimed_by_their_number(commune, alice, dana, client):
    for number in (PHONE, "+33639981232"):
        ask_call_back(commune=commune, number=number, why=DeskReason.ASKED, now=TUESDAY)
    one, other = listed()
    actions.claim_call(line=one, by=alice, now=TUESDAY)

    actions.claim_call(line=other, by=dana, now=TUESDAY)
    with pytest.raises(BeingCalled):
        actions.claim_call(line=one, by=dana, now=TUESDAY)
    client.force_login(dana)
    page = words(client.get(reverse("call-list")))
    assert ("Alice s’en occupe" in page, "Vous l’appelez" in page) == (True, True)


def race(*jobs) -> list[object]:
    """Run these at the same moment; what each returned or raised."""
    gate = threading.Barrier(len(jobs))

    def run_one(job):
        try:
            gate.wait(10)
            return job()
        except Exception as error:  # noqa: BLE001 the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [each.result(60) for each in [pool.submit(run_one, job) for job in jobs]]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_desks_that_take_the_same_person_one_does(commune, alice, dana, off):
    line = off(at(15, 15), PHONE)

    for _ in range(8):
        CallClaim.objects.all().delete()
        answers = race(
            *(lambda who=who: actions.claim_call(line=line, by=who, now=TUESDAY) for who in (alice, dana))
        )
        won = [each for each in answers if isinstance(each, CallClaim)]
        assert len(won) == 1, answers
        assert CallClaim.objects.get().agent_id == won[0].agent_id
        assert sum(isinstance(each, BeingCalled) for each in answers) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_results_at_once_one_is_noted(commune, alice, dana, off):
    lines = [off(at(11 + n), f"+3363998124{n}") for n in range(6)]

    for line in lines:
        answers = race(
            *(partial(actions.note_told, lines=[line], by=who, now=TUESDAY) for who in (alice, dana))
        )
        assert sum(isinstance(each, CallResult) for each in answers) == 1, answers
        assert sum(isinstance(each, AlreadyDone) for each in answers) == 1, answers
    assert CallResult.objects.count() == len(lines)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_cancellations_and_a_sweep_at_once_one_cancels(commune, alice, dana, site, service):
    for n in range(4):
        number = f"+3363998125{n}"
        stop(number, commune)
        appointment = book_for(
            make_resident(commune, number), make_cabin(site), service, at(15), now=TUESDAY, by=Actor.api()
        )
        run()
        copies = [type(appointment).objects.get(pk=appointment.pk) for _ in range(2)]

        answers = race(
            *(
                partial(
                    actions.cancel_on_the_phone,
                    appointment=mine,
                    reason=Reason.CANNOT_COME,
                    asked_by=AskedBy.RESIDENT,
                    told_at=number,
                    by=who,
                    now=TUESDAY,
                )
                for who, mine in zip((alice, dana), copies, strict=True)
            ),
            run,
        )

        assert sum(isinstance(each, CallResult) for each in answers) == 1, answers
        run(TUESDAY + timedelta(minutes=1))
        assert Message.objects.filter(appointment=appointment, kind="cancellation").count() == 1
        assert listed() == []


def test_another_commune_neither_sees_nor_changes_a_card(client, charlie, alice, off):
    line = off(at(15, 15), PHONE)
    client.force_login(charlie)

    for name in ("call-claim", "call-release", "call-outcome"):
        assert client.post(reverse(name, args=[line.pk]), {"outcome": "told"}).status_code == 404
    assert client.post(reverse("call-cancel", args=[line.appointment_id]), {"reason": ""}).status_code == 404
    assert cards(client) == []
