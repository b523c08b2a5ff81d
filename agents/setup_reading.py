"""What is there, and what is missing, of a commune's team and of its usual weeks."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Membership, Shift, ShiftPattern, current
from communes.enums import HelperPolicy
from communes.models import Commune, Service
from communes.setup_steps import Gap, Step, StepKey, Weight
from core import clock

WEEKS = 8
"""How far ahead shifts are looked for: as far as the first possible time is."""


def team_step(commune: Commune, now: datetime) -> Step:
    members = _members(commune)
    helped = list(commune.services.active().exclude(helper_policy=HelperPolicy.NONE))
    has = [
        _("%(name)s: %(roles)s") % {"name": each.agent, "roles": ", ".join(each.role_labels)}
        for each in members
    ]
    gaps = [*_desk_gaps(members), *_helper_gaps(members, helped), *_skill_gaps(members, helped)]
    return Step(
        key=StepKey.TEAM,
        title=_("Team and skills"),
        has=has,
        gaps=gaps,
        label=_("See the accounts"),
        link=reverse("accounts"),
    )


def _members(commune: Commune) -> list[Membership]:
    rows = commune.memberships.filter(agent__is_active=True).select_related("agent", "commune")
    return current(rows.prefetch_related("skills"), clock.now)


def _new_helper() -> str:
    """The form of a new account, with the role ticked."""
    return reverse("account-new", query={"role": "helper"})


def _desk_gaps(members: list[Membership]) -> Iterator[Gap]:
    if not any(each.is_desk for each in members):
        yield Gap(
            text=_("Nobody at the desk: who answers the phone? Until then, managers book."),
            label=_("Add somebody"),
            link=reverse("account-new", query={"role": "desk"}),
        )


def _helper_gaps(members: list[Membership], helped: list[Service]) -> Iterator[Gap]:
    if not helped or any(each.is_helper for each in members):
        return
    always = [each for each in helped if each.helper_policy == HelperPolicy.REQUIRED]
    text = _("No helper: residents come alone, nobody assists them.")
    if always:
        names = ", ".join(each.name for each in always)
        text = ngettext(
            "No helper: %(n)d service always takes place with one, and is not offered (%(names)s).",
            "No helper: %(n)d services always take place with one, and are not offered (%(names)s).",
            len(always),
        ) % {"n": len(always), "names": names}
    yield Gap(text=text, label=_("Add a helper"), link=_new_helper())


def _skill_gaps(members: list[Membership], helped: list[Service]) -> Iterator[Gap]:
    helpers = [each for each in members if each.is_helper]
    known = {skill.pk for each in helpers for skill in each.skills.all()}
    lacking = [each for each in helped if each.pk not in known] if helpers else []
    if lacking:
        yield Gap(
            text=ngettext(
                "No helper has the skill for %(n)d service: nobody assists with it (%(names)s).",
                "No helper has the skill for %(n)d services: nobody assists with them (%(names)s).",
                len(lacking),
            )
            % {"n": len(lacking), "names": ", ".join(each.name for each in lacking)},
            label=_("Choose who helps with what"),
            link=reverse("accounts"),
        )


# ---- usual weeks -----------------------------------------------------------------------------------


def weeks_step(commune: Commune, now: datetime) -> Step:
    """Whether each helper is on duty in the weeks that are offered."""
    helpers = [each for each in _members(commune) if each.is_helper]
    ids = [each.agent_id for each in helpers]
    sites = {"agent__in": ids, "site__commune": commune, "site__is_active": True}
    coming = Shift.objects.overlapping(now, now + timedelta(weeks=WEEKS)).filter(**sites)
    on_duty = set(coming.values_list("agent_id", flat=True))
    usual = set(ShiftPattern.objects.filter(**sites).values_list("agent_id", flat=True))
    gaps = [
        _week_gap(each, has_week=each.agent_id in usual) for each in helpers if each.agent_id not in on_duty
    ]
    names = ", ".join(str(each.agent) for each in helpers if each.agent_id in on_duty)
    has = [_("On duty in the coming weeks: %(names)s") % {"names": names}] if names else []
    if not helpers:
        text = _("No helper to plan. Without shifts, no appointment with a helper is offered.")
        policies = set(commune.services.active().order_by().values_list("helper_policy", flat=True))
        weight = Weight.NOTE if policies == {HelperPolicy.NONE} else Weight.PART
        gaps = [Gap(text=text, label=_("Add a helper"), link=_new_helper(), weight=weight)]
    return Step(
        key=StepKey.WEEKS,
        title=_("Usual weeks"),
        has=has,
        gaps=gaps,
        label=_("See the usual weeks"),
        link=reverse("patterns"),
    )


def _week_gap(member: Membership, *, has_week: bool) -> Gap:
    name = str(member.agent)
    if has_week:
        return Gap(
            about=name,
            text=_(
                "the usual week is written, but not published: no appointment with this person is offered."
            ),
            label=_("Publish"),
            link=reverse("patterns"),
        )
    return Gap(
        about=name,
        text=_("no usual week: no appointment with this person is offered."),
        label=_("Enter the usual week"),
        link=reverse("usual-week", args=[member.agent_id]),
    )
