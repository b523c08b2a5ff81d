"""The alarm of a night's deletion: that it stopped, or that its counts do not add up."""

from datetime import datetime

from django.conf import settings
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.mails import link_to, mail_text
from agents.models import Agent
from communes.models import Commune
from core.troubles import Trouble
from privacy.enums import RunState, RunTrouble
from privacy.models import PurgeRun

CODE = "purge_stopped"


def _latest(now: datetime) -> QuerySet[PurgeRun]:
    """The latest run with an outcome of each commune and of the installation. One of an instant still to come
    was made by a wrong clock."""
    ended = PurgeRun.objects.filter(began_at__lte=now).exclude(state=RunState.RUNNING)
    latest = ended.order_by().values("commune").annotate(latest=Max("pk")).values("latest")
    return PurgeRun.objects.filter(pk__in=latest).select_related("commune", "allowed_by")


def alarming_runs(now: datetime) -> QuerySet[PurgeRun]:
    """Runs that somebody should look at, one for a commune at most; one that goes well afterwards ends the
    alarm."""
    return _latest(now).filter(Q(state=RunState.STOPPED) | ~Q(why="")).order_by("pk")


def alarming_run(commune: Commune | None, now: datetime) -> PurgeRun | None:
    return alarming_runs(now).filter(commune=commune).first()


def words(run: PurgeRun) -> str:
    """What happened, in a sentence or two."""
    match run.why:
        case RunTrouble.CLOCK:
            return _(
                "Nothing old was deleted last night. The last deletion is more than a week ago: the clock of "
                "the machine may be wrong."
            )
        case RunTrouble.MANY:
            due = run.due or 0
            return ngettext(
                "Nothing was deleted last night: %(n)s resident would have gone. This is unusual.",
                "Nothing was deleted last night: %(n)s residents would have gone. This is unusual.",
                due,
            ) % {"n": due}
    return _("The counts of last night's deletion do not add up. Tell whoever runs the installation.")


def trouble(commune: Commune | None, now: datetime) -> Trouble | None:
    """For the pages of managers and for a monitor (`core/troubles.py`)."""
    if commune is None:
        return Trouble(CODE, "", "retention", "") if alarming_runs(now).exists() else None
    run = alarming_run(commune, now)
    return Trouble(CODE, words(run), "retention", _("Open « Conservation »")) if run else None


def mail_alarm(run: PurgeRun) -> int:
    """Write to the managers and technicians of the commune whose address is confirmed, and for the
    installation to all technicians; returns to how many. Nobody, where there is no mail server."""
    if not settings.SENDS_EMAIL:
        return 0
    found = Agent.objects.filter(is_active=True, email_confirmed=True).exclude(email="")
    roles = Q(memberships__is_technician=True)
    if run.commune is not None:
        roles = Q(memberships__commune=run.commune) & (roles | Q(memberships__is_manager=True))
    agents = list(found.filter(roles).order_by("pk").distinct())
    for agent in agents:
        context = {"agent": agent, "run": run, "words": words(run), "link": link_to("retention")}
        mail_text(agent.email, _("Permanence: old data were not deleted"), "privacy/mail_alarm.txt", context)
    return len(agents)
