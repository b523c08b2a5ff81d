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
