"""When a text message means « no more messages », or « messages again ». Pure.

A message is a STOP only as a whole: one of the forms below, with nothing around it but courtesy, anger, and
names of what we send. So « arrêtez de m'envoyer des messages » is one, « le bus s'arrête où » is not, nor is
« arrêtez de m'envoyer des messages en double »: whatever else is said is asked back and read by a human.
All texts here are as `replies.fold` makes them: no accents, no case, no punctuation.
"""

import re


def _any(*forms: str) -> str:
    """A pattern that matches one of these."""
    return f"(?:{'|'.join(forms)})"


# ---- what we send, and what we are asked not to do ---------------------------------------------------

_THING = _any(
    "messages?|msgs?|sms|textos?|txt|mails?|e mails?|emails?|rappels?|notifs?|notifications?",
    "appels?|alertes?|pubs?|publicites?|spams?|harcelement|envois?",
)
_ARTICLE = _any("de|d|des|vos|tes|les|ces|ce|cet|cette|l|le|la|votre|mes|tous|toutes|tout|aux|au|a")
_WHAT = rf"(?:(?:{_ARTICLE} )*{_THING}(?: sms| automatiques?| texte)?)"
_ME = r"(?:(?:m|me|nous) )"
_DO = _any(
    "envoyer|ecrire|contacter|deranger|harceler|spammer|relancer|embeter|importuner|appeler|rappeler",
    "solliciter|bombarder|saouler|emmerder|texter",
)
_YOU_DO = _any(
    "envoyez|envoie|envoyer|ecrivez|ecrit|ecris|ecrire|contactez|contacte|contacter|derangez|deranger",
    "harcelez|appelez|appeler|rappelez|relancez|relancer|embetez",
)
_END = _any(
    "st+o+p+|stops|stoper|stopper|stoppez|stopez|arr?et+ez?|arr?et+er|arr?et+|arretes|cessez|cesser",
    "stop ?sms|stop ?all|stop ?pub|s t o p",
)
_LEAVE = _any(
    "(?:(?:me|m|se|s) )?(?:desabonner|desinscrire|desinscrir|desincrire)",
    "(?:desabonnez|desinscrivez|desincrivez)(?: moi)?",
    "desabonnements?|desinscriptions?|desincription",
)
_WISH = _any("veux|veut|voudrais|souhaite|souhaiterais|desire|demande|aimerais")
_NO_MORE = _any(
    rf"(?:je |j )?(?:ne |n )?{_WISH} (?:ne )?plus (?:rien )?",
    r"(?:je )?(?:ne |n )?(?:veux|veut|souhaite) pas ",
    r"(?:de )?ne plus ",
    r"plus ",
)

# ---- the forms of a STOP -----------------------------------------------------------------------------

_FRENCH = (
    # « stop », « stop aux sms », « arrêtez les messages »
    rf"{_END}(?: {_END})*(?: (?:tout|ca|cela|{_WHAT}))?",
    # « arrêtez de m'envoyer des messages », « cessez de m'écrire »
    rf"{_END} (?:de |d )?{_ME}?{_DO}(?: (?:tout|ca|cela|{_WHAT}))?",
    # « désinscription », « je veux me désabonner de vos messages »
    rf"(?:(?:je )?{_WISH} (?:(?:a|ma|mon|la|le) )?)?{_LEAVE}(?: {_WHAT})?",
    # « ne m'envoyez plus de messages », « ne me contactez plus », « ne plus m'écrire »
    rf"(?:ne |n )?{_ME}?{_YOU_DO} (?:moi )?plus(?: rien| jamais)?(?: {_WHAT})?",
    rf"(?:ne |n )?{_ME}?(?:envoyez|envoyer) pas {_WHAT}",
    rf"(?:de )?ne (?:plus|pas) {_ME}?{_DO}(?: {_WHAT})?",
    # « je ne veux plus de messages », « plus de sms », « je ne souhaite plus être contacté »
    rf"{_NO_MORE}(?:recevoir |avoir )?{_WHAT}",
    rf"{_NO_MORE}(?:rien )?recevoir(?: rien)?",
    rf"{_NO_MORE}etre (?:contacte|derange|appele|rappele|sollicite|importune|harcele)e?s?",
    # « laissez-moi tranquille »
    r"(?:laissez|laisse|foutez|fichez|foutre) (?:moi|nous) (?:tranquilles?|la paix|en paix)",
    r"(?:lachez|lache) moi(?: la grappe)?",
)
_ENGLISH = (
    r"stop (?:texting|messaging|calling|contacting|bothering|spamming|harassing)(?: me| us)?",
    r"stop (?:sending )?(?:me )?(?:(?:these|those|your|the|any|all) )?(?:texts|text messages|messages|calls)",
    r"(?:do not|don t|dont|never) (?:text|message|call|contact|write)(?: to)?(?: me| us)?"
    r"(?: again| any ?more)?",
    r"no more (?:texts|text messages|messages|calls|sms)",
    r"leave me alone|opt ?out|unsubscribe(?: me)?|stopall|end|quit",
)
_MESSAGES_AR = r"(?:ال)?رسا[يئ]ل"
# « Stop », « stop the messages », « end of the subscription », « I want no messages »
_ARABIC = (
    rf"(?:توقف|توقفوا|وقف|ايقاف|اوقفوا|اوقف|قف)(?: (?:ارسال )?{_MESSAGES_AR})?",
    rf"الغاء الاشتراك|لا اريد (?:اي )?{_MESSAGES_AR}|لا ترسلوا(?: لي)?(?: (?:اي )?{_MESSAGES_AR})?",
)
_CORE = _any(*_FRENCH, *_ENGLISH, *_ARABIC)

# ---- what may stand around it ------------------------------------------------------------------------

_BEFORE = _any(
    "bonjour|bonsoir|bjr|bsr|salut|hello|hi|madame|monsieur|mr|mme|merci|please|svp|stp|bon|alors",
    "maintenant|mtn|ca suffit|y en a marre|marre|j en ai marre|oh|hey|mais|de|d|il faut|faut",
    "je vous (?:demande|prie|ai dit|ai deja dit)|je (?:demande|veux|voudrais)|veuillez|voulez vous",
    "pouvez vous|pourriez vous|vous pouvez|peux tu|s il vous plait|s il te plait|can you|could you|just",
)
_AFTER = _any(
    "svp|stp|merci|merci d avance|please|thanks|thank you|s il vous plait|s il te plait|bonjour",
    "cordialement|cdt|bonne journee|bonne soiree|madame|monsieur|maintenant|mtn|immediatement",
    "tout de suite|definitivement|desormais|ca suffit|c est tout|y en a marre|j en ai marre|marre|enfin",
    "tout|tous|de votre part|de la mairie|a ce numero|au harcelement|laissez moi tranquille|now|at once",
    "sur (?:ce|mon) (?:numero|telephone|tel|portable|mobile)|(?:au )?[3-8][0-9]{4}",
    "je (?:ne )?suis pas interessee?|sinon je porte plainte",
)
_DECLINES = (
    r"(?:(?:non|annulez|annuler|annule|j annule"
    r"|je (?:ne )?(?:viens|viendrai|viendrais|peux) (?:pas|plus)(?: venir)?)"
    r"(?: tout| (?:mon|le|ce) (?:rdv|rendez vous))?)"
)
_LISTS = r"(?:listes?|fichiers?|contacts?|bases?|repertoire)(?: d envoi| de diffusion)?"
_ERASE = (
    r"(?:supprimez|supprimer|effacez|effacer|enlevez|enlever|retirez|retirer|oubliez)"
    rf"(?: moi de (?:vos|votre) {_LISTS}"
    rf"| (?:mon numero|mes coordonnees)(?: (?:de|dans) (?:vos|votre|la|ces|ce) {_LISTS})?)"
)

_STOP = re.compile(rf"(?:{_BEFORE} )*{_CORE}(?: {_AFTER})*")
_STOP_AND_MORE = re.compile(
    rf"(?:{_BEFORE} )*(?:{_DECLINES} )+(?:et )?(?:{_BEFORE} )*{_CORE}(?: {_AFTER})*"
    rf"|(?:{_BEFORE} )*{_CORE}(?: {_AFTER})*(?: (?:et )?{_DECLINES})+(?: {_AFTER})*"
    rf"|(?:{_BEFORE} )*{_ERASE}(?: {_AFTER})*"
)
_VAGUE = re.compile(
    r"(?:.* )?(?:veux|voudrais|demande|faut|vous|tu) (?:d )?(?:arr?et+er|cesser|stopper)(?: \w+)?"
)
"""« Je veux arrêter », « pouvez-vous arrêter ? »: what, one must ask."""
_TITLED = re.compile(r".*appeler (?:madame|monsieur|mr|mme)")
"""« Arrêtez de m'appeler madame »."""
_FIRM = re.compile(
    rf".*{_END} (?:de |d )?{_ME}?{_DO}.*|(?:.* )?ne {_ME}?{_YOU_DO} plus.*|stop|stop ?sms|arret"
)
"""Still a STOP with a question mark behind it."""

# ---- the forms of a START ----------------------------------------------------------------------------

_ACCEPT = r"(?:je )?(?:veux|voudrais|souhaite|souhaiterais|accepte)"
_AGAIN = r"(?:a nouveau|de nouveau)"
_RESUME = _any("reprendre|reprenez|remettez|retablissez|reactivez|reactiver")
_WRITE = _any("ecrire|ecrivez|envoyer|envoyez|contacter|contactez|recevoir")
_START_CORE = _any(
    r"start|unstop|subscribe|reprendre|reprenez|reabonner|reabonnez moi|reabonnement|me reabonner",
    rf"{_RESUME} (?:l envoi (?:de |d )?)?{_WHAT}",
    rf"{_ACCEPT} (?:{_AGAIN}|encore)(?: recevoir| avoir)?(?: {_WHAT})?",
    rf"{_ACCEPT}(?: de)? (?:recevoir|avoir) (?:{_AGAIN}|encore) {_WHAT}",
    rf"{_ACCEPT}(?: de)? (?:recevoir|avoir) {_WHAT} {_AGAIN}",
    rf"{_ME}?{_WRITE}(?: moi)?(?: {_WHAT})? {_AGAIN}",
    rf"{_AGAIN} {_ME}?{_WRITE}(?: {_WHAT})?",
)
_START = re.compile(
    r"(?:(?:bonjour|bonsoir|oui|svp|stp|merci|vous pouvez|je veux bien|ok|finalement|de) )*"
    rf"{_START_CORE}(?: (?:svp|stp|merci|s il vous plait|please))*"
)
_LONGEST = 200
"""Characters: who writes more says more, and the patterns need not be fast."""


def is_stop(folded: str, *, asks: bool = False) -> bool:
    """Whether this means, and only this: no more messages. `asks`: with a question mark."""
    if len(folded) > _LONGEST or _VAGUE.fullmatch(folded) or _TITLED.fullmatch(folded):
        return False
    return _STOP.fullmatch(folded) is not None and (not asks or _FIRM.fullmatch(folded) is not None)


def is_stop_and_more(folded: str) -> bool:
    """Whether this means: no more messages, and something else that a human must read (« annulez et ne
    m'envoyez plus rien », « effacez mon numéro »)."""
    return len(folded) <= _LONGEST and _STOP_AND_MORE.fullmatch(folded) is not None


def is_start(folded: str) -> bool:
    """Whether this means: messages are welcome again."""
    return len(folded) <= _LONGEST and _START.fullmatch(folded) is not None
