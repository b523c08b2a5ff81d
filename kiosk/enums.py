from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Face(TextChoices):
    """The answer to « Avez-vous pu faire votre démarche ? »."""

    YES = "yes", _("yes")
    PARTLY = "partly", _("partly")
    NO = "no", _("no")


class ScreenColours(TextChoices):
    """The colours of a screen: which are easy to read depends on the light around it."""

    DARK = "dark", _("dark")
    LIGHT = "light", _("light")
    CONTRAST = "contrast", _("high contrast")


class CommandKind(TextChoices):
    """What agents do to a screen."""

    RELOAD = "reload", _("reload the page")
    IDENTIFY = "identify", _("show its name")
    SOUND = "sound", _("test the sound")
    MESSAGE = "message", _("maintenance message")
    PAIRED = "paired", _("paired")
    CHANGED = "changed", _("changed")
    REPLACED = "replaced", _("device replaced")
    REVOKED = "revoked", _("revoked")


TO_SCREEN = (CommandKind.RELOAD, CommandKind.IDENTIFY, CommandKind.SOUND, CommandKind.MESSAGE)
"""What its page carries out; the server does the others."""
