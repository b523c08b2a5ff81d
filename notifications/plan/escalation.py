"""The contact ways to a person, in the order in which they are tried. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from booking.enums import ReachBy
from notifications.enums import Channel, DeskReason
from notifications.plan.history import MessageRules, Reach, ReachablePhone
from notifications.plan.hours import ANY, CallHours

WRITTEN = (Channel.SMS, Channel.EMAIL)


@dataclass(frozen=True, slots=True)
class ContactWay:
    channel: Channel
    recipient: str
    hours: CallHours = ANY
    why: DeskReason | str = ""


def contact_ways(reach: Reach, rules: MessageRules) -> tuple[ContactWay, ...]:
    """All contact ways to the resident. The desk is always there and comes last, so nobody is left untold."""
    return (*_automatic(reach, rules), desk(reach, rules))


def contact_person_ways(contact: ReachablePhone | None, rules: MessageRules) -> tuple[ContactWay, ...]:
    """The one contact way to the contact person, who is told as a courtesy and never by the desk."""
    if contact is None or not contact.may_call or contact.stopped:
        return ()
    if contact.is_mobile and rules.can_text:
        return (ContactWay(Channel.SMS, contact.number, contact.hours),)
    return (ContactWay(Channel.VOICE, contact.number, contact.hours),) if rules.can_call else ()


def desk(reach: Reach, rules: MessageRules) -> ContactWay:
    """The desk as a contact way: a number that an agent may dial by hand, else the resident's id; and the
    reason."""
    dialled = next((phone for phone in reach.phones if phone.may_call), None)
    recipient = dialled.number if dialled else f"resident:{reach.resident_id}"
    return ContactWay(Channel.DESK, recipient, ANY, _why_desk(reach, rules, dialled))


def _why_desk(reach: Reach, rules: MessageRules, dialled: ReachablePhone | None) -> DeskReason:
    if not reach.phones:
        return DeskReason.NO_PHONE
    if dialled is None or reach.reach_by == ReachBy.NONE:
        return DeskReason.MAY_NOT_CALL
    if _has_stopped(reach):
        return DeskReason.STOPPED
    return DeskReason.NO_MOBILE if not any(_automatic(reach, rules)) else DeskReason.NOT_REACHED


def _has_stopped(reach: Reach) -> bool:
    """Whether the resident wants no automatic messages. STOP from their own number counts for all their
    numbers, STOP from somebody else's number for that one only."""
    return any(phone.stopped and phone.is_own for phone in reach.phones) or (
        bool(reach.phones) and all(phone.stopped for phone in reach.phones)
    )


def _automatic(reach: Reach, rules: MessageRules) -> Iterator[ContactWay]:
    if reach.reach_by == ReachBy.NONE:
        return
    mail = [ContactWay(Channel.EMAIL, reach.email)] if reach.email and rules.can_mail else []
    if reach.reach_by == ReachBy.EMAIL:
        yield from mail
    if _has_stopped(reach):
        return
    phones = [phone for phone in reach.phones if phone.may_call and not phone.stopped]
    mobile = next((phone for phone in phones if phone.is_mobile), None)
    if reach.reach_by != ReachBy.VOICE or not rules.can_call:
        if mobile and rules.can_text:
            yield ContactWay(Channel.SMS, mobile.number, mobile.hours)
        elif reach.reach_by != ReachBy.EMAIL:
            yield from mail
    if rules.can_call:
        yield from _calls(phones, mobile, prefers_calls=reach.reach_by == ReachBy.VOICE)


def _calls(
    phones: list[ReachablePhone], mobile: ReachablePhone | None, *, prefers_calls: bool
) -> Iterator[ContactWay]:
    """Calls to the phone that gets the text messages first, then to another one in case that number is
    dead."""
    first = mobile if mobile and not prefers_calls else next(iter(phones), None)
    others = [phone for phone in phones if phone is not first]
    for phone in [first, *others[:1]] if first else []:
        yield ContactWay(Channel.VOICE, phone.number, phone.hours)
