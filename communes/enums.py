from collections.abc import Sequence
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

type Choices = Sequence[tuple[str, Any]]
"""What the `choices` function of a model field returns: codes and their labels."""


class Equipment(TextChoices):
    SCREEN = "screen", _("screen")
    SCANNER = "scanner", _("scanner")
    PRINTER = "printer", _("printer")
    VIDEO = "video", _("video link")
    MEDICAL_KIT = "medical_kit", _("medical kit")


class HelperPolicy(TextChoices):
    """Whether a digital helper takes part in a service."""

    REQUIRED = "required", _("always with a helper")
    OPTIONAL = "optional", _("with or without a helper")
    NONE = "none", _("without a helper")


class Booker(TextChoices):
    """Who may book a service."""

    EVERYONE = "everyone", _("everyone")
    DESK = "desk", _("the desk only")


class ClosureReason(TextChoices):
    HOLIDAY = "holiday", _("public holiday")
    WORKS = "works", _("works")
    STAFF = "staff", _("no staff")
    EVENT = "event", _("event")
    OTHER = "other", _("other")


class Accessibility(TextChoices):
    STEP_FREE = "step_free", _("step-free access")
    WIDE_DOOR = "wide_door", _("wide door")
    HEARING_LOOP = "hearing_loop", _("hearing loop")
    ADAPTED_TOILETS = "adapted_toilets", _("adapted toilets")
    PARKING = "parking", _("reserved parking")


class WheelchairAccess(TextChoices):
    """Whether somebody in a wheelchair can use a place or a cabin. Of a cabin, unknown: as its place."""

    YES = "yes", _("yes")
    NO = "no", _("no")
    UNKNOWN = "unknown", _("not known")


class Theme(TextChoices):
    """Themes of support as the national platform for digital mediators counts them."""

    DIAGNOSTIC = "diagnostic_numerique", _("digital assessment")
    HARDWARE = "prendre_en_main_du_materiel", _("getting started with equipment")
    HARDWARE_CARE = "maintenance_de_materiel", _("care of equipment")
    CONTENT = "gerer_ses_contenus_numeriques", _("managing digital content")
    INTERNET = "navigation_sur_internet", _("browsing the internet")
    EMAIL = "email", pgettext_lazy("message", "e-mail")
    OFFICE = "bureautique", _("office software")
    SOCIAL_NETWORKS = "reseaux_sociaux", _("social networks")
    HEALTH = "sante", _("health")
    BANKING = "banque_et_achats_en_ligne", _("online banking and shopping")
    BUSINESS = "entrepreneuriat", _("running a business")
    JOB_SEARCH = "insertion_professionnelle", _("finding work")
    SAFETY = "securite_numerique", _("digital safety")
    PARENTING = "parentalite", _("parenting")
    SCHOOL = "scolarite_et_numerique", _("school and digital tools")
    CREATION = "creer_avec_le_numerique", _("creating with digital tools")
    CULTURE = "culture_numerique", _("digital culture")
    AI = "intelligence_artificielle", _("artificial intelligence")
    PROCEDURES = "aide_aux_demarches_administratives", _("help with procedures")
    PAPERS = "papiers_elections_citoyennete", _("papers, elections, citizenship")
    FAMILY = "famille_scolarite", _("family, schooling")
    SOCIAL_HEALTH = "social_sante", _("social care, health")
    WORK = "travail_formation", _("work, training")
    HOUSING = "logement", _("housing")
    TRANSPORT = "transports_mobilite", _("transport, mobility")
    MONEY = "argent_impots", _("money, taxes")
    JUSTICE = "justice", _("justice")
    FOREIGNERS = "etrangers_europe", _("foreigners, Europe")
    LEISURE = "loisirs_sports_culture", _("leisure, sports, culture")
    ASSOCIATIONS = "associations", _("associations")
