"""Forms about communes, sites and services. They check what was typed; the actions check the rules."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from communes.enums import ClosureReason, WheelchairAccess
from communes.models import Cabin, Site
from core.days import day_span
from core.edit_forms import EditForm
from core.fields import DayField, HourField
from core.period_form import PeriodForm
from core.templatetags.times import end as last_day


class CabinOrderForm(EditForm, forms.Form):
    """Puts a cabin out of order or in order again. The end may be unknown, a day, or an hour of a day."""

    # Set by the button that is pressed.

    in_order = forms.BooleanField(required=False, widget=forms.HiddenInput)
    until_on = DayField(label=_("Until (that day included)"), required=False)
    until_hour = HourField(label=_("what time"), required=False)

    def __init__(self, *args: Any, cabin: Cabin, tz: ZoneInfo, now: datetime, **kwargs: Any) -> None:
        self.cabin, self.tz, self.now = cabin, tz, now
        super().__init__(*args, auto_id=f"id_{cabin.pk}_%s", **kwargs)
        self.fields["until_on"].widget.attrs["min"] = now.astimezone(tz).date().isoformat()

    def initial_values(self) -> dict[str, Any]:
        return {"order": self.cabin.order}

    def wanted_values(self) -> dict[str, Any]:
        return {"order": (self.cleaned_data["in_order"], self.cleaned_data["until"])}

    def label_of(self, name: str) -> str:
        return self.cabin.name

    def field_of(self, name: str) -> str | None:
        return None

    def text_of(self, name: str, value: Any) -> str:
        in_order, until = value or (True, None)
        if in_order:
            return gettext("in order")
        if until is None:
            return gettext("out of order")
        return gettext("out of order until %(end)s") % {"end": last_day(datetime.fromisoformat(until))}

    def _is_known(self, name: str) -> bool:
        return name == "order"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        until = self._until(data)
        if until is not None and until <= self.now:
            self.add_error("until_on", gettext("This end has passed already."))
        return {**data, "until": until}

    def _until(self, data: dict[str, Any]) -> datetime | None:
        on = data.get("until_on")
        if data.get("in_order") or on is None:
            return None
        if data.get("until_hour"):
            return datetime.combine(on, data["until_hour"], self.tz)
        return day_span(on, self.tz)[1]


class AccessForm(EditForm, forms.Form):
    """Whether somebody in a wheelchair gets into a site, and into each of its cabins."""

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        cabins = list(site.cabins.all())
        self.stored = site.wheelchair_values(cabins)
        super().__init__(*args, **kwargs)
        self.fields["site"] = _access_field(gettext("The place"), _("not known"), self.stored["site"])
        for cabin in cabins:
            name = cabin.wheelchair_name
            self.fields[name] = _access_field(cabin.name, _("as the place"), self.stored[name])

    def initial_values(self) -> dict[str, Any]:
        return self.stored

    def _is_known(self, name: str) -> bool:
        return name in self.stored


def _access_field(label: str, unknown: str | Promise, initial: str) -> forms.ChoiceField:
    known = [(each.value, each.label) for each in (WheelchairAccess.YES, WheelchairAccess.NO)]
    choices = [*known, (WheelchairAccess.UNKNOWN.value, unknown)]
    return forms.ChoiceField(label=label, choices=choices, initial=initial, widget=forms.RadioSelect)


class ClosureForm(PeriodForm):
    """A closure: when a site is closed although its opening hours say open, and why."""

    reason = forms.ChoiceField(label=_("Reason"), choices=ClosureReason.choices)

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, tz=site.commune.tz, **kwargs)

    def values(self) -> dict[str, Any]:
        return {"reason": ClosureReason(self.cleaned_data["reason"]), **super().values()}
