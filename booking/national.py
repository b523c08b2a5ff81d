"""The lists of the national platform for digital mediators, with its codes: what is noted of a session, and
how its list of activities says where and how long. Themes are `communes.enums.Theme`. Pure."""

from collections.abc import Iterable

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from communes.enums import Theme


class Material(TextChoices):
    """« matériel »: what was used."""

    COMPUTER = "ordinateur", _("computer")
    PHONE = "telephone", _("phone")
    TABLET = "tablette", _("tablet")
    OTHER = "autre", pgettext_lazy("material", "something else")
    NOTHING = "aucun", pgettext_lazy("material", "no equipment")


class Autonomy(TextChoices):
    """« autonomie »: how much help the person needed."""

    HELPED = "entierement_accompagne", _("helped all along")
    PARTLY = "partiellement_autonome", _("partly on their own")
    ALONE = "autonome", _("on their own all along")


class Orientation(TextChoices):
    """« orientation »: where the person was sent on to."""

    ADMINISTRATION = "administration", _("an administration")
    MEDIATION = "mediation_numerique", _("another place of digital help")
    OPERATOR = "operateur_ou_organisme_en_charge", _("the body in charge of the matter")
    SOCIAL_AID = "aide_sociale", _("social services")
    JOB_SEARCH = "insertion_professionnelle", _("help to find work")
    PROCEDURES = "aide_aux_demarches_administratives", _("help with procedures")
    OTHER = "autre", pgettext_lazy("orientation", "somewhere else")


class ActivityType(TextChoices):
    """« type »: of a session in a cabin, always the first."""

    INDIVIDUAL = "individuel", _("individual")


class PlaceKind(TextChoices):
    """« type_lieu », the column « Canaux »: of a session in a cabin, always the place of work."""

    PLACE = "lieu_activite", _("at the place of work")


class Length(TextChoices):
    """« duree »: its four classes, by the minutes from which each begins."""

    UNDER_30 = "0-30", _("less than 30 min")
    UNDER_60 = "30-60", _("30 min to 1 h")
    UNDER_120 = "60-120", _("1 h to 2 h")
    LONGER = "120+", _("2 h or more")


def length_class(minutes: int) -> Length:
    """The class of so many minutes: 30 are in the second, 60 in the third, 120 in the last."""
    return next(
        (each for most, each in zip((30, 60, 120), Length, strict=False) if minutes < most), Length.LONGER
    )


def in_list_order(codes: Iterable[str], known: type[TextChoices]) -> list[str]:
    """The known ones, each once, in the order of the list: two notes that say the same are equal."""
    chosen = set(codes)
    return [code for code in known.values if code in chosen]


SEVERAL: dict[str, type[TextChoices]] = {
    "themes": Theme,
    "equipment_used": Material,
    "orientation": Orientation,
}
"""What a note may say several of, with its list."""
