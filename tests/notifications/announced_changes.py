"""The changes of the product after which messages leave: one small world, and each change as the form of its
page sends it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from agents.enums import AbsenceKind
from agents.models import Absence, Agent, Membership, ShiftPattern
from booking import actions
from booking.actions.residents import resident_values
from booking.enums import AskedBy, LimitedFor, ReachBy, Reason
from booking.forms.desk import slot_value
from booking.log import Actor
from booking.models import Appointment, Resident, WaitingEntry
from communes.catalogue import catalogue
from communes.enums import ClosureReason, Equipment, HelperPolicy, IncidentKind
from communes.import_forms import SeenFile
from communes.imports import Author, import_data
from communes.models import Cabin, Closure, Commune, Incident, Service, Site
from communes.service_actions import seen_values
from core.edits import Edit, plain
from core.roles import Role
from notifications.actions import (
    ask_call_back,
    cancel_on_the_phone,
    no_more_messages,
    save_settings,
    suppress,
    wrong_number,
)
from notifications.enums import Channel, DeskReason, State, StopReason
from notifications.models import Message
from notifications.sending.plan_messages import plan_messages
from planning.exchange_form import ExchangeForm
from planning.replacing import plan_replacements
from tests.edits import edit_form
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_cabin,
    make_commune,
    make_fault,
    make_resident,
    make_service,
    make_shift,
    make_site,
)
from tests.notifications.conftest import SENDER, book_for, run

SYSTEM = Actor.system()
KARIM = "+33639981235"
FRIDAY, FRIDAY_LATER = at(10, 30, day=27), at(14, day=27)

type Sent = tuple[tuple[int, ...], dict[str, Any]]
"""What stands in the address, and the form."""


@dataclass
class Town:
    """A commune where Fatima, whose son is told too, comes on Friday with Bob, and was told so."""

    commune: Commune = field(default_factory=lambda: make_commune(insee_code="76498", sender=SENDER))

    def __post_init__(self) -> None:
        self.site: Site = make_site(self.commune)
        self.cabin: Cabin = make_cabin(self.site)
        self.service: Service = make_service(self.commune)
        self.bob: Agent = make_agent(self.commune, *Role, skills=[self.service], first_name="Bob")
        for day in (24, 25, 26, 27):
            make_shift(self.bob, self.site, at(9, day=day), at(12, day=day))
            make_shift(self.bob, self.site, at(14, day=day), at(17, day=day))
        self.fatima = make_resident(
            self.commune,
            "+33639981234",
            contact_name="Karim",
            contact_relation="son fils",
            contact_phone=KARIM,
            contact_is_told=True,
        )
        self.georges = make_resident(
            self.commune, "+33261910042", first_name="Georges", last_name="Lemaire", reach_by="voice"
        )
        self.visit = self.booked(self.fatima, FRIDAY)
        run()

    def booked(self, whose: Resident | None, start: datetime, **fields: Any) -> Appointment:
        return book_for(whose, self.cabin, self.service, start, helper=self.bob, **fields)

    def held(self, start: datetime = FRIDAY_LATER) -> Appointment:
        request = actions.BookingRequest(service=self.service, site=self.site, start=start, with_helper=True)
        return actions.hold(request=request, by=Actor.agent(self.bob), now=TUESDAY)

    def waiting(self, who: Resident, **wish: Any) -> WaitingEntry:
        """Somebody waits for a helper and finds nobody, until something changes."""
        wanted = {"with_helper": True, "until_on": date(2026, 12, 24), **wish}
        request = actions.WaitingRequest(resident=who, service=self.service, **wanted)
        return actions.join_waiting_list(request=request, now=TUESDAY)

    def nobody_works(self) -> None:
        """Bob has no shift, and Fatima's visit needs nobody."""
        Appointment.objects.update(helper=None, with_helper=False)
        self.bob.shifts.all().delete()

    def offered(self) -> WaitingEntry:
        """Georges has an offer, and hears of it; Zoé is the next."""
        entry = self.waiting(self.georges)
        actions.offer_freed_times(now=TUESDAY)
        entry.refresh_from_db()
        run()
        self.waiting(make_resident(self.commune, "+33639981244", first_name="Zoé"))
        return entry

    def impossible(self, reason: Reason = Reason.HELPER_ABSENT) -> None:
        """Fatima's visit cannot take place, and she is on the call list."""
        actions.mark_impossible(appointment=fresh(self.visit), reason=reason, by=SYSTEM, now=TUESDAY)
        run()

    def told_impossible(self, reason: Reason = Reason.HELPER_ABSENT) -> None:
        """An agent called her, said so, and noted it: this was possible until lines that say it had to wait
        for another time or a cancellation, and such rows are still stored."""
        self.impossible(reason)
        noted = {"handled_by": self.bob, "sent_at": TUESDAY, "delivered_at": TUESDAY}
        Message.objects.filter(pk=to_call(self).pk).update(state=State.TOLD, **noted)
        run()

    def waited_for(self) -> None:
        """Georges waits for a helper, and finds nobody while Bob is away on Friday."""
        self.bob.shifts.filter(starts_at__lt=at(0, day=27)).delete()
        self.waiting(self.georges)


def fresh(appointment: Appointment) -> Appointment:
    return Appointment.objects.select_related("commune", "site", "resident").get(pk=appointment.pk)


CHANGES: dict[str, tuple[str, Callable[[Town], Sent]]] = {}
"""By what it is: the name of the address, and how the town comes to it."""


EDITED_ON = {
    "resident": "",
    "appointment-change": "",
    "hours-edit": "",
    "shift-edit": "",
    "account-edit": "",
    "service-helpers": "",
    "service-edit": "",
    "cabin-order": "places",
    "cabin-edit": "",
    "fault-end": "fault",
    "message-settings": "",
    "booking-settings": "",
}
"""Addresses whose form says what it started from: the name of the page that has it, "" for their own."""
OF_ONE_ROW = {"fault"}
"""Those of these pages whose address has the row in it, too."""


def start_of(client: Client, address: str, args: tuple[int, ...]) -> dict[str, Any]:
    """What the form of this address says that it started from, as an agent sees it now."""
    if address not in EDITED_ON:
        return {}
    own, page = reverse(address, args=args), EDITED_ON[address]
    shown = reverse(page, args=args if page in OF_ONE_ROW else []) if page else own
    return edit_form(client.get(shown), own if page else "").start


WHY: dict[str, Any] = {"reason": Reason.CANNOT_COME, "asked_by": AskedBy.RESIDENT}


def change(address: str) -> Callable[[Callable[[Town], Sent]], Callable[[Town], Sent]]:
    def enter(make: Callable[[Town], Sent]) -> Callable[[Town], Sent]:
        CHANGES[make.__name__] = address, make
        return make

    return enter


# ---- booking ---------------------------------------------------------------------------------------


@change("desk-confirm")
def booked_for_somebody_whose_son_is_told(town: Town) -> Sent:
    return (), {"hold": town.held().pk, "resident": town.fatima.pk}


@change("desk-confirm")
def booked_for_three_weeks(town: Town) -> Sent:
    for week in (1, 2):
        start = FRIDAY_LATER + timedelta(weeks=week)
        make_shift(town.bob, town.site, start, start + timedelta(hours=3))
    return (), {"hold": town.held().pk, "resident": town.fatima.pk, "times": "3"}


@change("desk-confirm")
def booked_for_somebody_new(town: Town) -> Sent:
    return (), {"hold": town.held().pk, **newcomer("06 39 98 41 07", languages="en")}


@change("desk-confirm")
def booked_for_somebody_new_without_a_phone(town: Town) -> Sent:
    return (), {"hold": town.held().pk, **newcomer("")}


@change("desk-confirm")
def booked_for_a_landline(town: Town) -> Sent:
    return (), {"hold": town.held().pk, "resident": town.georges.pk}


@change("desk-confirm")
def booked_for_somebody_who_waited(town: Town) -> Sent:
    town.waiting(town.fatima)
    return (), {"hold": town.held().pk, "resident": town.fatima.pk}


@change("my-day-follow-up")
def booked_at_once_for_next_time(town: Town) -> Sent:
    return (town.visit.pk,), {"slot": slot_value(town.site.pk, FRIDAY_LATER)}


def newcomer(number: str, **more: str) -> dict[str, str]:
    return {
        "sure": "1",
        "first_name": "Zoé",
        "last_name": "Martin",
        "reach_by": "sms",
        "phones-TOTAL_FORMS": "1",
        "phones-INITIAL_FORMS": "0",
        "phones-0-number": number,
        "phones-0-owner": "self",
        "phones-0-may_call": "on",
        **more,
    }


# ---- one appointment -------------------------------------------------------------------------------


@change("desk-move")
def moved(town: Town) -> Sent:
    sent = {"slot": slot_value(town.site.pk, FRIDAY_LATER), "helper": "1", "shown": town.visit.shown}
    return (town.visit.pk,), sent


@change("appointment-change")
def changed_so_that_the_helper_is_free_for_somebody_who_waits(town: Town) -> Sent:
    town.waited_for()
    town.site.cabins.create(name="Cabine 9", equipment=town.cabin.equipment)
    Appointment.objects.filter(pk=town.visit.pk).update(
        starts_at=at(9, day=27), ends_at=at(12, day=27), blocked_until=at(12, day=27)
    )
    town.bob.shifts.filter(starts_at=at(14, day=27)).delete()
    return (town.visit.pk,), altered(town, helper="0")


@change("appointment-change")
def changed_for_more_people_at_the_same_time(town: Town) -> Sent:
    return (town.visit.pk,), altered(town, party="2", length="advised")


def altered(town: Town, **details: str) -> dict[str, str]:
    visit = fresh(town.visit)
    return {
        "service": str(town.service.pk),
        "helper": "1" if visit.with_helper else "0",
        "party": "1",
        "length": str(visit.duration_min),
        "note": "",
        **details,
    }


@change("appointment-cancel")
def cancelled(town: Town) -> Sent:
    return (town.visit.pk,), {"shown": town.visit.shown, **WHY}


@change("appointment-cancel-now")
def cancelled_and_sent_at_once(town: Town) -> Sent:
    actions.cancel_with_grace(appointment=fresh(town.visit), by=SYSTEM, now=TUESDAY, **WHY)
    return (town.visit.pk,), {}


@change("appointment-restore")
def restored_before_anybody_was_told(town: Town) -> Sent:
    actions.cancel_with_grace(appointment=fresh(town.visit), by=SYSTEM, now=TUESDAY, **WHY)
    return (town.visit.pk,), {}


@change("appointment-cancel")
def cancelled_while_somebody_waits_for_the_time(town: Town) -> Sent:
    town.waiting(make_resident(town.commune, "+33639981244", first_name="Zoé"), half_days=[8])
    town.bob.shifts.exclude(starts_at=at(9, day=27)).delete()
    town.bob.shifts.update(starts_at=FRIDAY, ends_at=FRIDAY + timedelta(minutes=55))
    # At once: after a grace the offer would be the same, only held until some minutes later.
    type(town.commune).objects.update(cancel_grace_min=0)
    return (town.visit.pk,), WHY


@change("appointment-cancel")
def cancelled_of_a_landline(town: Town) -> Sent:
    other = town.booked(town.georges, FRIDAY_LATER)
    run()
    return (other.pk,), WHY


@change("appointment-restore")
def restored_after_the_message_left(town: Town) -> Sent:
    actions.cancel(appointment=fresh(town.visit), reason=Reason.RESIDENT_ASKED, by=SYSTEM, now=TUESDAY)
    run()
    return (town.visit.pk,), {}


@change("appointment-give-to")
def given_to_somebody_else(town: Town) -> Sent:
    sent = {"resident": town.georges.pk, "instead_of": town.fatima.pk}
    return (town.visit.pk,), sent


@change("appointment-give-to")
def given_to_somebody_without_a_phone(town: Town) -> Sent:
    other = make_resident(town.commune, first_name="Sans", last_name="Téléphone")
    return (town.visit.pk,), {"resident": other.pk, "instead_of": town.fatima.pk}


@change("appointment-give-to")
def said_who_comes(town: Town) -> Sent:
    nameless = town.booked(None, FRIDAY_LATER)
    return (nameless.pk,), {"resident": town.fatima.pk, "instead_of": ""}


# ---- a resident ------------------------------------------------------------------------------------


def record(resident: Resident, *numbers: str, **more: str) -> dict[str, str]:
    sent = {
        "first_name": resident.first_name,
        "last_name": resident.last_name,
        "reach_by": resident.reach_by,
        "phones-TOTAL_FORMS": str(len(numbers)),
        "phones-INITIAL_FORMS": "0",
        **more,
    }
    for n, number in enumerate(numbers):
        sent |= {
            f"phones-{n}-number": number,
            f"phones-{n}-owner": "self",
            f"phones-{n}-may_call": "on",
        }
    return sent


@change("resident")
def a_contact_person_is_told_from_now_on(town: Town) -> Sent:
    zoe = make_resident(town.commune, "+33639981244", first_name="Zoé")
    town.booked(zoe, FRIDAY_LATER)
    run()
    contact = {"contact_name": "Inès", "contact_phone": "06 39 98 12 77", "contact_is_told": "on"}
    return (zoe.pk,), record(zoe, "06 39 98 12 44", **contact)


@change("resident")
def a_first_phone_is_written_down(town: Town) -> Sent:
    zoe = make_resident(town.commune, first_name="Zoé")
    town.booked(zoe, FRIDAY_LATER)
    run()
    return (zoe.pk,), record(zoe, "06 39 98 12 44")


@change("resident")
def nothing_about_messages_is_changed(town: Town) -> Sent:
    contact = {"contact_name": "Karim", "contact_phone": "06 39 98 12 35", "contact_is_told": "on"}
    return (town.fatima.pk,), record(town.fatima, "06 39 98 12 34", birth_year="1960", **contact)


@change("resident-undo")
def a_phone_that_was_removed_is_put_back(town: Town) -> Sent:
    zoe = make_resident(town.commune, "+33639981244", first_name="Zoé")
    edit = Edit(None, town.bob, TUESDAY)
    edit.started_from = {"phone:+33639981244": plain(resident_values(zoe)["phone:+33639981244"])}
    actions.edit_resident(resident=zoe, wanted={"phone:+33639981244": None}, edit=edit)
    town.booked(zoe, FRIDAY_LATER)
    run()
    return (zoe.changes.get().pk,), {}


@change("resident-limitation")
def a_record_is_limited_whose_visit_stays(town: Town) -> Sent:
    town.booked(town.fatima, FRIDAY_LATER)
    return (town.fatima.pk,), {"why": "accuracy", "coming": "keep", "came_by": "desk"}


@change("resident-limitation")
def a_record_is_limited_and_somebody_waits_for_its_time(town: Town) -> Sent:
    town.waiting(make_resident(town.commune, "+33639981244", first_name="Zoé"), half_days=[8])
    town.bob.shifts.exclude(starts_at=at(9, day=27)).delete()
    town.bob.shifts.update(starts_at=FRIDAY, ends_at=FRIDAY + timedelta(minutes=55))
    return (town.fatima.pk,), {"why": "claim", "coming": "cancel", "came_by": "letter"}


@change("resident-limitation-lift")
def a_limitation_is_lifted(town: Town) -> Sent:
    actions.limit_resident(
        resident=town.fatima, why=LimitedFor.ACCURACY, cancels=False, by=SYSTEM, now=TUESDAY
    )
    town.booked(town.fatima, FRIDAY_LATER)
    run()
    return (town.fatima.pk,), {"was_told": "on"}


@change("resident-merge")
def two_records_become_one_whose_contact_is_told(town: Town) -> Sent:
    twin = make_resident(town.commune, "+33639981244", first_name="Fatima")
    town.booked(twin, FRIDAY_LATER)
    run()
    return (town.fatima.pk,), {"duplicate": twin.pk}


@change("resident-consents")
def messages_are_withdrawn_after_the_confirmation_has_left(town: Town) -> Sent:
    town.booked(town.fatima, FRIDAY_LATER)
    run()
    return (town.fatima.pk,), {"what": "messages", "came_by": "desk"}


@change("resident-erase")
def whoever_is_erased_is_told_nothing(town: Town) -> Sent:
    how = {"coming": "cancel", "reason": "asked", "came_by": "desk", "sure": "1"}
    return (town.fatima.pk,), {**how, "seen": f"{town.visit.pk}:{town.visit.shown}"}


@change("resident-consent")
def messages_are_welcome_again(town: Town) -> Sent:
    suppress(commune=town.commune, number="+33639981234", reason=StopReason.REPLY, now=TUESDAY)
    town.booked(town.fatima, FRIDAY_LATER)
    run()
    return (town.fatima.pk,), {"number": "+33639981234"}


# ---- helpers, closures, cabins ---------------------------------------------------------------------


@change("replacements")
def replaced_at_another_time(town: Town) -> Sent:
    absent(town, at(9, day=27), at(12, day=27))
    return (), {"plan": digest(town)}


@change("replacements")
def replaced_by_a_call(town: Town) -> Sent:
    absent(town, at(9, day=24), at(18, day=30))
    return (), {"plan": digest(town)}


@change("replacements")
def replaced_without_a_helper(town: Town) -> Sent:
    absent(town, at(9, day=24), at(18, day=30))
    Service.objects.update(helper_policy=HelperPolicy.OPTIONAL)
    lost = Appointment.objects.filter(helper=town.bob).order_by("starts_at")
    wishes = {row.pk: "alone" for row in lost}
    sent = [f"{pk}:alone" for pk in wishes]
    return (), {"plan": digest(town, wishes=wishes), "choice": sent}


def absent(town: Town, starts_at: datetime, ends_at: datetime) -> Absence:
    return Absence.objects.create(
        agent=town.bob, commune=town.commune, starts_at=starts_at, ends_at=ends_at, kind=AbsenceKind.SICK
    )


def digest(town: Town, **how: Any) -> str:
    return plan_replacements(commune=town.commune, by=town.bob, now=TUESDAY, **how).digest


@change("absence-delete")
def the_absence_ends_early(town: Town) -> Sent:
    absence = absent(town, at(9, day=27), at(18, day=27))
    town.told_impossible()
    return (absence.pk,), {}


@change("absence-delete")
def the_absence_ends_before_anybody_was_told(town: Town) -> Sent:
    absence = absent(town, at(9, day=27), at(18, day=27))
    town.impossible()
    return (absence.pk,), {}


@change("absence-delete")
def the_absence_ends_while_somebody_waits(town: Town) -> Sent:
    absence = absent(town, at(9, day=27), at(18, day=27))
    town.impossible()
    town.waited_for()
    return (absence.pk,), {}


@change("closure-lift")
def the_closure_is_lifted(town: Town) -> Sent:
    closure = Closure.objects.create(
        site=town.site, starts_at=at(8, day=27), ends_at=at(18, day=27), reason=ClosureReason.EVENT
    )
    town.told_impossible(Reason.SITE_CLOSED)
    return (closure.pk,), {}


@change("cabin-order")
def the_cabin_works_again(town: Town) -> Sent:
    Cabin.objects.filter(pk=town.cabin.pk).update(in_order=False)
    town.told_impossible(Reason.CABIN_OUT_OF_ORDER)
    return (town.cabin.pk,), {"in_order": "1"}


@change("fault-close")
def the_equipment_works_again(town: Town) -> Sent:
    fault = a_fault(town, at(18, day=28))
    return (fault.pk,), {}


@change("fault-end")
def the_equipment_works_again_sooner(town: Town) -> Sent:
    fault = a_fault(town, None)
    return (fault.pk,), {"until_on": "2026-11-25"}


def a_fault(town: Town, end: datetime | None) -> Incident:
    """Of what Fatima's service needs: she was told that her visit cannot take place."""
    town.service.equipment_needed = [Equipment.SCANNER]
    town.service.save(update_fields=["equipment_needed"])
    fault = make_fault(town.cabin, IncidentKind.SCANNER, TUESDAY, end)
    town.told_impossible(Reason.FAULT)
    return fault


@change("cabin-new")
def a_cabin_is_added_where_the_only_one_is_broken_and_somebody_waits(town: Town) -> Sent:
    Cabin.objects.filter(pk=town.cabin.pk).update(in_order=False)
    town.waiting(town.georges)
    return (town.site.pk,), {"name": "Bleue", "equipment": town.cabin.equipment, "wheelchair": "unknown"}


@change("cabin-edit")
def the_cabin_comes_into_service_earlier(town: Town) -> Sent:
    Cabin.objects.filter(pk=town.cabin.pk).update(in_service_at=at(0, day=28))
    town.told_impossible(Reason.CABIN_OUT_OF_ORDER)
    return (town.cabin.pk,), {
        "name": town.cabin.name,
        "equipment": town.cabin.equipment,
        "wheelchair": "unknown",
        "in_service_at": "",
    }


@change("cabin-retire")
def the_cabin_is_used_again(town: Town) -> Sent:
    Cabin.objects.filter(pk=town.cabin.pk).update(retired_at=at(0, day=26))
    town.told_impossible(Reason.CABIN_OUT_OF_ORDER)
    return (town.cabin.pk,), {"do": "resume"}


@change("site-retire")
def the_place_is_used_again(town: Town) -> Sent:
    Site.objects.filter(pk=town.site.pk).update(retired_at=at(0, day=26))
    town.told_impossible(Reason.SITE_CLOSED)
    return (town.site.pk,), {"do": "resume"}


@change("hours-edit")
def the_place_opens_again_on_fridays(town: Town) -> Sent:
    Site.objects.filter(pk=town.site.pk).update(opening_hours="Mo-Th 09:00-12:00,14:00-17:00; PH off")
    town.told_impossible(Reason.SITE_CLOSED)
    hours = (("09:00", "12:00"), ("14:00", "17:00"))
    each = [(day, n, *span) for day in range(5) for n, span in enumerate(hours)]
    sent = {f"from_{day}_{n}": start for day, n, start, _ in each}
    return (town.site.pk,), {**sent, **{f"until_{day}_{n}": end for day, n, _, end in each}}


@change("places-import-confirm")
def a_file_says_that_the_place_opens_on_fridays(town: Town) -> Sent:
    Site.objects.filter(pk=town.site.pk).update(opening_hours="Mo-Th 09:00-12:00,14:00-17:00; PH off")
    town.told_impossible(Reason.SITE_CLOSED)
    values = {"id": town.site.ref, "nom": town.site.name, "adresse": "Place de la mairie"}
    values |= {"commune": town.commune.name, "code_postal": "76140", "code_insee": town.commune.insee_code}
    values["horaires"] = "Mo-Fr 09:00-12:00,14:00-17:00; PH off"
    data = f"{';'.join(values)}\n{';'.join(f'"{each}"' for each in values.values())}\n".encode()
    author = Author(town.bob, TUESDAY)
    report = import_data(data=data, commune=town.commune, dry_run=True, author=author)
    assert not report.refused
    return (), {"sealed": SeenFile(data, 0, report.fingerprint()).sealed(town.commune.pk)}


@change("shift-new")
def a_shift_brings_a_time_for_somebody_who_waits(town: Town) -> Sent:
    town.nobody_works()
    town.waiting(town.georges)
    sent = {
        "agent": town.bob.pk,
        "site": town.site.pk,
        "on": "2026-11-26",
        "starts": "09:00",
        "ends": "12:00",
    }
    return (), sent


@change("shift-edit")
def a_shift_is_longer(town: Town) -> Sent:
    town.nobody_works()
    shift = make_shift(town.bob, town.site, at(9, day=26), at(9, 30, day=26))
    town.waiting(town.georges)
    sent = {
        "agent": town.bob.pk,
        "site": town.site.pk,
        "on": "2026-11-26",
        "starts": "09:00",
        "ends": "12:00",
    }
    return (shift.pk,), sent


@change("shift-move")
def a_shift_is_dragged_to_a_day_that_suits(town: Town) -> Sent:
    town.nobody_works()
    shift = make_shift(town.bob, town.site, at(9, day=25), at(12, day=25))
    town.waiting(town.georges, half_days=[6])
    dragged = {"was_agent": town.bob.pk, "was_on": "2026-11-25"}
    return (shift.pk,), {"agent": town.bob.pk, "on": "2026-11-26", **dragged}


@change("shift-exchange")
def who_can_help_changes_places_with_who_cannot(town: Town) -> Sent:
    town.nobody_works()
    elsewhere = make_site(town.commune, name="Saint-Julien")
    camille = make_agent(town.commune, Role.HELPER, first_name="Camille")
    shift = make_shift(camille, town.site, at(9, day=26), at(12, day=26))
    make_shift(town.bob, elsewhere, at(9, day=26), at(12, day=26))
    town.waiting(town.georges)
    (mark,) = ExchangeForm(shift=shift, commune=town.commune, now=TUESDAY).by_mark
    return (shift.pk,), {"other": mark}


@change("week-copy")
def the_week_is_copied(town: Town) -> Sent:
    town.bob.shifts.exclude(starts_at=at(9, day=26)).delete()
    Appointment.objects.update(helper=None, with_helper=False)
    town.waiting(town.georges, from_on=date(2026, 12, 1))
    return (), {"week": "2026-11-30"}


@change("patterns-publish")
def a_usual_week_is_published(town: Town) -> Sent:
    pattern = usual_week(town)
    pattern.save()
    return (), {"until": "2026-12-11"}


def usual_week(town: Town) -> ShiftPattern:
    town.nobody_works()
    if not WaitingEntry.objects.exists():
        town.waiting(town.georges)
    return ShiftPattern(
        agent=town.bob,
        site=town.site,
        weekdays=[3],
        starts=time(9),
        ends=time(12),
        anchor_on=date(2026, 11, 26),
        from_on=date(2026, 11, 26),
    )


@change("account-edit")
def an_agent_can_help_with_one_more_thing(town: Town) -> Sent:
    town.nobody_works()
    make_shift(town.bob, town.site, at(9, day=26), at(12, day=26))
    membership = Membership.objects.get(agent=town.bob)
    membership.skills.clear()
    town.waiting(town.georges)
    sent = {"is_desk": "on", "is_helper": "on", "is_manager": "on", "skills": [town.service.pk]}
    return (membership.pk,), sent


@change("service-helpers")
def one_more_can_help_with_it(town: Town) -> Sent:
    town.nobody_works()
    make_shift(town.bob, town.site, at(9, day=26), at(12, day=26))
    membership = Membership.objects.get(agent=town.bob)
    membership.skills.clear()
    town.waiting(town.georges)
    return (town.service.pk,), {"helpers": [membership.pk]}


@change("service-edit")
def a_service_becomes_shorter(town: Town) -> Sent:
    town.nobody_works()
    make_shift(town.bob, town.site, at(9, day=26), at(9, 30, day=26))
    town.waiting(town.georges)
    service = town.service
    sent = {
        "name": service.name,
        "theme": service.theme,
        "helper_policy": service.helper_policy,
        "duration_min": "30",
        "turnaround_min": "0",
        "start_step_min": service.start_step_min,
        "booker": service.booker,
        "is_active": "on",
    }
    return (service.pk,), sent


@change("service-state")
def a_service_is_offered_again(town: Town) -> Sent:
    town.nobody_works()
    make_shift(town.bob, town.site, at(9, day=26), at(12, day=26))
    town.waiting(town.georges)
    Service.objects.filter(pk=town.service.pk).update(is_active=False)
    return (town.service.pk,), {"state": "offered"}


@change("service-news")
def a_service_becomes_shorter_with_the_catalogue(town: Town) -> Sent:
    town.nobody_works()
    make_shift(town.bob, town.site, at(9, day=26), at(9, 30, day=26))
    town.waiting(town.georges)
    entry = catalogue().services["impots"]
    Service.objects.filter(pk=town.service.pk).update(
        turnaround_min=0,
        helper_policy=entry.helper_policy,
        catalogue_key=entry.key,
        catalogue_values={**entry.values, "duration_min": 20},
    )
    town.service.refresh_from_db()
    return (town.service.pk,), {"duration_min": "on", "seen": seen_values(town.service, {"duration_min": 30})}


@change("message-settings")
def reminders_leave_earlier_than_before(town: Town) -> Sent:
    """Of somebody who was told of the visit long ago, and is not reminded yet."""
    before = TUESDAY - timedelta(days=20)
    book_for(town.fatima, town.cabin, town.service, at(10, day=30), helper=town.bob, now=before)
    book_for(town.georges, town.cabin, town.service, at(11, day=30), helper=town.bob, now=before)
    run(before)
    Message.objects.filter(created_at=before).update(state=State.DELIVERED, delivered_at=before)
    return (), message_settings(town, reminder_days_before="7")


@change("message-settings")
def reminders_leave_on_the_day_too(town: Town) -> Sent:
    before = TUESDAY - timedelta(days=20)
    book_for(town.fatima, town.cabin, town.service, at(11, 30), helper=town.bob, now=before)
    for present in (before, TUESDAY - timedelta(days=1)):
        run(present)
        Message.objects.filter(state=State.SENT).update(state=State.DELIVERED, delivered_at=present)
    return (), message_settings(town, remind_same_day="on")


def message_settings(town: Town, **changes: str) -> dict[str, str]:
    same = {
        "sender": SENDER,
        "reminder_days_before": "2",
        "reminders_from": "09:00",
        "reminders_until": "19:00",
        "price_sms_cents": "8",
        "invite_missed": "on",
    }
    return {**same, **changes}


@change("settings-undo")
def reminders_are_put_back_to_earlier(town: Town) -> Sent:
    """Somebody had made them leave later, by mistake."""
    sent = reminders_leave_earlier_than_before(town)[1]
    Commune.objects.filter(pk=town.commune.pk).update(reminder_days_before=7)
    town.commune.refresh_from_db()
    edit = Edit({"reminder_days_before": 7}, town.bob, TUESDAY)
    save_settings(commune=town.commune, changes={"reminder_days_before": 2}, now=TUESDAY, edit=edit)
    assert sent["reminder_days_before"] == "7"
    return (town.commune.setup_changes.get().pk,), {}


@change("booking-settings")
def freed_times_are_offered_by_message(town: Town) -> Sent:
    town.nobody_works()
    make_shift(town.bob, town.site, at(9, day=26), at(12, day=26))
    Commune.objects.filter(pk=town.commune.pk).update(offers_freed_times=False)
    town.waiting(town.georges)
    same = {"cancel_grace_min": "5", "lead_min_hours": "2", "lead_max_days": "56", "offer_lasts_min": "30"}
    return (), {**same, "offers_freed_times": "on"}


# ---- late ------------------------------------------------------------------------------------------


def today(town: Town) -> Appointment:
    visit = town.booked(town.fatima, at(11, 15))
    run()
    return visit


@change("helper-late")
def a_helper_is_late(town: Town) -> Sent:
    today(town)
    return (), {"helper": town.bob.pk, "until": "11:45"}


@change("my-day-late")
def a_helper_says_it(town: Town) -> Sent:
    today(town)
    return (), {"until": "11:45"}


def late(town: Town) -> None:
    today(town)
    actions.announce_delay(helper=town.bob, commune=town.commune, until=at(11, 45), by=SYSTEM, now=TUESDAY)
    run()


@change("helper-here")
def a_late_helper_is_there_after_all(town: Town) -> Sent:
    late(town)
    return (), {"helper": town.bob.pk}


@change("my-day-here")
def a_late_helper_says_so(town: Town) -> Sent:
    late(town)
    return (), {}


# ---- the waiting list and the call list ------------------------------------------------------------


@change("waiting-accept")
def an_offer_is_taken(town: Town) -> Sent:
    return (town.offered().pk,), {}


@change("waiting-decline")
def an_offer_is_left_to_the_next(town: Town) -> Sent:
    return (town.offered().pk,), {}


@change("call-cancel")
def told_by_voice_that_it_is_cancelled(town: Town) -> Sent:
    absent(town, at(9, day=27), at(12, day=27))
    town.impossible()
    return (to_call(town).appointment_id or 0,), {"reason": "helper_absent", "asked_by": "mairie"}


@change("call-outcome")
def told_by_voice_and_wants_no_more_messages(town: Town) -> Sent:
    absent(town, at(9, day=27), at(12, day=27))
    town.impossible()
    town.booked(town.fatima, FRIDAY_LATER)
    plan_messages(now=TUESDAY, stop_at=float("inf"))
    return (to_call(town).pk,), {"outcome": "stops"}


@change("call-outcome")
def told_by_voice(town: Town) -> Sent:
    absent(town, at(9, day=27), at(12, day=27))
    town.impossible()
    return (to_call(town).pk,), {"outcome": "told"}


@change("call-outcome")
def an_offer_is_declined_by_voice(town: Town) -> Sent:
    Resident.objects.filter(pk=town.georges.pk).update(reach_by=ReachBy.NONE)
    town.georges.refresh_from_db()
    town.offered()
    return (to_call(town).pk,), {"outcome": "declines"}


@change("call-undo")
def a_stop_noted_by_the_desk_is_taken_back(town: Town) -> Sent:
    """Meanwhile nothing could be sent to her."""
    ask_call_back(
        commune=town.commune, number="+33639981234", why=DeskReason.ASKED, resident=town.fatima, now=TUESDAY
    )
    noted = no_more_messages(lines=[to_call(town)], number="+33639981234", by=town.bob, now=TUESDAY)
    town.booked(town.fatima, FRIDAY_LATER)
    run()
    return (noted.pk,), {}


@change("call-undo")
def a_number_was_not_wrong_after_all(town: Town) -> Sent:
    ask_call_back(
        commune=town.commune, number="+33639981234", why=DeskReason.ASKED, resident=town.fatima, now=TUESDAY
    )
    noted = wrong_number(lines=[to_call(town)], number="+33639981234", by=town.bob, now=TUESDAY)
    town.booked(town.fatima, FRIDAY_LATER)
    run()
    return (noted.pk,), {}


@change("call-undo")
def cancelled_by_voice_by_mistake(town: Town) -> Sent:
    """Her son has the message that it is cancelled."""
    absent(town, at(9, day=27), at(12, day=27))
    town.impossible()
    noted = cancel_on_the_phone(
        appointment=fresh(town.visit),
        reason=Reason.HELPER_ABSENT,
        asked_by=AskedBy.MAIRIE,
        told_at="+33639981234",
        by=town.bob,
        now=TUESDAY,
    )
    run()
    Absence.objects.all().delete()
    return (noted.pk,), {}


def to_call(town: Town) -> Message:
    return Message.objects.filter(channel=Channel.DESK, commune=town.commune).latest("pk")


SILENT = {
    "shift-delete": "takes a helper away: who loses one is on the page to place again, which announces",
    "absence-new": "as shift-delete",
    "absence-ask": "as shift-delete, and a manager answers first",
    "absence-answer": "as shift-delete",
    "sick-today": "as shift-delete",
    "account-leave": "as shift-delete",
    "account-stay": "brings back what account-leave took away, as shift-new",
    "closure-new": "as shift-delete",
    "team-undo": "does what the other pages of the team do",
    "publication-undo": "takes back what patterns-publish did, as shift-delete",
}
"""Marked addresses without a case here, and why: what they change is tried through others."""
