"""The forms for a clicked gap and the visit to put in it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from booking.forms.desk import IdsField, SlotField
from booking.models import Resident
from communes.models import Cabin, Commune, Site
from core.fields import choose_among


class GapQuery(forms.Form):
    """A gap: its cabin, or its helper and site, and its start; and the resident, once chosen."""

    slot = SlotField()
    cabin = forms.ModelChoiceField(Cabin.objects.none(), required=False)
    helper = forms.ModelChoiceField(Agent.objects.none(), required=False)
    resident = forms.ModelChoiceField(Resident.objects.none(), required=False)

    def __init__(self, data: Any, *, commune: Commune) -> None:
        super().__init__(data)
        self.sites = commune.sites.filter(is_active=True)
        helpers = Agent.objects.filter(memberships__commune=commune, memberships__is_helper=True)
        choose_among(
            self,
            cabin=Cabin.objects.filter(site__commune=commune, site__is_active=True),
            helper=helpers.distinct(),
            resident=Resident.objects.filter(commune=commune).current(),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        cabin, (site_id, start) = cleaned.get("cabin"), cleaned.get("slot") or (None, None)
        site: Site | None = self.sites.filter(pk=site_id).first() if site_id else None
        wrong_place = site is None or (cabin is not None and cabin.site_id != site.pk)
        if wrong_place or (cabin is None and cleaned.get("helper") is None):
            raise forms.ValidationError(_("This time is not readable."), code="gap")
        return {**cleaned, "site": site, "at": start}

    @property
    def state(self) -> dict[str, str]:
        """The query parameters of the gap, without the resident."""
        return {name: self.data[name] for name in ("slot", "cabin", "helper") if self.data.get(name)}


class WhoForm(forms.Form):
    """The search of whoever comes, when it was left with something in it."""

    q = forms.CharField(label=_("Phone, name or appointment number"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="%s")

    def clean(self) -> dict[str, Any]:
        problem = _("Somebody is typed in here: choose or record them first, or empty the fields.")
        self.add_error("q", problem)
        return self.cleaned_data


class BeginForm(forms.Form):
    """The visit to begin: the key of one of the gap's choices."""

    choice = forms.RegexField(r"^\d{1,18}-[01]$")
    beside = IdsField(required=False)
