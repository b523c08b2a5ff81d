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

    def attended(self, wished: bool) -> bool:
        """Whether a helper takes part: the policy has the last word over what was asked."""
        return self is HelperPolicy.REQUIRED or (wished and self is HelperPolicy.OPTIONAL)


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


class RoomFor(TextChoices):
    """Who else gets into a cabin, as people ask before they come."""

    TWO = "two", _("two people, with a helper")
    PUSHCHAIR = "pushchair", _("a pushchair")


class SetupChangeKind(TextChoices):
    """What a manager did to the settings, a place, a cabin or a service."""

    CREATED = "created", _("added")
    CHANGED = "changed", _("changed")
    RETIRED = "retired", _("retired")
    RESUMED = "resumed", _("back in use")
    OUT_OF_ORDER = "out_of_order", _("out of order")
    IN_ORDER = "in_order", _("in order again")
    CLOSED = "closed", _("closed")
    REOPENED = "reopened", _("closure lifted")
    DELETED = "deleted", _("deleted")
    PUT_BACK = "put_back", _("put back")


class Pictogram(TextChoices):
    """Drawings of static/vendor/lucide that a service may have; screens keep them (kiosk/pictograms.py)."""

    USERS = "users", _("a family")
    HEART = "heart-pulse", _("a heart")
    STETHOSCOPE = "stethoscope", _("a stethoscope")
    HANDSHAKE = "handshake", _("a handshake")
    BRIEFCASE = "briefcase-business", _("a briefcase")
    ID_CARD = "id-card", _("an identity card")
    FILE = "file-text", _("a sheet of paper")
    CLIPBOARD = "clipboard-check", _("a list with ticks")
    FOLDER = "folder", _("a folder")
    EURO = "euro", _("a euro")
    CREDIT_CARD = "credit-card", _("a bank card")
    HOUSE = "house", _("a house")
    BUS = "bus", _("a bus")
    SCALE = "scale", _("scales")
    LANGUAGES = "languages", _("two languages")
    SCHOOL = "school", _("a school")
    BABY = "baby", _("a baby")
    MAIL = "mail", _("a letter")
    GLOBE = "globe", _("a globe")
    MONITOR = "monitor", _("a monitor")
    SMARTPHONE = "smartphone", _("a smartphone")
    WRENCH = "wrench", _("a wrench")
    SHIELD = "shield", _("a shield")
    MESSAGE = "message-circle", _("a speech bubble")
    STORE = "store", _("a shop")
    TICKET = "ticket", _("a ticket")
    PALETTE = "palette", _("a palette")
    BRAIN = "brain", _("a brain")


class IncidentKind(TextChoices):
    """What is wrong with a cabin."""

    SCREEN = "screen", _("the screen")
    SCANNER = "scanner", _("the scanner")
    PRINTER = "printer", _("the printer")
    VIDEO = "video", _("the video link")
    KIT = "kit", _("the medical kit")
    DOOR = "door", _("the door")
    CLEANLINESS = "cleanliness", _("the cleanliness")
    OFFLINE = "offline", _("the screen does not answer")


class IncidentStepKind(TextChoices):
    """What was done about a fault."""

    REPORTED = "reported", _("reported")
    TAKEN = "taken", _("somebody takes care of it")
    CONFIRMED = "confirmed", pgettext_lazy("fault", "confirmed")
    END_CHANGED = "end_changed", _("expected end changed")
    CLOSED = "closed", _("in order again")
    DISMISSED = "dismissed", _("nothing was wrong")


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
