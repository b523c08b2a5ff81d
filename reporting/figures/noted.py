"""What helpers noted at the end of sessions: outcome, themes, equipment, autonomy, orientation. Pure.

What nobody noted is a row of its own, the last. Where a visit has several themes, each is a mention, and
shares are of mentions.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.enums import Outcome
from booking.national import Autonomy, Material, Orientation
from booking.sums import UNKNOWN
from reporting.figures.bars import bars
from reporting.figures.blocks import Block, counts_of, in_order
from reporting.figures.numbers import Numbers
from reporting.figures.words import number, theme_label

type Labels = Iterable[tuple[str, object]]


def noted_pairs(now: Numbers) -> list[tuple[Block, Block]]:
    themes = [(code, theme_label(code)) for code, _n in now.ranked("noted_theme") if code != UNKNOWN]
    return [
        (
            _of_visits(now, "outcome", _("How sessions ended"), Outcome.choices),
            _of_mentions(now, "noted_theme", _("Themes, as noted"), themes),
        ),
        (
            _of_mentions(now, "equipment", _("Equipment used"), Material.choices),
            _of_visits(now, "autonomy", _("How much on their own"), Autonomy.choices),
        ),
        (
            _of_mentions(now, "orientation", _("Where people were sent on to"), Orientation.choices),
            _known(now),
        ),
    ]


def _with_unknown(labels: Labels) -> list[tuple[str, object]]:
    return [*labels, (UNKNOWN, _("not noted"))]


def _of_visits(now: Numbers, dimension: str, heading: str, labels: Labels) -> Block:
    counted = _(
        "Noted by whoever helped, within a week. What nobody noted is a row of its own. Nothing is asked "
        "about medical visits: they are not among them."
    )
    rows = in_order(counts_of(now, dimension), _with_unknown(labels))
    return Block(dimension.replace("_", "-"), heading, counted, bars(rows))


def _of_mentions(now: Numbers, dimension: str, heading: str, labels: Labels) -> Block:
    counted = _(
        "Noted by whoever helped, within a week. One visit may have several mentions: percentages are of "
        "mentions, not of visits. A visit without any counts as one, not noted. Nothing is asked about "
        "medical visits."
    )
    counts = counts_of(now, dimension)
    mentions, unknown = sum(counts.values()), counts.get(UNKNOWN, 0)
    text = ngettext(
        "%(n)s mention, in %(visits)s. Percentages are of mentions.",
        "%(n)s mentions, in %(visits)s. Percentages are of mentions.",
        mentions - unknown,
    )
    visits = counts_of(now, "outcome")
    with_some = sum(visits.values()) - unknown
    in_visits = ngettext("%(n)s visit", "%(n)s visits", with_some) % {"n": number(with_some)}
    unit = text % {"n": number(mentions - unknown), "visits": in_visits}
    rows = in_order(counts, _with_unknown(labels))
    return Block(dimension.replace("_", "-"), heading, counted, bars(rows), unit if mentions else "")


def _known(now: Numbers) -> Block:
    """Of how many visits each thing is known at all."""
    names = [
        ("outcome", _("How it ended")),
        ("noted_theme", _("Themes")),
        ("equipment", _("Equipment used")),
        ("autonomy", _("How much on their own")),
        ("orientation", _("Sent on to")),
    ]
    asked = sum(counts_of(now, "outcome").values())
    known = {name: asked - counts_of(now, name).get(UNKNOWN, 0) for name, _label in names}
    counted = _("Visits of which it was noted, out of all but medical ones: on how many the figures rest.")
    rows = in_order(known, names)
    return Block("known", _("What is noted at all"), counted, bars(rows, whole=asked))
