"""Appointments with their log, notes, the waiting list, and what figures still know of them."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.actions.counting import open_records
from booking.forms.waiting import half_day_label
from booking.models import (
    AppointmentEvent,
    IdempotencyRecord,
    UnreadEvent,
    VisitNote,
    WaitingEntry,
    WaitingOffer,
)
from booking.national import Material, Orientation
from communes.enums import Theme
from core.templatetags.times import day_month_year
from privacy.held.part import Column, Part, columns, in_file
from privacy.held.person import Person
from privacy.held.values import instant, short_instant


def _labels(kind: Any, codes: Iterable[str]) -> str:
    return ", ".join(str(kind(code).label) if code in kind else code for code in codes)


def _of_appointments(model: Any, person: Person, *related: str) -> Any:
    return model.objects.filter(appointment__in=person.ids).select_related("appointment", *related)


def _changes(event: AppointmentEvent, person: Person) -> dict[str, Any]:
    """What the event changed; of whose the appointment was, only whether it was theirs."""
    changes = dict(event.changes)
    if "resident" in changes:
        changes["resident"] = [pk if pk in person.records else None for pk in changes["resident"]]
    return changes


APPOINTMENTS = Part(
    key="appointments",
    table="booking.Appointment",
    title=gettext_lazy("Appointments"),
    rows=lambda person: person.appointments,
    columns=(
        *columns(service=gettext_lazy("service"), site=gettext_lazy("place"), cabin=gettext_lazy("cabin")),
        *columns(helper=gettext_lazy("helper"), helper_chosen=gettext_lazy("the resident chose this helper")),
        *columns(note=gettext_lazy("to prepare or bring")),
        Column("number", gettext_lazy("appointment number"), say=lambda row, _person: row.spaced_number),
        *columns(
            party_size=gettext_lazy("number of people"),
            confirmed_at=gettext_lazy("confirmed on"),
            arrived_at=gettext_lazy("arrived on"),
            started_at=gettext_lazy("session begun on"),
            ended_at=gettext_lazy("session ended on"),
            outcome=gettext_lazy("result"),
            told_by=gettext_lazy("told by"),
            follow_up_of=gettext_lazy("follows the appointment of"),
            created_at=gettext_lazy("booked on"),
            origin=gettext_lazy("booked through"),
        ),
        *in_file("resident status starts_at ends_at with_helper is_walk_in coming_at held_until cancel_at"),
    ),
    head=lambda row, _person: f"{instant(row.starts_at)}, {row.get_status_display()}",
)
LOG = Part(
    key="appointment_log",
    table="booking.AppointmentEvent",
    title=gettext_lazy("Appointments that belong to somebody else now"),
    rows=lambda person: person.events,
    columns=(
        Column("appointment", read=lambda row, _person: row.appointment_id),
        *in_file("kind at actor agent reason asked_by"),
        Column("changes", read=_changes),
    ),
    head=lambda row, _person: str(row.get_kind_display()),
    on_page=False,
)
NOTES = Part(
    key="session_notes",
    table="booking.VisitNote",
    title=gettext_lazy("What came of sessions"),
    rows=lambda person: _of_appointments(VisitNote, person),
    columns=(
        Column("appointment"),
        Column("themes", gettext_lazy("themes"), say=lambda row, _p: _labels(Theme, row.themes)),
        Column(
            "equipment_used",
            gettext_lazy("equipment"),
            say=lambda row, _p: _labels(Material, row.equipment_used),
        ),
        *columns(autonomy=gettext_lazy("autonomy")),
        Column(
            "orientation",
            gettext_lazy("sent on to"),
            say=lambda row, _p: _labels(Orientation, row.orientation),
        ),
    ),
    head=lambda row, _person: instant(row.appointment.starts_at),
)
BOOKED_ELSEWHERE = Part(
    key="bookings_of_other_systems",
    table="booking.IdempotencyRecord",
    title=gettext_lazy("Booked through another system"),
    rows=lambda person: _of_appointments(IdempotencyRecord, person),
    columns=in_file("appointment body_hash key_hash"),
    head=lambda row, _person: instant(row.appointment.starts_at),
)


def _waiting(person: Person) -> Any:
    rows = WaitingEntry.objects.filter(resident__in=person.records)
    return rows.select_related("service").prefetch_related("sites")


def _places(person: Person) -> Any:
    entries = WaitingEntry.objects.filter(resident__in=person.records)
    return WaitingEntry.sites.through.objects.filter(waitingentry__in=entries).select_related("site")


def _half_days(entry: WaitingEntry, _person: Person) -> str:
    return ", ".join(half_day_label(number) for number in entry.half_days)


WAITING = Part(
    key="waiting_list",
    table="booking.WaitingEntry",
    title=gettext_lazy("Waiting list"),
    rows=_waiting,
    columns=(
        *columns(service=gettext_lazy("service"), state=gettext_lazy("state")),
        Column(
            "sites",
            gettext_lazy("places that suit"),
            read=lambda row, _person: [site.short_name for site in row.sites.all()],
        ),
        Column("half_days", gettext_lazy("half-days that suit"), say=_half_days),
        *columns(
            from_on=gettext_lazy("not before"),
            until_on=gettext_lazy("not after"),
            with_helper=gettext_lazy("with a helper"),
            party_size=gettext_lazy("number of people"),
            unanswered=gettext_lazy("offers without an answer"),
        ),
        *in_file("resident declined joined_at"),
    ),
    head=lambda row, _person: _("on the list since %(when)s") % {"when": short_instant(row.joined_at)},
)
WAITING_PLACES = Part(
    key="waiting_list_places",
    table="booking.WaitingEntry_sites",
    title=gettext_lazy("Places of the waiting list"),
    rows=_places,
    columns=(Column("waitingentry", read=lambda row, _person: row.waitingentry_id), Column("site")),
    head=lambda row, _person: str(row.site),
    on_page=False,
)
OFFERS = Part(
    key="waiting_list_offers",
    table="booking.WaitingOffer",
    title=gettext_lazy("Times that were offered"),
    rows=lambda person: WaitingOffer.objects.filter(entry__resident__in=person.records).select_related(
        "appointment"
    ),
    columns=(
        Column("entry", read=lambda row, _person: row.entry_id),
        *columns(appointment=gettext_lazy("appointment"), answer=gettext_lazy("answer")),
        *in_file("made_at"),
    ),
    head=lambda row, _person: _("offered on %(when)s") % {"when": short_instant(row.made_at)},
)


def _records(person: Person) -> Any:
    return open_records(person.ids)


RECORDS = Part(
    key="figures_not_closed",
    table="booking.VisitRecord",
    title=gettext_lazy("Figures of the last eight days"),
    rows=_records,
    columns=(
        *columns(
            site_name=gettext_lazy("place"),
            service_name=gettext_lazy("service"),
            ended_as=gettext_lazy("state"),
        ),
        *in_file(
            "key day_on half_hour cabin_ref cabin_name service_ref theme cancelled_by notice booked_min "
            "used_min waited_min helped_by persons origin is_walk_in lead outcome told_by is_medical "
            "themes_noted equipment_used autonomy orientation"
        ),
    ),
    head=lambda row, _person: day_month_year(row.day_on),
)
UNREAD = Part(
    key="events_to_act_on",
    table="booking.UnreadEvent",
    title=gettext_lazy("Events that Permanence has still to act on"),
    rows=lambda person: UnreadEvent.objects.filter(event__in=[each.pk for each in person.events]),
    columns=(Column("reader"), Column("event", read=lambda row, _person: row.event_id)),
    head=lambda row, _person: row.reader,
    on_page=False,
)
