"""Arabic. Sent as UCS-2 (70 characters a text message), so the wordings are kept short."""

from datetime import date, time

from notifications.enums import Kind
from notifications.texts.words import Language

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


ARABIC = Language(
    code="ar",
    day=day,
    time=clock,
    town_hall=town_hall,
    texts={
        Kind.CONFIRMATION: ("{mairie}: موعدكم يوم {day} الساعة {time}، {place}. {reply}",),
        Kind.REMINDER: (
            "{mairie}: تذكير بموعدكم يوم {day} الساعة {time}، {place}. {reply}",
            "{mairie}: موعدكم يوم {day} الساعة {time}، {place}. {reply}",
        ),
        Kind.CHANGE: ("{mairie}: تغيّر موعدكم. الموعد الجديد يوم {day} الساعة {time}، {place}. {reply}",),
        Kind.CANCELLATION: ("{mairie}: موعدكم يوم {day} الساعة {time} ملغى. لموعد آخر اتصلوا على {phone}.",),
        Kind.MAINTAINED: ("{mairie}: موعدكم يوم {day} الساعة {time}، {place}، قائم. {reply}",),
        Kind.OFFER: ("{mairie}: يوجد موعد شاغر يوم {day} الساعة {time}، {place}. قبل {until}: {reply}",),
        Kind.MISSED: ("{mairie}: انتظرناكم يوم {day} الساعة {time}. لموعد آخر اتصلوا على {phone}.",),
        Kind.CALL_BACK: ("{who}: طلب اتصال بشأن موعد {day} الساعة {time}، {place}.",),
    },
    replies={
        Kind.CONFIRMATION: ("أجيبوا 1 للحضور، 2 للإلغاء.",),
        Kind.OFFER: ("أجيبوا 1.",),
    },
    no_replies={
        Kind.CONFIRMATION: ("للاعتذار: {phone}.",),
        Kind.OFFER: ("اتصلوا على {phone}.", "اتصلوا بنا."),
    },
    answers={
        "confirmed": "{mairie}: شكرا، ننتظركم يوم {day} الساعة {time}، {place}.",
        "cancelled": "{mairie}: ألغي موعدكم يوم {day} الساعة {time} كما طلبتم. لموعد آخر: {phone}.",
        "accepted": "{mairie}: تم، موعدكم يوم {day} الساعة {time}، {place}. رقمكم: {number}.",
        "declined": "{mairie}: تم، سيعرض الموعد على شخص آخر.",
        "asked_back": "{mairie}: بخصوص موعد {day} الساعة {time} أجيبوا فقط 1 (سأحضر) أو 2 (ألغي).",
        "asked_which": "{mairie}: لديكم عدة مواعيد. أجيبوا 1 أو 2 متبوعا برقم الموعد، مثلا 1 {number}.",
        "to_desk": "{mairie}: وصلت رسالتكم، سيتصل بكم موظف.",
        "too_late": "{mairie}: لم يعد ممكنا تغيير هذا الموعد برسالة. اتصلوا على {phone}.",
        "stopped": "{mairie}: تم، لن تصلكم رسائل آلية. لاستئنافها أجيبوا START.",
        "resumed": "{mairie}: تم، ستصلكم رسائلنا من جديد.",
        "help": "{mairie}: أجيبوا 1 لتأكيد الموعد، 2 لإلغائه، STOP لإيقاف الرسائل. هاتف {phone}.",
    },
    subjects={
        Kind.CONFIRMATION: "موعدكم يوم {day} الساعة {time}",
        Kind.REMINDER: "تذكير: موعد يوم {day} الساعة {time}",
        Kind.CHANGE: "تغيّر موعدكم: {day} الساعة {time}",
        Kind.CANCELLATION: "موعدكم يوم {day} الساعة {time} ملغى",
        Kind.MAINTAINED: "موعدكم يوم {day} الساعة {time} قائم",
        Kind.OFFER: "موعد شاغر يوم {day} الساعة {time}",
        Kind.MISSED: "موعد آخر؟",
        Kind.ANSWER: "{mairie}",
    },
)
