"""A helper is ill and nobody can replace them: from « Rendez-vous à replacer » to the desk's call list."""

from datetime import timedelta

import pytest
from django.urls import reverse

from agents.enums import AbsenceKind
from agents.models import Absence, Shift
from booking.actions import mark_impossible, reschedule
from booking.enums import AskedBy, EventKind, Reason, Status
from booking.log import Actor
from booking.models import Appointment
from notifications.enums import Channel, DeskReason, MessageKind, State
from notifications.models import Message
from notifications.pages.call_cancel import CANNOT_BE
from planning.orphans import OrphanReason
from tests.factories import TUESDAY, at, make_resident, make_shift
from tests.notifications.conftest import book_for, run
from tests.notifications.test_pages import words

pytestmark = pytest.mark.usefixtures("simulated", "tuesday")

SOON = TUESDAY + timedelta(minutes=1)


@pytest.fixture
def visit(cabin, service, site, bob, fatima) -> Appointment:
    """Fatima has been told to come to Bob on Wednesday at ten. Now Bob is ill."""
    make_shift(bob, site, at(9, day=25), at(12, day=25))
    visit = book_for(fatima, cabin, service, at(10, day=25), helper=bob)
    run()
    Absence.objects.create(agent=bob, starts_at=at(0, day=25), ends_at=at(0, day=26), kind=AbsenceKind.SICK)
    return visit


def apply(client, dana):
    client.force_login(dana)
    page = client.get(reverse("replacements"))
    return client.post(reverse("replacements"), {"plan": page.context["plan"].digest}, follow=True)


@pytest.fixture
def line(client, dana, visit) -> Message:
    apply(client, dana)
    run(SOON)
    return Message.objects.get(channel=Channel.DESK)


def test_the_page_says_who_will_be_called_before_it_is_done(client, dana, visit):
    client.force_login(dana)
    before = words(client.get(reverse("replacements")))

    assert "va dans la liste « À rappeler » : l’accueil proposera un autre horaire" in before
    assert "Faire rappeler 1 personne" in before
    after = words(apply(client, dana))
    assert "1 personne à rappeler." in after
    assert "dans la liste « À rappeler »" in after
    assert "Faire rappeler" not in after


def test_the_desk_sees_whom_to_call_why_and_what_to_say(client, alice, line, visit):
    client.force_login(alice)

    shown = words(client.get(reverse("call-list")))

    assert (line.kind, line.why, line.appointment) == (
        MessageKind.IMPOSSIBLE,
        DeskReason.HELPER_ABSENT,
        visit,
    )
    assert "aidant absent Fatima Bensaïd 06 39 98 12 34 Ne peut pas avoir lieu" in shown
    assert (
        "Dire que le RDV du mercredi 25 nov. à 10h, Hôtel de ville, ne peut pas avoir lieu, "
        "et proposer un autre horaire." in shown
    )
    assert 'value="told"' not in client.get(reverse("call-list")).content.decode()


def test_the_desk_reads_the_reason_that_is_true_and_cancels_for_it(client, dana, alice, visit, site, bob):
    """Not « helper absent » where a shift was taken away."""
    Absence.objects.all().delete()
    Shift.objects.filter(agent=bob).delete()
    client.force_login(dana)
    assert "une présence retirée" in words(client.get(reverse("replacements")))
    apply(client, dana)
    run(SOON)

    line = Message.objects.get(channel=Channel.DESK)
    assert visit.events.latest("pk").reason == Reason.NO_HELPER
    assert line.why == DeskReason.NO_HELPER
    client.force_login(alice)
    assert "aucun aidant présent Fatima Bensaïd" in words(client.get(reverse("call-list")))
    form = client.get(reverse("call-list"), {"cancel": visit.pk}).context["step"].form
    assert form.initial == {"reason": Reason.NO_HELPER, "asked_by": AskedBy.MAIRIE}


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        (Reason.NO_HELPER, DeskReason.NO_HELPER),
        (Reason.FAULT, DeskReason.FAULT),
        (Reason.CABIN_OUT_OF_ORDER, DeskReason.CABIN_DOWN),
        (Reason.SITE_CLOSED, DeskReason.SITE_CLOSED),
        (Reason.HELPER_ABSENT, DeskReason.HELPER_ABSENT),
    ],
)
def test_every_reason_for_which_a_visit_cannot_take_place_has_its_words_on_the_call_list(visit, reason, why):
    mark_impossible(appointment=visit, reason=reason, by=Actor.system(), now=TUESDAY)
    run(SOON)
    assert Message.objects.get(channel=Channel.DESK).why == why
    assert set(CANNOT_BE.values()) == {each.reason for each in OrphanReason}


def test_nobody_is_reminded_of_what_cannot_take_place(line, visit):
    run(TUESDAY + timedelta(hours=3))

    assert not Message.objects.filter(kind=MessageKind.REMINDER).exists()


def test_who_would_come_soonest_is_first_and_marked(client, alice, line, cabin, service, commune, set_clock):
    odette = make_resident(commune, first_name="Odette")
    book_for(odette, cabin, service, at(14, day=24))
    Appointment.objects.filter(resident=odette).update(status=Status.CANCELLED)
    Message.objects.filter(pk=line.pk).update(expires_at=at(10, day=25))
    set_clock(at(9, 35, day=25))
    client.force_login(alice)

    page = client.get(reverse("call-list"))

    assert "pressing" in page.content.decode()
    assert page.context["groups"][0][1][0].first == line


def test_who_wants_no_other_time_is_cancelled_for_our_reason_and_not_told_twice(client, alice, line, visit):
    client.force_login(alice)

    step = words(client.get(reverse("call-list"), {"cancel": visit.pk}))
    assert "À la demande de qui ?" in step
    form = client.get(reverse("call-list"), {"cancel": visit.pk}).context["step"].form
    assert form.initial == {"reason": Reason.HELPER_ABSENT, "asked_by": AskedBy.MAIRIE}

    after = client.post(
        reverse("call-cancel", args=[visit.pk]),
        {"reason": Reason.HELPER_ABSENT, "asked_by": AskedBy.MAIRIE},
        follow=True,
    )
    assert "Personne à rappeler" in words(after)
    run(SOON + timedelta(minutes=1))

    visit.refresh_from_db()
    line.refresh_from_db()
    event = visit.events.order_by("id").last()
    assert (visit.status, line.state) == (Status.CANCELLED, State.TOLD)
    assert (event.kind, event.reason, event.asked_by) == (
        EventKind.CANCELLED,
        Reason.HELPER_ABSENT,
        AskedBy.MAIRIE,
    )
    assert not Message.objects.filter(kind=MessageKind.CANCELLATION).exclude(state=State.TOLD).exists()


def test_who_takes_another_time_leaves_the_list_and_has_it_in_writing(client, alice, line, visit, site):
    client.force_login(alice)
    assert f"?move={visit.pk}" in client.get(reverse("call-list")).content.decode()

    reschedule(
        appointment=visit,
        site=site,
        start=at(14, day=26),
        with_helper=False,
        reason=Reason.RESIDENT_ASKED,
        by=Actor.agent(alice),
        now=SOON,
    )
    run(SOON + timedelta(minutes=1))

    line.refresh_from_db()
    assert line.state == State.EXPIRED
    assert Message.objects.get(kind=MessageKind.CHANGE).told_start == at(14, day=26)


def test_when_the_helper_is_back_nobody_is_called_and_the_reminder_leaves(client, alice, line, visit):
    from planning.tasks import each_minute

    Absence.objects.all().delete()
    each_minute.call()
    run(SOON + timedelta(minutes=1))

    line.refresh_from_db()
    assert line.state == State.EXPIRED
    client.force_login(alice)
    assert "Personne à rappeler" in words(client.get(reverse("call-list")))


def test_someone_without_a_phone_is_on_the_list_as_such(client, alice, dana, visit, fatima):
    fatima.phones.all().delete()
    fatima.postal_address = "3 rue des Lilas"
    fatima.save()
    apply(client, dana)
    run(SOON)
    client.force_login(alice)

    shown = words(client.get(reverse("call-list")))

    assert "courrier ou accueil 3 rue des Lilas" in shown
