"""The form of a helper's usual week: all its rows at once, with empty ones to add some."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property
from itertools import combinations
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from agents.rules.rota import Pattern
from agents.rules.usual_week import first_overlap
from communes.models import Commune, Site
from core.edit_forms import EditForm, put_value, typed_in
from core.edits import Edit, EditConflict
from core.fields import DayField, HourField
from core.templatetags.times import day_year, short_day
from planning.actions.usual_weeks import ROW, UsualRow
from planning.forms import helpers_of

RHYTHMS = (
    (1, _("every week")),
    (2, _("one week in two")),
    (3, _("one week in three")),
    (4, _("one week in four")),
)
NEW = "new-"
MOST_ROWS = 40
_PLAIN = ("starts", "ends", "every_weeks", "anchor_on", "from_on", "until_on")
"""Fields that are values of the row as they are."""
_KEY = re.compile(rf"((?:{ROW}|{NEW})\d{{1,12}})-(?:site|starts|ends|weekdays|remove)")


@dataclass(frozen=True)
class Choices:
    """What the rows choose among, read once for all of them."""

    commune: Commune
    agent: Agent
    today: date
    stored: Mapping[str, UsualRow]

    @cached_property
    def sites(self) -> list[Site]:
        """The places that are not given up, and those where a row still stands."""
        used = {row.site_id for row in self.stored.values()}
        return [site for site in self.commune.sites.all() if site.is_active or site.pk in used]

    @cached_property
    def places(self) -> dict[int, str]:
        return {site.pk: site.short_name for site in self.sites}

    @cached_property
    def names(self) -> dict[int, str]:
        found = {each.pk: each.get_full_name() for each in helpers_of(self.commune)}
        return {self.agent.pk: self.agent.get_full_name(), **found}


class UsualRowForm(forms.Form):
    """A row of a usual week: one place and the same hours on some weekdays. Its prefix is its name."""

    site = forms.TypedChoiceField(label=_("Place"), coerce=int)
    starts = HourField(label=_("From"))
    ends = HourField(label=_("Until"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    every_weeks = forms.TypedChoiceField(label=_("Rhythm"), coerce=int, choices=RHYTHMS)
    anchor_on = DayField(
        label=_("A day in one of its weeks"), help_text=_("Counts only where it is not every week.")
    )
    from_on = DayField(label=_("First day"))
    until_on = DayField(label=_("Last day, included"), required=False, help_text=_("Empty: without end."))
    agent = forms.TypedChoiceField(
        label=_("Helper"), coerce=int, help_text=_("Choose another helper to hand this row over.")
    )
    remove = forms.BooleanField(label=_("Remove this row"), required=False)

    def __init__(self, data: Any, *, key: str, choices: Choices, stored: UsualRow | None = None) -> None:
        self.key, self.choices, self.stored = key, choices, stored
        self.is_new = key.startswith(NEW)
        self.number = 0
        places = choices.places
        self.first_place = next(iter(places)) if len(places) == 1 else ""
        super().__init__(
            data,
            prefix=key,
            initial=_fields(stored) if stored else self._beginning(),
            empty_permitted=self.is_new,
            use_required_attribute=False,
        )
        self._choose("site", [("", "—"), *places.items()])
        if self.is_new:
            del self.fields["agent"]
        else:
            self._choose("agent", list(choices.names.items()))
        if stored is not None and stored.every_weeks > len(RHYTHMS):
            self._choose("every_weeks", [*RHYTHMS, (stored.every_weeks, _rhythm(stored))])
        self._choose("weekdays", [(number, f"{str(name)[:3]}.") for number, name in WEEKDAYS.items()])

    def _choose(self, name: str, among: Sequence[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = among

    def _beginning(self) -> dict[str, Any]:
        today = self.choices.today
        return {
            "site": self.first_place,
            "every_weeks": 1,
            "anchor_on": today,
            "from_on": today,
        }

    @property
    def part_name(self) -> str:
        return gettext("Row %(n)s") % {"n": self.number}

    @property
    def rhythm_text(self) -> str:
        """What the folded part holds, as it is stored."""
        if self.stored is None:
            return gettext("Rhythm, first and last day")
        said = ", ".join(_when_said(self.stored))
        return said[:1].upper() + said[1:]

    @property
    def is_removed(self) -> bool:
        return self.is_bound and bool(self["remove"].data)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is typed into a new row but what stands there from the beginning."""
        if not self.is_new or not self.is_bound:
            return self.is_new
        site = self["site"].data or ""
        return str(site) in ("", str(self.first_place)) and not any(
            self[name].data for name in ("weekdays", "starts", "ends")
        )

    def has_changed(self) -> bool:
        return not self.is_blank

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_removed:
            self.say_nothing()

    def say_nothing(self) -> None:
        """Show what was typed without what is wrong in it."""
        self._errors = ErrorDict(renderer=self.renderer)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        starts, ends = data.get("starts"), data.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", gettext("The end must come after the beginning."))
        first, last = data.get("from_on"), data.get("until_on")
        if first and last and last < first:
            self.add_error("until_on", gettext("The last day must come after the first."))
        return data

    def value(self) -> UsualRow | None:
        """The row as it is to be; None if it is to be removed, or empty. Of a valid form."""
        if self.is_removed or self.is_blank:
            return None
        data = self.cleaned_data
        return UsualRow(
            agent_id=self.choices.agent.pk if self.is_new else data["agent"],
            site_id=data["site"],
            weekdays=tuple(sorted(set(data["weekdays"]))),
            **{name: data[name] for name in _PLAIN},
        )

    def present(self) -> UsualRow | None:
        """The row as it stands on the page, as far as it is one already."""
        if not self.is_bound:
            return self.stored
        return self.value() if self.is_valid() else None


class UsualWeekForm(EditForm, forms.Form):
    """All rows of a helper's usual week. Each stored row is one value of the edit."""

    def __init__(self, data: Any = None, *, choices: Choices) -> None:
        self.choices = choices
        self.parts: list[UsualRowForm] = []
        super().__init__(data)
        self._make_rows()

    def _make_rows(self) -> None:
        """Those that were sent, or the stored ones and one or two that are empty."""
        stored = self.choices.stored
        if self.is_bound:
            found = (_KEY.fullmatch(name) for name in self.data)
            keys = list(dict.fromkeys(each[1] for each in found if each))
        else:
            keys = [*stored, *(f"{NEW}{n}" for n in range(1, 2 if stored else 3))]
        self.parts = [self._row(key, self.data if self.is_bound else None) for key in keys[: 2 * MOST_ROWS]]
        self._number()

    def _row(self, key: str, data: Any) -> UsualRowForm:
        return UsualRowForm(data, key=key, choices=self.choices, stored=self.choices.stored.get(key))

    def _number(self) -> None:
        for number, row in enumerate(self.parts, 1):
            row.number = number

    def say_nothing(self) -> None:
        """Show all that was typed, which is not judged yet."""
        for row in self.parts:
            row.say_nothing()
        self._errors = ErrorDict(renderer=self.renderer)

    def add_row(self) -> UsualRowForm:
        """One more empty row."""
        numbers = [int(row.key.removeprefix(NEW)) for row in self.parts if row.is_new]
        row = self._row(f"{NEW}{max(numbers, default=0) + 1}", None)
        row.fields["site"].widget.attrs["autofocus"] = True
        self.parts.append(row)
        self._number()
        return row

    # Checking

    def is_valid(self) -> bool:
        return super().is_valid() and all(row.is_valid() for row in self.parts)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if len([row for row in self.parts if not row.is_blank]) > MOST_ROWS:
            self.add_error(None, gettext("A usual week has at most %(n)s rows.") % {"n": MOST_ROWS})
        for one, other in combinations([row for row in self.parts if row.is_valid()], 2):
            on = self._overlap(one, other)
            if on is not None:
                said = gettext("At the same time as row %(n)s, for example on %(day)s.")
                other.add_error("starts", said % {"n": one.number, "day": day_year(on)})
        return data

    def _overlap(self, one: UsualRowForm, other: UsualRowForm) -> date | None:
        values = [row.value() for row in (one, other) if not row.errors]
        if len(values) < 2 or values[0] is None or values[1] is None:
            return None
        if values[0].agent_id != values[1].agent_id:
            return None
        return first_overlap(values[0].as_rule(), values[1].as_rule(), self.choices.today)

    # As an edit

    def initial_values(self) -> dict[str, Any]:
        return dict(self.choices.stored)

    def wanted_values(self) -> dict[str, UsualRow | None]:
        return {row.key: row.value() for row in self.parts if not row.is_new}

    def new_rows(self) -> list[UsualRow]:
        values = (row.value() for row in self.parts if row.is_new)
        return [value for value in values if value is not None]

    def label_of(self, name: str) -> str:
        number = next((row.number for row in self.parts if row.key == name), None)
        return gettext("A row") if number is None else gettext("Row %(n)s") % {"n": number}

    def field_of(self, name: str) -> None:
        return None

    def text_of(self, name: str, value: Any) -> str:
        return row_text(value, self.choices)

    def put(self, data: QueryDict, name: str, value: Any) -> None:
        data.pop(f"{name}-remove", None)
        if value is None:
            for each in [each for each in data if each.startswith(f"{name}-")]:
                del data[each]
            return
        row = self._row(name, None)
        for field_name, each in _fields(_from_plain(value)).items():
            put_value(data, row[field_name], each)

    def show_conflict(self, conflict: EditConflict, edit: Edit) -> None:
        super().show_conflict(conflict, edit)
        self._make_rows()

    def _is_known(self, name: str) -> bool:
        return re.fullmatch(rf"{ROW}\d{{1,12}}", name) is not None

    # For the page

    def rules(self) -> list[Pattern]:
        """The rows of this helper as they stand on the page, numbered as there."""
        present = ((row.number, row.present()) for row in self.parts)
        own = self.choices.agent.pk
        return [row.as_rule(number) for number, row in present if row is not None and row.agent_id == own]

    def typed(self) -> list[tuple[str, str]]:
        """All that was typed, for a usual week that is gone."""
        rows = (row for row in self.parts if not row.is_blank)
        return [(f"{row.part_name}, {label}", text) for row in rows for label, text in typed_in(row)]


def _fields(row: UsualRow) -> dict[str, Any]:
    """The values of the fields of a row's form."""
    values = row._asdict()
    ids = {"agent": values.pop("agent_id"), "site": values.pop("site_id")}
    return {**ids, **values, "weekdays": list(row.weekdays)}


def row_text(value: Any, choices: Choices) -> str:
    """A row in words, from its plain value."""
    if value is None:
        return gettext("removed")
    row = _from_plain(value)
    said = [choices.places.get(row.site_id, "?"), ", ".join(str(WEEKDAYS[day]) for day in row.weekdays)]
    said.append(f"{row.starts.hour}:{row.starts:%M}–{row.ends.hour}:{row.ends:%M}")
    said += _when_said(row)
    if row.agent_id != choices.agent.pk:
        said.append(choices.names.get(row.agent_id, "?"))
    return ", ".join(said)


def _from_plain(value: Any) -> UsualRow:
    """Raises TypeError or ValueError for what is none."""
    agent_id, site_id, weekdays, starts, ends, every_weeks, anchor_on, from_on, until_on = value
    return UsualRow(
        agent_id,
        site_id,
        tuple(weekdays),
        time.fromisoformat(starts),
        time.fromisoformat(ends),
        every_weeks,
        date.fromisoformat(anchor_on),
        date.fromisoformat(from_on),
        None if until_on is None else date.fromisoformat(until_on),
    )


def _rhythm(row: UsualRow) -> str:
    return str(dict(RHYTHMS).get(row.every_weeks) or gettext("one week in %(n)s") % {"n": row.every_weeks})


def _when_said(row: UsualRow) -> list[str]:
    """In which weeks a row holds."""
    rhythm = _rhythm(row)
    if row.every_weeks > 1:
        rhythm += f" ({short_day(row.anchor_on)})"
    said = [rhythm, gettext("from %(day)s") % {"day": day_year(row.from_on)}]
    if row.until_on is not None:
        said.append(gettext("until %(day)s") % {"day": day_year(row.until_on)})
    return said
