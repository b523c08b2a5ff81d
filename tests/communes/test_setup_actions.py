"""Places and cabins are made, changed, ordered, retired, resumed and deleted, and a log says so."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from agents.models import Agent
from booking.tasks import each_minute
from communes import setup_actions
from communes.actions import (
    change_access,
    declare_closure,
    edit_hours,
    lift_closure,
    restore_cabins,
    set_out_of_service,
)
from communes.enums import ClosureReason, Equipment, SetupChangeKind
from communes.errors import NameTaken, NotInOrder, RetirementInvalid, StillUsed
from communes.models import Cabin, Closure, Commune, Service, SetupChange, Site
from core.edits import Edit, EditConflict, RecordGone, plain_values, values_of
from kiosk.models import FaceCount
from tests.factories import TUESDAY, at, make_appointment, make_cabin, make_commune, make_shift, make_site

pytestmark = pytest.mark.usefixtures("tuesday")


def editing(row: Site | Cabin, by: Agent, *names: str) -> Edit:
    return Edit(plain_values(values_of(row, names)), by, TUESDAY)


def entries(**about: Any) -> list[tuple[str, str]]:
    rows = SetupChange.objects.filter(**about).order_by("id")
    return [(row.name, row.kind) for row in rows]


def version(site: Site) -> int:
    return Site.objects.get(pk=site.pk).version


def test_a_place_begins_closed_after_the_others_with_a_reference_of_its_own(
    commune: Commune, site: Site, alice: Agent
) -> None:
    values = {"name": "Médiathèque François-Truffaut, espace numérique", "city": "Petit-Quevilly"}
    place = setup_actions.create_place(commune=commune, values=values, by=alice, now=TUESDAY)
    assert list(commune.sites.all()) == [site, place]
    assert place.opening_hours == "" and place.ref and place.ref != site.ref
    assert place.short_name.startswith("Médiathèque") and len(place.short_name) <= 40
    entry = SetupChange.objects.get()
    assert (entry.site, entry.by, entry.at, entry.kind) == (place, alice, TUESDAY, SetupChangeKind.CREATED)
    assert entry.values["city"] == [None, "Petit-Quevilly"]


def test_two_places_of_a_commune_have_two_names(commune: Commune, site: Site, alice: Agent) -> None:
    with pytest.raises(NameTaken):
        setup_actions.create_place(commune=commune, values={"name": site.name.upper()}, by=alice, now=TUESDAY)
    other = make_commune()
    setup_actions.create_place(commune=other, values={"name": site.name}, by=alice, now=TUESDAY)


def test_an_edit_is_logged_with_old_and_new_and_only_what_changed(site: Site, alice: Agent) -> None:
    edit = editing(site, alice, "name", "phone")
    setup_actions.edit_place(site=site, changes={"name": "Mairie", "phone": ""}, edit=edit)
    assert site.name == "Mairie"
    assert SetupChange.objects.get().values == {"name": ["Hôtel de ville", "Mairie"]}
    setup_actions.edit_place(site=site, changes={"name": "Mairie"}, edit=editing(site, alice, "name"))
    assert SetupChange.objects.count() == 1


def test_of_two_edits_of_one_value_the_second_is_told(cabin: Cabin, alice: Agent, dana: Agent) -> None:
    first, second = editing(cabin, alice, "name"), editing(cabin, dana, "name")
    setup_actions.edit_cabin(cabin=cabin, changes={"name": "Bleue"}, edit=first)
    with pytest.raises(EditConflict):
        setup_actions.edit_cabin(cabin=cabin, changes={"name": "Verte"}, edit=second)
    assert entries() == [("Bleue", "changed")]


def test_a_cabin_is_added_to_its_place_and_screens_are_told(site: Site, alice: Agent) -> None:
    before = version(site)
    values = {"name": "Cabine du hall", "equipment": [Equipment.SCANNER]}
    cabin = setup_actions.create_cabin(site=site, values=values, by=alice, now=TUESDAY)
    assert list(site.cabins.all()) == [cabin] and version(site) == before + 1
    with pytest.raises(NameTaken):
        setup_actions.create_cabin(site=site, values={"name": "cabine du hall"}, by=alice, now=TUESDAY)
    assert entries(site=site) == [("Cabine du hall", "created")]


def test_a_cabin_of_a_place_that_is_gone(site: Site, alice: Agent) -> None:
    Site.objects.filter(pk=site.pk).delete()
    with pytest.raises(RecordGone):
        setup_actions.create_cabin(site=site, values={"name": "A"}, by=alice, now=TUESDAY)


def test_places_and_cabins_change_their_order(commune: Commune, site: Site) -> None:
    second, third = make_site(commune, name="B"), make_site(commune, name="C")
    setup_actions.move_place(site=third, up=True)
    assert list(commune.sites.all()) == [site, third, second]
    setup_actions.move_place(site=site, up=True)
    setup_actions.move_place(site=site, up=False)
    assert list(commune.sites.all()) == [third, site, second]
    a, b = make_cabin(site), make_cabin(site)
    setup_actions.move_cabin(cabin=a, up=False)
    assert list(site.cabins.all()) == [b, a]


def test_a_place_is_retired_at_a_time_to_come_and_leaves_the_pages_then(
    site: Site, alice: Agent, set_clock: Any
) -> None:
    with pytest.raises(RetirementInvalid):
        setup_actions.retire_place(site=site, at=TUESDAY, by=alice, now=TUESDAY)
    setup_actions.retire_place(site=site, at=at(0, day=25), by=alice, now=TUESDAY)
    each_minute.call()
    assert Site.objects.get().is_active
    set_clock(at(0, 1, day=25))
    each_minute.call()
    assert not Site.objects.get().is_active
    setup_actions.resume_place(site=site, by=alice, now=at(9, day=25))
    assert (site.is_active, site.retired_at) == (True, None)
    assert entries() == [("Hôtel de ville", "retired"), ("Hôtel de ville", "resumed")]


def test_a_cabin_is_retired_after_it_came_into_service(cabin: Cabin, alice: Agent) -> None:
    edit = editing(cabin, alice, "in_service_at")
    setup_actions.edit_cabin(cabin=cabin, changes={"in_service_at": at(0, day=26)}, edit=edit)
    with pytest.raises(NotInOrder):
        setup_actions.retire_cabin(cabin=cabin, at=at(0, day=26), by=alice, now=TUESDAY)
    setup_actions.retire_cabin(cabin=cabin, at=at(0, day=27), by=alice, now=TUESDAY)
    edit = editing(cabin, alice, "in_service_at")
    with pytest.raises(NotInOrder):
        setup_actions.edit_cabin(cabin=cabin, changes={"in_service_at": at(0, day=28)}, edit=edit)
    with pytest.raises(IntegrityError), transaction.atomic():
        Cabin.objects.update(in_service_at=at(0, day=28))
    setup_actions.resume_cabin(cabin=cabin, by=alice, now=TUESDAY)
    assert cabin.retired_at is None


def test_a_cabin_works_from_its_first_day_until_it_is_retired(cabin: Cabin) -> None:
    cabin.in_service_at, cabin.retired_at = at(0, day=24), at(0, day=26)
    works = [cabin.works_at(at(23, 59, day=day)) for day in (23, 24, 25, 26)]
    assert works == [False, True, True, False]


def test_what_nothing_hangs_on_is_deleted_and_the_log_stays(
    commune: Commune, site: Site, alice: Agent
) -> None:
    cabin = setup_actions.create_cabin(site=site, values={"name": "A"}, by=alice, now=TUESDAY)
    with pytest.raises(StillUsed):
        setup_actions.delete_place(site=site, by=alice, now=TUESDAY)
    setup_actions.delete_cabin(cabin=cabin, by=alice, now=TUESDAY)
    setup_actions.delete_place(site=site, by=alice, now=TUESDAY)
    assert not commune.sites.exists()
    assert entries(commune=commune) == [("A", "created"), ("A", "deleted"), ("Hôtel de ville", "deleted")]
    with pytest.raises(RecordGone):
        setup_actions.delete_cabin(cabin=cabin, by=alice, now=TUESDAY)


def test_what_has_a_history_is_never_deleted(
    cabin: Cabin, site: Site, service: Service, alice: Agent, bob: Agent
) -> None:
    make_appointment(cabin, service, at(14))
    assert setup_actions.what_hangs_on(cabin)
    with pytest.raises(StillUsed):
        setup_actions.delete_cabin(cabin=cabin, by=alice, now=TUESDAY)
    assert Cabin.objects.get() == cabin


@pytest.mark.parametrize("what", ["shift", "closure", "figures"])
def test_a_place_with_anything_of_its_own_is_not_deleted(
    what: str, site: Site, alice: Agent, bob: Agent
) -> None:
    if what == "shift":
        make_shift(bob, site, at(9), at(12))
    elif what == "closure":
        Closure.objects.create(site=site, starts_at=at(9), ends_at=at(12))
    else:
        FaceCount.objects.create(site=site, month_on=TUESDAY.date().replace(day=1), face="happy")
    with pytest.raises(StillUsed):
        setup_actions.delete_place(site=site, by=alice, now=TUESDAY)


def test_hours_access_closures_and_faults_are_in_the_same_log(site: Site, cabin: Cabin, alice: Agent) -> None:
    edit_hours(
        site=site, opening_hours="Mo 09:00-12:00", now=TUESDAY, edit=editing(site, alice, "opening_hours")
    )
    started = Edit({"site": "unknown", cabin.wheelchair_name: "unknown"}, alice, TUESDAY)
    change_access(site=site, access={"site": "yes"}, edit=started)
    closure = declare_closure(
        site=site, starts_at=at(9), ends_at=at(12), reason=ClosureReason.WORKS, by=alice, now=TUESDAY
    )
    lift_closure(closure=closure, by=alice, now=TUESDAY)
    until = TUESDAY + timedelta(hours=1)
    set_out_of_service(cabin=cabin, until=until, edit=editing(cabin, alice, "order"))
    restore_cabins(now=until)
    kinds = [row.kind for row in SetupChange.objects.filter(site=site).order_by("id")]
    assert kinds == ["changed", "changed", "closed", "reopened", "out_of_order", "in_order"]
    hours = SetupChange.objects.order_by("id")[0]
    assert hours.values["opening_hours"][1] == "Mo 09:00-12:00"
    assert SetupChange.objects.order_by("-id")[0].by is None
