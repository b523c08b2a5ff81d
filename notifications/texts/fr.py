"""French, the first language."""

from datetime import date, time

from core.french import town_hall
from notifications.enums import MessageKind
from notifications.texts.words import MessageLanguage

_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = ("janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


_FULL_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def day(on: date) -> str:
    return _day(on, _MONTHS)


def full_day(on: date) -> str:
    """« mardi 1er décembre »: for e-mails and calls."""
    return _day(on, _FULL_MONTHS)


def _day(on: date, months: tuple[str, ...]) -> str:
    number = "1er" if on.day == 1 else str(on.day)
    return f"{_DAYS[on.weekday()]} {number} {months[on.month - 1]}"


def mail_clock(at: time) -> str:
    """« 14 h 30 », « 9 h », with no-break spaces."""
    space = "\N{NO-BREAK SPACE}"
    return f"{at.hour}{space}h" + (f"{space}{at.minute:02d}" if at.minute else "")


def clock(at: time) -> str:
    return f"{at.hour}h{at.minute:02d}" if at.minute else f"{at.hour}h"


_NOT_YOU = (
    "Si ce n'est pas vous, appelez le {phone}.",
    "Pas vous ? Tél : {phone}.",
    "Si ce n'est pas vous, prévenez-nous.",
)
FRENCH = MessageLanguage(
    code="fr",
    day=day,
    time=clock,
    mail_day=full_day,
    mail_time=mail_clock,
    short_words={"RDV": "rendez-vous"},
    town_hall=town_hall,
    with_helper="{place}, avec {helper}",
    for_whom="{mairie}, pour {who}",
    changes_from=(
        "{mairie} : votre RDV du {was} est déplacé au {day} à {time}, {place}. {reply}",
        "{mairie} : RDV du {was} déplacé au {day} à {time}, {place}. {reply}",
        "{mairie} : RDV du {was} déplacé au {day} à {time}, {place}.",
    ),
    changes_from_to_contact=(
        "{mairie} : le RDV de votre proche du {was} est déplacé au {day} à {time}, {place}. {reply}",
        "{mairie} : le RDV de votre proche du {was} est déplacé au {day} à {time}, {place}.",
    ),
    texts={
        MessageKind.CONFIRMATION: (
            "{mairie} : vous avez rendez-vous {day} à {time}, {place}. {reply}",
            "{mairie} : RDV {day} à {time}, {place}. {reply}",
            "{mairie} : RDV {day} à {time}, {place}. Votre numéro : {number}. {reply}",
        ),
        MessageKind.REMINDER: (
            "{mairie} : nous vous attendons {day} à {time}, {place}. Votre numéro : {number}. {reply}",
            "{mairie} : rappel, RDV {day} à {time}, {place}. {reply}",
            "{mairie} : RDV {day} à {time}, {place}. {reply}",
        ),
        MessageKind.CHANGE: (
            "{mairie} : votre RDV est déplacé. Nouveau RDV {day} à {time}, {place}. {reply}",
            "{mairie} : nouveau RDV {day} à {time}, {place}. {reply}",
            "{mairie} : nouveau RDV {day} à {time}, {place}.",
        ),
        MessageKind.CANCELLATION: (
            "{mairie} : votre RDV du {day} à {time}, {place}, est annulé. Pour un autre RDV : {phone}.",
            "{mairie} : votre RDV du {day} à {time} est annulé. Pour un autre RDV : {phone}.",
            "{mairie} : le RDV du {day} à {time} est annulé. Tél : {phone}.",
        ),
        MessageKind.PHONE_CANCEL: (
            "{mairie} : votre RDV du {day} à {time} a été annulé depuis un autre téléphone que le vôtre. {reply}",
            "{mairie} : votre RDV du {day} à {time} a été annulé par téléphone. {reply}",
            "{mairie} : RDV du {day} à {time} annulé par téléphone. {reply}",
        ),
        MessageKind.MAINTAINED: (
            "{mairie} : contrairement à notre dernier message, votre RDV du {day} à {time}, {place}, a bien lieu. {reply}",
            "{mairie} : finalement, votre RDV du {day} à {time}, {place}, a bien lieu. {reply}",
            "{mairie} : le RDV du {day} à {time}, {place}, a bien lieu. {reply}",
            "{mairie} : le RDV du {day} à {time}, {place}, a bien lieu.",
        ),
        MessageKind.NOT_YOURS: (
            "{mairie} : erreur de notre part, le RDV du {day} à {time}, {place}, n'est pas pour vous. Ne venez pas. Tél : {phone}.",
            "{mairie} : erreur, le RDV du {day} à {time}, {place}, n'est pas pour vous. Tél : {phone}.",
            "{mairie} : erreur, le RDV du {day} à {time} n'est pas pour vous. Tél : {phone}.",
        ),
        MessageKind.LATE: (
            "{mairie} : votre RDV du {day} à {time}, {place}, commencera vers {until}. Veuillez nous excuser.",
            "{mairie} : votre RDV du {day} à {time}, {place}, commencera vers {until}.",
            "{mairie} : le RDV du {day} à {time} commencera vers {until}.",
        ),
        MessageKind.OFFER: (
            "{mairie} : un RDV se libère {day} à {time}, {place}. Avant {until}, {reply}",
            "{mairie} : RDV libre {day} à {time}, {place}. Avant {until}, {reply}",
            "{mairie} : RDV libre {day} à {time}. Avant {until}, {reply}",
        ),
        MessageKind.MISSED: (
            "{mairie} : nous vous attendions {day} à {time}. Pour un autre RDV, appelez le {phone}.",
            "{mairie} : pour un autre RDV, appelez le {phone}.",
        ),
        MessageKind.IMPOSSIBLE: (
            "Dire que le RDV du {day} à {time}, {place}, ne peut pas avoir lieu, et proposer un autre horaire.",
        ),
        MessageKind.CALL_BACK: (
            "{who} demande qu'un agent l'appelle au sujet du RDV du {day} à {time}, {place}.",
        ),
    },
    replies={
        MessageKind.CONFIRMATION: (
            "Répondez 1 si vous venez, 2 pour annuler.",
            "Répondez 1 (oui) ou 2 (non).",
        ),
        MessageKind.OFFER: (
            "répondez 1 (je le prends) ou 2 (non merci).",
            "répondez 1 (oui) ou 2 (non).",
        ),
        MessageKind.PHONE_CANCEL: _NOT_YOU,
    },
    no_replies={
        MessageKind.CONFIRMATION: ("Un empêchement ? Appelez le {phone}.", "Tél : {phone}."),
        MessageKind.OFFER: ("appelez le {phone}.", "appelez-nous."),
        MessageKind.PHONE_CANCEL: _NOT_YOU,
    },
    answers={
        "confirmed": "{mairie} : merci, nous vous attendons {day} à {time}, {place}.",
        "cancelled": "{mairie} : votre RDV du {day} à {time} est annulé, comme demandé. Pour un autre RDV : {phone}.",
        "accepted": "{mairie} : c'est noté, RDV {day} à {time}, {place}. Votre numéro : {number}.",
        "declined": "{mairie} : merci de votre réponse. Le RDV du {day} à {time} sera proposé à une autre personne.",
        "gone": "{mairie} : ce RDV n'est malheureusement plus libre. Pour un autre RDV : {phone}.",
        "gone_waits": "{mairie} : ce RDV n'est malheureusement plus libre. Vous gardez votre rang sur la liste d'attente. Tél : {phone}.",
        "asked_back": "{mairie} : pour le RDV du {day} à {time}, répondez seulement 1 (je viens) ou 2 (j'annule).",
        "asked_back_offer": "{mairie} : pour le RDV libre du {day} à {time}, répondez seulement 1 (je le prends) ou 2 (non merci).",
        "asked_which": "{mairie} : vous avez plusieurs RDV : {list}. Répondez 1 (je viens) ou 2 (j'annule), puis le numéro du RDV. Exemple : 1 {number}",
        "listed": "{number} {day} à {time}",
        "listed_elsewhere": "{number} {day} à {time} ({mairie})",
        "to_desk": "{mairie} : message bien reçu, un agent vous rappellera.",
        "too_late": "{mairie} : il est trop tard pour modifier ce RDV par SMS. Appelez le {phone}.",
        # START, not a French word: operators that took the STOP too end their block at that word only.
        "stopped": "{mairie} : c'est noté, vous ne recevrez plus de messages automatiques. Pour en recevoir de nouveau, répondez START.",
        "resumed": "{mairie} : c'est noté, vous recevrez de nouveau nos messages.",
        "help": "{mairie} : répondez 1 pour confirmer le RDV, 2 pour l'annuler, STOP pour ne plus rien recevoir. Tél : {phone}.",
        "help_offer": "{mairie} : répondez 1 pour prendre le RDV du {day} à {time}, 2 si vous n'en voulez pas. STOP pour ne plus rien recevoir. Tél : {phone}.",
    },
    subjects={
        MessageKind.CONFIRMATION: "Votre rendez-vous du {day} à {time}",
        MessageKind.REMINDER: "Rappel : rendez-vous {day} à {time}",
        MessageKind.CHANGE: "Votre rendez-vous est déplacé : {day} à {time}",
        MessageKind.CANCELLATION: "Votre rendez-vous du {day} à {time} est annulé",
        MessageKind.PHONE_CANCEL: "Votre rendez-vous du {day} à {time} a été annulé par téléphone",
        MessageKind.MAINTAINED: "Votre rendez-vous du {day} à {time} a bien lieu",
        MessageKind.NOT_YOURS: "Le rendez-vous du {day} à {time} n'est pas pour vous",
        MessageKind.LATE: "Votre rendez-vous du {day} à {time} commencera vers {until}",
        MessageKind.OFFER: "Un rendez-vous se libère {day} à {time}",
        MessageKind.MISSED: "Un autre rendez-vous ?",
        MessageKind.ANSWER: "{mairie}",
    },
    to_contact={
        MessageKind.CONFIRMATION: (
            "{mairie} : votre proche a rendez-vous {day} à {time}, {place}. {reply}",
            "{mairie} : votre proche a RDV {day} à {time}, {place}.",
        ),
        MessageKind.REMINDER: (
            "{mairie} : rappel, votre proche a rendez-vous {day} à {time}, {place}. {reply}",
            "{mairie} : rappel, votre proche a RDV {day} à {time}, {place}.",
        ),
        MessageKind.CHANGE: (
            "{mairie} : le RDV de votre proche est déplacé. Nouveau RDV {day} à {time}, {place}. {reply}",
            "{mairie} : nouveau RDV de votre proche : {day} à {time}, {place}.",
        ),
        MessageKind.CANCELLATION: (
            "{mairie} : le RDV de votre proche, prévu {day} à {time}, {place}, est annulé. Tél : {phone}.",
            "{mairie} : le RDV de votre proche, prévu {day} à {time}, est annulé.",
        ),
        MessageKind.MAINTAINED: (
            "{mairie} : finalement, le RDV de votre proche, prévu {day} à {time}, {place}, a bien lieu. {reply}",
            "{mairie} : finalement, le RDV de votre proche, prévu {day} à {time}, a bien lieu.",
        ),
        MessageKind.NOT_YOURS: (
            "{mairie} : erreur de notre part, le RDV du {day} à {time}, {place}, n'est pas pour votre proche. Tél : {phone}.",
            "{mairie} : erreur, le RDV du {day} à {time} n'est pas pour votre proche.",
        ),
        MessageKind.LATE: (
            "{mairie} : le RDV de votre proche, prévu {day} à {time}, {place}, commencera vers {until}.",
            "{mairie} : le RDV de votre proche, prévu {day} à {time}, commencera vers {until}.",
        ),
    },
)
