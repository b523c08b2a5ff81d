"""The API of a commune: what it answers, and the one shape of everything that it refuses."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils.html import escape
from django.utils.translation import gettext

from agents.models import Agent
from booking.enums import Status
from booking.schemas import AvailabilityOut
from communes.enums import Booker
from communes.models import ApiKey, Cabin, Commune, Service, Site
from config.api.site import api
from tests.api.caller import ROOT, Caller, booking, make_key, problem
from tests.factories import at, make_appointment, make_cabin, make_commune, make_service, make_site

pytestmark = pytest.mark.usefixtures("tuesday")


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


def test_several_people_are_offered_times_of_their_length(
    caller: Caller, service: Service, site: Site, cabin: Cabin
) -> None:
    asked = {"service": service.pk, "with_helper": False}
    found = caller.get("/availability", **asked, party_size=3).json()
    assert found["duration_min"] == 91 + 4  # 45 and twice 23, rounded up to five minutes
    first = caller.get("/next-free", **asked, party_size=3).json()["time"]
    assert (first["start"], first["end"]) == ("2026-11-24T14:00:00+01:00", "2026-11-24T15:35:00+01:00")
    assert first in found["days"][0]["times"]
    booked = caller.post("/appointments", booking(service, site) | {"party_size": 3, "start": first["start"]})
    assert booked.status_code == 201 and booked.json()["end"] == first["end"]
    for wrong in (0, 7):
        assert caller.get("/availability", **asked, party_size=wrong).status_code == 422


def test_a_move_is_offered_times_of_the_length_that_it_keeps(
    caller: Caller, service: Service, site: Site, cabin: Cabin
) -> None:
    booked = caller.post("/appointments", booking(service, site, at(14)) | {"party_size": 3}).json()
    Service.objects.update(duration_min=30)
    asked = {"service": service.pk, "with_helper": False, "moving": booked["id"]}
    found = caller.get("/availability", **asked).json()
    assert found["duration_min"] == 95
    times = [each["start"] for each in found["days"][0]["times"]]
    assert times[:2] == ["2026-11-24T14:00:00+01:00", "2026-11-24T14:15:00+01:00"]
    moved = caller.post(f"/appointments/{booked['id']}/move", {"start": times[1]})
    assert moved.status_code == 200 and moved.json()["end"] == "2026-11-24T15:50:00+01:00"
    other = make_service(service.commune)
    assert caller.get("/availability", **asked | {"service": other.pk}).status_code == 422
    assert caller.get("/next-free", **asked | {"moving": booked["id"] + 99}).status_code == 404


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


def test_each_operation_of_the_description_names_what_it_refuses(client: Client, db: None) -> None:
    schema = client.get(f"{ROOT}/openapi.json").json()
    assert "Refusal" in schema["components"]["schemas"]
    booking = schema["paths"][f"{ROOT}/appointments"]["post"]["responses"]
    assert sorted(booking) == ["201", "400", "401", "404", "409", "413", "422", "429", "500"]
    codes = booking["409"]["content"]["application/json"]["schema"]["allOf"][1]
    assert codes["properties"]["error"]["properties"]["code"]["enum"] == [
        "slot_taken",
        "room_not_found",
        "resident_busy",
        "already_booked",
        "resident_limited",
    ]
    for methods in schema["paths"].values():
        for operation in methods.values():
            assert {"400", "401", "429"} <= operation["responses"].keys()


@pytest.mark.parametrize(
    "path", ["/sites", "/nulle-part", "/docs", "/openapi.json", "/appointments/1", "/%00"]
)
def test_no_answer_may_be_stored(caller: Caller, path: str) -> None:
    assert caller.get(path)["Cache-Control"] == "no-store"
    caller.headers = {}
    assert caller.get(path)["Cache-Control"] == "no-store"
    assert caller.client.delete(f"{ROOT}{path}")["Cache-Control"] == "no-store"
