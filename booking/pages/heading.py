"""The sentence above the times: which days they are of, how long the visit takes, with whom, and how many."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking.pages.when import When, this_monday
from core.templatetags.times import day

PLURALS = (
    gettext_lazy("Mondays"),
    gettext_lazy("Tuesdays"),
    gettext_lazy("Wednesdays"),
    gettext_lazy("Thursdays"),
    gettext_lazy("Fridays"),
    gettext_lazy("Saturdays"),
    gettext_lazy("Sundays"),
)


@dataclass(frozen=True)
class Heading:
    """`helper`: the name of the one asked for, or ""."""

    when: When
    minutes: int
    helper: str
    with_helper: bool
    count: int

    @property
    def days(self) -> str:
        said = self._weekdays() if self.when.weekdays else self._stretch()
        if self.when.before is None:
            return said
        return _("%(days)s, before %(day)s") % {"days": said, "day": day(self.when.before)}

    def _weekdays(self) -> str:
        words = {"days": _joined([str(PLURALS[n]) for n in sorted(self.when.weekdays)])}
        if not self.when.afternoons:
            said = _("The next %(days)s, mornings") % words
        elif not self.when.mornings:
            said = _("The next %(days)s, afternoons") % words
        else:
            said = _("The next %(days)s") % words
        if self.when.week <= this_monday(self.when.today):
            return said
        return _("%(days)s from %(day)s on") % {"days": said, "day": day(self.when.first)}

    def _stretch(self) -> str:
        days = self.when.days or [self.when.first]
        words = {"first": day(days[0]), "last": day(days[-1])}
        if not self.when.afternoons:
            text = _("The mornings from %(first)s to %(last)s"), _("On %(first)s, in the morning")
        elif not self.when.mornings:
            text = _("The afternoons from %(first)s to %(last)s"), _("On %(first)s, in the afternoon")
        else:
            text = _("From %(first)s to %(last)s"), _("On %(first)s")
        return text[len(days) == 1] % words

    @property
    def visit(self) -> str:
        words = {"minutes": self.minutes, "name": self.helper}
        if self.helper:
            length = _("%(minutes)s min with %(name)s") % words
        elif self.with_helper:
            length = _("%(minutes)s min with a helper") % words
        else:
            length = _("%(minutes)s min without a helper") % words
        if not self.count:
            return _("%(visit)s: no time") % {"visit": length}
        told = {"visit": length, "n": self.count}
        return ngettext("%(visit)s: %(n)s time", "%(visit)s: %(n)s times", self.count) % told


def _joined(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}
