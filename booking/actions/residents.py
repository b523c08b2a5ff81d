"""Recording residents, and changing their records."""

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
from booking.actions.resident_log import record_change
from booking.enums import EventKind, PhoneOwner, ResidentChangeKind, Status
from booking.errors import ResidentInvalid, ResidentLimited
from booking.log import Actor, look_again
from booking.models import Appointment, Resident, ResidentPhone
from booking.names import search_name
from communes.actions import bump_sites
from communes.models import Commune
from core import phones as numbers
from core.edits import Edit, lock_row, read_again, record_name, values_of

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
    after = _phone_values(astuple(phone) for phone in phones.values())
    record_change(resident, ResidentChangeKind.LEFT, after=after, by=by, now=now)
    apply(appointment, kind=EventKind.EDITED, resident_id=resident.pk, by=by, now=now)
    return resident


@action
def update_resident(
    *,
    resident: Resident,
    phones: Sequence[PhoneInput] | None = None,
    kind: ResidentChangeKind = ResidentChangeKind.CHANGED,
    is_asked: bool = False,
    by: Actor | None = None,
    now: datetime,
    **fields: Any,
) -> Resident:
    """Change what is given; `phones`, where given, replaces the list. Screens of the resident's coming
    appointments are told, and who must be told of these is looked at again. The history keeps it as `kind`;
    `is_asked`: the person asked for it, without which a limited record is not changed. Raises
    RecordGone, ResidentInvalid, ResidentLimited."""
    tell_sites([resident])
    read_again(resident, Resident.objects.select_for_update())
    if resident.merged_into_id is not None:
        raise ResidentInvalid(_("This record has been merged into another."))
    _require_used(resident, is_asked)
    before = resident_values(resident)
    _fill(resident, **fields)
    resident.save(force_update=True)
    after = values_of(resident, EDITED)
    if phones is not None:
        _set_phones(resident, phones)
        after |= _phone_values(astuple(each) for each in _wanted(phones).values())
    else:
        after |= {name: value for name, value in before.items() if name.startswith(PHONE)}
    record_change(
        resident,
        kind,
        before=before,
        after=after,
        is_asked=is_asked,
        by=by or Actor.system(),
        now=now,
    )
    look_again_at(resident, now)
    return resident


def look_again_at(resident: Resident, now: datetime) -> None:
    """Have who must be told of their coming appointments looked at again."""
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
def edit_resident(
    *,
    resident: Resident,
    wanted: Mapping[str, Any],
    edit: Edit,
    is_asked: bool = False,
    kind: ResidentChangeKind = ResidentChangeKind.CHANGED,
) -> Resident:
    """Set some of the values that `resident_values` names, as far as nobody else has saved others meanwhile.

    A phone is given as it is to be, under the number that it had before; None removes it. Screens of the
    resident's coming appointments are told, and who must be told of these is looked at again. `is_asked`: the
    person asked for it (GDPR, article 16), without which a limited record is not changed. Raises
    ResidentInvalid, ResidentLimited, RecordGone (also when it was merged into another record), EditConflict.
    """
    tell_sites([resident])
    row = lock_row(Resident.objects.current(), resident.pk)
    _require_used(row, is_asked)
    stored = resident_values(row)
    changes = edit.merge(record_name(row), stored, _not_yet_corrected(wanted, stored))
    _fill(row, **{name: value for name, value in changes.items() if not name.startswith(PHONE)})
    row.save(force_update=True)
    after = {name: getattr(row, name) for name in changes if not name.startswith(PHONE)}
    before = {name: stored[name] for name in after}
    if any(name.startswith(PHONE) for name in changes):
        result = {**stored, **changes}
        phones = [value for name, value in result.items() if name.startswith(PHONE) and value is not None]
        _set_phones(row, [PhoneInput(*value) for value in phones])
        before |= {name: value for name, value in stored.items() if name.startswith(PHONE)}
        after |= _phone_values(phones)
    if edit.by is not None:
        by = Actor.agent(edit.by)
        record_change(row, kind, before=before, after=after, is_asked=is_asked, by=by, now=edit.at)
    look_again_at(row, edit.at)
    return row


def _require_used(resident: Resident, is_asked: bool) -> None:
    if resident.is_limited and not is_asked:
        raise ResidentLimited(_("This record is limited. It is corrected only if the person asks: tick it."))


def _phone_values(phones: Iterable[tuple[Any, ...]]) -> dict[str, Any]:
    """Phones among the values of `resident_values`."""
    return {f"{PHONE}{each[0]}": each for each in phones}


def _not_yet_corrected(wanted: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Without the corrections of a number that somebody else has made in the same way."""
    done = [
        name
        for name, value in wanted.items()
        if name.startswith(PHONE) and value and name not in stored
        if stored.get(f"{PHONE}{value[0]}") == value
    ]
    return {**wanted, **dict.fromkeys(done)}


def _fill(resident: Resident, **fields: Any) -> None:
    allowed = {"first_name", "last_name", "languages", "needs", *KEPT}
    if unknown := set(fields) - allowed:
        raise TypeError(f"a resident has no {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(resident, name, " ".join(value.split()) if isinstance(value, str) else value)
    if not resident.first_name and not resident.last_name:
        raise ResidentInvalid(_("Give at least a name."))
    resident.search_name = search_name(resident.first_name, resident.last_name)


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


def _is_number(text: str) -> bool:
    """Whether it is a whole number, in E.164. One that was never given out may be real all the same."""
    readings = numbers.read_numbers(text, insee_code="FR")
    return len(readings) == 1 and readings[0].e164 == text


def tell_sites(residents: Sequence[Resident]) -> None:
    """Have the screens and day pages of their coming appointments read again. Sites come before all other
    rows."""
    coming = Appointment.objects.live().filter(resident__in=[each.pk for each in residents])
    bump_sites(coming.values_list("site_id", flat=True))
