"""Recording residents, and making one of two records of the same person."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from booking.actions.base import action, apply, lock, require
from booking.enums import EventKind, PhoneOwner, Status
from booking.errors import ResidentInvalid
from booking.log import Actor, look_again
from booking.models import Appointment, Resident, ResidentPhone
from booking.names import folded, search_name
from communes.actions import bump_sites
from communes.models import Commune
from core import phones as numbers
from core.edits import Edit, lock_row, record_name, values_of

MOST_PHONES = 6

NAMES = ("first_name", "last_name", "search_name")
CONTACT = ("contact_name", "contact_relation", "contact_phone", "contact_is_told")
KEPT = ("email", "postal_address", "birth_year", "reach_by", "number_on_screen", *CONTACT)
"""What a record holds besides name, phones, languages and needs."""


@dataclass(frozen=True, slots=True)
class PhoneInput:
    """A way to reach someone. `number_e164` as `core.phones` reads what people type."""

    number_e164: str
    owner: str = PhoneOwner.SELF
    may_call: bool = True
    call_from: time | None = None
    call_until: time | None = None
    owner_detail: str = ""


PHONE_FIELDS = ("is_mobile", "owner", "owner_detail", "may_call", "call_from", "call_until")


@dataclass(frozen=True, slots=True)
class NewResident:
    """Someone to record; `fields` are others of the record."""

    commune: Commune
    first_name: str
    last_name: str
    phones: Sequence[PhoneInput] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    once: str = ""
    """The mark of the form that was sent: the same form, with the same words, records one person."""


@action
def create_resident(
    *,
    commune: Commune,
    first_name: str,
    last_name: str,
    phones: Sequence[PhoneInput] = (),
    now: datetime,
    **fields: Any,
) -> Resident:
    """Record someone new; `fields` are others of the record. Raises ResidentInvalid."""
    return record(NewResident(commune, first_name, last_name, phones, fields), now=now)


@action
def record_newcomer(newcomer: NewResident, *, now: datetime) -> Resident:
    """`create_resident`, of someone who has been written down."""
    return record(newcomer, now=now)


def record(newcomer: NewResident, *, now: datetime) -> Resident:
    """`create_resident`, within the caller's transaction."""
    if (earlier := recorded_before(newcomer)) is not None:
        return earlier
    wanted = _wanted(newcomer.phones)
    resident = Resident(commune=newcomer.commune, created_at=now, form_key=_form_key(newcomer))
    _fill(resident, first_name=newcomer.first_name, last_name=newcomer.last_name, **newcomer.fields)
    if not _inserted(resident):
        # The same form was answered while we were at it.
        earlier = recorded_before(newcomer)
        assert earlier is not None
        return earlier
    for phone in wanted.values():
        _phone(resident, phone).save(force_insert=True)
    return resident


def recorded_before(newcomer: NewResident) -> Resident | None:
    """Whom the same form, sent before, has recorded: the record into which they were merged, if they were."""
    key = _form_key(newcomer)
    if key is None:
        return None
    earlier = Resident.objects.filter(form_key=key).select_related("merged_into").first()
    return (earlier.merged_into or earlier) if earlier is not None else None


def is_recorded_as(newcomer: NewResident, resident: Resident) -> bool:
    """Whether this is the name, and these the numbers, of the record."""
    written = search_name(newcomer.first_name, newcomer.last_name)
    known = set(resident.phones.values_list("number", flat=True))
    return written == resident.search_name and known == {each.number_e164 for each in newcomer.phones}


def _form_key(newcomer: NewResident) -> UUID | None:
    """Of the form's mark and all that was written in it: keyed, since names and numbers could be guessed."""
    if not newcomer.once:
        return None
    numbers = sorted(phone.number_e164 for phone in newcomer.phones)
    written = [newcomer.first_name, newcomer.last_name, numbers, newcomer.fields]
    text = json.dumps([newcomer.commune.pk, newcomer.once, *written], sort_keys=True, default=str)
    return UUID(bytes=salted_hmac("booking.residents.once", text, algorithm="sha256").digest()[:16])


def _inserted(resident: Resident) -> bool:
    """Insert, and return False where the same form has recorded someone in the meantime."""
    if resident.form_key is None:
        resident.save(force_insert=True)
        return True
    try:
        with transaction.atomic():
            resident.save(force_insert=True)
    except IntegrityError:
        if not Resident.objects.filter(form_key=resident.form_key).exists():
            raise
        return False
    return True


@action
def leave_number(
    *, appointment: Appointment, number_e164: str, language: str, by: Actor, now: datetime
) -> Resident:
    """Record someone who booked without saying who they are, by a phone and the language they read.

    It is always a record of its own, even when the number is known: whoever keys a number on a screen
    has not shown that it is theirs. The desk may merge the two. Raises ResidentInvalid.
    """
    lock(appointment)
    require(appointment, Status.BOOKED)
    if appointment.resident_id is not None:
        raise ResidentInvalid(_("This appointment has a phone number already."))
    phones = _wanted([PhoneInput(number_e164)])
    resident = Resident(commune_id=appointment.commune_id, languages=[language], created_at=now)
    resident.save(force_insert=True)
    for phone in phones.values():
        _phone(resident, phone).save(force_insert=True)
    apply(appointment, kind=EventKind.EDITED, resident_id=resident.pk, by=by, now=now)
    return resident


@action
def update_resident(
    *,
    resident: Resident,
    phones: Sequence[PhoneInput] | None = None,
    now: datetime,
    **fields: Any,
) -> Resident:
    """Change what is given; `phones`, where given, replaces the list. Screens of the resident's coming
    appointments are told, and who must be told of these is looked at again. Raises ResidentInvalid."""
    _tell_sites([resident])
    resident.refresh_from_db(from_queryset=Resident.objects.select_for_update())
    if resident.merged_into_id is not None:
        raise ResidentInvalid(_("This record has been merged into another."))
    _fill(resident, **fields)
    resident.save(force_update=True)
    if phones is not None:
        _set_phones(resident, phones)
    _look_again(resident, now)
    return resident


def _look_again(resident: Resident, now: datetime) -> None:
    coming = Appointment.objects.live().filter(resident=resident, starts_at__gt=now)
    look_again(list(coming.order_by("pk").values_list("pk", flat=True)), now=now)


EDITED = ("first_name", "last_name", "languages", "needs", *KEPT)
"""What a record holds besides its phones, as the desk edits it."""

PHONE = "phone:"
"""Before a number, the name of a phone among the values of `resident_values`."""


def resident_values(resident: Resident) -> dict[str, Any]:
    """What the desk edits of a resident, by name. Each phone is a value of its own, named by its number, so
    that one desk can add one while another corrects one."""
    phones = resident.phones.all() if resident.pk else ()
    return {
        **values_of(resident, EDITED),
        **{f"{PHONE}{each.number}": astuple(_as_input(each)) for each in phones},
    }


def _as_input(phone: ResidentPhone) -> PhoneInput:
    others = [each.name for each in fields(PhoneInput) if each.name != "number_e164"]
    return PhoneInput(phone.number, **{name: getattr(phone, name) for name in others})


@action
def edit_resident(*, resident: Resident, wanted: Mapping[str, Any], edit: Edit) -> Resident:
    """Set some of the values that `resident_values` names, as far as nobody else has saved others meanwhile.

    A phone is given as it is to be, under the number that it had before; None removes it. Screens of the
    resident's coming appointments are told, and who must be told of these is looked at again. Raises
    ResidentInvalid, RecordGone (also when it was merged into another record), EditConflict.
    """
    _tell_sites([resident])
    row = lock_row(Resident.objects.current(), resident.pk)
    stored = resident_values(row)
    changes = edit.merge(record_name(row), stored, _not_yet_corrected(wanted, stored))
    _fill(row, **{name: value for name, value in changes.items() if not name.startswith(PHONE)})
    row.save(force_update=True)
    if any(name.startswith(PHONE) for name in changes):
        result = {**stored, **changes}
        phones = [value for name, value in result.items() if name.startswith(PHONE) and value is not None]
        _set_phones(row, [PhoneInput(*value) for value in phones])
    _look_again(row, edit.at)
    return row


def _not_yet_corrected(wanted: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Without the corrections of a number that somebody else has made in the same way."""
    done = [
        name
        for name, value in wanted.items()
        if name.startswith(PHONE) and value and name not in stored
        if stored.get(f"{PHONE}{value[0]}") == value
    ]
    return {**wanted, **dict.fromkeys(done)}


@action
def merge_residents(*, keep: Resident, duplicate: Resident, by: Actor, now: datetime) -> Resident:
    """Make one record of two: phones and appointments go to `keep`, which fills its blanks from the
    other; the other stays behind, emptied, and points to it. A contact person is taken over as a whole.
    """
    if keep.pk == duplicate.pk or keep.commune_id != duplicate.commune_id:
        raise ResidentInvalid(_("These two records cannot be merged."))
    _tell_sites([keep, duplicate])
    rows = {
        row.pk: row
        for row in Resident.objects.select_for_update().filter(pk__in=(keep.pk, duplicate.pk)).order_by("pk")
    }
    if len(rows) < 2 or any(row.merged_into_id is not None for row in rows.values()):
        raise ResidentInvalid(_("This record has been merged into another."))
    for each in (keep, duplicate):
        each.refresh_from_db()
    kept = [name for name in KEPT if name not in CONTACT or _have_one_contact(keep, duplicate)]
    for name in [*NAMES, *kept] if keep.is_nameless else kept:
        if not getattr(keep, name):
            setattr(keep, name, getattr(duplicate, name))
    keep.languages = _union(keep.languages, duplicate.languages)
    keep.needs = _union(keep.needs, duplicate.needs)
    keep.created_at = min(keep.created_at, duplicate.created_at)
    keep.save(force_update=True)
    _move_phones(duplicate, keep)
    for appointment in duplicate.appointments.select_for_update().order_by("pk"):
        apply(appointment, kind=EventKind.EDITED, resident_id=keep.pk, by=by, now=now)
    duplicate.waiting_entries.update(resident=keep)
    Resident.objects.filter(merged_into=duplicate).update(merged_into=keep)
    _empty(duplicate)
    duplicate.merged_into = keep
    duplicate.save(force_update=True)
    _look_again(keep, now)
    return keep


def _have_one_contact(keep: Resident, duplicate: Resident) -> bool:
    """Whether both records name the same contact person, or the first names none. Else what is known of one
    person would be mixed with what was agreed about another, such as that they are told."""
    if not (keep.contact_name or keep.contact_phone):
        return True
    if keep.contact_phone and duplicate.contact_phone:
        return keep.contact_phone == duplicate.contact_phone
    return folded(keep.contact_name) == folded(duplicate.contact_name)


def _fill(resident: Resident, **fields: Any) -> None:
    allowed = {"first_name", "last_name", "languages", "needs", *KEPT}
    if unknown := set(fields) - allowed:
        raise TypeError(f"a resident has no {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(resident, name, " ".join(value.split()) if isinstance(value, str) else value)
    if not resident.first_name and not resident.last_name:
        raise ResidentInvalid(_("Give at least a name."))
    resident.search_name = search_name(resident.first_name, resident.last_name)


def _empty(resident: Resident) -> None:
    blank = Resident()
    for name in (*NAMES, "languages", "needs", *KEPT):
        setattr(resident, name, getattr(blank, name))


def _set_phones(resident: Resident, phones: Sequence[PhoneInput]) -> None:
    """Make the list exactly this one, in this order of rows as far as they are new."""
    wanted = _wanted(phones)
    resident.phones.exclude(number__in=wanted).delete()
    for number, phone in wanted.items():
        row = _phone(resident, phone)
        defaults = {name: getattr(row, name) for name in PHONE_FIELDS}
        ResidentPhone.objects.update_or_create(resident=resident, number=number, defaults=defaults)


def _wanted(phones: Sequence[PhoneInput]) -> dict[str, PhoneInput]:
    """By number, the first of each; raises ResidentInvalid."""
    if len(phones) > MOST_PHONES:
        raise ResidentInvalid(_("That is too many phone numbers."))
    wanted: dict[str, PhoneInput] = {}
    for phone in phones:
        if not _is_number(phone.number_e164):
            raise ResidentInvalid(_("This phone number is not one."))
        wanted.setdefault(phone.number_e164, phone)
    return wanted


def unwritten_phones(resident: Resident, phones: Sequence[PhoneInput]) -> list[ResidentPhone]:
    """The rows that would be written for these, to look at before. Raises ResidentInvalid."""
    return [_phone(resident, phone) for phone in _wanted(phones).values()]


def _phone(resident: Resident, phone: PhoneInput) -> ResidentPhone:
    return ResidentPhone(
        resident=resident,
        number=phone.number_e164,
        is_mobile=numbers.can_receive_sms(phone.number_e164),
        owner=phone.owner,
        owner_detail=phone.owner_detail,
        may_call=phone.may_call,
        call_from=phone.call_from,
        call_until=phone.call_until,
    )


def _move_phones(source: Resident, target: Resident) -> None:
    """A number that both had stays once; if either said that we may not call, that holds."""
    known = {phone.number: phone for phone in target.phones.all()}
    for phone in source.phones.all():
        twin = known.get(phone.number)
        if twin is None:
            ResidentPhone.objects.filter(pk=phone.pk).update(resident=target)
            continue
        twin.may_call = twin.may_call and phone.may_call
        twin.owner_detail = twin.owner_detail or phone.owner_detail
        twin.save(update_fields=["may_call", "owner_detail"])
        phone.delete()


def _is_number(text: str) -> bool:
    """Whether it is a whole number, in E.164. One that was never given out may be real all the same."""
    readings = numbers.read_numbers(text, insee_code="FR")
    return len(readings) == 1 and readings[0].e164 == text


def _union(one: Iterable[str], other: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*one, *other]))


def _tell_sites(residents: Sequence[Resident]) -> None:
    coming = Appointment.objects.live().filter(resident__in=[each.pk for each in residents])
    bump_sites(coming.values_list("site_id", flat=True))
