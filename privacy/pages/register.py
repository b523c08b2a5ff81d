"""The register of requests, for the manager: what is open and until when, what was answered, the proof."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.translation import gettext as _

from communes.models import Commune
from privacy.actions import may_be_reopened
from privacy.deadlines import SOON_DAYS
from privacy.enums import RequestState
from privacy.models import RightsRequest
from privacy.pages.proofs import proof_in_words
from privacy.pages.requests import ShownRequest

ON_A_PAGE = 50
CSV_HEAD = (
    "numero",
    "droit",
    "comment",
    "recue_le",
    "a_repondre_avant",
    "prolongee",
    "etat",
    "raison_du_refus",
    "notee_par",
    "close_le",
    "close_par",
    "preuve",
)
"""The names of its columns stay: somebody counts with them."""


@dataclass(frozen=True)
class RegisterRow:
    shown: ShownRequest
    now: datetime

    @property
    def row(self) -> RightsRequest:
        return self.shown.row

    @property
    def can_be_reopened(self) -> bool:
        return may_be_reopened(self.row, self.now)

    @property
    def proof(self) -> str:
        return proof_in_words(self.row.proof)


@dataclass(frozen=True)
class Register:
    rows: list[RegisterRow]
    page: Page[RightsRequest]
    late: int
    soon: int
    is_untouched: bool
    """No request has ever been written down."""


def read_register(
    commune: Commune, *, state: str = "", right: str = "", page: str = "1", now: datetime
) -> Register:
    """The open ones first, the next deadline at the top; then the answered ones, the latest first."""
    everything = RightsRequest.objects.filter(commune=commune)
    rows = in_order(everything)
    if state:
        rows = rows.filter(state=state)
    if right:
        rows = rows.filter(right=right)
    found = Paginator(rows, ON_A_PAGE).get_page(page)
    today = commune.local(now).date()
    return Register(
        [RegisterRow(ShownRequest(row, today), now) for row in found],
        found,
        late=count_due(commune, days=-1, now=now),
        soon=count_due(commune, days=SOON_DAYS, now=now),
        is_untouched=not everything.exists(),
    )


def in_order(rows: QuerySet[RightsRequest]) -> QuerySet[RightsRequest]:
    first = Case(When(state=RequestState.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    due = Case(When(state=RequestState.OPEN, then="due_on"))
    related = rows.select_related("commune", "resident", "opened_by", "closed_by")
    return related.order_by(first, due.asc(nulls_last=True), "-closed_at", "-pk")


def count_due(commune: Commune, *, days: int, now: datetime) -> int:
    """How many open requests are due within so many days; -1: how many are late."""
    limit = commune.local(now).date() + timedelta(days=days)
    return RightsRequest.objects.filter(commune=commune, state=RequestState.OPEN, due_on__lte=limit).count()


def csv_rows(commune: Commune) -> Iterator[list[str]]:
    """All requests without a name: the number of the row says which is which."""
    for row in in_order(RightsRequest.objects.filter(commune=commune)).iterator():
        closed = commune.local(row.closed_at).date().isoformat() if row.closed_at else ""
        yield [
            str(row.pk),
            row.get_right_display(),
            row.get_came_by_display(),
            row.asked_on.isoformat(),
            row.due_on.isoformat(),
            _("yes") if row.is_extended else _("no"),
            row.get_state_display(),
            row.get_refusal_display() if row.refusal else "",
            row.opened_by.short_name if row.opened_by else "",
            closed,
            row.closed_by.short_name if row.closed_by else "",
            proof_in_words(row.proof),
        ]
