from django.utils.translation import gettext_lazy as _

from communes.errors import PermanenceError


class ShiftInvalid(PermanenceError):
    code = "shift_invalid"
    text = _("The end of the shift must come after its beginning.")


class ShiftOverlaps(PermanenceError):
    code = "shift_overlaps"
    http_status = 409
    text = _("This helper already has a shift at that time.")


class NotAHelper(PermanenceError):
    code = "not_a_helper"
    text = _("This person is not a helper of this commune.")


class ShiftGone(PermanenceError):
    code = "shift_gone"
    http_status = 409
    text = _("This shift has been removed in the meantime.")


class AbsenceInvalid(PermanenceError):
    code = "absence_invalid"
    text = _("The end of the absence must come after its beginning.")


class PatternInvalid(PermanenceError):
    code = "pattern_invalid"
    text = _("The usual week needs a day, and an end after its beginning.")


class NothingToUndo(PermanenceError):
    code = "nothing_to_undo"
    http_status = 409
    text = _("There is nothing to undo.")


class AlreadyAnswered(PermanenceError):
    code = "already_answered"
    http_status = 409
    text = _("This request has already been answered.")


class LastManager(PermanenceError):
    code = "last_manager"
    http_status = 409
    text = _("Nobody else manages this commune: give someone the role first.")


class WorksElsewhere(PermanenceError):
    code = "works_elsewhere"
    http_status = 409
    text = _("This person also works for another commune: whoever runs the installation must do this.")


class InvitationOver(PermanenceError):
    code = "invitation_over"
    http_status = 410
    text = _("This invitation is no longer valid: ask the person who sent it for another.")


class AlreadyMember(PermanenceError):
    code = "already_member"
    http_status = 409
    text = _("You already work for this commune.")


class NameTaken(PermanenceError):
    code = "name_taken"
    http_status = 409
    text = _("Someone already has this user name.")
