"""The writers of `notifications`, apart from the sweep."""

from notifications.actions.answers import ask_call_back, take_answer
from notifications.actions.calls import no_answer, told, wrong_number
from notifications.actions.forget import forget_strangers
from notifications.actions.inbound import receive
from notifications.actions.reports import report
from notifications.actions.wording import reset_text, save_settings, save_text

__all__ = [
    "ask_call_back",
    "forget_strangers",
    "no_answer",
    "receive",
    "report",
    "reset_text",
    "save_settings",
    "save_text",
    "take_answer",
    "told",
    "wrong_number",
]
