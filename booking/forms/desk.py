"""The forms of the desk page: resident, service, week, time."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from booking.enums import AskedBy, EventKind, Origin
from booking.models import MOST_PEOPLE, Appointment, Resident, ResidentPhone
from communes.enums import Theme
from communes.models import Cabin, Commune, Service, Site
from core.days import read_instant
from core.fields import choose_among
from core.ids import read_id

HELPER_CHOICE = r"^([01]|c\d{1,18})$"
"""Alone (0), with any helper (1), or with a chosen helper by id (c12)."""


MOST_TIMES = 12
"""The most weekly appointments that can be booked at once."""
MOST_OF_A_NOTE = 200
LARGEST_ID = 2**63 - 1
LONGEST_MIN = 24 * 60
NOT_SAID = ("", _("not said"))


def helper_choice(value: str) -> tuple[bool, int | None]:
    """Returns (with a helper or not, id of the chosen helper or None)."""
    return value != "0", int(value[1:]) if value.startswith("c") else None


class SlotField(forms.CharField):
    """A time at a site, written `12@2026-11-24T09:30Z`; cleaned to `(site id, aware UTC start)`. A day in a
    year that nobody can mean is not readable: days near it could not be counted."""

    default_error_messages = {"slot": _("This time is not readable.")}

    def clean(self, value: Any) -> tuple[int, datetime] | None:
        text = super().clean(value)
        if not text:
            return None
        site, _at, instant = text.partition("@")
        try:
            return int(site), read_instant(instant)
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["slot"], code="slot") from error


def slot_value(site_id: int, start: datetime) -> str:
    """The text that SlotField reads."""
    return f"{site_id}@{start.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


class IdsField(forms.CharField):
    """The appointments beside which somebody is booked all the same, by id: « 12,15 ». What cannot be read
    counts as not accepted."""

    def clean(self, value: Any) -> set[int]:
        return {pk for part in super().clean(value).split(",") if (pk := read_id(part))}


class DeskQuery(forms.Form):
    """The query string of the desk page. Unreadable parts, or those of another commune, are left out.

    `week`: the first day shown; `days`, `half`: those that suit, all if empty; `before`: the deadline.
    `number_of`: the row of a phone behind which somebody else is to be written down; no number stands in an
    address. `as_service`, `as_party`, `as_length`: what changes with the appointment that is moved. `talk`:
    the conversation, once something of it was counted; a random name.
    """

    resident = forms.ModelChoiceField(Resident.objects.none(), required=False)
    service = forms.IntegerField(required=False)
    helper = forms.RegexField(HELPER_CHOICE, required=False)
    party = forms.IntegerField(min_value=1, max_value=MOST_PEOPLE, required=False)
    site = forms.IntegerField(required=False)
    week = forms.DateField(required=False)
    before = forms.DateField(required=False)
    days = forms.MultipleChoiceField(choices=[(str(n), n) for n in range(7)], required=False)
    half = forms.MultipleChoiceField(choices=[("am", "am"), ("pm", "pm")], required=False)
    slot = SlotField(required=False)
    hold = forms.IntegerField(max_value=LARGEST_ID, required=False)
    move = forms.IntegerField(max_value=LARGEST_ID, required=False)
    number_of = forms.ModelChoiceField(ResidentPhone.objects.none(), required=False)
    as_service = forms.IntegerField(max_value=LARGEST_ID, required=False)
    as_party = forms.IntegerField(min_value=1, max_value=MOST_PEOPLE, required=False)
    as_length = forms.IntegerField(min_value=1, max_value=LONGEST_MIN, required=False)
    talk = forms.UUIDField(required=False)

    def __init__(self, data: Any, *, commune: Commune) -> None:
        super().__init__(data)
        current = Resident.objects.filter(commune=commune).current()
        phones = ResidentPhone.objects.filter(resident__in=current)
        choose_among(self, resident=current, number_of=phones)

    @property
    def read(self) -> dict[str, Any]:
        """The parts that could be read; the others are None."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or None for name in self.fields}


def holds_of_agents(commune: Commune, keeper: Agent | None) -> QuerySet[Appointment]:
    """What an agent may book or give back. Not a time that is kept for somebody on the waiting list: it is
    theirs until they answer. A time that was held stays one after it is booked: the form may come twice.
    With a `keeper`: what that agent keeps, and no colleague."""
    held = Appointment.objects.filter(commune=commune).exclude(origin=Origin.WAITING_LIST)
    if keeper is None:
        return held
    return held.filter(events__kind=EventKind.HELD, events__agent=keeper).distinct()


class OtherRequestForm(forms.Form):
    """A request for something that no service is for."""

    theme = forms.ChoiceField(
        label=_("What is it about?"),
        choices=[("", _("something else, or not said")), *Theme.choices],
        required=False,
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="other-%s")


class HoldForm(forms.Form):
    """A chosen time for a service, to be held during the conversation."""

    service = forms.ModelChoiceField(Service.objects.none())
    helper = forms.RegexField(HELPER_CHOICE)
    party = forms.IntegerField(min_value=1, max_value=MOST_PEOPLE, required=False)
    slot = SlotField()
    cabin = forms.ModelChoiceField(Cabin.objects.none(), required=False)
    resident = forms.ModelChoiceField(Resident.objects.none(), required=False)
    hold = forms.ModelChoiceField(Appointment.objects.none(), required=False)
    note = forms.CharField(max_length=MOST_OF_A_NOTE, required=False)

    def __init__(self, data: Any, *, commune: Commune, keeper: Agent | None) -> None:
        super().__init__(data)
        choose_among(
            self,
            service=commune.services.active(),
            cabin=Cabin.objects.filter(site__commune=commune),
            resident=Resident.objects.filter(commune=commune).current(),
            hold=holds_of_agents(commune, keeper),
        )
        self.sites = commune.sites.filter(is_active=True)

    def clean_slot(self) -> tuple[Site, datetime]:
        site_id, start = self.cleaned_data["slot"]
        site = self.sites.filter(pk=site_id).first()
        if site is None:
            raise forms.ValidationError(_("This place is not one of yours."), code="site")
        return site, start


class ConfirmForm(forms.Form):
    """The last step of a booking. `writing`: the agent is recording a new resident at the same time."""

    hold = forms.ModelChoiceField(Appointment.objects.none())
    resident = forms.ModelChoiceField(
        Resident.objects.none(),
        required=False,
        error_messages={"invalid_choice": _("Say first who comes.")},
    )
    note = forms.CharField(label=_("To prepare or bring"), max_length=MOST_OF_A_NOTE, required=False)
    times = forms.IntegerField(min_value=1, max_value=MOST_TIMES, required=False)
    beside = IdsField(required=False)

    def __init__(self, data: Any, *, commune: Commune, keeper: Agent | None, writing: bool = False) -> None:
        super().__init__(data, auto_id="%s")
        self.writing = writing
        choose_among(
            self,
            hold=holds_of_agents(commune, keeper).select_related("service", "site"),
            resident=Resident.objects.filter(commune=commune).current(),
        )

    @property
    def times_asked(self) -> int:
        """How many weeks; once if that cannot be read."""
        self.is_valid()
        return self.cleaned_data.get("times") or 1

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.writing and data.get("resident") is not None:
            raise forms.ValidationError(
                _("Somebody is chosen and somebody else is being written down: say who comes."), code="who"
            )
        if not self.writing and "resident" not in self.errors and data.get("resident") is None:
            self.add_error("resident", _("Say first who comes."))
        return data


class AskedByField(forms.ChoiceField):
    """At whose request an agent makes a change, if that is known."""

    def __init__(self, **kwargs: Any) -> None:
        label = _("At whose request?")
        super().__init__(label=label, choices=[NOT_SAID, *AskedBy.choices], required=False, **kwargs)


class MoveAppointmentForm(forms.Form):
    """A new time for an appointment, and what changes with it. Where nothing says at whose request, it is the
    resident's: the desk moves it while they talk."""

    slot = SlotField()
    helper = forms.RegexField(HELPER_CHOICE)
    beside = IdsField(required=False)
    as_service = forms.ModelChoiceField(Service.objects.none(), required=False)
    as_party = forms.IntegerField(min_value=1, max_value=MOST_PEOPLE, required=False)
    as_length = forms.IntegerField(min_value=1, max_value=LONGEST_MIN, required=False)
    asked_by = AskedByField()

    def __init__(self, data: Any, *, commune: Commune) -> None:
        super().__init__(data)
        choose_among(self, as_service=commune.services.active())

    def clean_asked_by(self) -> AskedBy | str:
        asked = self.cleaned_data["asked_by"] if "asked_by" in self.data else AskedBy.RESIDENT
        return AskedBy(asked) if asked else ""
