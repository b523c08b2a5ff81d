"""Which shift of another helper a shift is exchanged with."""

from collections import defaultdict
from datetime import datetime
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.models import Shift
from communes.models import Commune
from core.days import Week
from core.french_order import in_french_order
from core.templatetags.times import day, hour
from planning.errors import ShiftChanged


class ExchangeForm(forms.Form):
    """`other` is chosen among the shifts of other helpers in the same week that are not over. What is sent
    says how both shifts were shown: after a change of either, it is no choice any more."""

    other = forms.ChoiceField(
        label=_("Exchange with"),
        error_messages={"invalid_choice": ShiftChanged.text, "required": _("Choose a shift.")},
    )

    def __init__(self, *args: Any, shift: Shift, commune: Commune, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = _exchangeable(shift, commune, now)
        self.by_mark = {f"{_mark(shift)}_{_mark(each)}": each for each in found}
        marked = groupby(self.by_mark.items(), key=lambda each: commune.local(each[1].starts_at).date())
        days = [(day(on), [(mark, _text(each)) for mark, each in group]) for on, group in marked]
        choice = self.fields["other"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "—"), *days]

    def clean_other(self) -> Shift:
        return self.by_mark[self.cleaned_data["other"]]


def _exchangeable(shift: Shift, commune: Commune, now: datetime) -> list[Shift]:
    """By day, then by name. None where the shift itself is over; none with the same place and hours; none
    after which one of the two helpers would be in two places at once."""
    if shift.ends_at <= now:
        return []
    start, end = Week.of(commune.local(shift.starts_at).date()).span(commune.tz)
    rows = Shift.objects.filter(site__commune=commune, starts_at__gte=start, starts_at__lt=end)
    rows = rows.filter(ends_at__gt=now).exclude(agent=shift.agent_id)
    rows = rows.exclude(site=shift.site_id, starts_at=shift.starts_at, ends_at=shift.ends_at)
    names = in_french_order("agent__first_name", "agent__last_name")
    found = list(rows.select_related("agent", "site").order_by(*names, "agent", "starts_at"))
    theirs = defaultdict[int, list[Shift]](list)
    agents = {shift.agent_id, *(each.agent_id for each in found)}
    for each in Shift.objects.filter(agent__in=agents).overlapping(start, end):
        theirs[each.agent_id].append(each)

    def is_free(agent_id: int, then: Shift, leaving: Shift) -> bool:
        others = (each for each in theirs[agent_id] if each.pk != leaving.pk)
        return not any(each.starts_at < then.ends_at and then.starts_at < each.ends_at for each in others)

    possible = (
        each
        for each in found
        if is_free(shift.agent_id, each, leaving=shift) and is_free(each.agent_id, shift, leaving=each)
    )
    return sorted(possible, key=lambda each: commune.local(each.starts_at).date())


def _mark(shift: Shift) -> str:
    hours = (int(at.timestamp()) for at in (shift.starts_at, shift.ends_at))
    return ".".join(map(str, (shift.pk, shift.agent_id, shift.site_id, *hours)))


def _text(shift: Shift) -> str:
    """« Yanis Benali, 9:00–12:00, Hôtel de ville »."""
    hours = "–".join(map(hour, (shift.starts_at, shift.ends_at)))
    return f"{shift.agent.get_full_name()}, {hours}, {shift.site.short_name}"
