"""What automatic calls say, by language, in short whole sentences. The key to press is named after what it
does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time

from notifications.texts import ar, en, fr


@dataclass(frozen=True)
class Spoken:
    """One language of calls. Sentences may use {mairie}, {when}, {place}, {phone} and {until}."""

    voice: str
    """The provider's name of the voice: a neural voice where there is one."""
    locale: str
    day: Callable[[date], str]
    time: Callable[[time], str]
    joined: str
    """The pattern that joins {day} and {time}."""
    sentences: Mapping[str, str]


_EN_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EN_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _fr_time(at: time) -> str:
    hours = "heure" if at.hour < 2 else "heures"
    return f"{at.hour} {hours} {at.minute}" if at.minute else f"{at.hour} {hours}"


def _en_day(on: date) -> str:
    return f"{_EN_DAYS[on.weekday()]} {on.day} {_EN_MONTHS[on.month - 1]}"


FRENCH = Spoken(
    voice="Polly.Lea-Neural",
    locale="fr-FR",
    day=fr.full_day,
    time=_fr_time,
    joined="{day}, à {time}",
    sentences={
        "intro": "Bonjour. Ici la {mairie}. Message automatique au sujet d'un rendez-vous.",
        "intro_contact": "Bonjour. Ici la {mairie}. Message automatique au sujet du rendez-vous d'un proche.",
        "confirmation": "Vous avez rendez-vous {when}. Lieu : {place}.",
        "reminder": "Nous vous attendons {when}. Lieu : {place}.",
        "change": "Le rendez-vous est déplacé. Voici la nouvelle date : {when}. Lieu : {place}.",
        "maintained": "Le rendez-vous du {when} a bien lieu. Lieu : {place}. Ne tenez pas compte de notre dernier message.",
        "cancellation": "Le rendez-vous prévu {when} est annulé. Il est inutile de venir. Lieu : {place}.",
        "phone_cancel": "Le rendez-vous prévu {when} a été annulé depuis un autre téléphone que le vôtre. Lieu : {place}. Si ce n'est pas vous, appelez la mairie.",
        "not_yours": "Nous nous sommes trompés. Le rendez-vous du {when} n'est pas pour vous. Il est inutile de venir. Lieu : {place}.",
        "late": "Le rendez-vous du {when}, {place}, commencera plus tard, vers {until}.",
        "again_late": "Je répète : vers {until}.",
        "offer": "Un rendez-vous se libère {when}. Lieu : {place}.",
        "again": "Je répète : {when}.",
        "menu": "Pour dire que vous venez, tapez 1. Pour annuler le rendez-vous, tapez 2. Pour réécouter, tapez 3. Pour qu'un agent vous rappelle, tapez 0.",
        "menu_told": "Si ce message est clair, tapez 1. Pour réécouter, tapez 3. Pour qu'un agent vous rappelle, tapez 0.",
        "menu_offer": "Pour prendre ce rendez-vous, tapez 1. Si vous n'en voulez pas, tapez 2. Pour réécouter, tapez 3. Pour qu'un agent vous rappelle, tapez 0.",
        "menu_cancel": "Pour annuler le rendez-vous du {when}, appuyez de nouveau sur la touche 2. Pour le garder, appuyez sur la touche 1.",
        "no_key": "Sans réponse de votre part, nous gardons le rendez-vous. Au revoir.",
        "no_key_told": "Au revoir.",
        "no_key_offer": "Sans réponse de votre part, il sera proposé à une autre personne. Au revoir.",
        "kept": "Le rendez-vous du {when} est bien gardé. Au revoir.",
        "confirmed": "C'est noté : le rendez-vous du {when} est confirmé. Au revoir.",
        "cancelled": "C'est noté : le rendez-vous du {when} est annulé. Au revoir.",
        "understood": "C'est noté. Au revoir.",
        "accepted": "C'est noté : vous avez rendez-vous {when}. Lieu : {place}. Au revoir.",
        "declined": "C'est noté. Au revoir.",
        "gone": "Ce rendez-vous n'est malheureusement plus libre. Au revoir.",
        "gone_waits": "Ce rendez-vous n'est malheureusement plus libre. Vous gardez votre rang sur la liste d'attente. Au revoir.",
        "call_back": "C'est noté : un agent de la mairie vous rappellera. Au revoir.",
        "changed": "Ce rendez-vous a été modifié entre-temps. Un agent de la mairie vous rappellera. Au revoir.",
        "voicemail": "Bonjour. Ici la {mairie}, au sujet d'un rendez-vous.",
        "voicemail_contact": "Bonjour. Ici la {mairie}, au sujet du rendez-vous d'un proche.",
        "voicemail_phone": "Pour toute question, appelez le {phone}.",
        "voicemail_offer": "Pour prendre ce rendez-vous, appelez avant {until}, au {phone}.",
        "inbound": (
            "Bonjour. Ici la {mairie}, service des rendez-vous. "
            "Tapez les six chiffres du numéro de votre rendez-vous. Pour parler à un agent, tapez 0 et patientez."
        ),
        "inbound_unknown": "Nous ne trouvons pas ce numéro. Tapez de nouveau les six chiffres, ou tapez 0 pour parler à un agent.",
        "inbound_found": "Rendez-vous {when}. Lieu : {place}.",
        "connecting": "Nous vous mettons en relation avec l'accueil.",
        "hidden": "Votre numéro est masqué : nous ne pouvons pas vous rappeler. Rappelez pendant nos heures d'ouverture. Au revoir.",
    },
)
ENGLISH = Spoken(
    voice="Polly.Amy-Neural",
    locale="en-GB",
    day=_en_day,
    time=en.clock,
    joined="{day}, at {time}",
    sentences={
        "intro": "Hello. This is {mairie}. Automatic message about an appointment.",
        "intro_contact": "Hello. This is {mairie}. Automatic message about an appointment of someone close to you.",
        "confirmation": "You have an appointment on {when}, {place}.",
        "reminder": "We expect you on {when}, {place}.",
        "change": "The appointment changes. The new one is on {when}, {place}.",
        "maintained": "Contrary to our last message, the appointment on {when}, {place}, does take place.",
        "cancellation": "The appointment planned for {when}, {place}, will not take place.",
        "phone_cancel": (
            "The appointment planned for {when}, {place}, was cancelled from another phone than yours. "
            "If it was not you, call the town hall."
        ),
        "not_yours": "We made a mistake: the appointment on {when}, {place}, is not for you. Please do not come.",
        "late": "The appointment on {when}, {place}, will begin at about {until}.",
        "again_late": "Once more: at about {until}.",
        "offer": "A place is free on {when}, {place}.",
        "again": "Once more: {when}.",
        "menu": "To confirm, press 1. To cancel, press 2. To listen again, press 3. To be called back, press 0.",
        "menu_told": "If this was clear, press 1. To listen again, press 3. To be called back, press 0.",
        "menu_offer": (
            "To take this place, press 1. To leave it, press 2. To listen again, press 3. "
            "To be called back, press 0."
        ),
        "menu_cancel": "To really cancel the appointment on {when}, press 2 again. To keep it, press 1.",
        "no_key": "Without an answer, the appointment stands. Goodbye.",
        "no_key_told": "Goodbye.",
        "no_key_offer": "Without an answer, the place is offered to someone else. Goodbye.",
        "kept": "The appointment on {when} stands. Goodbye.",
        "confirmed": "Noted: the appointment on {when} is confirmed. Goodbye.",
        "cancelled": "Noted: the appointment on {when} is cancelled. Goodbye.",
        "understood": "Noted. Goodbye.",
        "accepted": "Noted: you have an appointment on {when}, {place}. Goodbye.",
        "declined": "Noted. Goodbye.",
        "gone": "This place is no longer free. Goodbye.",
        "gone_waits": "This place is no longer free. You keep your turn on the waiting list. Goodbye.",
        "call_back": "Noted: someone will call you back. Goodbye.",
        "changed": "This appointment has changed in the meantime. Someone will call you back. Goodbye.",
        "voicemail": "Hello. This is {mairie}, about an appointment.",
        "voicemail_contact": "Hello. This is {mairie}, about an appointment of someone close to you.",
        "voicemail_phone": "For any question, call {phone}.",
        "voicemail_offer": "To take it, call {phone} before {until}.",
        "inbound": (
            "Hello. This is {mairie}, appointments. Key in the six digits of your appointment number. "
            "To speak to someone, press 0 and wait."
        ),
        "inbound_unknown": "We cannot find this number. Key in the six digits again, or press 0 to speak to someone.",
        "inbound_found": "Appointment on {when}, {place}.",
        "connecting": "We are connecting you with the desk.",
        "hidden": "Your number is withheld: we cannot call you back. Please call again during our opening hours. Goodbye.",
    },
)
ARABIC = Spoken(
    voice="Polly.Hala-Neural",
    locale="ar-AE",
    day=ar.day,
    time=ar.clock,
    joined="يوم {day} على الساعة {time}",
    sentences={
        "intro": "مرحبا. هنا {mairie}. رسالة آلية بخصوص موعد.",
        "intro_contact": "مرحبا. هنا {mairie}. رسالة آلية بخصوص موعد أحد أقاربكم.",
        "confirmation": "لديكم موعد {when}، {place}.",
        "reminder": "ننتظركم {when}، {place}.",
        "change": "تغيّر الموعد. الموعد الجديد {when}، {place}.",
        "maintained": "خلافا لرسالتنا الأخيرة، الموعد {when}، {place}، قائم.",
        "cancellation": "الموعد المقرر {when}، {place}، لن يتم.",
        "phone_cancel": "الموعد المقرر {when}، {place}، ألغي من هاتف آخر غير هاتفكم. إن لم تكونوا أنتم، اتصلوا بالبلدية.",
        "not_yours": "أخطأنا: الموعد {when}، {place}، ليس لكم. لا تحضروا.",
        "late": "الموعد {when}، {place}، سيبدأ حوالي الساعة {until}.",
        "again_late": "أعيد: حوالي الساعة {until}.",
        "offer": "يوجد موعد شاغر {when}، {place}.",
        "again": "أعيد: {when}.",
        "menu": "للتأكيد اضغطوا 1. للإلغاء اضغطوا 2. لإعادة الاستماع اضغطوا 3. ليتصل بكم موظف اضغطوا 0.",
        "menu_told": "إذا فهمتم اضغطوا 1. لإعادة الاستماع اضغطوا 3. ليتصل بكم موظف اضغطوا 0.",
        "menu_offer": "لأخذ هذا الموعد اضغطوا 1. لتركه اضغطوا 2. لإعادة الاستماع اضغطوا 3. ليتصل بكم موظف اضغطوا 0.",
        "menu_cancel": "لإلغاء الموعد {when} نهائيا اضغطوا 2 مرة أخرى. للإبقاء عليه اضغطوا 1.",
        "no_key": "بدون جواب يبقى الموعد قائما. مع السلامة.",
        "no_key_told": "مع السلامة.",
        "no_key_offer": "بدون جواب سيعرض الموعد على شخص آخر. مع السلامة.",
        "kept": "الموعد {when} قائم. مع السلامة.",
        "confirmed": "تم: الموعد {when} مؤكد. مع السلامة.",
        "cancelled": "تم: الموعد {when} ملغى. مع السلامة.",
        "understood": "تم. مع السلامة.",
        "accepted": "تم: لديكم موعد {when}، {place}. مع السلامة.",
        "declined": "تم. مع السلامة.",
        "gone": "لم يعد هذا الموعد شاغرا. مع السلامة.",
        "gone_waits": "لم يعد هذا الموعد شاغرا. تحتفظون بدوركم في قائمة الانتظار. مع السلامة.",
        "call_back": "تم: سيتصل بكم موظف من البلدية. مع السلامة.",
        "changed": "تغيّر هذا الموعد. سيتصل بكم موظف من البلدية. مع السلامة.",
        "voicemail": "مرحبا. هنا {mairie}، بخصوص موعد.",
        "voicemail_contact": "مرحبا. هنا {mairie}، بخصوص موعد أحد أقاربكم.",
        "voicemail_phone": "لأي سؤال اتصلوا على {phone}.",
        "voicemail_offer": "لأخذه اتصلوا قبل الساعة {until} على {phone}.",
        "inbound": "مرحبا. هنا {mairie}. أدخلوا الأرقام الستة لموعدكم. للتحدث مع موظف اضغطوا 0 وانتظروا.",
        "inbound_unknown": "لم نجد هذا الرقم. أدخلوا الأرقام الستة من جديد، أو اضغطوا 0 للتحدث مع موظف.",
        "inbound_found": "موعد {when}، {place}.",
        "connecting": "نحولكم إلى الاستقبال.",
        "hidden": "رقمكم مخفي ولا يمكننا معاودة الاتصال بكم. اتصلوا من جديد خلال أوقات العمل. مع السلامة.",
    },
)
SPOKEN = {"fr": FRENCH, "en": ENGLISH, "ar": ARABIC}
