"""What is there, and what is missing, of a commune's phone, places, cabins and services."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from communes.enums import Equipment
from communes.errors import HoursError
from communes.models import Cabin, Commune, Incident, Site
from communes.opening.hours import parse
from communes.setup_steps import Gap, Step, StepKey, Weight
from core.insee import phone_region
from core.phones import format_national
from core.templatetags.times import end_in_sentence


def commune_step(commune: Commune, now: datetime) -> Step:
    link, gaps = reverse("commune-edit"), []
    has = [_("%(name)s, on the clock of %(zone)s") % {"name": commune.name, "zone": _city(commune.time_zone)}]
    if commune.public_phone:
        number = format_national(commune.public_phone, phone_region(commune.insee_code))
        number = number.replace(" ", "\N{NO-BREAK SPACE}")
        has.append(_("phone of the mairie: %(number)s") % {"number": number})
    else:
        gaps.append(
            Gap(
                text=_("No phone of the mairie: messages could not say which number to call."),
                label=_("Enter the phone"),
                link=link,
                weight=Weight.BLOCKS,
            )
        )
    return Step(key=StepKey.COMMUNE, title=_("The commune"), has=has, gaps=gaps, label=_("Change"), link=link)


def _city(zone: str) -> str:
    """`Europe/Paris` as people say it."""
    return zone.rpartition("/")[2].replace("_", " ")


# ---- places ----------------------------------------------------------------------------------------

_WEEKS = 8
"""A place that does not open within this time counts as one without hours."""


class _Hours(TextChoices):
    OPENS = "opens", ""
    NONE = "none", gettext_lazy("no opening hours. Without them, no appointment is offered there.")
    UNREADABLE = (
        "unreadable",
        gettext_lazy("its opening hours cannot be read. No appointment is offered there."),
    )
    CLOSED = "closed", gettext_lazy("its hours say closed for two months. No appointment is offered there.")


def places_step(commune: Commune, now: datetime) -> Step:
    sites = list(commune.sites.filter(is_active=True))
    hours = {site.pk: _hours(site, commune, now) for site in sites}
    lacking = Weight.PART if _Hours.OPENS in hours.values() else Weight.BLOCKS
    gaps = [
        Gap(
            about=site.name,
            text=str(hours[site.pk].label),
            label=_("Enter the hours"),
            link=reverse("hours-edit", args=[site.pk]),
            weight=lacking,
        )
        for site in sites
        if hours[site.pk] is not _Hours.OPENS
    ]
    gaps += [
        Gap(
            about=site.name,
            text=_("no address. The appointment slip does not say where to come."),
            label=_("Enter the address"),
            link=reverse("site-edit", args=[site.pk]),
            weight=Weight.NOTE,
        )
        for site in sites
        if not site.address
    ]
    if not sites:
        gaps = [
            Gap(
                text=_("No place yet: there is nowhere to come to."),
                label=_("Add a place"),
                link=reverse("site-new"),
                weight=Weight.BLOCKS,
            )
        ]
    has = [", ".join(site.name for site in sites)] if sites else []
    return Step(
        key=StepKey.PLACES,
        title=_("Places and opening hours"),
        has=has,
        gaps=gaps,
        label=_("See the places"),
        link=reverse("places"),
    )


def _hours(site: Site, commune: Commune, now: datetime) -> _Hours:
    if not site.opening_hours:
        return _Hours.NONE
    today = commune.local(now).date()
    try:
        spans = parse(site.opening_hours, commune.insee_code).open_spans(
            today, today + timedelta(weeks=_WEEKS), commune.tz
        )
    except HoursError:
        return _Hours.UNREADABLE
    return _Hours.OPENS if spans else _Hours.CLOSED


# ---- cabins ----------------------------------------------------------------------------------------


def cabins_step(commune: Commune, now: datetime) -> Step:
    sites = list(commune.sites.filter(is_active=True).prefetch_related("cabins"))
    kept = {site.pk: [each for each in site.cabins.all() if not each.is_retired(now)] for site in sites}
    there = any(kept.values())
    has = [
        _("%(cabin)s at %(place)s: %(equipment)s")
        % {"cabin": cabin.name, "place": site.name, "equipment": _equipment(cabin)}
        for site in sites
        for cabin in kept[site.pk]
    ]
    weight = Weight.PART if there else Weight.BLOCKS
    gaps = [gap for site in sites for gap in _cabin_gaps(site, kept[site.pk], weight)]
    cabins = {cabin.pk: cabin for each in kept.values() for cabin in each}
    faults = [each for each in _withdrawing(commune) if each.cabin_id in cabins]
    gaps += [
        gap
        for each in faults
        if each.cabin_id is not None
        for gap in _withdrawn(cabins[each.cabin_id], each, now)
    ]
    if not sites:
        text = _("No cabin: add a place first.")
        gaps = [
            Gap(text=text, label=_("Add a place"), link=reverse("site-new"), weight=Weight.BLOCKS),
        ]
    return Step(
        key=StepKey.CABINS,
        title=_("Cabins and equipment"),
        has=has,
        gaps=gaps,
        label=_("See the cabins"),
        link=reverse("places"),
    )


def _equipment(cabin: Cabin) -> str:
    return ", ".join(cabin.equipment_labels) or _("without equipment")


def _cabin_gaps(site: Site, cabins: list[Cabin], weight: Weight) -> Iterator[Gap]:
    if not cabins:
        yield Gap(
            about=site.name,
            text=_("no cabin yet. Nobody can be received there."),
            label=_("Add a cabin"),
            link=reverse("cabin-new", args=[site.pk]),
            weight=weight,
        )
    for cabin in cabins:
        if not cabin.in_order and cabin.out_until is None:
            yield Gap(
                about=cabin.name,
                text=_("out of order. No appointment is offered in it."),
                label=_("See the cabins"),
                link=reverse("places"),
            )


def _withdrawing(commune: Commune) -> list[Incident]:
    return list(Incident.objects.withdrawing().filter(commune=commune).order_by("cabin", "pk"))


def _withdrawn(cabin: Cabin, fault: Incident, now: datetime) -> Iterator[Gap]:
    """What a confirmed fault keeps from being offered in this cabin, and until when."""
    codes = [code for code in cabin.equipment if code in fault.withdraws]
    if not codes:
        return
    if fault.is_passed(now):
        text = _(
            "%(equipment)s out of order, and the expected end has passed: until somebody says that it works,"
            " what needs it is not offered there."
        )
    elif fault.expected_end_at:
        text = _("%(equipment)s out of order until %(end)s: what needs it is not offered there before.")
    else:
        text = _("%(equipment)s out of order, nobody knows until when: what needs it is not offered there.")
    yield Gap(
        about=cabin.name,
        text=text % {"equipment": _labels(codes), "end": end_in_sentence(fault.expected_end_at)},
        label=_("See the fault"),
        link=reverse("fault", args=[fault.pk]),
    )


def _labels(codes: Iterable[str]) -> str:
    return ", ".join(str(Equipment(code).label) for code in codes)


# ---- services --------------------------------------------------------------------------------------


def services_step(commune: Commune, now: datetime) -> Step:
    services = list(commune.services.active())
    cabins = Cabin.objects.filter(site__commune=commune, site__is_active=True).not_retired(now)
    equipped = dict(cabins.values_list("pk", "equipment"))
    working = {pk: set(each) for pk, each in equipped.items()}
    for fault in _withdrawing(commune):
        if fault.cabin_id is not None:
            working.get(fault.cabin_id, set()).difference_update(fault.withdraws)
    link, label = reverse("service-catalogue"), _("Choose in the list")
    gaps = []
    if not services:
        gaps.append(
            Gap(
                text=_("No service yet: without one, no appointment can be made."),
                label=label,
                link=link,
                weight=Weight.BLOCKS,
            )
        )
    for service in services if equipped else []:
        needed = set(service.equipment_needed)
        if not any(needed <= set(each) for each in equipped.values()):
            gaps.append(
                Gap(
                    about=service.name,
                    text=_("no cabin has what it needs (%(equipment)s). It is not offered.")
                    % {"equipment": _labels(service.equipment_needed)},
                    label=_("Change this service"),
                    link=reverse("service-edit", args=[service.pk]),
                )
            )
        elif not any(needed <= each for each in working.values()):
            gaps.append(
                Gap(
                    about=service.name,
                    text=_("what it needs (%(equipment)s) is out of order in each cabin that has it.")
                    % {"equipment": _labels(service.equipment_needed)},
                    label=_("See the faults"),
                    link=reverse("faults"),
                )
            )
    has = [_offered([each.name for each in services])] if services else []
    return Step(
        key=StepKey.SERVICES,
        title=_("Services"),
        has=has,
        gaps=gaps,
        label=_("See the services") if services else label,
        link=reverse("services") if services else link,
    )


def _offered(names: list[str]) -> str:
    """How many there are, and their names."""
    # Two of one name are two; each is said once.
    said = ", ".join(Counter(names))
    number = len(names)
    return ngettext("%(n)d chosen: %(names)s", "%(n)d chosen: %(names)s", number) % {
        "n": number,
        "names": said,
    }
