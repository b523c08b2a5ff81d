"""Making one of two records of the same person."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from booking.actions.base import action, apply
from booking.actions.resident_log import move_changes, record_change
from booking.actions.residents import CONTACT, KEPT, NAMES, look_again_at, resident_values, tell_sites
from booking.enums import EventKind, ResidentChangeKind
from booking.errors import ResidentInvalid, ResidentLimited
from booking.log import Actor
from booking.models import Resident, ResidentPhone
from booking.names import folded

type Follow = Callable[..., object]

_followers: list[Follow] = []


def follow_merges(follow: Follow) -> None:
    """Have `follow(keep=…, duplicate=…)` called in the transaction of each merge. An app above that keeps
    rows of a resident moves them so. Registering it again changes nothing."""
    if follow not in _followers:
        _followers.append(follow)


@action
def merge_residents(*, keep: Resident, duplicate: Resident, by: Actor, now: datetime) -> Resident:
    """Make one record of two: phones and appointments go to `keep`, which fills its blanks from the
    other; the other stays behind, emptied, and points to it. A contact person is taken over as a whole.
    Raises ResidentInvalid, and ResidentLimited where one of them is kept but not used.
    """
    if keep.pk == duplicate.pk or keep.commune_id != duplicate.commune_id:
        raise ResidentInvalid(_("These two records cannot be merged."))
    tell_sites([keep, duplicate])
    rows = {
        row.pk: row
        for row in Resident.objects.select_for_update().filter(pk__in=(keep.pk, duplicate.pk)).order_by("pk")
    }
    if len(rows) < 2 or any(row.merged_into_id is not None for row in rows.values()):
        raise ResidentInvalid(_("This record has been merged into another."))
    for each in (keep, duplicate):
        each.refresh_from_db()
    if keep.is_limited or duplicate.is_limited:
        raise ResidentLimited(
            _("One of these two records is limited. Lift the limitation before you merge them.")
        )
    before = resident_values(keep)
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
    move_changes(duplicate, keep)
    for follow in _followers:
        follow(keep=keep, duplicate=duplicate)
    after = resident_values(keep)
    record_change(keep, ResidentChangeKind.MERGED, before=before, after=after, by=by, now=now)
    look_again_at(keep, now)
    return keep


def _have_one_contact(keep: Resident, duplicate: Resident) -> bool:
    """Whether both records name the same contact person, or the first names none. Else what is known of one
    person would be mixed with what was agreed about another, such as that they are told."""
    if not (keep.contact_name or keep.contact_phone):
        return True
    if keep.contact_phone and duplicate.contact_phone:
        return keep.contact_phone == duplicate.contact_phone
    return folded(keep.contact_name) == folded(duplicate.contact_name)


def _union(one: Iterable[str], other: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*one, *other]))


def _empty(resident: Resident) -> None:
    blank = Resident()
    for name in (*NAMES, "languages", "needs", *KEPT):
        setattr(resident, name, getattr(blank, name))


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
