"""English."""

from datetime import date, time

from notifications.enums import MessageKind
from notifications.texts.words import MessageLanguage

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")


def day(on: date) -> str:
    return f"{_DAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]}"


def clock(at: time) -> str:
    """In 24-hour form, as on clocks and timetables in France."""
    return f"{at.hour}:{at.minute:02d}"


def town_hall(commune: str) -> str:
    return f"{commune} town hall"


_NOT_YOU = ("If it was not you, call {phone}.", "Not you? Tel: {phone}.", "If it was not you, tell us.")
ENGLISH = MessageLanguage(
    code="en",
    day=day,
    time=clock,
    town_hall=town_hall,
    with_helper="{place}, with {helper}",
    for_whom="{mairie}, for {who}",
    changes_from=(
        "{mairie}: your appointment of {was} moves to {day} at {time}, {place}. {reply}",
        "{mairie}: {was} moves to {day} at {time}, {place}. {reply}",
        "{mairie}: {was} moves to {day} at {time}, {place}.",
    ),
    texts={
        MessageKind.CONFIRMATION: (
            "{mairie}: you have an appointment on {day} at {time}, {place}. {reply}",
            "{mairie}: appointment on {day} at {time}, {place}. {reply}",
            "{mairie}: {day} at {time}, {place}. {reply}",
            "{mairie}: appointment on {day} at {time}, {place}. Your number: {number}. {reply}",
        ),
        MessageKind.REMINDER: (
            "{mairie}: we expect you on {day} at {time}, {place}. Your number: {number}. {reply}",
            "{mairie}: reminder, appointment on {day} at {time}, {place}. {reply}",
            "{mairie}: {day} at {time}, {place}. {reply}",
        ),
        MessageKind.CHANGE: (
            "{mairie}: your appointment changes. New time: {day} at {time}, {place}. {reply}",
            "{mairie}: new time {day} at {time}, {place}. {reply}",
            "{mairie}: now {day} at {time}, {place}. {reply}",
            "{mairie}: now {day} at {time}, {place}.",
        ),
        MessageKind.CANCELLATION: (
            "{mairie}: your appointment on {day} at {time}, {place}, is cancelled. For another one: {phone}.",
            "{mairie}: your appointment on {day} at {time} is cancelled. For another one: {phone}.",
            "{mairie}: appointment on {day} at {time} is cancelled. Tel: {phone}.",
        ),
        MessageKind.PHONE_CANCEL: (
            "{mairie}: your appointment on {day} at {time} was cancelled from another phone than yours. {reply}",
            "{mairie}: your appointment on {day} at {time} was cancelled by phone. {reply}",
            "{mairie}: appointment on {day} at {time} cancelled by phone. {reply}",
        ),
        MessageKind.MAINTAINED: (
            "{mairie}: contrary to our last message, your appointment on {day} at {time}, {place}, does take place. {reply}",
            "{mairie}: your appointment on {day} at {time}, {place}, does take place. {reply}",
            "{mairie}: {day} at {time}, {place}, takes place. {reply}",
            "{mairie}: {day} at {time}, {place}, takes place.",
        ),
        MessageKind.NOT_YOURS: (
            "{mairie}: our mistake, the appointment on {day} at {time}, {place}, is not for you. Please do not come. Tel: {phone}.",
            "{mairie}: our mistake, the appointment on {day} at {time}, {place}, is not for you. Tel: {phone}.",
            "{mairie}: our mistake, the appointment on {day} at {time} is not for you. Tel: {phone}.",
        ),
        MessageKind.LATE: (
            "{mairie}: your appointment on {day} at {time}, {place}, will begin at about {until}. Thank you for your patience.",
            "{mairie}: your appointment on {day} at {time}, {place}, will begin at about {until}.",
            "{mairie}: the appointment on {day} at {time} will begin at about {until}.",
        ),
        MessageKind.OFFER: (
            "{mairie}: a place is free on {day} at {time}, {place}. To take it before {until}: {reply}",
            "{mairie}: free on {day} at {time}, {place}. Before {until}: {reply}",
            "{mairie}: free on {day} at {time}. Before {until}: {reply}",
        ),
        MessageKind.MISSED: (
            "{mairie}: we expected you on {day} at {time}. For another appointment, call {phone}.",
            "{mairie}: for another appointment, call {phone}.",
        ),
        MessageKind.IMPOSSIBLE: (
            "Say that the appointment on {day} at {time}, {place}, cannot take place, and offer another time.",
        ),
        MessageKind.CALL_BACK: (
            "{who} asks to be called about the appointment on {day} at {time}, {place}.",
        ),
    },
    replies={
        MessageKind.CONFIRMATION: ("Reply 1 = I will come, 2 = I cancel.", "Reply 1 (yes) or 2 (no)."),
        MessageKind.OFFER: ("reply 1, or 2 if not.", "reply 1."),
        MessageKind.PHONE_CANCEL: _NOT_YOU,
    },
    no_replies={
        MessageKind.CONFIRMATION: ("Cannot come? Call {phone}.", "Tel: {phone}."),
        MessageKind.OFFER: ("call {phone}.", "call us."),
        MessageKind.PHONE_CANCEL: _NOT_YOU,
    },
    answers={
        "confirmed": "{mairie}: thank you, we expect you on {day} at {time}, {place}.",
        "cancelled": "{mairie}: your appointment on {day} at {time} is cancelled, as you asked. For another one: {phone}.",
        "accepted": "{mairie}: done, appointment on {day} at {time}, {place}. Your number: {number}.",
        "declined": "{mairie}: noted, the place on {day} at {time} goes to someone else.",
        "gone": "{mairie}: this place is no longer free. For another appointment: {phone}.",
        "gone_waits": "{mairie}: this place is no longer free. You keep your turn on the waiting list. Tel: {phone}.",
        "asked_back": "{mairie}: for the appointment on {day} at {time}, reply only 1 (I will come) or 2 (I cancel).",
        "asked_back_offer": "{mairie}: for the place on {day} at {time}, reply only 1 (I take it) or 2 (no, thank you).",
        "asked_which": "{mairie}: you have several appointments: {list}. Reply 1 (I will come) or 2 (I cancel), then the number of the appointment. Example: 1 {number}",
        "listed": "{number} {day} at {time}",
        "listed_elsewhere": "{number} {day} at {time} ({mairie})",
        "to_desk": "{mairie}: message received, someone will call you.",
        "too_late": "{mairie}: this appointment can no longer be changed by text message. Call {phone}.",
        "stopped": "{mairie}: noted, no more automatic messages. To get them again, reply START.",
        "resumed": "{mairie}: noted, you will get our messages again.",
        "help": "{mairie}: reply 1 to confirm the appointment, 2 to cancel it, STOP to get no more messages. Tel: {phone}.",
        "help_offer": "{mairie}: reply 1 to take the place on {day} at {time}, 2 to leave it, STOP to get no more messages. Tel: {phone}.",
    },
    subjects={
        MessageKind.CONFIRMATION: "Your appointment on {day} at {time}",
        MessageKind.REMINDER: "Reminder: appointment on {day} at {time}",
        MessageKind.CHANGE: "Your appointment changes: {day} at {time}",
        MessageKind.CANCELLATION: "Your appointment on {day} at {time} will not take place",
        MessageKind.PHONE_CANCEL: "Your appointment on {day} at {time} was cancelled by phone",
        MessageKind.MAINTAINED: "Your appointment on {day} at {time} does take place",
        MessageKind.NOT_YOURS: "The appointment on {day} at {time} is not for you",
        MessageKind.LATE: "Your appointment on {day} at {time} will begin at about {until}",
        MessageKind.OFFER: "A place is free on {day} at {time}",
        MessageKind.MISSED: "Another appointment?",
        MessageKind.ANSWER: "{mairie}",
    },
)
