"""The fragments and pages about messages."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booking.actions import cancel
from booking.enums import AskedBy, Reason
from booking.log import Actor
from booking.models import ResidentPhone
from notifications.enums import Channel, DeskReason, MessageKind, State
from notifications.models import Heartbeat, Message, ProviderAlarm
from notifications.providers.twilio import conf
from tests.factories import TUESDAY, at, make_resident
from tests.html import Page
from tests.notifications.announcing import ask, ask_to_book, ask_to_move
from tests.notifications.conftest import book_for, run, stop

FRIDAY = at(10, 30, day=27)

pytestmark = pytest.mark.usefixtures("simulated", "tuesday")


def words(response) -> str:
    """What the page says, without its tags."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[\s\u00a0]+", " ", unescape(text))


# ---- what will leave ---------------------------------------------------------------------------------


def test_the_list_shows_the_text_and_what_it_takes(client, alice, fatima, cabin, service):
    client.force_login(alice)

    shown = words(ask_to_book(client, fatima, cabin, service))

    assert (
        "Mairie de Petit-Quevilly : vous avez rendez-vous vendredi 27 nov. à 10h30, Hotel de ville." in shown
    )
    assert "SMS à Fatima Bensaïd 06 39 98 12 34" in shown
    assert "132/160" in shown


def test_the_list_names_the_contact_person_who_is_told_too(client, alice, fatima, cabin, service):
    fatima.contact_name, fatima.contact_relation = "Karim", "son fils"
    fatima.contact_phone, fatima.contact_is_told = "+33639981235", True
    fatima.save()
    client.force_login(alice)

    shown = words(ask_to_book(client, fatima, cabin, service))

    assert "SMS à Fatima Bensaïd 06 39 98 12 34" in shown
    assert "SMS à Karim (son fils) 06 39 98 12 35" in shown
    assert "votre proche a rendez-vous" in shown


def test_the_list_for_a_landline_says_that_nothing_leaves(client, alice, georges, cabin, service):
    client.force_login(alice)

    assert "Aucun message ne part" in words(ask_to_book(client, georges, cabin, service))


def test_the_list_of_a_move_has_the_text_of_a_change(client, alice, appointment):
    run()
    client.force_login(alice)

    shown = words(ask_to_move(client, appointment, at(14, day=27)))

    assert "votre RDV est déplacé. Nouveau RDV vendredi 27 nov. à 14h" in shown


def test_the_list_is_for_the_commune_only(client, charlie, appointment, fatima, cabin, service):
    client.force_login(charlie)

    assert ask_to_move(client, appointment, at(14, day=27)).status_code == 404
    shown = ask_to_book(client, fatima, cabin, service, at(15, day=27))
    assert shown.context["announcement"].is_refused
    assert "Fatima" not in words(shown)


def test_a_list_of_nothing_sensible_promises_nothing(client, alice, fatima):
    client.force_login(alice)

    for sent in ({}, {"hold": "x", "resident": fatima.pk}, {"hold": "9" * 30, "resident": fatima.pk}):
        response = ask(client, "desk-confirm", **sent)
        assert response.status_code == 200
        assert response.context["announcement"].is_refused


# ---- what has left -----------------------------------------------------------------------------------


def test_the_journal_asks_again_until_the_message_has_arrived(client, alice, appointment):
    client.force_login(alice)
    address = reverse("appointment-messages", args=[appointment.pk])

    assert "hx-trigger" in client.get(address).content.decode()
    run()
    told = client.get(address)

    assert "hx-trigger" not in told.content.decode()
    shown = words(told)
    assert "✓ reçu SMS à Fatima 24 nov. 10:00 Confirmation, 06 39 98 12 34" in shown


def test_the_journal_is_for_the_commune_only(client, charlie, appointment):
    client.force_login(charlie)

    assert client.get(reverse("appointment-messages", args=[appointment.pk])).status_code == 404


def test_the_journal_says_why_something_failed_and_what_the_desk_must_do(
    client, alice, cabin, service, commune
):
    dead = book_for(make_resident(commune, "+33639980000"), cabin, service)
    run()
    client.force_login(alice)

    shown = words(client.get(reverse("appointment-messages", args=[dead.pk])))

    assert "ce numéro ne peut pas le recevoir (30006)" in shown


# ---- the call list -----------------------------------------------------------------------------------


@pytest.fixture
def line(cabin, service, commune, alice) -> Message:
    """Odette has no phone, and her appointment of Friday was cancelled."""
    return _line(make_resident(commune, first_name="Odette"), cabin, service, alice)


@pytest.fixture
def dialled(cabin, service, georges, alice, settings) -> Message:
    """Georges cannot be called automatically, and his appointment was cancelled."""
    stop(georges.phones.get().number, georges.commune)
    return _line(georges, cabin, service, alice)


def _line(resident, cabin, service, agent) -> Message:
    appointment = book_for(resident, cabin, service)
    cancel(appointment=appointment, reason=Reason.HELPER_ABSENT, by=Actor.agent(agent), now=TUESDAY)
    run()
    return Message.objects.get(channel=Channel.DESK, resident=resident)


def act(client, line, outcome):
    return client.post(reverse("call-outcome", args=[line.pk]), {"outcome": outcome}, follow=True)


def test_the_list_says_who_how_what_and_why(client, alice, line):
    client.force_login(alice)

    shown = words(client.get(reverse("call-list")))

    assert "Odette Bensaïd" in shown
    assert "sans téléphone" in shown
    assert "courrier ou accueil" in shown
    assert "est annulé" in shown


def test_an_empty_list_says_so(client, alice):
    client.force_login(alice)

    assert "Personne à rappeler." in words(client.get(reverse("call-list")))


def test_the_navigation_counts(client, alice, line):
    client.force_login(alice)

    assert words(client.get(reverse("call-list-count"))).strip().startswith("1")
    act(client, line, "told")
    assert words(client.get(reverse("call-list-count"))).strip() == ""


def test_the_number_in_the_navigation_follows_the_list_at_once(client, alice, line):
    client.force_login(alice)

    def number(**headers: str) -> str:
        page = Page(client.get(reverse("call-list"), headers=headers).content.decode())
        return page.text(page.one(id="call-list-count")).strip()

    assert number() == ""  # drawn by itself, once the page is there
    assert number(**{"HX-Request": "true"}).startswith("1")
    act(client, line, "told")
    assert number(**{"HX-Request": "true"}) == ""


def test_someone_told_leaves_the_list_and_the_journal_knows_by_whom(client, alice, line):
    client.force_login(alice)

    assert "10:00 Odette Bensaïd personne prévenue" in words(act(client, line, "told"))

    line.refresh_from_db()
    assert (line.state, line.handled_by) == (State.TOLD, alice)
    assert "personne prévenue par l’accueil" in words(
        client.get(reverse("appointment-messages", args=[line.appointment_id]))
    )


def test_a_colleague_who_was_faster_is_not_overruled(client, alice, line):
    client.force_login(alice)
    act(client, line, "told")

    assert "Quelqu’un s’en est déjà occupé." in words(act(client, line, "no_answer"))


def test_no_answer_keeps_the_line_and_counts_the_try(client, alice, dialled):
    client.force_login(alice)

    shown = words(act(client, dialled, "no_answer"))

    assert "1 appel, le" in shown
    dialled.refresh_from_db()
    assert dialled.state == State.PENDING


def test_a_wrong_number_is_not_called_again(client, alice, dialled, georges):
    client.force_login(alice)

    act(client, dialled, "wrong_number")

    assert not ResidentPhone.objects.get(resident=georges).may_call
    dialled.refresh_from_db()
    assert (dialled.recipient, dialled.why) == (f"resident:{georges.pk}", DeskReason.NO_PHONE)


def test_who_cancels_on_the_phone_is_cancelled_and_told(client, alice, cabin, service, commune):
    stop("+33639980077", commune)
    appointment = book_for(make_resident(commune, "+33639980077"), cabin, service, by=Actor.api())
    run()
    (listed,) = Message.objects.filter(channel=Channel.DESK)
    client.force_login(alice)

    client.post(
        reverse("call-cancel", args=[appointment.pk]),
        {"reason": Reason.CANNOT_COME, "asked_by": AskedBy.RESIDENT},
    )

    appointment.refresh_from_db()
    listed.refresh_from_db()
    assert (appointment.status, listed.state) == ("cancelled", State.EXPIRED)
    run(TUESDAY + timedelta(minutes=1))
    told = Message.objects.exclude(pk=listed.pk).get()
    assert (told.channel, told.kind, told.state) == (Channel.DESK, MessageKind.CANCELLATION, State.TOLD)


def test_the_most_urgent_comes_first(client, alice, cabin, service, commune):
    for name, start in (("Zoé", at(14, day=24)), ("Anna", at(9, day=30))):
        _line_for(make_resident(commune, first_name=name), cabin, service, alice, start)
    client.force_login(alice)

    shown = words(client.get(reverse("call-list")))

    assert shown.index("Zoé") < shown.index("Anna")


def _line_for(resident, cabin, service, agent, start):
    appointment = book_for(resident, cabin, service, start)
    cancel(appointment=appointment, reason=Reason.HELPER_ABSENT, by=Actor.agent(agent), now=TUESDAY)
    run()


def test_the_list_is_the_desks_and_of_its_commune(client, bob, charlie, line):
    client.force_login(bob)  # a helper
    assert client.get(reverse("call-list")).status_code == 404
    assert act(client, line, "told").status_code == 404
    client.force_login(charlie)
    assert "Odette" not in words(client.get(reverse("call-list")))
    assert act(client, line, "told").status_code == 404


def test_an_unknown_outcome_is_not_found(client, alice, line):
    client.force_login(alice)

    assert act(client, line, "shrug").status_code == 404


def test_the_list_costs_the_same_however_long(client, alice, cabin, service, commune):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("call-list"))
        return len(captured)

    client.force_login(alice)
    _line_for(make_resident(commune, first_name="One"), cabin, service, alice, at(7, day=27))
    one = queries()
    for n in range(12):
        _line_for(
            make_resident(commune, first_name=f"N{n}"),
            cabin,
            service,
            alice,
            at(8, day=27) + timedelta(hours=n),
        )

    assert queries() == one <= 12


# ---- the simulator -----------------------------------------------------------------------------------


def test_the_simulator_shows_the_phone_and_its_messages(client, alice, appointment):
    client.force_login(alice)
    assert "Pas encore de message." in words(client.get(reverse("simulator")))
    run()

    shown = words(client.get(reverse("simulator")))

    assert "Fatima Bensaïd 06 39 98 12 34" in shown
    assert "Répondez 1 si vous venez, 2 pour annuler." in shown


def test_the_simulator_sends_nothing_while_nothing_changes(client, alice, appointment):
    run()
    client.force_login(alice)
    page = client.get(reverse("simulator")).content.decode()
    version = page.partition("?version=")[2][:16]
    asked = {"query_params": {"version": version}, "headers": {"HX-Request": "true"}}

    assert client.get(reverse("simulator"), **asked).status_code == 204
    Message.objects.update(state=State.SENT)
    assert client.get(reverse("simulator"), **asked).status_code == 200


def test_there_is_no_simulator_where_real_messages_leave(client, alice, settings, monkeypatch):
    client.force_login(alice)
    monkeypatch.setattr(conf, "ACCOUNT_SID", "AC1")
    assert client.get(reverse("simulator")).status_code == 404
    monkeypatch.setattr(conf, "ACCOUNT_SID", "")
    settings.DEBUG = False
    assert client.get(reverse("simulator")).status_code == 404


def test_another_communes_phones_are_not_shown(client, charlie, appointment):
    run()
    client.force_login(charlie)

    assert "Fatima" not in words(client.get(reverse("simulator")))


# ---- health ------------------------------------------------------------------------------------------


def test_health_is_well_when_a_sweep_has_just_gone_through(client, appointment):
    run()

    response = client.get("/health")

    assert (response.status_code, response.json()["status"]) == (200, "ok")
    assert set(response.json()) == {
        "status",
        "free_bytes",
        "problems",
        "database",
        "heartbeat_age_s",
        "oldest_overdue_s",
        "provider_alarm",
        "refused_senders",
        "searches_given_up",
    }


def test_health_says_that_no_worker_runs(client, db):
    response = client.get("/health")

    assert (response.status_code, response.json()["heartbeat_age_s"]) == (503, None)


def test_health_says_that_a_worker_has_frozen(client, db):
    run()
    # A heartbeat is of the clock of the machine.
    Heartbeat.objects.filter(name="sweep").update(at=F("at") - timedelta(minutes=30))

    assert client.get("/health").status_code == 503


def test_health_says_what_is_late_but_not_what_waits_for_the_morning(client, appointment):
    run()
    Message.objects.update(state=State.PENDING, due_at=TUESDAY - timedelta(hours=1))

    late = client.get("/health")
    Message.objects.update(due_at=TUESDAY + timedelta(hours=1))

    assert (late.status_code, late.json()["oldest_overdue_s"] >= 3600) == (503, True)
    assert client.get("/health").status_code == 200


def test_health_says_that_the_provider_refuses_us(client, db):
    run()
    ProviderAlarm.objects.create(channel=Channel.SMS, code="20003", since=TUESDAY, retry_at=TUESDAY)

    assert client.get("/health").json()["provider_alarm"] is True
