"""Messages both ways, calls, consents, and numbers that want no messages."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.templatetags.phones import national
from notifications.models import (
    CallClaim,
    CallResult,
    Consent,
    InboundMessage,
    Message,
    NextLook,
    ProviderErasure,
    Suppression,
)
from notifications.suppressions import hashes, suppressed
from privacy.held.part import Column, Part, columns, in_file
from privacy.held.person import Person
from privacy.held.values import instant, short_instant


def about(person: Person, number_column: str) -> Q:
    """The rows of messages that are about a person: those that name a record of theirs; those of their
    appointments that name nobody; those that name nothing but a number that is theirs alone."""
    return (
        Q(resident__in=person.records)
        | Q(resident=None, appointment__in=person.ids)
        | Q(resident=None, appointment=None, **{f"{number_column}__in": person.own_numbers})
    ) & Q(commune=person.resident.commune_id)


def shared_messages(person: Person) -> int:
    """How many messages name nothing but a number that somebody else has too: they are not shown."""
    of_nobody = {"commune": person.resident.commune_id, "resident": None, "appointment": None}
    sent = Message.objects.filter(recipient__in=person.shared_numbers, **of_nobody)
    received = InboundMessage.objects.filter(sender__in=person.shared_numbers, **of_nobody)
    return sent.count() + received.count()


def _sent(person: Person) -> Any:
    rows = Message.objects.filter(about(person, "recipient"))
    return rows.select_related("appointment", "told_site", "handled_by", "resident").order_by(
        "-created_at", "-pk"
    )


def _received(person: Person) -> Any:
    rows = InboundMessage.objects.filter(about(person, "sender"))
    return rows.select_related("appointment", "resident").order_by("-received_at", "-pk")


def _number(number: str, person: Person) -> str:
    """A number or an address, unless it is somebody else's."""
    theirs = not number.startswith("+") or number in person.numbers
    return number if theirs else ""


def _said_number(number: str, person: Person) -> str:
    if number.startswith("resident:"):
        return ""
    if not _number(number, person):
        return _("another number")
    return national(number) if number.startswith("+") else number


def _recipient(row: Any, person: Person) -> str:
    """Of a message that names them, the number was theirs, if only for a while."""
    return row.recipient if row.resident_id in person.records else _number(row.recipient, person)


def _said_recipient(row: Any, person: Person) -> str:
    known = _recipient(row, person)
    if known.startswith("resident:"):
        return ""
    return national(known) if known.startswith("+") else known or _("another number")


def _appointment(row: Any, _person: Person) -> Any:
    """The number of its row, also of one that was theirs when the message left."""
    return row.appointment_id


SENT = Part(
    key="messages_sent",
    table="notifications.Message",
    title=gettext_lazy("Messages and calls to them"),
    rows=_sent,
    columns=(
        Column("recipient", gettext_lazy("to"), read=_recipient, say=_said_recipient),
        *columns(
            audience=gettext_lazy("for whom"), text=gettext_lazy("text"), sent_at=gettext_lazy("sent on")
        ),
        *columns(
            delivered_at=gettext_lazy("arrived there on"),
            failed_at=gettext_lazy("failed on"),
            error_code=gettext_lazy("code of the operator"),
            handled_by=gettext_lazy("called by"),
        ),
        Column("failure", gettext_lazy("why it did not arrive"), say=lambda row, _p: row.failure_label),
        Column(
            "why",
            gettext_lazy("why the desk calls"),
            say=lambda row, _p: row.get_why_display() if row.why else "",
        ),
        Column("appointment", read=_appointment),
        *in_file(
            "kind channel language state told_start told_site created_at due_at expires_at step attempts "
            "cause times_asked asked_at know_by retry_at provider_id kept_by_provider resident"
        ),
    ),
    head=lambda row, _person: ", ".join(
        (
            short_instant(row.created_at),
            str(row.get_kind_display()),
            str(row.get_channel_display()),
            str(row.get_state_display()),
        )
    ),
)
RECEIVED = Part(
    key="messages_received",
    table="notifications.InboundMessage",
    title=gettext_lazy("What they wrote, or keyed in a call"),
    rows=_received,
    columns=(
        Column(
            "sender",
            gettext_lazy("from the number"),
            read=lambda row, person: _number(row.sender, person),
            say=lambda row, person: _said_number(row.sender, person),
        ),
        *columns(text=gettext_lazy("text"), outcome=gettext_lazy("what followed")),
        Column("appointment", read=_appointment),
        *in_file("received_at resident wrong_numbers provider_id kept_by_provider"),
    ),
    head=lambda row, _person: short_instant(row.received_at),
)


def _to_erase(person: Person) -> Any:
    ids = [
        *Message.objects.filter(about(person, "recipient"))
        .exclude(provider_id="")
        .values_list("provider_id", flat=True),
        *InboundMessage.objects.filter(about(person, "sender")).values_list("provider_id", flat=True),
    ]
    return ProviderErasure.objects.filter(provider_id__in=ids).order_by("pk")


ERASURES = Part(
    key="provider_has_to_delete",
    table="notifications.ProviderErasure",
    title=gettext_lazy("Messages that the operator has still to delete"),
    rows=_to_erase,
    columns=(Column("provider_id", gettext_lazy("their number there")), *in_file("asked_at")),
    head=lambda row, _person: (
        _("deletion asked for on %(when)s") % {"when": short_instant(row.asked_at)}
        if row.asked_at
        else _("deletion to be asked for in the night")
    ),
)


def _of_them(model: Any, *related: str) -> Any:
    return lambda person: model.objects.filter(resident__in=person.records).select_related(*related)


CLAIMS = Part(
    key="being_called",
    table="notifications.CallClaim",
    title=gettext_lazy("An agent is calling them"),
    rows=_of_them(CallClaim, "agent", "resident"),
    columns=(*columns(agent=gettext_lazy("agent"), until=gettext_lazy("until")), *in_file("resident since")),
    head=lambda row, _person: short_instant(row.since),
)
RESULTS = Part(
    key="call_results",
    table="notifications.CallResult",
    title=gettext_lazy("Calls by the desk"),
    rows=_of_them(CallResult, "by", "appointment", "resident"),
    columns=(
        *columns(by=gettext_lazy("by"), undone_at=gettext_lazy("taken back on")),
        *in_file("outcome at before resident"),
        Column("appointment", read=_appointment),
    ),
    head=lambda row, _person: f"{short_instant(row.at)}, {row.get_outcome_display()}",
)
CONSENTS = Part(
    key="consents",
    table="notifications.Consent",
    title=gettext_lazy("Consents to messages"),
    rows=_of_them(Consent, "by", "said_by", "resident"),
    columns=(
        Column("number", gettext_lazy("number"), say=lambda row, _person: national(row.number)),
        *columns(by=gettext_lazy("noted by")),
        *in_file("resident at said_by"),
    ),
    head=lambda row, _person: short_instant(row.at),
)


def _stopped(person: Person) -> list[Suppression]:
    lines = [(person.resident.commune_id, number) for number in sorted(person.numbers)]
    found: dict[int, Suppression] = {row.pk: row for row in suppressed(lines).values()}
    return list(found.values())


def _number_of(row: Suppression, person: Person) -> str:
    return next(
        number for number in person.numbers if row.number_hash in hashes(person.resident.commune_id, number)
    )


STOPPED = Part(
    key="stopped_numbers",
    table="notifications.Suppression",
    title=gettext_lazy("Numbers that want no automatic messages"),
    rows=_stopped,
    columns=(
        *columns(reason=gettext_lazy("why")),
        Column("number", read=_number_of),
        *in_file("number_hash since"),
    ),
    head=lambda row, person: f"{national(_number_of(row, person))}, {short_instant(row.since)}",
)
LOOKS = Part(
    key="looked_at_again",
    table="notifications.NextLook",
    title=gettext_lazy("When Permanence looks at an appointment again"),
    rows=lambda person: NextLook.objects.filter(appointment__in=person.ids).select_related("appointment"),
    columns=in_file("appointment at"),
    head=lambda row, _person: instant(row.at),
    on_page=False,
)
