"""The API of a commune: what it answers, and the one shape of everything that it refuses."""

import json
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils.html import escape
from django.utils.translation import gettext

from agents.models import Agent
from booking.enums import ActorKind, Origin, Status
from booking.models import Appointment, Resident
from booking.schemas import AvailabilityOut
from communes.enums import Booker
from communes.models import ApiKey, Cabin, Commune, Service, Site
from config.api import api
from tests.factories import (
    at,
    make_appointment,
    make_cabin,
    make_commune,
    make_resident,
    make_service,
    make_site,
)

pytestmark = pytest.mark.usefixtures("tuesday")

ROOT = "/api/v1"


def make_key(commune: Commune) -> str:
    out = StringIO()
    call_command("api_key", "create", commune=commune.slug, name="Site web", stdout=out, stderr=StringIO())
    return out.getvalue().strip()


class Caller:
    """Another system, with its key."""

    def __init__(self, key: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    def get(self, path: str, **data: Any) -> Any:
        return self.client.get(f"{ROOT}{path}", data, headers=self.headers)

    def post(self, path: str, body: Any = None) -> Any:
        raw = body if isinstance(body, str | bytes) else json.dumps(body or {})
        return self.client.post(f"{ROOT}{path}", raw, content_type="application/json", headers=self.headers)


@pytest.fixture
def caller(commune: Commune, site: Site, cabin: Cabin) -> Caller:
    cache.clear()
    return Caller(make_key(commune))


TWO = at(14)


def booking(service: Service, site: Site, start: datetime = TWO, **changes: Any) -> dict[str, Any]:
    return {
        "service": service.pk,
        "site": site.pk,
        "start": start.isoformat(),
        "with_helper": False,
        "resident": {"first_name": "Fatima", "last_name": "Bensaïd", "phone": "06 39 98 12 34"},
        **changes,
    }


def problem(response: Any) -> tuple[int, str]:
    """Status and code of a refusal, whose shape is checked on the way."""
    body = response.json()
    assert list(body) == ["error"]
    assert {"code", "message"} <= set(body["error"]) <= {"code", "message", "details"}
    assert body["error"]["message"]
    return response.status_code, body["error"]["code"]


# ---- keys ------------------------------------------------------------------------------------------


def test_a_key_is_shown_once_and_kept_as_a_hash(commune: Commune) -> None:
    key = make_key(commune)
    row = ApiKey.objects.get()
    assert len(key) >= 40
    assert key not in str(vars(row))
    assert row.key_hash == ApiKey.hash(key)


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer x", "Basic abc", "Bearer é", "bearer"])
def test_without_a_valid_key_nothing_is_told(caller: Caller, header: str) -> None:
    caller.headers = {"Authorization": header} if header else {}
    response = caller.get("/sites")
    assert problem(response) == (401, "unauthorized")
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_revoked_key_is_worthless_at_once(caller: Caller) -> None:
    assert caller.get("/sites").status_code == 200
    call_command("api_key", "revoke", str(ApiKey.objects.get().pk), stdout=StringIO())
    assert problem(caller.get("/sites")) == (401, "unauthorized")


def test_a_session_of_an_agent_is_no_key(client: Client, dana: Agent) -> None:
    client.force_login(dana)
    assert client.get(f"{ROOT}/sites").status_code == 401


def test_keys_are_listed_without_being_told(commune: Commune) -> None:
    key, out = make_key(commune), StringIO()
    call_command("api_key", "list", commune=commune.insee_code, stdout=out)
    assert "Site web" in out.getvalue() and key not in out.getvalue()


# ---- reading ---------------------------------------------------------------------------------------


def test_sites_and_services_are_those_of_the_commune(
    caller: Caller, site: Site, cabin: Cabin, service: Service
) -> None:
    other = make_commune()
    make_site(other), make_service(other)
    (found,) = caller.get("/sites").json()
    assert (found["id"], found["name"], found["cabins"][0]["name"]) == (site.pk, site.name, "Cabine du hall")
    (offered,) = caller.get("/services").json()
    assert (offered["id"], offered["duration_min"]) == (service.pk, 45)


def test_availability_tells_times_on_the_clocks_of_the_commune_and_why_a_day_is_empty(
    caller: Caller, service: Service, site: Site
) -> None:
    body = caller.get("/availability", service=service.pk, with_helper=False, weeks=1).json()
    first, last = body["days"][0], body["days"][-1]
    assert (first["on"], len(body["days"])) == ("2026-11-24", 7)
    assert first["times"][0] == {
        "start": "2026-11-24T14:00:00+01:00",
        "end": "2026-11-24T14:45:00+01:00",
        "site": site.pk,
    }
    assert (last["on"], body["days"][4]["why_empty"]) == ("2026-11-30", "closed")
    response = caller.get("/availability", service=service.pk, with_helper=False, weeks=8)
    assert response.headers["Content-Type"] == caller.get("/services").headers["Content-Type"]
    promised = AvailabilityOut.model_validate_json(response.content, extra="forbid")
    assert json.loads(promised.model_dump_json()) == response.json()


def test_availability_of_so_many_days(caller: Caller, service: Service) -> None:
    asked = {"service": service.pk, "with_helper": False, "from": "2026-11-25"}
    days = caller.get("/availability", **asked, days=1).json()["days"]
    assert [day["on"] for day in days] == ["2026-11-25"]
    assert len(caller.get("/availability", **asked, days=56).json()["days"]) == 56


def test_what_is_offered_is_what_can_be_booked(caller: Caller, service: Service, site: Site) -> None:
    offered = caller.get("/availability", service=service.pk, with_helper=False).json()["days"][0]["times"]
    response = caller.post("/appointments", booking(service, site) | {"start": offered[0]["start"]})
    assert response.status_code == 201
    left = caller.get("/availability", service=service.pk, with_helper=False).json()["days"][0]["times"]
    assert offered[0] in offered and offered[0] not in left


def test_the_first_free_time(caller: Caller, service: Service, site: Site, cabin: Cabin) -> None:
    found = caller.get("/next-free", service=service.pk, with_helper=False).json()
    assert found["time"]["start"] == "2026-11-24T14:00:00+01:00", "two hours ahead at least"
    assert caller.get("/next-free", service=service.pk, with_helper=True).json() == {"time": None}


def test_what_only_the_desk_books_is_not_offered(caller: Caller, service: Service, site: Site) -> None:
    Service.objects.update(booker=Booker.DESK)
    assert problem(caller.get("/availability", service=service.pk)) == (422, "not_offered")
    assert problem(caller.post("/appointments", booking(service, site))) == (422, "not_offered")


@pytest.mark.parametrize(
    "asked",
    [
        {"weeks": 9},
        {"weeks": 0},
        {"weeks": "deux"},
        {"days": 0},
        {"days": 57},
        {"from": "hier"},
        {"from": "0001-01-01"},
        {"service": ""},
        {"service": 10**30},
        {"service": -1},
        {"site": "x"},
    ],
)
def test_questions_that_make_no_sense_are_refused(
    caller: Caller, service: Service, asked: dict[str, Any]
) -> None:
    response = caller.get("/availability", **{"service": service.pk, **asked})
    assert problem(response) == (422, "invalid")
    assert response.json()["error"]["details"]["fields"][0]["field"] == next(iter(asked))


def test_other_communes_do_not_exist(caller: Caller, commune: Commune, service: Service, site: Site) -> None:
    other = make_commune()
    there, theirs = make_site(other), make_service(other)
    visit = make_appointment(make_cabin(there), theirs, at(14))
    assert problem(caller.get("/availability", service=theirs.pk)) == (404, "not_found")
    assert problem(caller.get("/availability", service=service.pk, site=there.pk)) == (404, "not_found")
    assert problem(caller.post("/appointments", booking(theirs, site))) == (404, "not_found")
    assert problem(caller.post("/appointments", booking(service, there))) == (404, "not_found")
    for path in (f"/appointments/{visit.pk}", f"/appointments/by-number/{visit.number}"):
        assert problem(caller.get(path)) == (404, "not_found")
    assert problem(caller.post(f"/appointments/{visit.pk}/cancel")) == (404, "not_found")
    move = {"start": at(15).isoformat()}
    assert problem(caller.post(f"/appointments/{visit.pk}/move", move)) == (404, "not_found")
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


# ---- booking -----------------------------------------------------------------------------------------


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


@pytest.fixture
def visit(caller: Caller, commune: Commune, service: Service, site: Site) -> Appointment:
    caller.post("/appointments", booking(service, site))
    return Appointment.objects.get()


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


def test_an_appointment_is_cancelled_once(caller: Caller, visit: Appointment) -> None:
    assert caller.post(f"/appointments/{visit.pk}/cancel").json()["status"] == "cancelled"
    assert problem(caller.post(f"/appointments/{visit.pk}/cancel")) == (409, "status_refused")
    assert visit.events.count() == 2


# ---- addresses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/nulle-part", "/appointments/x", f"/appointments/{10**30}", "/sites/"]
)
def test_addresses_that_do_not_exist_answer_in_the_same_shape(caller: Caller, path: str) -> None:
    assert problem(caller.get(path))[0] in {404, 405}


def test_a_method_that_is_not_taken_is_refused_in_the_same_shape(caller: Caller) -> None:
    response = caller.client.delete(f"{ROOT}/sites", headers=caller.headers)
    assert problem(response) == (405, "method_not_allowed")
    assert "GET" in response["Allow"]


def test_a_failure_of_ours_has_the_same_shape_and_tells_nothing(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_how: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("booking.api.find_first", fail)
    service = make_service(Commune.objects.get())
    response = caller.get("/next-free", service=service.pk)
    assert problem(response) == (500, "internal")
    assert "secret" not in response.content.decode()


def test_a_runaway_loop_is_slowed_down(caller: Caller) -> None:
    statuses = [caller.get("/services").status_code for _ in range(301)]
    assert (statuses[0], statuses[-1]) == (200, 429)
    response = caller.get("/services")
    assert problem(response) == (429, "too_many_requests")
    assert int(response["Retry-After"]) <= 60


def test_the_description_is_a_page_without_scripts_that_lists_every_operation(
    client: Client, db: None
) -> None:
    page = client.get(f"{ROOT}/docs")
    assert page.status_code == 200
    text = page.content.decode()
    for path, methods in api.get_openapi_schema()["paths"].items():
        assert path in text
        assert all(escape(gettext(operation["summary"])) in text for operation in methods.values())
    schema = client.get(f"{ROOT}/openapi.json").json()
    assert schema["components"]["securitySchemes"]["CommuneKey"]["scheme"] == "bearer"


def test_availability_takes_as_many_queries_whatever_the_number_of_places(
    caller: Caller, commune: Commune, service: Service, django_assert_num_queries: Any
) -> None:
    for _ in range(6):
        make_cabin(make_site(commune))
    with django_assert_num_queries(5):  # the key, the service; places, skills, what is taken
        assert caller.get("/availability", service=service.pk, weeks=8).status_code == 200
