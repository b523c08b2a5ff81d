"""Whether a night's deletion may begin: it stops where something looks wrong, and deletes nothing at all.

A clock that is wrong by months would make everybody's time be over. So would a mistake in a rule, or in what
is stored. Both are seen before the first row goes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from communes.enums import SetupChangeKind
from communes.models import Commune
from core.edits import record_name
from privacy import over
from privacy.enums import RunState, RunTrouble
from privacy.models import PurgeRun
from privacy.periods import Period
from privacy.retention import RESIDENTS_PERIOD

FEW = 50
SHARE = 10
"""Fewer than FEW residents, or one in SHARE of them, are no reason to stop."""
SILENT_FOR = timedelta(days=8)
"""After a longer pause the clock may have jumped, or the machine was off: somebody says which."""


@dataclass(frozen=True, slots=True)
class Stop:
    why: RunTrouble
    due: int


def reason_to_stop(commune: Commune | None, now: datetime) -> Stop | None:
    last = last_done(commune, now)
    if last is not None and now - last.began_at > SILENT_FOR:
        return Stop(RunTrouble.CLOCK, unexpected(commune, now, since=None))
    due = unexpected(commune, now, since=last)
    return Stop(RunTrouble.MANY, due) if commune is not None and due > bound(commune) else None


def last_done(commune: Commune | None, now: datetime) -> PurgeRun | None:
    """The last run that came to its end. One of an instant still to come was made by a wrong clock."""
    done = PurgeRun.objects.filter(commune=commune, state=RunState.DONE, began_at__lte=now)
    return done.order_by("-began_at", "-pk").first()


def bound(commune: Commune) -> int:
    """So many residents may go in one night."""
    return max(FEW, over.RESIDENTS.kept(commune).count() // SHARE)


def unexpected(commune: Commune | None, now: datetime, *, since: PurgeRun | None) -> int:
    """How many residents would go that nobody was told of. A manager who chose a shorter retention since the
    last run was shown how many go because of it, and agreed: only those count that would go under the
    retention of before."""
    if commune is None:
        return 0
    months = max(RESIDENTS_PERIOD.months_in(commune), _months_before(commune, since))
    return over.RESIDENTS.over(commune, Period(months=months).limit(commune, now)).count()


def _months_before(commune: Commune, since: PurgeRun | None) -> int:
    """The longest retention that a manager's form has shortened since then; 0 where none did."""
    if since is None:
        return 0
    changes = commune.setup_changes.filter(
        record=record_name(commune), kind=SetupChangeKind.CHANGED, at__gt=since.began_at
    )
    name = RESIDENTS_PERIOD.setting
    found = [values[name][0] for values in changes.values_list("values", flat=True) if name in values]
    return max((months for months in found if isinstance(months, int)), default=0)
