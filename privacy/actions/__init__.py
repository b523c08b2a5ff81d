"""What agents do for the rights of residents: the only writers of this app."""

from privacy.actions.access import note_access_given
from privacy.actions.consultations import mail_alarms, raise_alarms, see_alarm
from privacy.actions.erasing import Erasing, erase, erase_again
from privacy.actions.limiting import lift, limit
from privacy.actions.reminding import remind, write_reminders
from privacy.actions.requests import (
    answered_now,
    close_request,
    extend_request,
    may_be_reopened,
    move_requests,
    note_correction,
    open_request,
    refuse_request,
    reopen_request,
)
from privacy.actions.withdrawing import withdraw

__all__ = [
    "Erasing",
    "answered_now",
    "close_request",
    "erase",
    "erase_again",
    "extend_request",
    "lift",
    "limit",
    "mail_alarms",
    "may_be_reopened",
    "move_requests",
    "note_access_given",
    "note_correction",
    "open_request",
    "raise_alarms",
    "refuse_request",
    "remind",
    "reopen_request",
    "see_alarm",
    "withdraw",
    "write_reminders",
]
