from django.utils.translation import gettext_lazy as _

from core.errors import PermanenceError


class LastManager(PermanenceError):
    code = "last_manager"
    http_status = 409
    text = _("Nobody else manages this commune and stays: give someone the role first.")


class LastDayPast(PermanenceError):
    code = "last_day_past"
    text = _("Choose today or a later day.")


class NotLeaving(PermanenceError):
    code = "not_leaving"
    http_status = 409
    text = _("This person does not leave, or has left already: look at the accounts again.")


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


class RoleMissing(PermanenceError):
    code = "role_missing"
    text = _("Give at least one role.")
