from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AbsenceKind(TextChoices):
    LEAVE = "leave", _("leave")
    TRAINING = "training", _("training")
    SICK = "sick", _("sick")
    OTHER = "other", _("other")
