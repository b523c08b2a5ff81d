"""« Besoins »: what people ask for and do not get, and how places differ, in sentences with numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.enums import UnmetWhy
from communes.models import Site
from reporting.figures.change import FEWEST, change, share_change
from reporting.figures.demand import counts, demand, never_open, not_offered
from reporting.figures.numbers import DONE, NO_SHOW, Numbers, Sum, percent
from reporting.figures.periods import Period
from reporting.figures.reading import Reading
from reporting.figures.words import change_text, joined, number, theme_label

NAMED_THEMES = 3
CABIN_OR_HELPER = (UnmetWhy.FULL, UnmetWhy.NO_HELPER, UnmetWhy.NOT_FOUND, UnmetWhy.NO_CABIN)
NOT_OPEN = (UnmetWhy.CLOSED, UnmetWhy.HOLIDAY, UnmetWhy.TOO_SHORT)


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences under a heading; `nothing` stands where there are none."""

    id: str
    heading: str
    says: list[str]
    nothing: str
    counted: str


def needs(other: Period | None, read: Reading, sites: Sequence[Site], *, complete: bool) -> list[Section]:
    now = read.now
    return [
        Section(
            "not-offered",
            _("Asked for and not offered"),
            [_line(label, count) for label, count in not_offered(now)],
            _("No agent has counted a request that no service is for."),
            _(
                "At the desk, “Something else is asked for?”: one request for each conversation, "
                "by its theme."
            ),
        ),
        Section(
            "themes",
            _("Themes that rise or fall"),
            _themes(now, read.before, other, complete=complete),
            _("No theme has changed by more than chance does, or there are too few visits to say so."),
            _(
                "Visits by the national theme of their service, in two periods that are over. A change is "
                "said from %(n)s visits in each on, and only if it is larger than what chance does."
            )
            % {"n": FEWEST},
        ),
        Section(
            "never-open",
            _("Hours asked for and not open"),
            [
                ngettext("%(half_day)s: asked for on %(n)s day.", "%(half_day)s: asked for on %(n)s days.", n)
                % {"half_day": label.capitalize(), "n": number(n)}
                for label, n in never_open(now)
            ],
            _("No agent has counted a day that was asked for and on which nothing opens."),
            _("Days of “Nothing suits” on which every place asked for was closed."),
        ),
        Section(
            "would-serve",
            _("What would have served"),
            _would_serve(now),
            _("No agent has counted a day without a time."),
            _(
                "For each day of “Nothing suits”, the same is searched once more without a helper. If a "
                "cabin is free then, a helper alone was missing."
            ),
        ),
        Section(
            "places",
            _("How places differ"),
            _places(now, sites),
            _("Two places with %(n)s visits or more are needed to compare them.") % {"n": FEWEST},
            _(
                "Each place beside all the others together. A difference is said only if it is larger than "
                "what chance does."
            ),
        ),
    ]


def _line(label: str, count: int) -> str:
    text = ngettext("%(label)s: %(n)s request.", "%(label)s: %(n)s requests.", count)
    return text % {"label": label.capitalize(), "n": number(count)}


def _themes(now: Numbers, before: Numbers | None, other: Period | None, *, complete: bool) -> list[str]:
    if before is None or other is None:
        return []
    found = []
    for code in {**now.by["theme"], **before.by["theme"]}:
        then, present = _visits(before, code), _visits(now, code)
        changed = change(present, then, complete=complete)
        if changed is not None and changed.percent is not None:
            text = _("%(theme)s: %(n)s visits, %(change)s.") % {
                "theme": theme_label(code).capitalize(),
                "n": number(present),
                "change": change_text(changed, other, number(then)),
            }
            found.append((-changed.size, text))
    return [text for _size, text in sorted(found)]


def _visits(numbers: Numbers, code: str) -> int:
    return numbers.by["theme"][code].visits if code in numbers.by["theme"] else 0


def _would_serve(now: Numbers) -> list[str]:
    found = demand(now).says[:1] if counts(now, "unmet_why") else []
    reasons = counts(now, "unmet_why")
    lacked = sum(counts(now, "unmet_lacked").values())
    no_cabin = sum(reasons.get(why, 0) for why in CABIN_OR_HELPER) - lacked
    closed = sum(reasons.get(why, 0) for why in NOT_OPEN)
    suited = reasons.get(UnmetWhy.NOT_SUITING, 0)
    broken = reasons.get(UnmetWhy.FAULT, 0)
    too_near_or_far = sum(reasons.values()) - lacked - no_cabin - closed - suited - broken
    lines = [
        (
            lacked,
            ngettext(
                "%(n)s day: a cabin was free, a helper was missing.",
                "%(n)s days: a cabin was free, a helper was missing.",
                lacked,
            ),
        ),
        (
            no_cabin,
            ngettext(
                "%(n)s day: no cabin was free; it would have taken one more, or longer hours.",
                "%(n)s days: no cabin was free; it would have taken one more, or longer hours.",
                no_cabin,
            ),
        ),
        (
            broken,
            ngettext(
                "%(n)s day: the equipment did not work.", "%(n)s days: the equipment did not work.", broken
            ),
        ),
        (closed, ngettext("%(n)s day: closed.", "%(n)s days: closed.", closed)),
        (
            too_near_or_far,
            ngettext(
                "%(n)s day: too soon, or not yet open for booking.",
                "%(n)s days: too soon, or not yet open for booking.",
                too_near_or_far,
            ),
        ),
        (
            suited,
            ngettext(
                "%(n)s day: times were free, at other hours.",
                "%(n)s days: times were free, at other hours.",
                suited,
            ),
        ),
    ]
    return found + [text % {"n": number(n)} for n, text in lines if n]


def _places(now: Numbers, sites: Sequence[Site]) -> list[str]:
    known = [site for site in sites if _of(now, site, "ended_as", DONE).visits >= FEWEST]
    if len(known) < 2:
        return []
    return [_profile(now, site) for site in known]


def _profile(now: Numbers, site: Site) -> str:
    """« Hôtel de ville : 412 visites. On y vient d’abord pour … Plus souvent avec un aidant … »"""
    visits = _of(now, site, "ended_as", DONE).visits
    parts = [
        ngettext("%(place)s: %(n)s visit.", "%(place)s: %(n)s visits.", visits)
        % {"place": site.name, "n": number(visits)}
    ]
    themes = sorted(now.by_site[site.pk]["theme"].items(), key=lambda row: (-row[1].visits, row[0]))
    # Their names have commas.
    names = [f"«\xa0{theme_label(code)}\xa0»" for code, each in themes[:NAMED_THEMES] if each.visits]
    if names:
        parts.append(_("First themes: %(themes)s.") % {"themes": joined(names)})
    helped = _of(now, site, "helped_by", "helper").visits
    others = now.visits - visits
    parts += _compared(
        (helped, visits),
        (now.with_helper - helped, others),
        _("More often with a helper than at the other places (%(here)s %% against %(there)s %%)."),
        _("Less often with a helper than at the other places (%(here)s %% against %(there)s %%)."),
    )
    missed = _of(now, site, "ended_as", NO_SHOW).visits
    kept = visits - _of(now, site, "walk_in", "yes").visits + missed
    parts += _compared(
        (missed, kept),
        (now.missed - missed, now.appointments - kept),
        _("Appointments are missed more often than at the other places (%(here)s %% against %(there)s %%)."),
        _("Appointments are missed less often than at the other places (%(here)s %% against %(there)s %%)."),
    )
    return " ".join(parts)


def _compared(here: tuple[int, int], there: tuple[int, int], more: str, less: str) -> list[str]:
    """A sentence where two shares (part, whole) differ by more than chance does."""
    points = share_change(*here, *there, complete=True)
    if not points:
        return []
    told = {"here": percent(*here), "there": percent(*there)}
    return [(more if points > 0 else less) % told]


def _of(now: Numbers, site: Site, dimension: str, code: str) -> Sum:
    own = now.by_site.get(site.pk)
    return own[dimension][code] if own and code in own[dimension] else Sum()
