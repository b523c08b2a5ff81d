"""Kinds of data, as the record of processing names them: every column about a person belongs to one.

`of` names tables of the register, or single columns of them (`booking.Resident.email`), which come first.
"""

from dataclasses import dataclass

from privacy.register import RegisteredTable


@dataclass(frozen=True)
class Category:
    name: str
    of: str

    @property
    def members(self) -> set[str]:
        return set(self.of.split())


def _columns(table: str, names: str) -> str:
    return " ".join(f"{table}.{name}" for name in names.split())


RESIDENTS = (
    Category(
        "nom, prénom",
        _columns("booking.Resident", "first_name last_name search_name created_at form_key"),
    ),
    Category(
        "au choix : téléphones (à qui, à quelles heures), adresse électronique, adresse postale",
        "booking.ResidentPhone " + _columns("booking.Resident", "email postal_address reach_by"),
    ),
    Category(
        "au choix : année de naissance, langues, ce qui facilite la venue, préférence pour un numéro à "
        "l’écran",
        _columns("booking.Resident", "birth_year languages needs number_on_screen"),
    ),
    Category(
        "au choix : proche à prévenir (nom, lien, téléphone)",
        _columns("booking.Resident", "contact_name contact_relation contact_phone contact_is_told"),
    ),
    Category(
        "rendez-vous : lieu, date, démarche, résultat (un code), note de 200 caractères au plus sur ce "
        "qu’il faut "
        "préparer ou apporter",
        "booking.Appointment booking.VisitNote booking.IdempotencyRecord booking.VisitRecord",
    ),
    Category(
        "liste d’attente et demandes sans réponse",
        "booking.WaitingEntry booking.WaitingEntry_sites booking.WaitingOffer booking.UnmetRequest",
    ),
    Category(
        "journal des changements d’une fiche et d’un rendez-vous, avec leur raison (un code)",
        "booking.AppointmentEvent booking.ResidentChange",
    ),
    Category(
        "messages envoyés, réponses reçues, appels, accords",
        "notifications.Message notifications.InboundMessage notifications.CallClaim "
        "notifications.CallResult notifications.Consent notifications.WebhookReceipt",
    ),
    Category("numéros qui ne veulent plus de message (empreintes à clé)", "notifications.Suppression"),
    Category("empreintes à clé des personnes accueillies", "booking.ContactKey booking.VisitContact"),
    Category(
        "demandes d’exercice de droits, limitation, consultations de la fiche",
        "privacy.RightsRequest privacy.Consultation privacy.ErasedResident "
        + _columns("booking.Resident", "limited_at limited_for"),
    ),
)

AGENTS = (
    Category(
        "nom, identifiant, téléphone et adresse électronique professionnels s’il y en a, préférences",
        "agents.Agent agents.Invitation",
    ),
    Category("rôles, compétences", "agents.Membership agents.Membership_skills"),
    Category(
        "présences, semaine habituelle, retards",
        "agents.Shift agents.ShiftPattern agents.PatternDay agents.SetAsideShift booking.Delay "
        "planning.RotaPublication planning.HelperNews planning.CalendarFeed",
    ),
    Category(
        "absences (leur type, jamais leur motif), et un mot au responsable jusqu’à sa réponse",
        "agents.Absence agents.AbsenceRequest planning.ExternalCalendar planning.CalendarUpload "
        "planning.ExternalBusy",
    ),
    Category(
        "auteur de chaque changement, de chaque appel et de chaque consultation",
        "booking.Appointment booking.AppointmentEvent booking.ResidentChange notifications.Message "
        "notifications.CallClaim notifications.CallResult notifications.Consent notifications.CommuneText "
        "kiosk.Screen kiosk.ScreenCommand kiosk.HelpCall kiosk.WrongEntry kiosk.DigestSent "
        "communes.Incident communes.IncidentStep communes.SetupChange core.EditTrace "
        "privacy.RightsRequest privacy.RequestReminder privacy.Consultation privacy.ConsultationAlarm "
        "privacy.PurgeRun",
    ),
    Category(
        "connexions et échecs de connexion, adresses des ordinateurs sous forme hachée",
        "agents.FailedLogin agents.KnownAddress sessions.Session axes.AccessAttempt axes.AccessLog "
        "axes.AccessFailureLog",
    ),
)


def category_of(table: RegisteredTable, column: str, kinds: tuple[Category, ...]) -> list[Category]:
    """The categories to which this column belongs: one, if all is in order."""
    exact = [each for each in kinds if f"{table.name}.{column}" in each.members]
    return exact or [each for each in kinds if table.name in each.members]
