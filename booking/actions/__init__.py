"""The actions of `booking`: every change of an appointment or a resident goes through one of these."""

from booking.actions.altering import alter
from booking.actions.attendance import record_attendance, undo_came
from booking.actions.auto_close import close_unrecorded, end_forgotten
from booking.actions.base import is_same_person
from booking.actions.bookings import book, book_hold, hold
from booking.actions.change import confirm, edit, reschedule, restore
from booking.actions.closing import (
    close_days,
    destroy_contact_key,
    fold_records,
    forget_contacts,
    note_told,
)
from booking.actions.delays import announce_delay, clear_delay, forget_delays
from booking.actions.extending import Limit, extend, possible_extensions, session_limit
from booking.actions.giving import give_to
from booking.actions.grace import (
    AT_ONCE_WITHIN,
    cancel,
    cancel_with_grace,
    finish_cancelling,
    finish_due_cancellations,
    finish_rehearsed_cancellations,
    grace_ends,
)
from booking.actions.holds import lapse_holds, release_hold
from booking.actions.idempotency import Call, book_once, booked_before
from booking.actions.impossible import clear_impossible, mark_impossible, to_be_called
from booking.actions.keeping import book_kept, is_booked_for, keep_time, kept_already
from booking.actions.limiting import Limited, lift_limitation, limit_resident
from booking.actions.merging import merge_residents
from booking.actions.noting import may_be_noted, note_of, note_visit, noted_values, require_notable
from booking.actions.offers import is_offer_over, note_late_answer
from booking.actions.overlap import Accepted, visit_of, visits_at
from booking.actions.reassigning import Reassignment, reassign
from booking.actions.request import BookingRequest, minutes_for
from booking.actions.resident_undo import is_undoable, put_back_resident
from booking.actions.residents import (
    NewResident,
    PhoneInput,
    create_resident,
    edit_resident,
    leave_number,
    record_newcomer,
    recorded_before,
    unwritten_phones,
    update_resident,
)
from booking.actions.series import Failed, book_series, weekly
from booking.actions.unmet import Unmet, WantedDay, close_unmet, forget_unmet, note_unmet
from booking.actions.visit import (
    check_in,
    end_session,
    mark_no_show,
    say_coming,
    start_session,
    undo_check_in,
    undo_end,
    undo_no_show,
    undo_start,
)
from booking.actions.waiting import (
    WaitingRequest,
    free_now,
    join_waiting_list,
    leave_waiting_list,
    offer_freed_times,
)
from booking.actions.walk_in import start_walk_in

__all__ = [
    "AT_ONCE_WITHIN",
    "Accepted",
    "BookingRequest",
    "Call",
    "Failed",
    "Limit",
    "Limited",
    "NewResident",
    "PhoneInput",
    "Reassignment",
    "Unmet",
    "WaitingRequest",
    "WantedDay",
    "alter",
    "announce_delay",
    "book",
    "book_hold",
    "book_kept",
    "book_once",
    "book_series",
    "booked_before",
    "cancel",
    "cancel_with_grace",
    "check_in",
    "clear_delay",
    "clear_impossible",
    "close_days",
    "close_unmet",
    "close_unrecorded",
    "confirm",
    "create_resident",
    "destroy_contact_key",
    "edit",
    "edit_resident",
    "end_forgotten",
    "end_session",
    "extend",
    "finish_cancelling",
    "finish_due_cancellations",
    "finish_rehearsed_cancellations",
    "fold_records",
    "forget_contacts",
    "forget_delays",
    "forget_unmet",
    "free_now",
    "give_to",
    "grace_ends",
    "hold",
    "is_booked_for",
    "is_offer_over",
    "is_same_person",
    "is_undoable",
    "join_waiting_list",
    "keep_time",
    "kept_already",
    "lapse_holds",
    "leave_number",
    "leave_waiting_list",
    "lift_limitation",
    "limit_resident",
    "mark_impossible",
    "mark_no_show",
    "may_be_noted",
    "merge_residents",
    "minutes_for",
    "note_late_answer",
    "note_of",
    "note_told",
    "note_unmet",
    "note_visit",
    "noted_values",
    "offer_freed_times",
    "possible_extensions",
    "put_back_resident",
    "reassign",
    "record_attendance",
    "record_newcomer",
    "recorded_before",
    "release_hold",
    "require_notable",
    "reschedule",
    "restore",
    "say_coming",
    "session_limit",
    "start_session",
    "start_walk_in",
    "to_be_called",
    "undo_came",
    "undo_check_in",
    "undo_end",
    "undo_no_show",
    "undo_start",
    "unwritten_phones",
    "update_resident",
    "visit_of",
    "visits_at",
    "weekly",
]
