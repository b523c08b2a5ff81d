"""« Changer sans déplacer »: another service, helper, number of people, length or note at the same time."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agents.models import Agent
from booking.actions import minutes_for
from booking.actions.altering import ALONE, ANY_HELPER, details_of
from booking.engine.timeline import TICK_MINUTES, minutes_to_ticks
from booking.forms.desk import LONGEST_MIN, AskedByField, IdsField
from booking.models import MOST_PEOPLE, Appointment
from communes.enums import HelperPolicy
from communes.models import Service
from core.edit_forms import EditForm
from core.edits import Edit, EditConflict
from core.french_order import in_french_order
from core.ids import read_id

ADVISED = "advised"
"""The length that the service and the number of people give."""
LENGTHS = (15, 30, 45, 60, 75, 90, 105, 120, 150, 180, 240)


class _LengthField(forms.ChoiceField):
    """Minutes, in steps of five, or ADVISED; a few lengths are offered."""

    def valid_value(self, value: Any) -> bool:
        minutes = read_id(value)
        return value == ADVISED or (0 < minutes <= LONGEST_MIN and minutes % TICK_MINUTES == 0)


def advised_minutes(service: Service, party: int) -> int:
    """What a visit of so many people takes, rounded up to five minutes as all visits are."""
    return minutes_to_ticks(minutes_for(service, party)) * TICK_MINUTES


class AlterForm(EditForm, forms.Form):
    service = forms.ModelChoiceField(Service.objects.none(), label=gettext_lazy("Service"), empty_label=None)
    helper = forms.ChoiceField(
        label=gettext_lazy("With"),
        error_messages={
            "invalid_choice": gettext_lazy("This person does not help with this service: choose another one.")
        },
    )
    party = forms.TypedChoiceField(
        label=gettext_lazy("Number of people"),
        choices=[(n, n) for n in range(1, MOST_PEOPLE + 1)],
        coerce=int,
    )
    length = _LengthField(label=gettext_lazy("Length"))
    note = forms.CharField(
        label=gettext_lazy("To prepare or bring"),
        help_text=gettext_lazy("Nothing about health or family."),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    asked_by = AskedByField()
    beside = IdsField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None, *, appointment: Appointment) -> None:
        self.appointment = appointment
        super().__init__(data, initial=self._initial())
        self._offer_choices()

    def _initial(self) -> dict[str, Any]:
        details = details_of(self.appointment)
        usual = advised_minutes(self.appointment.service, self.appointment.party_size)
        return {**details, "length": ADVISED if details["length"] == usual else str(details["length"])}

    # ---- what can be chosen depends on what is chosen -------------------------------------------------

    def _offer_choices(self) -> None:
        services = self.appointment.commune.services
        offered = services.active() | services.filter(pk=self.appointment.service_id)
        self._field("service", forms.ModelChoiceField).queryset = offered.distinct()
        service = self._chosen_service()
        self._field("helper", forms.ChoiceField).choices = self._helpers(service)
        self._field("length", forms.ChoiceField).choices = self._lengths(service)
        if self.is_bound:
            self._follow_the_policy(service)

    def _field[F: forms.Field](self, name: str, _kind: type[F]) -> F:
        return cast(F, self.fields[name])

    def _chosen_service(self) -> Service:
        """The service that is chosen, or that of the appointment while none is."""
        pk = read_id(self["service"].value())
        chosen = self._field("service", forms.ModelChoiceField).queryset
        return (chosen.filter(pk=pk).first() if chosen is not None else None) or self.appointment.service

    def _chosen_party(self) -> int:
        party = read_id(self["party"].value())
        return party if 1 <= party <= MOST_PEOPLE else self.appointment.party_size

    def _helpers(self, service: Service) -> list[tuple[str, str]]:
        alone, anybody = (ALONE, _("nobody: alone in the cabin")), (ANY_HELPER, _("any helper"))
        if service.helper_policy == HelperPolicy.NONE:
            return [alone]
        named = [(f"c{each.pk}", each.short_name) for each in self._who_can(service)]
        optional = [alone] if service.helper_policy == HelperPolicy.OPTIONAL else []
        return [anybody, *named, *optional]

    def _who_can(self, service: Service) -> Iterable[Agent]:
        can = Agent.objects.filter(
            is_active=True,
            memberships__commune=self.appointment.commune_id,
            memberships__is_helper=True,
            memberships__skills=service,
        )
        has = self.appointment.helper if self.appointment.helper_chosen else None
        found = list(can.order_by(*in_french_order("first_name", "last_name"), "pk"))
        if has is not None and has not in found and service == self.appointment.service:
            found.append(has)
        return found

    def _lengths(self, service: Service) -> list[tuple[str, str]]:
        party = self._chosen_party()
        usual = advised_minutes(service, party)
        words = ngettext(
            "%(minutes)s min (usual for this service)", "%(minutes)s min (advised for %(n)s)", party
        )
        shown = {*LENGTHS, self.appointment.duration_min, read_id(self["length"].value())} - {usual, 0}
        others = sorted(each for each in shown if each <= LONGEST_MIN)
        return [
            (ADVISED, words % {"minutes": usual, "n": party}),
            *((str(each), f"{each} min") for each in others),
        ]

    def _follow_the_policy(self, service: Service) -> None:
        """Whether there is a helper is the service's to say: a form that still has the other choice, because
        the service was just changed in it, takes what the service wants."""
        asked = self.data.get("helper", "")
        wanted = {HelperPolicy.NONE: ALONE, HelperPolicy.REQUIRED: ANY_HELPER}.get(
            HelperPolicy(service.helper_policy)
        )
        if wanted == ALONE or (wanted == ANY_HELPER and asked == ALONE):
            self.data = self._copy_of_data()
            self.data["helper"] = wanted

    # ---- the values -------------------------------------------------------------------------------

    def initial_values(self) -> dict[str, Any]:
        return details_of(self.appointment)

    def wanted_values(self) -> dict[str, Any]:
        asked = self.cleaned_data
        usual = advised_minutes(asked["service"], asked["party"])
        return {
            "service": asked["service"].pk,
            "helper": asked["helper"],
            "party": asked["party"],
            "length": usual if asked["length"] == ADVISED else int(asked["length"]),
            "note": asked["note"],
        }

    def text_of(self, name: str, value: Any) -> str:
        return f"{value} min" if name == "length" else super().text_of(name, value)

    def show_conflict(self, conflict: EditConflict, edit: Edit) -> None:
        super().show_conflict(conflict, edit)
        self._offer_choices()
