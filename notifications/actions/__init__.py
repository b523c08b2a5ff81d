"""The writers of `notifications`, apart from the sweep."""

from notifications.actions.calls import no_answer, told, wrong_number
from notifications.actions.forget import forget_strangers
from notifications.actions.reports import report

__all__ = ["forget_strangers", "no_answer", "report", "told", "wrong_number"]
