"""Arabic. Sent as UCS-2 (70 characters a text message), so the wordings are kept short."""

from datetime import date, time

from notifications.enums import MessageKind
from notifications.texts.words import MessageLanguage

_DAYS = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
# The names of months in the Maghreb, close to the French ones that residents hear in France.
_MONTHS = (
    "جانفي",
    "فيفري",
    "مارس",
    "أفريل",
    "ماي",
    "جوان",
    "جويلية",
    "أوت",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
)


def day(on: date) -> str:
    return f"{_DAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]}"


def clock(at: time) -> str:
    return f"{at.hour}:{at.minute:02d}"


def town_hall(commune: str) -> str:
    return f"بلدية {commune}"


_NOT_YOU = ("إن لم تكونوا أنتم اتصلوا على {phone}.", "إن لم تكونوا أنتم أخبرونا.")
ARABIC = MessageLanguage(
    code="ar",
    day=day,
    time=clock,
    town_hall=town_hall,
    with_helper="{place}، مع {helper}",
    for_whom="{mairie}، إلى {who}",
    changes_from=(
        "{mairie}: نُقل موعدكم ليوم {was} إلى يوم {day} الساعة {time}، {place}. {reply}",
        "{mairie}: نُقل موعد {was} إلى {day} الساعة {time}، {place}.",
    ),
    texts={
        MessageKind.CONFIRMATION: (
            "{mairie}: موعدكم يوم {day} الساعة {time}، {place}. {reply}",
            "{mairie}: موعدكم يوم {day} الساعة {time}، {place}. رقمكم: {number}. {reply}",
        ),
        MessageKind.REMINDER: (
            "{mairie}: تذكير بموعدكم يوم {day} الساعة {time}، {place}. {reply}",
            "{mairie}: موعدكم يوم {day} الساعة {time}، {place}. {reply}",
        ),
        MessageKind.CHANGE: (
            "{mairie}: تغيّر موعدكم. الموعد الجديد يوم {day} الساعة {time}، {place}. {reply}",
        ),
        MessageKind.CANCELLATION: (
            "{mairie}: موعدكم يوم {day} الساعة {time} ملغى. لموعد آخر اتصلوا على {phone}.",
        ),
        MessageKind.PHONE_CANCEL: (
            "{mairie}: ألغي موعدكم يوم {day} الساعة {time} من هاتف آخر غير هاتفكم. {reply}",
        ),
        MessageKind.MAINTAINED: ("{mairie}: موعدكم يوم {day} الساعة {time}، {place}، قائم. {reply}",),
        MessageKind.NOT_YOURS: (
            "{mairie}: خطأ منا، موعد يوم {day} الساعة {time}، {place}، ليس لكم. هاتف {phone}.",
            "{mairie}: خطأ منا، موعد يوم {day} الساعة {time} ليس لكم. هاتف {phone}.",
        ),
        MessageKind.LATE: (
            "{mairie}: موعدكم يوم {day} الساعة {time}، {place}، سيبدأ حوالي الساعة {until}. شكرا على صبركم.",
            "{mairie}: موعدكم يوم {day} الساعة {time} سيبدأ حوالي {until}.",
        ),
        MessageKind.OFFER: (
            "{mairie}: يوجد موعد شاغر يوم {day} الساعة {time}، {place}. قبل {until}: {reply}",
        ),
        MessageKind.MISSED: ("{mairie}: انتظرناكم يوم {day} الساعة {time}. لموعد آخر اتصلوا على {phone}.",),
        MessageKind.IMPOSSIBLE: ("لا يمكن أن يتم موعد {day} الساعة {time}، {place}: اقتراح موعد آخر.",),
        MessageKind.CALL_BACK: ("{who}: طلب اتصال بشأن موعد {day} الساعة {time}، {place}.",),
    },
    replies={
        MessageKind.CONFIRMATION: ("أجيبوا 1 للحضور، 2 للإلغاء.",),
        MessageKind.OFFER: ("أجيبوا 1 لأخذه، 2 لتركه.", "أجيبوا 1."),
        MessageKind.PHONE_CANCEL: _NOT_YOU,
    },
    no_replies={
        MessageKind.CONFIRMATION: ("للاعتذار: {phone}.",),
        MessageKind.OFFER: ("اتصلوا على {phone}.", "اتصلوا بنا."),
        MessageKind.PHONE_CANCEL: _NOT_YOU,
    },
    answers={
        "confirmed": "{mairie}: شكرا، ننتظركم يوم {day} الساعة {time}، {place}.",
        "cancelled": "{mairie}: ألغي موعدكم يوم {day} الساعة {time} كما طلبتم. لموعد آخر: {phone}.",
        "accepted": "{mairie}: تم، موعدكم يوم {day} الساعة {time}، {place}. رقمكم: {number}.",
        "declined": "{mairie}: تم، سيعرض موعد {day} الساعة {time} على شخص آخر.",
        "gone": "{mairie}: لم يعد هذا الموعد شاغرا. لموعد آخر: {phone}.",
        "gone_waits": "{mairie}: لم يعد هذا الموعد شاغرا. تحتفظون بدوركم في قائمة الانتظار. هاتف {phone}.",
        "asked_back": "{mairie}: بخصوص موعد {day} الساعة {time} أجيبوا فقط 1 (سأحضر) أو 2 (ألغي).",
        "asked_back_offer": "{mairie}: بخصوص الموعد الشاغر {day} الساعة {time} أجيبوا فقط 1 (آخذه) أو 2 (لا شكرا).",
        "asked_which": "{mairie}: لديكم عدة مواعيد: {list}. أجيبوا 1 (سأحضر) أو 2 (ألغي) ثم رقم الموعد، مثلا 1 {number}",
        "listed": "{number} {day} {time}",
        "listed_elsewhere": "{number} {day} {time} ({mairie})",
        "to_desk": "{mairie}: وصلت رسالتكم، سيتصل بكم موظف.",
        "too_late": "{mairie}: لم يعد ممكنا تغيير هذا الموعد برسالة. اتصلوا على {phone}.",
        "stopped": "{mairie}: تم، لن تصلكم رسائل آلية. لاستئنافها أجيبوا START.",
        "resumed": "{mairie}: تم، ستصلكم رسائلنا من جديد.",
        "help": "{mairie}: أجيبوا 1 لتأكيد الموعد، 2 لإلغائه، STOP لإيقاف الرسائل. هاتف {phone}.",
        "help_offer": "{mairie}: أجيبوا 1 لأخذ موعد {day} الساعة {time}، 2 لتركه، STOP لإيقاف الرسائل. هاتف {phone}.",
    },
    subjects={
        MessageKind.CONFIRMATION: "موعدكم يوم {day} الساعة {time}",
        MessageKind.REMINDER: "تذكير: موعد يوم {day} الساعة {time}",
        MessageKind.CHANGE: "تغيّر موعدكم: {day} الساعة {time}",
        MessageKind.CANCELLATION: "موعدكم يوم {day} الساعة {time} ملغى",
        MessageKind.PHONE_CANCEL: "ألغي موعدكم يوم {day} الساعة {time} عبر الهاتف",
        MessageKind.NOT_YOURS: "موعد {day} الساعة {time} ليس لكم",
        MessageKind.MAINTAINED: "موعدكم يوم {day} الساعة {time} قائم",
        MessageKind.LATE: "موعدكم يوم {day} الساعة {time} سيبدأ حوالي {until}",
        MessageKind.OFFER: "موعد شاغر يوم {day} الساعة {time}",
        MessageKind.MISSED: "موعد آخر؟",
        MessageKind.ANSWER: "{mairie}",
    },
)
