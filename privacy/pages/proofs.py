"""What was done for a request, in words: how much was shown, changed or deleted; never what."""

from collections.abc import Iterator, Mapping
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.times import day_month_year
from privacy.enums import ComingVisits, Consent, ErasureReason

type Proof = Mapping[str, object]


def proof_in_words(proof: Proof) -> str:
    """What the actions note in `RightsRequest.proof`; "" where nothing was noted."""
    return ", ".join((*_changed(proof), *_withdrawn(proof), *_limited(proof), *_erased(proof)))


def _changed(proof: Proof) -> Iterator[str]:
    if shown := _total(proof.get("shown")):
        yield ngettext("%(n)s entry handed over", "%(n)s entries handed over", shown) % {"n": shown}
    if values := _total(proof.get("corrected")):
        yield ngettext("%(n)s value corrected", "%(n)s values corrected", values) % {"n": values}


def _withdrawn(proof: Proof) -> Iterator[str]:
    if proof.get("what") in Consent.values:
        yield _("withdrawn: %(what)s") % {"what": Consent(str(proof["what"])).label}
    if numbers := _total(proof.get("numbers")):
        said = ngettext("%(n)s number no longer called", "%(n)s numbers no longer called", numbers)
        yield said % {"n": numbers}
    if waiting := _total(proof.get("waiting")):
        yield ngettext("%(n)s message stopped", "%(n)s messages stopped", waiting) % {"n": waiting}
    if deleted := _total(proof.get("deleted")):
        yield ngettext("%(n)s entry deleted", "%(n)s entries deleted", deleted) % {"n": deleted}
    if notes := _total(proof.get("notes")):
        yield ngettext("%(n)s note emptied", "%(n)s notes emptied", notes) % {"n": notes}


def _limited(proof: Proof) -> Iterator[str]:
    if cancelled := _total(proof.get("cancelled")):
        said = ngettext("%(n)s appointment cancelled", "%(n)s appointments cancelled", cancelled)
        yield said % {"n": cancelled}
    if kept := _total(proof.get("kept")):
        yield ngettext("%(n)s appointment kept", "%(n)s appointments kept", kept) % {"n": kept}
    if back := _total(proof.get("given_back")):
        yield ngettext("%(n)s held time given back", "%(n)s held times given back", back) % {"n": back}
    if on := proof.get("lifted_on"):
        day = day_month_year(date.fromisoformat(str(on)))
        yield _("limitation lifted on %(day)s, the person was told") % {"day": day}


def _erased(proof: Proof) -> Iterator[str]:
    if proof.get("reason") in ErasureReason.values:
        yield _("reason: %(why)s") % {"why": ErasureReason(str(proof["reason"])).label}
    if rows := _total(proof.get("rows")):
        yield ngettext("%(n)s entry deleted", "%(n)s entries deleted", rows) % {"n": rows}
    if proof.get("coming") == ComingVisits.CANCEL:
        yield _("coming appointments cancelled")


def _total(counts: object) -> int:
    if isinstance(counts, Mapping):
        return sum(_total(each) for each in counts.values())
    return counts if isinstance(counts, int) and not isinstance(counts, bool) else 0
