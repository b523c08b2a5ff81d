"""The writers of `notifications`, apart from the sweep."""

from notifications.actions.calls import no_answer, told, wrong_number
from notifications.actions.reports import report

__all__ = ["no_answer", "report", "told", "wrong_number"]
