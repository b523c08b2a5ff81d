"""« Lieux » and « Prestations »: what everyone reads, and what managers change."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from agents.models import Agent
from communes.enums import ClosureReason
from communes.models import Cabin, Closure, Commune, Service, Site
from tests.edits import edit_form, send_edit
from tests.factories import at, make_cabin, make_commune, make_service, make_site

pytestmark = pytest.mark.usefixtures("tuesday")


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def version(site: Site) -> int:
    return Site.objects.get(pk=site.pk).version


def week(**changes: str) -> dict[str, str]:
    plain = {
        f"{edge}_{day}_{n}": hour
        for day in range(5)
        for n, span in enumerate((("09:00", "12:00"), ("14:00", "17:00")))
        for edge, hour in zip(("from", "until"), span, strict=True)
    }
    return {**plain, "holidays": "on", **changes}


def test_hours_are_read_in_words(client: Client, bob: Agent, site: Site, cabin: Cabin) -> None:
    client.force_login(bob)
    response = client.get("/lieux/")
    (place,) = response.context["places"]
    assert len(place.hours) == 2
    assert "9:00–12:00, 14:00–17:00" in place.hours[0]
    assert "Cabine du hall" in text(response)


def test_hours_that_cannot_be_read_are_said_to_be(client: Client, bob: Agent, site: Site) -> None:
    Site.objects.update(opening_hours="Mo-Fr 9h-12h")
    client.force_login(bob)
    (place,) = client.get("/lieux/").context["places"]
    assert place.problem and not place.hours


def test_the_places_of_others_are_not_shown(client: Client, bob: Agent, site: Site) -> None:
    make_site(make_commune(), name="Ailleurs")
    client.force_login(bob)
    assert "Ailleurs" not in text(client.get("/lieux/"))


def test_the_desk_puts_a_cabin_out_of_order_and_back(
    client: Client, alice: Agent, site: Site, cabin: Cabin
) -> None:
    client.force_login(alice)
    send_edit(client, f"/lieux/cabines/{cabin.pk}/", {"in_order": "0"}, on="/lieux/")
    cabin.refresh_from_db()
    assert not cabin.in_order
    assert version(site) == 1
    send_edit(client, f"/lieux/cabines/{cabin.pk}/", {"in_order": "1"}, on="/lieux/")
    cabin.refresh_from_db()
    assert cabin.in_order


@pytest.mark.parametrize(
    ("sent", "until", "said"),
    [
        ({"until_on": "2026-11-27"}, at(0, day=28), "jusqu’au 27 nov."),
        ({"until_on": "2026-11-24", "until_hour": "14:00"}, at(14), "jusqu’au 24 nov. à 14:00"),
        ({"until_hour": "14:00"}, None, "hors service"),
    ],
)
def test_a_cabin_may_be_out_of_order_until_some_time(
    client: Client, alice: Agent, cabin: Cabin, sent: dict[str, str], until: datetime | None, said: str
) -> None:
    client.force_login(alice)
    shown = send_edit(
        client, f"/lieux/cabines/{cabin.pk}/", {"in_order": "0", **sent}, on="/lieux/", follow=True
    )
    cabin.refresh_from_db()
    assert (cabin.in_order, cabin.out_until) == (False, until)
    assert said in text(shown)
    send_edit(client, f"/lieux/cabines/{cabin.pk}/", {"in_order": "1", **sent}, on="/lieux/")
    cabin.refresh_from_db()
    assert (cabin.in_order, cabin.out_until) == (True, None)


@pytest.mark.parametrize(
    "sent",
    [{"until_on": "2026-11-23"}, {"until_on": "2026-11-24", "until_hour": "9:59"}, {"until_on": "mardi"}],
)
def test_an_end_that_has_passed_or_cannot_be_read_changes_nothing(
    client: Client, alice: Agent, cabin: Cabin, sent: dict[str, str]
) -> None:
    client.force_login(alice)
    shown = send_edit(client, f"/lieux/cabines/{cabin.pk}/", {"in_order": "0", **sent}, on="/lieux/")
    assert (shown.status_code, "errorlist" in text(shown)) == (422, True)
    assert all(f'value="{typed}"' in text(shown) for typed in sent.values())
    cabin.refresh_from_db()
    assert cabin.in_order


def test_a_helper_only_reads(client: Client, bob: Agent, site: Site, cabin: Cabin, service: Service) -> None:
    client.force_login(bob)
    assert client.post(f"/lieux/cabines/{cabin.pk}/", {"in_order": "0"}).status_code == 404
    for path in (
        f"/lieux/{site.pk}/horaires/",
        f"/lieux/{site.pk}/fermeture/",
        f"/prestations/{service.pk}/",
    ):
        assert client.get(path).status_code == 404
    cabin.refresh_from_db()
    assert cabin.in_order


def test_a_manager_closes_a_site_and_opens_it_again(client: Client, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    form = {"first_on": "2026-11-24", "last_on": "2026-11-25", "reason": "works"}
    client.post(f"/lieux/{site.pk}/fermeture/", form)
    closure = Closure.objects.get()
    assert (closure.starts_at, closure.ends_at) == (at(0), at(0, day=26))
    assert client.get("/lieux/").context["places"][0].closed_now == closure
    client.post(f"/lieux/fermetures/{closure.pk}/lever/")
    assert not Closure.objects.exists()
    assert version(site) == 2


def test_a_closure_may_last_some_hours(client: Client, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    form = {
        "first_on": "2026-11-24",
        "starts": "14:00",
        "last_on": "2026-11-24",
        "ends": "15:30",
        "reason": "event",
    }
    client.post(f"/lieux/{site.pk}/fermeture/", form)
    closure = Closure.objects.get()
    assert (closure.starts_at, closure.ends_at) == (at(14), at(15, 30))


@pytest.mark.parametrize(
    "changes",
    [
        {"last_on": "2026-11-23"},
        {"first_on": "x"},
        {"first_on": "0001-01-01"},
        {"reason": "lune"},
        {"starts": "9"},
    ],
)
def test_a_closure_that_makes_no_sense_is_shown_again(
    client: Client, dana: Agent, site: Site, changes: dict[str, str]
) -> None:
    client.force_login(dana)
    form = {"first_on": "2026-11-24", "last_on": "2026-11-24", "reason": "works", **changes}
    assert client.post(f"/lieux/{site.pk}/fermeture/", form).status_code == 422
    assert not Closure.objects.exists()


def test_closures_that_are_over_are_not_listed(client: Client, dana: Agent, site: Site) -> None:
    Closure.objects.create(site=site, starts_at=at(8), ends_at=at(9), reason=ClosureReason.EVENT)
    client.force_login(dana)
    assert client.get("/lieux/").context["places"][0].coming_closures == []


def test_a_plain_week_is_edited_day_by_day(client: Client, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    address = f"/lieux/{site.pk}/horaires/"
    assert client.get(address).templates[0].name == "places/hours_week.html"
    send_edit(client, address, week(until_2_1="19:00"))
    site.refresh_from_db()
    assert site.opening_hours == (
        "Mo-Tu 09:00-12:00,14:00-17:00; We 09:00-12:00,14:00-19:00; Th-Fr 09:00-12:00,14:00-17:00; PH off"
    )
    assert site.hours_edited_at is not None
    assert version(site) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"until_0_0": ""}, "until_0_0"),
        ({"from_0_0": ""}, "from_0_0"),
        ({"until_0_0": "08:00"}, "until_0_0"),
        ({"until_0_0": "09:00"}, "until_0_0"),
        ({"from_0_1": "11:30"}, "from_0_1"),
        ({"until_0_0": "00:00"}, "from_0_1"),
    ],
)
def test_a_slip_is_shown_at_its_day(
    client: Client, dana: Agent, site: Site, changes: dict[str, str], field: str
) -> None:
    client.force_login(dana)
    response = send_edit(client, f"/lieux/{site.pk}/horaires/", week(**changes))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    site.refresh_from_db()
    assert site.hours_edited_at is None


def test_hours_with_exceptions_are_edited_as_text(client: Client, dana: Agent, site: Site) -> None:
    Site.objects.update(opening_hours="week 1-53/2 Mo 09:00-12:00; PH off")
    client.force_login(dana)
    page = client.get(f"/lieux/{site.pk}/horaires/")
    assert page.templates[0].name == "places/hours.html"
    assert "restent tels quels" in text(page)
    for on in ("14 décembre", "28 décembre (semaine 53)", "4 janvier 2027 (semaine 1)", "18 janvier 2027"):
        assert on in text(page).replace("\xa0", " "), on


def test_other_hours_on_dates_are_written_changed_and_removed_in_rows(
    client: Client, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    address = f"/lieux/{site.pk}/horaires/"
    rows = {
        "dates-0-first": "2026-12-24",
        "dates-0-from_0": "09:00",
        "dates-0-until_0": "12:00",
        "dates-1-first": "2026-12-22",
        "dates-1-last": "2026-12-26",
    }
    assert send_edit(client, address, week(**rows)).status_code == 302
    site.refresh_from_db()
    plain = "Mo-Fr 09:00-12:00,14:00-17:00"
    assert site.opening_hours == f"{plain}; 2026 Dec 22-Dec 26 off; PH off; 2026 Dec 24 09:00-12:00"
    page = client.get(address)
    assert page.templates[0].name == "places/hours_week.html"
    shown = page.context["form"].parts[:2]
    assert [row["first"].value().isoformat() for row in shown] == ["2026-12-22", "2026-12-24"]
    # One row is removed, the other one is for every year from now on.
    changed = {
        "dates-0-first": "2026-12-22",
        "dates-0-last": "2026-12-26",
        "dates-0-remove": "on",
        "dates-1-first": "2026-12-24",
        "dates-1-is_yearly": "on",
    }
    assert send_edit(client, address, week(**changed)).status_code == 302
    site.refresh_from_db()
    assert site.opening_hours == f"{plain}; PH off; Dec 24 off"


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ({"dates-0-first": "2026-12-24", "dates-0-from_0": "09:00"}, "until_0"),
        ({"dates-0-from_0": "09:00", "dates-0-until_0": "12:00"}, "first"),
        ({"dates-0-first": "2026-12-24", "dates-0-last": "2026-12-20"}, "last"),
        ({"dates-0-first": "2026-12-24", "dates-0-last": "2027-12-24", "dates-0-is_yearly": "on"}, "last"),
        ({"dates-0-first": "2026-12-32"}, "first"),
    ],
)
def test_a_slip_in_a_row_of_dates_is_shown_at_its_field(
    client: Client, dana: Agent, site: Site, rows: dict[str, str], field: str
) -> None:
    client.force_login(dana)
    answer = send_edit(client, f"/lieux/{site.pk}/horaires/", week(**rows))
    assert answer.status_code == 422
    assert list(answer.context["form"].parts[0].errors) == [field]
    assert f'href="#id_dates-0-{field}"' in text(answer)


def test_two_rows_of_one_day_are_refused(client: Client, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    rows = {"dates-0-first": "2026-12-22", "dates-0-last": "2026-12-26"}
    rows |= {"dates-1-first": "2026-12-26", "dates-1-last": "2026-12-28"}
    answer = send_edit(client, f"/lieux/{site.pk}/horaires/", week(**rows))
    assert answer.status_code == 422
    assert "first" in answer.context["form"].parts[1].errors


def test_dates_that_two_agents_write_at_once_are_both_kept_or_both_shown(
    client: Client, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    address = f"/lieux/{site.pk}/horaires/"
    start = edit_form(client.get(address)).start
    first = {"dates-0-first": "2026-12-22", "dates-0-last": "2026-12-26"}
    apart = {"dates-0-first": "2027-01-04"}
    clash = {"dates-0-first": "2026-12-26", "dates-0-last": "2026-12-28", "dates-0-from_0": "09:00"}
    clash |= {"dates-0-until_0": "12:00"}
    for rows in (first, apart):
        assert client.post(address, {**start, **week(**rows)}).status_code == 302
    site.refresh_from_db()
    stored = site.opening_hours
    assert "2026 Dec 22-Dec 26 off" in stored and "2027 Jan 04 off" in stored
    answer = client.post(address, {**start, **week(**clash)})
    assert answer.status_code == 422
    assert "un jour en commun" in text(answer)
    dates = {str(row["first"].value()) for row in answer.context["form"].parts}
    assert {"2026-12-22", "2026-12-26", "2027-01-04"} <= dates
    site.refresh_from_db()
    assert site.opening_hours == stored


def test_a_row_more_keeps_all_that_was_typed(client: Client, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    address = f"/lieux/{site.pk}/horaires/"
    typed = week(**{"until_0_0": "", "dates-0-first": "2026-12-24", "add": "1"})
    page = send_edit(client, address, typed)
    assert page.status_code == 200
    assert [row.key for row in page.context["form"].parts] == ["dates-0", "dates-1"]
    assert 'value="2026-12-24"' in text(page) and "errorlist" not in text(page)
    part = client.post(address, typed, headers={"HX-Request": "true"})
    assert 'name="dates-1-first"' in text(part) and "dates-0" not in text(part)
    site.refresh_from_db()
    assert site.hours_edited_at is None


def test_the_meaning_of_the_week_typed_says_the_coming_dates(client: Client, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    rows = {"dates-0-first": "2026-12-22", "dates-0-last": "2026-12-26"}
    shown = text(client.post("/lieux/horaires/apercu/", week(**rows))).replace("\xa0", " ")
    assert "fermé : du mardi 22 décembre au jeudi 24 décembre" in shown
    assert "2026 Dec 22-Dec 26 off; PH off" in shown
    assert client.post("/lieux/horaires/apercu/", week(until_0_0="")).content == b""


def test_what_is_wrong_in_the_text_is_marked(client: Client, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    wrong = "Mo-Fr 09:00-12:00; SH off"
    response = send_edit(client, f"/lieux/{site.pk}/horaires/?text", {"opening_hours": wrong})
    assert response.status_code == 422
    assert "<mark>SH" in text(response)
    site.refresh_from_db()
    assert "SH" not in site.opening_hours
    send_edit(client, f"/lieux/{site.pk}/horaires/?text", {"opening_hours": "Mo 09:00-12:00; Dec 24 off"})
    site.refresh_from_db()
    assert site.opening_hours == "Mo 09:00-12:00; Dec 24 off"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("Mo-Fr 09:00-12:00", "9:00–12:00"), ("Mo-Fr 09:00-12:00; SH off", "<mark>SH"), ("Mo 9h", "<mark>")],
)
def test_the_meaning_is_shown_while_typing(client: Client, dana: Agent, typed: str, expected: str) -> None:
    client.force_login(dana)
    response = client.post("/lieux/horaires/apercu/", {"opening_hours": typed})
    assert expected in text(response)
    assert "<html" not in text(response)


def test_a_service_is_changed_and_its_places_are_told(
    client: Client, dana: Agent, site: Site, service: Service
) -> None:
    client.force_login(dana)
    form = {
        "name": "CAF",
        "theme": "social_sante",
        "helper_policy": "optional",
        "duration_min": 30,
        "turnaround_min": 5,
        "start_step_min": 15,
        "what_to_bring": "numéro CAF",
        "booker": "everyone",
        "lead_min_hours": 2,
        "lead_max_days": 30,
        "hour_set_elsewhere": "on",
        "is_active": "on",
    }
    assert send_edit(client, f"/prestations/{service.pk}/", {**form, "duration_min": 3}).status_code == 422
    assert send_edit(client, f"/prestations/{service.pk}/", form)["Location"] == "/prestations/"
    service.refresh_from_db()
    assert (service.duration_min, service.what_to_bring, service.lead_max_days) == (30, "numéro CAF", 30)
    assert service.hour_set_elsewhere
    assert version(site) == 1


def test_what_is_no_longer_offered_is_shown_to_managers_only(
    client: Client, bob: Agent, dana: Agent, commune: Commune
) -> None:
    make_service(commune, name="Ancienne", is_active=False)
    client.force_login(bob)
    assert "Ancienne" not in text(client.get("/prestations/"))
    client.force_login(dana)
    assert "Ancienne" in text(client.get("/prestations/"))


@pytest.mark.parametrize("number", [1, 12])
def test_the_pages_take_as_many_queries_whatever_the_number_of_places(
    client: Client, dana: Agent, commune: Commune, number: int, django_assert_num_queries: Any
) -> None:
    for _ in range(number):
        site = make_site(commune)
        make_cabin(site), make_cabin(site)
        make_service(commune)
        Closure.objects.create(site=site, starts_at=at(8), ends_at=at(8) + timedelta(days=9))
    client.force_login(dana)
    client.get("/lieux/")
    with django_assert_num_queries(5):  # session, agent; sites, cabins, closures
        client.get("/lieux/")
    with django_assert_num_queries(3):
        client.get("/prestations/")
