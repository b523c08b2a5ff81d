"""Everything that writes to the tables of `notifications`, except the sweep."""

from notifications.actions.answers import ask_call_back, take_answer
from notifications.actions.call_cancel import cancel_on_the_phone, undo_cancelling
from notifications.actions.call_claims import claim_call, release_call
from notifications.actions.calls import (
    decline_offer,
    no_answer,
    no_more_messages,
    note_told,
    take_offer,
    undo_result,
    wants_to_think,
    wrong_number,
)
from notifications.actions.commune_settings import can_be_put_back, put_back, save_settings
from notifications.actions.deliveries import refused, report
from notifications.actions.erasures import erase_at_providers, note_before_deletion, plan_erasures
from notifications.actions.forget import forget_call_results, forget_receipts, forget_received, forget_sent
from notifications.actions.inbound import receive
from notifications.actions.phone_line import is_guessing, note_call, note_outcome, note_wrong_number
from notifications.actions.suppressions import lift, move_to_present_key, note_consent, suppress
from notifications.actions.test_message import send_test
from notifications.actions.wording import reset_text, save_text

__all__ = [
    "ask_call_back",
    "can_be_put_back",
    "cancel_on_the_phone",
    "claim_call",
    "decline_offer",
    "erase_at_providers",
    "forget_call_results",
    "forget_receipts",
    "forget_received",
    "forget_sent",
    "is_guessing",
    "lift",
    "move_to_present_key",
    "no_answer",
    "no_more_messages",
    "note_before_deletion",
    "note_call",
    "note_consent",
    "note_outcome",
    "note_told",
    "note_wrong_number",
    "plan_erasures",
    "put_back",
    "receive",
    "refused",
    "release_call",
    "report",
    "reset_text",
    "save_settings",
    "save_text",
    "send_test",
    "suppress",
    "take_answer",
    "take_offer",
    "undo_cancelling",
    "undo_result",
    "wants_to_think",
    "wrong_number",
]
