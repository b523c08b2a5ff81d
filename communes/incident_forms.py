"""Forms about faults of cabins."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from communes.enums import IncidentKind
from communes.incident_rules import kinds_for
from communes.models import Cabin, CabinQuerySet, Incident
from core.days import day_span
from core.edit_forms import EditForm
from core.fields import DayField, HourField
from core.templatetags.times import end as last_day


class EndForm(forms.Form):
    """Until when equipment does not work: not known, a day, or an hour of a day."""

    until_on = DayField(label=_("Works again after (that day included)"), required=False)
    until_hour = HourField(label=_("or from what time on that day"), required=False)

    def __init__(self, *args: Any, tz: ZoneInfo, now: datetime, **kwargs: Any) -> None:
        self.tz, self.now = tz, now
        super().__init__(*args, **kwargs)
        self.fields["until_on"].widget.attrs["min"] = now.astimezone(tz).date().isoformat()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        end = self._end(data)
        if end is not None and end <= self.now:
            self.add_error("until_on", gettext("This end has passed already."))
        if data.get("until_hour") and data.get("until_on") is None and "until_on" not in self.errors:
            self.add_error("until_on", gettext("Say on which day."))
        return {**data, "end": end}

    @property
    def end(self) -> datetime | None:
        end: datetime | None = self.cleaned_data["end"]
        return end

    def _end(self, data: dict[str, Any]) -> datetime | None:
        on = data.get("until_on")
        if on is None:
            return None
        if data.get("until_hour"):
            return datetime.combine(on, data["until_hour"], self.tz)
        return day_span(on, self.tz)[1]


class ReportForm(EndForm):
    """« Signaler une panne »: an agent says what is wrong with which cabin, and whether they have seen it."""

    field_order = ("cabin", "kind", "note", "seen", "until_on", "until_hour")

    cabin = forms.ModelChoiceField(label=_("Cabin"), queryset=Cabin.objects.none(), empty_label=None)
    kind = forms.ChoiceField(
        label=_("What does not work?"), choices=IncidentKind.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("What do you see?"),
        max_length=160,
        required=False,
        help_text=_("For whoever repairs it, such as a message of the machine. No names."),
    )
    seen = forms.BooleanField(label=_("I have seen it: what needs it is offered no more"), required=False)

    def __init__(self, *args: Any, cabins: CabinQuerySet, cabin: Cabin | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["cabin"]
        field.queryset = (
            cabins.filter(site__is_active=True)
            .not_retired(self.now)
            .select_related("site__commune")
            .order_by("site__commune_id", "site__position", "site_id", "position", "id")
        )
        field.label_from_instance = lambda each: f"{each.name} · {each.site.short_name}"
        if cabin is not None:
            self.initial["cabin"] = cabin.pk
            if not self.is_bound:
                kind = self.fields["kind"]
                assert isinstance(kind, forms.ChoiceField)
                kind.choices = [(each.value, each.label) for each in kinds_for(cabin.equipment)]

    def clean(self) -> dict[str, Any]:
        if cabin := self.cleaned_data.get("cabin"):
            self.tz = cabin.site.commune.tz  # a technician may look after another one than the present
        data = super().clean() or {}
        cabin, kind = data.get("cabin"), data.get("kind")
        if cabin and kind and IncidentKind(kind) not in kinds_for(cabin.equipment):
            self.add_error("kind", gettext("This cabin has no such equipment."))
        if data.get("until_on") and not data.get("seen"):
            self.add_error(
                "seen",
                gettext("Only a fault that you have seen has an end: tick this, or leave the end empty."),
            )
        return data


class EndEditForm(EditForm, EndForm):
    """Another expected end of a confirmed fault."""

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        self.incident = incident
        super().__init__(*args, **kwargs)
        end = incident.end
        if end is None or end <= self.now:
            return  # what has passed cannot be said again
        local = end.astimezone(self.tz)
        if local.time() == time():
            self.initial["until_on"] = local.date() - timedelta(days=1)
        else:
            self.initial["until_on"] = local.date()
            self.initial["until_hour"] = local.time()

    def initial_values(self) -> dict[str, Any]:
        return {"end": self.incident.end}

    def wanted_values(self) -> dict[str, Any]:
        return {"end": self.cleaned_data["end"]}

    def label_of(self, name: str) -> str:
        return gettext("Works again")

    def field_of(self, name: str) -> str | None:
        return None

    def text_of(self, name: str, value: Any) -> str:
        if not value:
            return gettext("nobody knows when")
        return str(last_day(datetime.fromisoformat(value)))

    def _is_known(self, name: str) -> bool:
        return name == "end"
