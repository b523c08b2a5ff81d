"""The writers of `booking`: every change of an appointment or a resident goes through one of these."""

from booking.actions.bookings import book, book_hold, hold
from booking.actions.change import cancel, confirm, edit, reschedule, restore
from booking.actions.forgotten import end_forgotten
from booking.actions.holds import lapse_holds, release_hold
from booking.actions.placing import minutes_for
from booking.actions.purge import Purged, purge
from booking.actions.replacing import Move, reassign
from booking.actions.residents import PhoneInput, create_resident, merge_residents, update_resident
from booking.actions.series import Failed, book_hold_weekly, book_series, weekly
from booking.actions.visit import (
    check_in,
    end_session,
    mark_no_show,
    start_session,
    undo_check_in,
    undo_end,
    undo_no_show,
    undo_start,
)
from booking.actions.waiting import join_waiting_list, leave_waiting_list, offer_freed_times
from booking.actions.walk_in import extend, start_walk_in

__all__ = [
    "Failed",
    "Move",
    "PhoneInput",
    "Purged",
    "book",
    "book_hold",
    "book_hold_weekly",
    "book_series",
    "cancel",
    "check_in",
    "confirm",
    "create_resident",
    "edit",
    "end_forgotten",
    "end_session",
    "extend",
    "hold",
    "join_waiting_list",
    "lapse_holds",
    "leave_waiting_list",
    "mark_no_show",
    "merge_residents",
    "minutes_for",
    "offer_freed_times",
    "purge",
    "reassign",
    "release_hold",
    "reschedule",
    "restore",
    "start_session",
    "start_walk_in",
    "undo_check_in",
    "undo_end",
    "undo_no_show",
    "undo_start",
    "update_resident",
    "weekly",
]
