"""A record whose use is limited: kept, and nothing is booked with it, whichever way it is tried."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking import actions
from booking.actions import BookingRequest, WaitingRequest
from booking.enums import AskedBy, EventKind, LimitedFor, OfferAnswer, Reason, Status, WaitingState
from booking.errors import ResidentLimited
from booking.forms.desk import slot_value
from booking.log import Actor
from booking.models import Appointment, AppointmentEvent, Resident, VisitRecord, WaitingEntry
from booking.search import search
from communes.models import Cabin, Commune, Service, Site
from core.edits import Edit, RecordGone, plain
from tests.factories import TUESDAY, at, make_appointment, make_resident, make_shift

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

SYSTEM = Actor.system()
FRIDAY = at(10, 30, day=27)
LATER = at(14, day=27)


@pytest.fixture(autouse=True)
def at_work(bob: Agent, site: Site) -> None:
    for day in (24, 27):
        make_shift(bob, site, at(9, day=day), at(12, day=day))
        make_shift(bob, site, at(14, day=day), at(17, day=day))


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, "+33639981234")


def limited(resident: Resident, **how: Any) -> actions.Limited:
    values = {"why": LimitedFor.ACCURACY, "cancels": False, "by": SYSTEM, "now": TUESDAY, **how}
    done = actions.limit_resident(resident=resident, **values)
    resident.refresh_from_db()
    return done


def wish(fatima: Resident, service: Service, site: Site, **more: Any) -> BookingRequest:
    values = {"start": FRIDAY, "with_helper": True, "resident": fatima, **more}
    return BookingRequest(service=service, site=site, **values)


# ---- every way to book ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("cabin")
def test_no_action_books_with_a_limited_record(fatima: Resident, service: Service, site: Site) -> None:
    limited(fatima)
    asked: dict[str, Any] = {"by": SYSTEM, "now": TUESDAY}

    with pytest.raises(ResidentLimited):
        actions.book(request=wish(fatima, service, site), **asked)
    with pytest.raises(ResidentLimited):
        actions.hold(request=wish(fatima, service, site), **asked)
    with pytest.raises(ResidentLimited):
        actions.book_series(request=wish(fatima, service, site), visits=[(site, FRIDAY)], **asked)
    assert not Appointment.objects.exists()


@pytest.mark.usefixtures("cabin")
def test_a_time_kept_for_nobody_is_not_booked_for_them(
    fatima: Resident, service: Service, site: Site
) -> None:
    limited(fatima)
    held = actions.hold(request=wish(fatima, service, site, resident=None), by=SYSTEM, now=TUESDAY)

    with pytest.raises(ResidentLimited):
        actions.book_kept(appointment=held, resident=fatima, by=SYSTEM, now=TUESDAY)
    with pytest.raises(ResidentLimited):
        actions.book_hold(appointment=held, resident=fatima, by=SYSTEM, now=TUESDAY)

    held.refresh_from_db()
    assert (held.status, held.resident) == (Status.HELD, None)


def test_no_visit_is_given_to_them_or_named_after_them(
    fatima: Resident, cabin: Cabin, service: Service
) -> None:
    limited(fatima)
    nameless = make_appointment(cabin, service, FRIDAY)

    with pytest.raises(ResidentLimited):
        actions.give_to(appointment=nameless, resident=fatima, by=SYSTEM, now=TUESDAY)
    with pytest.raises(ResidentLimited):
        actions.edit(appointment=nameless, resident=fatima, by=SYSTEM, now=TUESDAY)

    nameless.refresh_from_db()
    assert nameless.resident is None


def test_no_walk_in_begins_with_their_name(
    fatima: Resident, cabin: Cabin, service: Service, site: Site
) -> None:
    limited(fatima)

    with pytest.raises(ResidentLimited):
        actions.start_walk_in(request=wish(fatima, service, site, cabin=cabin), by=SYSTEM, now=TUESDAY)


def test_they_do_not_join_the_waiting_list(fatima: Resident, service: Service) -> None:
    limited(fatima)
    request = WaitingRequest(resident=fatima, service=service, with_helper=True, until_on=date(2026, 12, 24))

    with pytest.raises(ResidentLimited):
        actions.join_waiting_list(request=request, now=TUESDAY)
    with pytest.raises(ResidentLimited):
        actions.free_now(request=request, now=TUESDAY)


def test_a_cancelled_visit_does_not_come_back_after_its_grace(
    fatima: Resident, cabin: Cabin, service: Service
) -> None:
    visit = make_appointment(cabin, service, FRIDAY, resident=fatima)
    actions.cancel(appointment=visit, by=SYSTEM, now=TUESDAY)
    limited(fatima)

    with pytest.raises(ResidentLimited):
        actions.restore(appointment=visit, by=SYSTEM, now=TUESDAY)


def test_a_visit_moves_only_if_the_person_asks(
    fatima: Resident, cabin: Cabin, service: Service, site: Site
) -> None:
    visit = make_appointment(cabin, service, FRIDAY, resident=fatima)
    limited(fatima)

    for by in (SYSTEM, Actor.api()):
        with pytest.raises(ResidentLimited):
            actions.reschedule(appointment=visit, site=site, start=LATER, by=by, now=TUESDAY)
    actions.reschedule(
        appointment=visit, site=site, start=LATER, asked_by=AskedBy.RESIDENT, by=SYSTEM, now=TUESDAY
    )

    visit.refresh_from_db()
    assert visit.starts_at == LATER


# ---- the waiting list ----------------------------------------------------------------------------------


def waiting(who: Resident, service: Service) -> WaitingEntry:
    request = WaitingRequest(resident=who, service=service, with_helper=True, until_on=date(2026, 12, 24))
    return actions.join_waiting_list(request=request, now=TUESDAY)


@pytest.mark.usefixtures("cabin")
def test_an_offer_is_given_back_and_they_keep_their_turn(
    commune: Commune, fatima: Resident, service: Service
) -> None:
    entry = waiting(fatima, service)
    assert actions.offer_freed_times(now=TUESDAY) == 1
    behind = waiting(make_resident(commune, "+33639981244", first_name="Zoé"), service)

    done = limited(fatima)

    entry.refresh_from_db()
    assert (done.given_back, entry.state, entry.unanswered) == (1, WaitingState.WAITING, 0)
    assert entry.offers.get().answer == OfferAnswer.WITHDRAWN
    assert actions.offer_freed_times(now=TUESDAY) == 1
    behind.refresh_from_db()
    assert behind.state == WaitingState.OFFERED
    assert entry.offers.count() == 1

    actions.lift_limitation(resident=fatima, by=SYSTEM, now=TUESDAY)
    assert actions.offer_freed_times(now=TUESDAY) == 1
    entry.refresh_from_db()
    assert entry.state == WaitingState.OFFERED


# ---- what the person wants of their visits ----------------------------------------------------------------


def test_coming_visits_stay_unless_the_person_wants_them_cancelled(
    commune: Commune, fatima: Resident, cabin: Cabin, service: Service
) -> None:
    visit = make_appointment(cabin, service, FRIDAY, resident=fatima)
    other = make_resident(commune, "+33639981244", first_name="Zoé")
    theirs = make_appointment(cabin, service, LATER, resident=other)

    assert limited(fatima).kept == 1
    done = limited(other, cancels=True)

    visit.refresh_from_db()
    theirs.refresh_from_db()
    assert (done.cancelled, done.kept) == (1, 0)
    assert (visit.status, theirs.status) == (Status.BOOKED, Status.CANCELLED)
    last = AppointmentEvent.objects.filter(appointment=theirs, kind=EventKind.CANCELLED).get()
    assert (last.reason, last.asked_by) == (Reason.RESIDENT_ASKED, AskedBy.RESIDENT)


def test_figures_count_a_visit_of_a_limited_record(fatima: Resident, cabin: Cabin, service: Service) -> None:
    visit = make_appointment(cabin, service, at(9), resident=fatima, status=Status.IN_SESSION)
    limited(fatima)

    actions.end_session(appointment=visit, outcome="solved", by=SYSTEM, now=TUESDAY)

    assert VisitRecord.objects.count() == 1


def test_limiting_twice_changes_the_reason_alone(fatima: Resident) -> None:
    limited(fatima)
    limited(fatima, why=LimitedFor.CLAIM, now=TUESDAY + timedelta(days=1))

    assert (fatima.limited_at, fatima.limited_for) == (TUESDAY, LimitedFor.CLAIM)
    assert [row.kind for row in fatima.changes.all()] == ["limited", "limited"]


# ---- the record itself ------------------------------------------------------------------------------------


def test_a_limited_record_is_merged_with_none(commune: Commune, fatima: Resident) -> None:
    other = make_resident(commune, first_name="Fatima")
    limited(fatima)

    for keep, duplicate in ((fatima, other), (other, fatima)):
        with pytest.raises(ResidentLimited, match="limitée"):
            actions.merge_residents(keep=keep, duplicate=duplicate, by=SYSTEM, now=TUESDAY)


def test_it_is_corrected_only_if_the_person_asks(fatima: Resident, alice: Agent) -> None:
    limited(fatima)
    edit = Edit({"last_name": plain(fatima.last_name)}, alice, TUESDAY)

    with pytest.raises(ResidentLimited):
        actions.edit_resident(resident=fatima, wanted={"last_name": "Martin"}, edit=edit)
    actions.edit_resident(resident=fatima, wanted={"last_name": "Martin"}, edit=edit, is_asked=True)

    fatima.refresh_from_db()
    assert (fatima.last_name, fatima.is_limited) == ("Martin", True)


def test_a_merged_record_is_not_limited(commune: Commune, fatima: Resident) -> None:
    other = make_resident(commune, first_name="Fatima")
    actions.merge_residents(keep=fatima, duplicate=other, by=SYSTEM, now=TUESDAY)

    with pytest.raises(RecordGone):
        limited(other)


@pytest.mark.usefixtures("cabin")
def test_nobody_is_limited_while_a_colleague_keeps_a_time_for_them(
    fatima: Resident, service: Service, site: Site
) -> None:
    held = actions.hold(request=wish(fatima, service, site), by=SYSTEM, now=TUESDAY)

    assert limited(fatima).given_back == 1

    held.refresh_from_db()
    assert held.status == Status.LAPSED


# ---- what pages say -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("cabin")
def test_the_desk_sees_why_and_the_phones_are_hidden(
    client: Client, alice: Agent, fatima: Resident, service: Service, site: Site
) -> None:
    limited(fatima)
    client.force_login(alice)

    card = client.get(reverse("desk"), {"resident": fatima.pk}).content.decode()
    found = client.post(reverse("desk-search"), {"q": "Fatima Ben"}, follow=True).content.decode()
    slot = slot_value(site.pk, FRIDAY)
    picked = {"resident": fatima.pk, "service": service.pk, "slot": slot, "helper": "1"}
    refused = client.post(reverse("desk-hold"), picked)

    for page in (card, found):
        assert "imité" in page
        assert "06 39 98 12 34" not in page.replace("\N{NARROW NO-BREAK SPACE}", " ").replace(
            "\N{NO-BREAK SPACE}", " "
        )
    assert "la personne dit qu’une information est fausse" in card
    assert reverse("resident", args=[fatima.pk]) in card
    assert refused.status_code == 409
    assert "Cette fiche est limitée" in refused.content.decode()


def test_the_search_still_finds_them(commune: Commune, fatima: Resident) -> None:
    limited(fatima)

    assert search(commune=commune, text="bensaid", now=TUESDAY).only == fatima


def test_my_day_and_the_slip_say_the_number_alone(
    client: Client, bob: Agent, fatima: Resident, cabin: Cabin, service: Service
) -> None:
    visit = make_appointment(
        cabin, service, at(10, 30), resident=fatima, helper=bob, note="Préparer le dossier bleu"
    )
    limited(fatima)
    client.force_login(bob)

    for address in (reverse("my-day"), reverse("my-week"), reverse("slip", args=[visit.pk])):
        page = client.get(address).content.decode()
        assert visit.spaced_number in page
        assert "Fatima" not in page
        assert "dossier bleu" not in page
