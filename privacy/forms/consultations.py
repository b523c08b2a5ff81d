"""What is looked for in the log of consultations."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from booking.models import Resident
from communes.models import Commune
from core.fields import DayField, choose_among
from core.looked import Shown
from privacy.looked.reading import MOST_PAGES, LookedQuery

DAYS = 7
"""Without other dates the page shows so many days, today included; of one person a year."""
DAYS_OF_ONE = 366


class LookedForm(forms.Form):
    since = DayField(label=_("From day"), required=False)
    until = DayField(label=_("To day, included"), required=False)
    agent = forms.ModelChoiceField(Agent.objects.none(), label=_("Agent"), required=False)
    kind = forms.ChoiceField(label=_("On what"), required=False)
    resident = forms.ModelChoiceField(Resident.objects.none(), required=False, widget=forms.HiddenInput())
    page = forms.IntegerField(min_value=1, max_value=MOST_PAGES, required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, commune: Commune, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        here = Agent.objects.filter(memberships__commune=commune).order_by("first_name", "last_name", "pk")
        choose_among(self, agent=here, resident=Resident.objects.current().filter(commune=commune))
        agent, kind = self.fields["agent"], self.fields["kind"]
        assert isinstance(agent, forms.ModelChoiceField) and isinstance(kind, forms.ChoiceField)
        agent.empty_label = gettext("All")
        labels = [(value, str(label)[:1].upper() + str(label)[1:]) for value, label in Shown.choices]
        kind.choices = [("", gettext("All")), *labels]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error("until", gettext("The last day is before the first."))
        return data

    @property
    def person(self) -> Resident | None:
        """The one whom the page is about alone."""
        found: Resident | None = getattr(self, "cleaned_data", {}).get("resident")
        return found

    @property
    def query(self) -> LookedQuery:
        """Of a valid form, or of one that nobody has sent yet."""
        data = self.cleaned_data if self.is_bound else {}
        until = data.get("until") or self.today
        days = DAYS if self.person is None else DAYS_OF_ONE
        return LookedQuery(
            since=data.get("since") or until - timedelta(days=days - 1),
            until=until,
            agent=data["agent"].pk if data.get("agent") else None,
            resident=self.person.pk if self.person else None,
            kind=data.get("kind", ""),
            page=data.get("page") or 1,
        )
