"""Booking over the API, and what can be done with an appointment then."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from booking.actions import cancel_with_grace, limit_resident
from booking.enums import ActorKind, AskedBy, LimitedFor, Origin, Reason, Status
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.models import Cabin, Commune, Service, Site
from tests.api.caller import Caller, booking, problem
from tests.factories import TUESDAY, at, make_appointment, make_cabin, make_commune, make_resident

pytestmark = pytest.mark.usefixtures("tuesday")


def test_a_booking_is_answered_without_personal_data(
    caller: Caller, service: Service, site: Site, cabin: Cabin
) -> None:
    Service.objects.update(what_to_bring="numéro CAF")
    response = caller.post("/appointments", booking(service, site, note="RIB"))
    assert response.status_code == 201
    booked = Appointment.objects.get()
    assert response.json() == {
        "id": booked.pk,
        "number": booked.number,
        "status": "booked",
        "cancel_at": None,
        "service": service.pk,
        "site": site.pk,
        "cabin": "Cabine du hall",
        "start": "2026-11-24T14:00:00+01:00",
        "end": "2026-11-24T14:45:00+01:00",
        "with_helper": False,
        "party_size": 1,
        "confirmed": False,
        "what_to_bring": "numéro CAF",
    }
    assert (booked.origin, booked.note) == (Origin.API, "RIB")
    assert booked.events.get().actor == ActorKind.API
    assert booked.resident
    assert booked.resident.phones.get().number == "+33639981234"


def test_a_known_resident_is_found_again(
    caller: Caller, commune: Commune, service: Service, site: Site
) -> None:
    for start in (at(14), at(15)):
        assert caller.post("/appointments", booking(service, site, start)).status_code == 201
    assert Resident.objects.count() == 1
    sister = {"first_name": "Samia", "last_name": "Bensaïd", "phone": "06 39 98 12 34"}
    caller.post("/appointments", booking(service, site, at(16), resident=sister))
    assert Resident.objects.count() == 2, "two people behind one number stay two"


def test_a_name_without_a_letter_is_nobody_who_is_known(
    caller: Caller, commune: Commune, service: Service, site: Site
) -> None:
    """Whoever left a number on a screen has a record without a name, which is nobody else's."""
    make_resident(commune, "+33639981234", first_name="", last_name="", search_name="")
    for start, smile in ((at(14), "🙂"), (at(15), "🙃")):
        who = {"first_name": smile, "last_name": "-", "phone": "06 39 98 12 34", "email": ""}
        assert caller.post("/appointments", booking(service, site, start, resident=who)).status_code == 201
    assert Resident.objects.count() == 3


def test_without_a_phone_an_address_tells_who_it_is_letter_by_letter(
    caller: Caller, service: Service, site: Site
) -> None:
    who = {"first_name": "Fatima", "last_name": "Bensaïd"}
    addresses = ("fatima_b@example.org", "Fatima_B@example.org", "fatima.b@example.org")
    for start, email in zip((at(14), at(15), at(16)), addresses, strict=True):
        caller.post("/appointments", booking(service, site, start, resident={**who, "email": email}))
    assert [each.email for each in Resident.objects.order_by("pk")] == [addresses[0], addresses[2]]


def test_a_resident_of_another_commune_is_not_found_again(
    caller: Caller, service: Service, site: Site
) -> None:
    make_resident(make_commune(), "+33639981234", search_name="fatima bensaid")
    caller.post("/appointments", booking(service, site))
    assert Resident.objects.count() == 2


def test_a_resident_may_have_neither_phone_nor_email(caller: Caller, service: Service, site: Site) -> None:
    nobody = {"first_name": "Léa", "last_name": "Petit"}
    assert caller.post("/appointments", booking(service, site, resident=nobody)).status_code == 201


def test_a_time_that_someone_else_has_is_a_conflict_and_leaves_nothing_behind(
    caller: Caller, service: Service, site: Site
) -> None:
    assert caller.post("/appointments", booking(service, site)).status_code == 201
    again = booking(service, site, resident={"first_name": "Paul", "last_name": "Durand"})
    assert problem(caller.post("/appointments", again)) == (409, "slot_taken")
    assert not Resident.objects.filter(first_name="Paul").exists()


@pytest.mark.parametrize("start", [at(13), at(9), at(14, 2), at(14) + timedelta(days=365), at(11)])
def test_times_that_are_not_offered_are_refused(
    caller: Caller, service: Service, site: Site, start: datetime
) -> None:
    status, code = problem(caller.post("/appointments", booking(service, site, start)))
    assert (status, code) in {(422, "not_offered"), (409, "slot_taken")}
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start": "2026-11-24T14:00:00"}, "start"),
        ({"start": "bientôt"}, "start"),
        ({"start": "0001-01-01T00:00:00+14:00"}, "start"),
        ({"start": 10**30}, "start"),
        ({"party_size": 7}, "party_size"),
        ({"party_size": 0}, "party_size"),
        ({"resident": {}}, "resident.first_name"),
        ({"resident": {"first_name": " ", "last_name": "B"}}, "resident.first_name"),
        ({"resident": {"first_name": "A\x00", "last_name": "B"}}, "resident.first_name"),
        ({"resident": {"first_name": "A", "last_name": "B" * 61}}, "resident.last_name"),
        ({"resident": {"first_name": "A", "last_name": "B", "email": "x"}}, "resident.email"),
        ({"resident": None}, "resident.first_name"),
        ({"note": "x" * 201}, "note"),
        ({"service": "caf"}, "service"),
    ],
)
def test_what_is_wrong_in_a_booking_is_said_field_by_field_without_repeating_it(
    caller: Caller, service: Service, site: Site, changes: dict[str, Any], field: str
) -> None:
    response = caller.post("/appointments", booking(service, site) | changes)
    assert problem(response) == (422, "invalid")
    fields = response.json()["error"]["details"]["fields"]
    assert field in {each["field"] for each in fields}
    assert all(set(each) == {"field", "problem"} for each in fields)
    assert not Resident.objects.exists()


@pytest.mark.parametrize("phone", ["douze", "12", "06 39 98 12 34 / 02 61 91 00 01"])
def test_a_phone_that_cannot_be_read_is_refused(
    caller: Caller, service: Service, site: Site, phone: str
) -> None:
    resident = {"first_name": "A", "last_name": "B", "phone": phone}
    response = caller.post("/appointments", booking(service, site, resident=resident))
    assert problem(response) == (422, "resident_invalid")


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "\xff\xfe", '"x"', "NaN", '{"service": 1' + "0" * 5000 + "}"]
)
def test_bodies_that_are_no_booking_are_refused(caller: Caller, body: str) -> None:
    status, code = problem(caller.post("/appointments", body.encode("latin-1")))
    assert (status, code) in {(400, "malformed"), (422, "invalid")}


# ---- reading, moving, cancelling ------------------------------------------------------------------------


def test_an_appointment_is_read_by_id_and_by_number(caller: Caller, visit: Appointment) -> None:
    by_id = caller.get(f"/appointments/{visit.pk}").json()
    assert by_id["id"] == visit.pk
    assert caller.get(f"/appointments/by-number/{visit.number}").json() == by_id


def test_a_number_used_again_means_the_coming_appointment(
    caller: Caller, visit: Appointment, cabin: Cabin, service: Service
) -> None:
    make_appointment(cabin, service, at(9, day=3), number=visit.number, status=Status.DONE)
    assert caller.get(f"/appointments/by-number/{visit.number}").json()["id"] == visit.pk


def test_holds_cannot_be_read(caller: Caller, cabin: Cabin, service: Service) -> None:
    held = make_appointment(cabin, service, at(16), status=Status.HELD, held_until=at(17))
    assert problem(caller.get(f"/appointments/{held.pk}")) == (404, "not_found")


def test_an_appointment_is_moved(caller: Caller, visit: Appointment) -> None:
    response = caller.post(f"/appointments/{visit.pk}/move", {"start": at(15, 15).isoformat()})
    assert response.status_code == 200
    assert response.json()["start"] == "2026-11-24T15:15:00+01:00"
    visit.refresh_from_db()
    assert visit.starts_at == at(15, 15)
    assert visit.events.latest("at", "id").actor == ActorKind.API


def test_a_move_to_a_time_that_is_taken_changes_nothing(
    caller: Caller, visit: Appointment, cabin: Cabin, service: Service
) -> None:
    make_appointment(cabin, service, at(15, 15))
    response = caller.post(f"/appointments/{visit.pk}/move", {"start": at(15, 15).isoformat()})
    assert problem(response) == (409, "slot_taken")
    visit.refresh_from_db()
    assert visit.starts_at == at(14)


def test_what_the_desk_has_just_cancelled_says_until_when_it_may_come_back(
    caller: Caller, visit: Appointment
) -> None:
    where = f"/appointments/{visit.pk}"
    cancel_with_grace(
        appointment=visit, reason=Reason.MISTAKE, asked_by=AskedBy.MAIRIE, by=Actor.system(), now=TUESDAY
    )
    told = caller.get(where).json()
    assert (told["status"], told["cancel_at"]) == ("cancelled", "2026-11-24T10:05:00+01:00")
    assert problem(caller.post(f"{where}/move", {"start": at(15, 15).isoformat()})) == (409, "status_refused")
    told = caller.post(f"{where}/cancel").json()
    assert (told["status"], told["cancel_at"]) == ("cancelled", None)
    assert visit.events.latest("id").actor == ActorKind.API


def test_an_appointment_is_cancelled_once(caller: Caller, visit: Appointment) -> None:
    assert caller.post(f"/appointments/{visit.pk}/cancel").json()["status"] == "cancelled"
    assert problem(caller.post(f"/appointments/{visit.pk}/cancel")) == (409, "status_refused")
    assert visit.events.count() == 2


# ---- the same person twice at one time --------------------------------------------------------------------


@pytest.fixture
def second_cabin(site: Site) -> Cabin:
    return make_cabin(site)


def test_a_second_visit_of_the_same_person_at_that_time_has_a_code_and_a_flag(
    caller: Caller, service: Service, site: Site, second_cabin: Cabin
) -> None:
    first = caller.post("/appointments", booking(service, site)).json()
    refused = caller.post("/appointments", booking(service, site, at(14, 15)))
    assert problem(refused) == (409, "resident_busy")
    assert refused.json()["error"]["details"] == {
        "appointments": [
            {
                "id": first["id"],
                "start": "2026-11-24T14:00:00+01:00",
                "end": "2026-11-24T14:45:00+01:00",
                "site": site.pk,
            }
        ]
    }
    assert "Bensa" not in refused.content.decode()
    beside = booking(service, site, at(14, 15), allow_overlap=True)
    assert caller.post("/appointments", beside).status_code == 201


def test_a_move_to_where_the_person_is_expected_has_the_same_code_and_flag(
    caller: Caller, service: Service, site: Site, second_cabin: Cabin
) -> None:
    caller.post("/appointments", booking(service, site))
    later = caller.post("/appointments", booking(service, site, at(15))).json()
    there = {"start": at(14).isoformat()}
    assert problem(caller.post(f"/appointments/{later['id']}/move", there)) == (409, "resident_busy")
    moved = caller.post(f"/appointments/{later['id']}/move", {**there, "allow_overlap": True})
    assert moved.json()["start"] == "2026-11-24T14:00:00+01:00"


def test_somebody_known_is_found_again_with_first_and_last_name_exchanged(
    caller: Caller, service: Service, site: Site
) -> None:
    caller.post("/appointments", booking(service, site))
    swapped = {"first_name": "Bensaid", "last_name": "FATIMA", "phone": "+33 (0)6 39 98 12 34"}
    assert caller.post("/appointments", booking(service, site, at(15), resident=swapped)).status_code == 201
    assert Resident.objects.count() == 1


def test_nothing_is_booked_with_a_limited_record(
    caller: Caller, commune: Commune, service: Service, site: Site
) -> None:
    known = make_resident(commune, "+33639981234", search_name="fatima bensaid")
    limit_resident(resident=known, why=LimitedFor.CLAIM, cancels=False, by=Actor.system(), now=TUESDAY)
    asked = {"first_name": "Fatima", "last_name": "Bensaïd", "phone": "06 39 98 12 34"}

    response = caller.post("/appointments", booking(service, site, resident=asked))

    assert problem(response) == (409, "resident_limited")
    assert not Appointment.objects.exists()
