"""The roles that an agent may have in a commune."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    DESK = "desk", _("desk")
    HELPER = "helper", _("helper")
    MANAGER = "manager", _("manager")
    TECHNICIAN = "technician", _("technician")
    ELECTED = "elected", _("elected official")


WITH_RESIDENTS = frozenset({Role.DESK, Role.HELPER, Role.MANAGER})
"""The roles whose pages show residents. A technician sees screens and faults, and nobody's name."""

TOLD_OF_FAULTS = frozenset({Role.MANAGER, Role.TECHNICIAN})
"""Who hears of the faults of cabins and screens."""

WORKING = WITH_RESIDENTS | {Role.TECHNICIAN}
"""The roles of those who work with cabins and screens. An elected official reads what is published of visits,
and opens no other page than that and their own account."""
