"""Recording residents, and making one record of two."""

from datetime import time, timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from booking.actions import PhoneInput, create_resident, leave_number, merge_residents, update_resident
from booking.actions.claiming import claim_resident
from booking.enums import EventKind, PhoneOwner
from booking.errors import ResidentInvalid
from booking.log import Actor
from booking.models import Resident, ResidentPhone
from communes.models import Commune, Site
from privacy.purge import purge
from tests.booking.towns import SYSTEM, told
from tests.factories import TUESDAY, at, make_appointment, make_commune, make_resident

pytestmark = pytest.mark.django_db

MOBILE, OTHER_MOBILE, LANDLINE = "+33639981234", "+33639985678", "+33261910001"


def create(commune, **fields):
    values = {"first_name": "Zoé", "last_name": "D’Arc-Lœuvre", "now": TUESDAY, **fields}
    return create_resident(commune=commune, **values)


def merge(keep, duplicate):
    return merge_residents(keep=keep, duplicate=duplicate, by=SYSTEM, now=TUESDAY)


def numbers(resident):
    return list(resident.phones.order_by("id").values_list("number", flat=True))


def test_a_resident_is_recorded_with_phones_and_a_name_to_look_for(commune):
    resident = create(
        commune,
        phones=[PhoneInput(MOBILE), PhoneInput(LANDLINE, PhoneOwner.FAMILY, False, time(9), time(12))],
        email="zoe@example.org",
        needs=["wheelchair"],
    )
    resident = Resident.objects.get(pk=resident.pk)
    assert resident.search_name == "zoe d arc loeuvre"
    assert (resident.created_at, resident.email, resident.needs) == (
        TUESDAY,
        "zoe@example.org",
        ["wheelchair"],
    )
    mobile, landline = resident.phones.order_by("id")
    assert (mobile.is_mobile, landline.is_mobile) == (True, False)
    assert (landline.owner, landline.may_call, landline.call_from) == ("family", False, time(9))


def test_a_resident_needs_neither_phone_nor_last_name(commune):
    assert create(commune, last_name="").search_name == "zoe"
    with pytest.raises(ResidentInvalid):
        create(commune, first_name=" ", last_name="")


@pytest.mark.parametrize("number", ["0639981234", "+33", "abc", "+33639981234 / +33639985678", ""])
def test_what_is_no_number_is_refused_and_nothing_is_kept(commune, number):
    with pytest.raises(ResidentInvalid):
        create(commune, phones=[PhoneInput(number)])
    assert not Resident.objects.exists()


def test_a_number_given_twice_is_kept_once_and_there_are_at_most_six(commune):
    assert numbers(create(commune, phones=[PhoneInput(MOBILE), PhoneInput(MOBILE)])) == [MOBILE]
    with pytest.raises(ResidentInvalid):
        create(commune, phones=[PhoneInput(f"+3363998{n:04d}") for n in range(7)])


def test_a_field_that_does_not_exist_is_a_mistake_of_ours(commune):
    with pytest.raises(TypeError):
        create(commune, merged_into=None)


def test_a_change_of_name_is_looked_for_and_shown_at_once(commune, cabin, service):
    resident = create(commune)
    make_appointment(cabin, service, at(14), resident=resident)
    before = Site.objects.get().version
    update_resident(resident=resident, now=TUESDAY, last_name="Ünal  Şahin")
    resident = Resident.objects.get(pk=resident.pk)
    assert (resident.last_name, resident.search_name) == ("Ünal Şahin", "zoe unal sahin")
    assert Site.objects.get().version == before + 1


def test_changing_phones_keeps_what_was_asked_of_a_number_that_stays(commune):
    resident = create(commune, phones=[PhoneInput(MOBILE), PhoneInput(LANDLINE)])
    update_resident(
        resident=resident, now=TUESDAY, phones=[PhoneInput(MOBILE, may_call=False), PhoneInput(OTHER_MOBILE)]
    )
    assert numbers(resident) == [MOBILE, OTHER_MOBILE]
    kept = resident.phones.get(number=MOBILE)
    assert not kept.may_call
    update_resident(resident=resident, now=TUESDAY, email="zoe@example.org")
    assert numbers(resident) == [MOBILE, OTHER_MOBILE]


# ---- merging -------------------------------------------------------------------------------------


def test_a_merge_moves_phones_and_appointments_and_empties_the_other(commune, cabin, service):
    keep = create(commune, phones=[PhoneInput(MOBILE)], needs=["reading"], email="zoe@example.org")
    duplicate = create(
        commune,
        first_name="Zoe",
        last_name="Darc",
        phones=[PhoneInput(MOBILE), PhoneInput(LANDLINE)],
        needs=["wheelchair", "reading"],
        birth_year=1950,
        email="autre@example.org",
    )
    ResidentPhone.objects.filter(resident=duplicate, number=MOBILE).update(may_call=False)
    past = make_appointment(cabin, service, at(9), resident=duplicate, status="done")
    coming = make_appointment(cabin, service, at(14), resident=duplicate)
    merge(keep, duplicate)
    keep, gone = Resident.objects.get(pk=keep.pk), Resident.objects.get(pk=duplicate.pk)
    assert numbers(keep) == [MOBILE, LANDLINE]
    assert not keep.phones.get(number=MOBILE).may_call
    assert (keep.email, keep.birth_year, keep.needs) == ("zoe@example.org", 1950, ["reading", "wheelchair"])
    assert set(keep.appointments.all()) == {past, coming}
    assert told(past) == told(coming) == [EventKind.EDITED]
    assert coming.events.get().changes == {"resident": [duplicate.pk, keep.pk]}
    assert (gone.merged_into, gone.first_name, gone.last_name, gone.search_name) == (keep, "", "", "")
    assert (gone.email, gone.birth_year, gone.needs, numbers(gone)) == ("", None, [], [])
    assert list(Resident.objects.current()) == [keep]


ALI = {"contact_name": "Ali", "contact_relation": "son frère", "contact_phone": MOBILE}
INES = {"contact_name": "Inès", "contact_phone": OTHER_MOBILE, "contact_is_told": True}
NOBODY = {"contact_name": "", "contact_relation": "", "contact_phone": "", "contact_is_told": False}


@pytest.mark.parametrize(
    ("kept", "other", "result"),
    [
        (ALI, INES, {**NOBODY, **ALI}),
        ({"contact_name": "Ali"}, INES, {**NOBODY, "contact_name": "Ali"}),
        ({"contact_phone": MOBILE}, INES, {**NOBODY, "contact_phone": MOBILE}),
        ({}, INES, {**NOBODY, **INES}),
        ({"contact_name": "ines"}, INES, {**NOBODY, **INES, "contact_name": "ines"}),
        (ALI, {**ALI, "contact_is_told": True}, {**ALI, "contact_is_told": True}),
    ],
)
def test_a_merge_never_mixes_two_contact_persons(commune, kept, other, result):
    keep, duplicate = create(commune, **kept), create(commune, **other)
    merge(keep, duplicate)
    keep.refresh_from_db()
    assert {name: getattr(keep, name) for name in NOBODY} == result


def test_those_merged_earlier_follow(commune):
    first, second, third = create(commune), create(commune), create(commune)
    merge(second, third)
    merge(first, second)
    assert Resident.objects.get(pk=third.pk).merged_into == first


def test_only_two_present_records_of_one_commune_are_merged(commune):
    one, other = create(commune), create(commune)
    stranger = make_resident(make_commune())
    for keep, duplicate in ((one, one), (one, stranger)):
        with pytest.raises(ResidentInvalid):
            merge(keep, duplicate)
    merge(one, other)
    with pytest.raises(ResidentInvalid):
        merge(one, other)
    with pytest.raises(ResidentInvalid):
        update_resident(resident=other, now=TUESDAY, email="zoe@example.org")


def test_who_left_only_a_phone_on_a_screen_is_found_by_it_and_can_be_named(
    client, commune, cabin, service, alice, tuesday
):
    appointment = make_appointment(cabin, service, at(14))
    stranger = leave_number(
        appointment=appointment, number_e164=MOBILE, language="ar", by=Actor.screen(), now=TUESDAY
    )
    client.force_login(alice)
    found = client.post(reverse("desk-search"), {"q": "06 39 98 12 34"}, headers={"HX-Request": "true"})
    assert f"resident={stranger.pk}&" in found.url
    for url in (
        f"{reverse('desk')}?resident={stranger.pk}",
        reverse("resident", args=[stranger.pk]),
        reverse("appointment", args=[appointment.pk]),
        reverse("today"),
    ):
        assert "sans nom" in client.get(url).content.decode().lower(), url
    update_resident(resident=stranger, now=TUESDAY, first_name="Fatima", last_name="Bensaïd")
    assert "Fatima Bensaïd" in client.get(reverse("today")).content.decode()


def test_who_left_only_a_phone_goes_with_the_purge(commune, cabin, service):
    appointment = make_appointment(cabin, service, at(14))
    leave_number(appointment=appointment, number_e164=MOBILE, language="fr", by=SYSTEM, now=TUESDAY)
    purge(commune=commune, now=TUESDAY + timedelta(days=364))
    assert ResidentPhone.objects.exists()
    purge(commune=commune, now=TUESDAY + timedelta(days=367))
    assert not ResidentPhone.objects.exists()
    assert not Resident.objects.exists()


def test_whoever_writes_to_a_merged_record_writes_to_the_one_that_stands_at_the_end(
    commune: Commune,
) -> None:
    """Two merges at one moment: the record into which the first one was merged is none any more."""
    first, second, last = (make_resident(commune) for _ in range(3))
    Resident.objects.filter(pk=first.pk).update(merged_into=second)
    Resident.objects.filter(pk=second.pk).update(merged_into=last)
    with transaction.atomic():
        assert claim_resident(first, commune.pk) == last
