"""The record of a person and their numbers."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.enums import ActorKind, LimitedFor
from booking.forms.resident_edit import ResidentEditForm
from booking.models import Resident, ResidentChange
from core.edits import record_name
from core.models import EditTrace
from core.templatetags.phones import national
from privacy.held.part import Column, Part, columns, in_file
from privacy.held.person import Person
from privacy.held.values import instant, short_instant

_RECORD = (
    *columns(first_name=gettext_lazy("first name"), last_name=gettext_lazy("last name")),
    Column("email", gettext_lazy("e-mail")),
    *columns(postal_address=gettext_lazy("postal address"), birth_year=gettext_lazy("year of birth")),
    Column("languages", gettext_lazy("languages"), say=lambda row, _person: ", ".join(row.language_labels)),
    Column("needs", gettext_lazy("what helps the visit"), say=lambda row, _p: ", ".join(row.need_labels)),
    *columns(
        reach_by=gettext_lazy("preferred way to be told"),
        number_on_screen=gettext_lazy("show the appointment number on screens, not the name"),
        contact_name=gettext_lazy("contact person"),
        contact_relation=gettext_lazy("who is"),
    ),
    Column(
        "contact_phone",
        gettext_lazy("phone of the contact person"),
        say=lambda row, _person: national(row.contact_phone),
    ),
    *columns(
        contact_is_told=gettext_lazy("tell the contact person too"), created_at=gettext_lazy("recorded on")
    ),
    *columns(limited_at=gettext_lazy("use limited since"), limited_for=gettext_lazy("why limited")),
    *in_file("search_name form_key merged_into"),
)


def _merged(person: Person) -> Any:
    return Resident.objects.filter(merged_into=person.resident).order_by("pk")


def _edits(person: Person) -> Any:
    names = [record_name(Resident(pk=pk)) for pk in person.records]
    return EditTrace.objects.filter(record__in=names).select_related("by")


RECORD = Part(
    key="record",
    table="booking.Resident",
    title=gettext_lazy("Record"),
    rows=lambda person: [person.resident],
    columns=_RECORD,
    head=lambda row, _person: str(row),
)
MERGED = Part(
    key="merged_records",
    table="booking.Resident",
    title=gettext_lazy("Records that were merged into this one, and emptied"),
    rows=_merged,
    columns=_RECORD,
    head=lambda row, _person: _("recorded on %(when)s") % {"when": short_instant(row.created_at)},
    on_page=False,
)
PHONES = Part(
    key="phones",
    table="booking.ResidentPhone",
    title=gettext_lazy("Phone numbers"),
    rows=lambda person: person.phones,
    columns=(
        Column("number"),
        *columns(
            owner=gettext_lazy("whose"),
            owner_detail=gettext_lazy("whose exactly"),
            is_mobile=gettext_lazy("mobile phone"),
            may_call=gettext_lazy("may we call or text?"),
            call_from=gettext_lazy("from"),
            call_until=gettext_lazy("until"),
        ),
    ),
    head=lambda row, _person: national(row.number),
)


def _changed(row: ResidentChange, person: Person) -> str:
    """From what to what, value by value."""
    form = ResidentEditForm(instance=person.resident, commune=person.resident.commune)
    return "; ".join(
        _("%(what)s: %(before)s → %(after)s")
        % {
            "what": _label(form, name),
            "before": _text(form, name, before) or "–",
            "after": _text(form, name, after) or "–",
        }
        for name, (before, after) in sorted(row.values.items())
    )


def _label(form: ResidentEditForm, name: str) -> str:
    return _("reason") if name == "limited_for" else form.label_of(name)


def _text(form: ResidentEditForm, name: str, value: Any) -> str:
    if name == "limited_for":
        return str(LimitedFor(value).label) if value else ""
    return form.text_of(name, value)


def _changer(row: ResidentChange) -> str:
    return row.agent.short_name if row.agent else str(ActorKind(row.actor).label)


HISTORY = Part(
    key="changes_of_the_record",
    table="booking.ResidentChange",
    title=gettext_lazy("Changes of the record"),
    rows=lambda person: ResidentChange.objects.filter(resident__in=person.records).select_related("agent"),
    columns=(
        Column("values", gettext_lazy("what was changed"), say=_changed),
        *columns(is_asked=gettext_lazy("at the person's request")),
        *in_file("kind at actor agent is_of_merged"),
        Column("resident", read=lambda row, _person: row.resident_id),
    ),
    head=lambda row, _person: f"{short_instant(row.at)}, {_changer(row)}{_(': ')}{row.get_kind_display()}",
)
EDITS = Part(
    key="last_edits",
    table="core.EditTrace",
    title=gettext_lazy("Last changes of the record"),
    rows=_edits,
    columns=(*columns(by=gettext_lazy("by")), *in_file("at names record")),
    head=lambda row, _person: instant(row.at),
)
